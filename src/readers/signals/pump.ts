/**
 * A data set of signals that needs no file: vibrations of a pump that were never measured. Recipe: 2,000 series of 256
 * samples, in turn of four states: normal (a shaft tone and its double), imbalance (the tone is 2.5 times as strong),
 * bearing (short bursts of a high tone, 3 to 4 in a turn of the shaft) and cavitation (noise that swells with the
 * shaft). Each has a speed of its own (0.02 to 0.04 turns a sample), a phase, a loudness (0.7 to 1.3), and white noise of
 * deviation 0.5. All numbers follow from seed 2.
 */
import { RandomStream } from '../../random.js';
import type { Series } from './series.js';

export const PUMP = 'pump';

const SEED = 2;
const STEPS = 256;
const NOISE = 0.5;

/** What a state adds to the shaft's tone, at a phase of the shaft in turns. */
const STATES: Readonly<Record<string, (turn: number, bursts: number, random: RandomStream) => number>> = {
  normal: () => 0,
  imbalance: (turn) => 1.5 * Math.sin(2 * Math.PI * turn),
  bearing(turn, bursts) {
    const since = (turn * bursts) % 1;
    return 2 * Math.exp(-6 * since) * Math.sin(2 * Math.PI * 4 * since);
  },
  cavitation: (turn, _, random) => 0.8 * (1 + Math.sin(2 * Math.PI * turn)) * random.nextNormal(),
};

const LABELS = Object.keys(STATES);

/** The first `count` series. */
export function* pump(count: number): Generator<Series> {
  for (let item = 0; item < count; item++) {
    const random = new RandomStream(SEED, 'synthesis', 0, item);
    const label = LABELS[item % LABELS.length];
    const speed = 0.02 + 0.02 * random.next();
    const loudness = 0.7 + 0.6 * random.next();
    const bursts = 3 + random.next();
    const begin = random.next();
    const samples = new Float64Array(STEPS);
    for (let t = 0; t < STEPS; t++) {
      const turn = begin + speed * t;
      const shaft = Math.sin(2 * Math.PI * turn) + 0.3 * Math.sin(4 * Math.PI * turn);
      const state = STATES[label](turn, bursts, random);
      samples[t] = loudness * (shaft + state) + NOISE * random.nextNormal();
    }
    yield { place: `${PUMP}:${item + 1}`, label, channels: [samples] };
  }
}
