/** Scenes as a batch: rows of bands, each with its targets behind it. */
import type { Batch } from '../../engine/engine.js';
import type { BandEncoder } from '../../input/bands.js';
import { RandomStream } from '../../random.js';
import type { MarkedEvent } from './recordings.js';
import type { Scene, SceneSource } from './scenes.js';

/** Most that a band is raised or lowered, in standard deviations, at each of a few places between which lines run. */
const TILT = 0.7;
const TILT_PLACES = 4;
/** Most bands side by side that are left out, as a share; and the share of scenes that lose any. */
const MASKED = 0.2;
const MASK_OFTEN = 0.5;

/** Whether each class is active in each row, by the row's middle: [rows, classes]. */
export function rowTargets(
  events: readonly MarkedEvent[],
  rows: number,
  classes: number,
  { patch, reads }: { readonly patch: number; readonly reads: number },
): Float32Array {
  const targets = new Float32Array(rows * classes);
  for (let row = 0; row < rows; row++) targets[row * classes] = 1;
  for (const event of events) {
    // Row r lies around r · patch + reads / 2.
    const first = Math.max(0, Math.ceil((event.from - reads / 2) / patch));
    const end = Math.min(rows, Math.ceil((event.to - reads / 2) / patch));
    for (let row = first; row < end; row++) {
      targets[row * classes + event.class] = 1;
      targets[row * classes] = 0;
    }
  }
  return targets;
}

/** @param key what the scenes follow from */
export function sceneBatch(
  source: SceneSource,
  encoder: BandEncoder,
  { classes, rows, count }: { readonly classes: number; readonly rows: number; readonly count: number },
  { seed, step }: { readonly seed: number; readonly step: number },
): Batch {
  const { patch, reads, width, bands } = encoder.rows;
  const whole = width + classes;
  const frames = new Float32Array(count * rows * whole);
  for (let b = 0; b < count; b++) {
    const random = new RandomStream(seed, 'augment', step, b);
    const { values, events }: Scene = source.scene(random, (rows - 1) * patch + reads);
    const own = encoder.encodeRows(values, rows).frames;
    colour(own, bands, random);
    const targets = rowTargets(events, rows, classes, { patch, reads });
    for (let row = 0; row < rows; row++) {
      const at = (b * rows + row) * whole;
      frames.set(own.subarray(row * width, (row + 1) * width), at);
      frames.set(targets.subarray(row * classes, (row + 1) * classes), at + width);
    }
  }
  return {
    tokens: new Int32Array(count * rows).fill(1),
    offsets: Int32Array.from({ length: count + 1 }, (_, b) => b * rows),
    labels: new Int32Array(count),
    frames,
  };
}

/** Most that the bands are shifted against each other, as other voices do (Jaitly & Hinton 2013); and the share of scenes. */
const WARP = 0.1;
const WARP_OFTEN = 0.6;

/** Band b becomes what was at b · factor. */
function warp(frames: Float32Array, bands: number, factor: number): void {
  const old = new Float32Array(bands);
  for (let first = 0; first < frames.length; first += bands) {
    old.set(frames.subarray(first, first + bands));
    for (let b = 0; b < bands; b++) {
      const at = Math.min(bands - 1, b * factor);
      const before = Math.min(bands - 2, Math.floor(at));
      frames[first + b] = old[before] + (at - before) * (old[before + 1] - old[before]);
    }
  }
}

/** What other microphones and rooms do: some bands louder, others quieter, a few gone. */
function colour(frames: Float32Array, bands: number, random: RandomStream): void {
  if (random.next() < WARP_OFTEN) warp(frames, bands, 1 + WARP * (2 * random.next() - 1));
  const places = Float64Array.from({ length: TILT_PLACES + 1 }, () => TILT * (2 * random.next() - 1));
  const change = Float32Array.from({ length: bands }, (_, b) => {
    const at = (TILT_PLACES * b) / bands;
    const before = Math.floor(at);
    return places[before] + (at - before) * (places[before + 1] - places[before]);
  });
  const hidden = random.next() < MASK_OFTEN ? Math.floor(random.next() * MASKED * bands) : 0;
  const first = random.nextInteger(bands - hidden + 1);
  for (let at = 0; at < frames.length; at++) {
    const band = at % bands;
    frames[at] = band >= first && band < first + hidden ? 0 : frames[at] + change[band];
  }
}
