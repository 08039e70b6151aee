/**
 * A data set of signals that needs no file. Recipe: 2,000 series of 1,024 samples, in turn of five classes: a chirp that
 * rises, one that falls, a tone whose pitch is what the chirps pass through, a low tone and then a high one, and the
 * same in the other order. Rising and falling chirps, and the two orders of tones, have the same spectrum: what
 * differs is the order. Each has a pitch of its own (0.02 to 0.06 cycles a sample, its double is the high one), a phase,
 * an onset, a loudness (0.5 to 1.5), and white noise of deviation 0.7. All numbers follow from seed 1.
 */
import { RandomStream } from '../../random.js';
import type { Series } from './series.js';

export const CHIRPS = 'chirps';

const SEED = 1;
const STEPS = 1024;
const NOISE = 0.7;

/** Cycles a sample at a share 0 … 1 of the sound, for a lowest pitch of 1. */
const PITCH: Readonly<Record<string, (share: number) => number>> = {
  rising: (share) => 1 + share,
  falling: (share) => 2 - share,
  steady: () => 1.5,
  'low-high': (share) => (share < 0.5 ? 1 : 2),
  'high-low': (share) => (share < 0.5 ? 2 : 1),
};

const LABELS = Object.keys(PITCH);

/** The first `count` series. */
export function* chirps(count: number): Generator<Series> {
  for (let item = 0; item < count; item++) {
    const random = new RandomStream(SEED, 'synthesis', 0, item);
    const label = LABELS[item % LABELS.length];
    const lowest = 0.02 + 0.04 * random.next();
    const loudness = 0.5 + random.next();
    const length = Math.floor(STEPS * (0.4 + 0.4 * random.next()));
    const onset = random.nextInteger(STEPS - length + 1);
    let phase = random.next();
    const samples = new Float64Array(STEPS);
    for (let t = 0; t < STEPS; t++) {
      const share = (t - onset) / length;
      const sounds = share >= 0 && share < 1;
      if (sounds) phase += lowest * PITCH[label](share);
      samples[t] = (sounds ? loudness * Math.sin(2 * Math.PI * phase) : 0) + NOISE * random.nextNormal();
    }
    yield { place: `${CHIRPS}:${item + 1}`, label, channels: [samples] };
  }
}
