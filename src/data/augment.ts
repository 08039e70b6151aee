/**
 * Signals a little changed, anew in every step of a training: later or earlier, faster or slower, louder or quieter, with
 * a part left out, cut to a part, or mixed with another of the batch. What is drawn follows from (seed, step, place in
 * the batch) alone.
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
  /** Most bands of a spectrum, side by side, that are left out, as a share of them (Park et al. 2019, arXiv 1904.08779). */
  readonly bandMask: number;
  /** Most that is cut off its ends, as a share of its length: what is left is a part of it, anywhere. */
  readonly timeCrop: number;
  /** Most that it is made louder or quieter, as a factor's logarithm: 0.7 halves or doubles. */
  readonly gain: number;
  /**
   * Two signals with shares drawn from Beta(mixup, mixup) are one whose target has both classes by these shares (Zhang et
   * al. 2018, arXiv 1710.09412). Its label is that of the larger share, its length that of the longer one.
   */
  readonly mixup: number;
}

/** What a step of a signal holds. */
export interface StepShape {
  /** Its numbers. */
  readonly channels: number;
  /** Where they are bands of a spectrum, how many there are of each channel. Their logarithms know no loudness. */
  readonly bands?: number | undefined;
}

/** A batch whose signals are changed; the same one where nothing is to be changed. */
export function augmentBatch(batch: Batch, shape: StepShape, by: Augmentation, key: StepKey): Batch {
  const { frames, offsets, tokens } = batch;
  if (frames === undefined || Object.values(by).every((most) => most === 0)) return batch;
  const { mixup, ...own } = by;
  const width = frames.length / tokens.length;
  const signals = Array.from(batch.labels, (_, b) => {
    const signal = frames.subarray(width * offsets[b], width * offsets[b + 1]);
    return Object.values(own).every((most) => most === 0)
      ? signal
      : changed(signal, shape, width, own, key, b);
  });
  return mixup === 0 ? packed(batch, signals, width) : mixed(batch, signals, width, mixup, key);
}

/** The batch with these signals for its own. */
function packed(batch: Batch, signals: readonly Float32Array[], width: number): Batch {
  const offsets = new Int32Array(signals.length + 1);
  signals.forEach(({ length }, b) => {
    offsets[b + 1] = offsets[b] + length / width;
  });
  const frames = new Float32Array(width * offsets[signals.length]);
  signals.forEach((signal, b) => {
    frames.set(signal, width * offsets[b]);
  });
  return { ...batch, tokens: new Int32Array(offsets[signals.length]).fill(1), offsets, frames };
}

/**
 * @param samples [steps, channels]
 * @param width numbers of a row: the result is filled up to whole rows
 * @param item place in the batch
 */
function changed(
  samples: Float32Array,
  { channels, bands }: StepShape,
  width: number,
  { timeShift, timeStretch, timeMask, timeCrop, bandMask, gain }: Omit<Augmentation, 'mixup'>,
  { seed, step }: StepKey,
  item: number,
): Float32Array {
  const random = new RandomStream(seed, 'augment', step, item);
  const around = (most: number): number => most * (2 * random.next() - 1);
  const steps = samples.length / channels;
  const shift = around(timeShift) * steps;
  const speed = Math.exp(around(Math.log1p(timeStretch)));
  const factor = Math.exp(around(bands === undefined ? gain : 0));
  const left = Math.floor(random.next() * timeMask * steps);
  const maskStart = random.nextInteger(steps - left + 1);
  const kept = Math.max(1, steps - Math.floor(random.next() * timeCrop * steps));
  const cut = random.nextInteger(steps - kept + 1);
  const hiddenBands = bands === undefined ? 0 : Math.floor(random.next() * bandMask * bands);
  const firstHidden = bands === undefined ? 0 : random.nextInteger(bands - hiddenBands + 1);
  const result = new Float32Array(width * Math.ceil((kept * channels) / width));
  for (let t = 0; t < kept; t++) {
    const place = cut + t;
    // Around the middle, so that a faster signal loses nothing at its end.
    const at = (place - steps / 2) * speed + steps / 2 + shift;
    const before = Math.floor(at);
    const share = at - before;
    const hidden = place >= maskStart && place < maskStart + left;
    for (let c = 0; c < channels; c++) {
      const first = before >= 0 && before < steps ? samples[before * channels + c] : 0;
      const second = before >= -1 && before + 1 < steps ? samples[(before + 1) * channels + c] : 0;
      const band = bands === undefined ? -1 : (c % bands) - firstHidden;
      const masked = hidden || (band >= 0 && band < hiddenBands);
      result[t * channels + c] = masked ? 0 : factor * (first + share * (second - first));
    }
  }
  return result;
}

/** Every signal with one of the batch, all in a random order. */
function mixed(
  batch: Batch,
  signals: readonly Float32Array[],
  width: number,
  mixup: number,
  { seed, step }: StepKey,
): Batch {
  const count = signals.length;
  const partners = new RandomStream(seed, 'mix', step).permutation(count);
  const labels = Int32Array.from(partners, (partner) => batch.labels[partner]);
  const shares = new Float32Array(count);
  const lossWeights = batch.lossWeights?.slice();
  const together = signals.map((signal, b) => {
    const partner = partners[b];
    const drawn = betaOf(mixup, new RandomStream(seed, 'mix', step, 1 + b));
    const share = partner === b ? 0 : Math.min(drawn, 1 - drawn);
    shares[b] = share;
    if (batch.lossWeights !== undefined && lossWeights !== undefined) {
      // A sum of two losses, each by its class's weight.
      const [own, others] = [(1 - share) * batch.lossWeights[b], share * batch.lossWeights[partner]];
      lossWeights[b] = own + others;
      shares[b] = others / (own + others);
    }
    const other = signals[partner];
    const sum = new Float32Array(Math.max(signal.length, other.length));
    for (let i = 0; i < signal.length; i++) sum[i] = (1 - share) * signal[i];
    for (let i = 0; i < other.length; i++) sum[i] += share * other[i];
    return sum;
  });
  const whole = { ...packed(batch, together, width), ...(lossWeights === undefined ? {} : { lossWeights }) };
  const { targets } = batch;
  if (targets === undefined) return { ...whole, mixed: { labels, shares } };
  const classes = targets.length / count;
  const both = targets.map((target, at) => {
    const b = Math.floor(at / classes);
    return target + shares[b] * (targets[partners[b] * classes + (at % classes)] - target);
  });
  return { ...whole, targets: both };
}

/** A number from Beta(a, a), 0 < a ≤ 1 (Jöhnk 1964). */
function betaOf(a: number, random: RandomStream): number {
  for (;;) {
    const x = random.next() ** (1 / a);
    const y = random.next() ** (1 / a);
    if (x + y > 0 && x + y <= 1) return x / (x + y);
  }
}
