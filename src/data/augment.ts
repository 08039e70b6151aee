/**
 * Signals a little changed, anew in every step of a training: later or earlier, faster or slower, louder or quieter,
 * with a part left out. What is drawn follows from (seed, step, place in the batch) alone.
 */
import type { Batch, StepKey } from '../engine/engine.js';
import { RandomStream } from '../random.js';

/** How far signals are changed; 0 = not at all. */
export interface Augmentation {
  /** Most that a signal is moved in time, as a share of its length. */
  readonly timeShift: number;
  /** Most that it is stretched or pressed, as a share. */
  readonly timeStretch: number;
  /** Longest part that is left out, as a share of its length. */
  readonly timeMask: number;
  /** Most that it is made louder or quieter, as a factor's logarithm: 0.7 halves or doubles. */
  readonly gain: number;
}

/** A batch whose signals are changed in place; the same one where nothing is to be changed. */
export function augmentBatch(batch: Batch, channels: number, by: Augmentation, key: StepKey): Batch {
  const { frames, offsets, tokens } = batch;
  if (frames === undefined || Object.values(by).every((most) => most === 0)) return batch;
  const width = frames.length / tokens.length;
  for (let b = 0; b + 1 < offsets.length; b++) {
    augment(frames.subarray(width * offsets[b], width * offsets[b + 1]), channels, by, key, b);
  }
  return batch;
}

/**
 * @param samples [steps, channels], changed in place
 * @param item place in the batch
 */
function augment(
  samples: Float32Array,
  channels: number,
  { timeShift, timeStretch, timeMask, gain }: Augmentation,
  { seed, step }: StepKey,
  item: number,
): void {
  const random = new RandomStream(seed, 'augment', step, item);
  const around = (most: number): number => most * (2 * random.next() - 1);
  const steps = samples.length / channels;
  const shift = around(timeShift) * steps;
  const speed = Math.exp(around(Math.log1p(timeStretch)));
  const factor = Math.exp(around(gain));
  const masked = Math.floor(random.next() * timeMask * steps);
  const maskStart = random.nextInteger(steps - masked + 1);
  const source = samples.slice();
  for (let t = 0; t < steps; t++) {
    // Around the middle, so that a faster signal loses nothing at its end.
    const at = (t - steps / 2) * speed + steps / 2 + shift;
    const before = Math.floor(at);
    const share = at - before;
    const hidden = t >= maskStart && t < maskStart + masked;
    for (let c = 0; c < channels; c++) {
      const first = before >= 0 && before < steps ? source[before * channels + c] : 0;
      const second = before >= -1 && before + 1 < steps ? source[(before + 1) * channels + c] : 0;
      samples[t * channels + c] = hidden ? 0 : factor * (first + share * (second - first));
    }
  }
}
