/**
 * The definition of the features of random convolutions in plain TypeScript, which tests compare the kernels with:
 * MiniRocket's shares are the same bits, Hydra's counts but for the order in which they are added up.
 */
import { channelsOfRow } from './channels.js';
import { GROUP, GROUP_WEIGHTS, HALF, HYDRA_GROUPS } from './hydra.js';
import { countedSteps, KERNELS, SIDE, TAPS } from './miniRocket.js';
import { type FeaturePlan, featuresOf } from './plan.js';

/** A channel as a function of time, zero before and behind. */
type Row = (t: number) => number;

const { fround } = Math;

/** @param values [steps, channels] */
export function referenceFeatures(plan: FeaturePlan, values: Float32Array): Float32Array {
  const { channels } = plan;
  const steps = values.length / channels;
  const rows = Array.from(
    { length: channels },
    (_, c): Row =>
      (t) =>
        t >= 0 && t < steps ? values[t * channels + c] : 0,
  );
  return Float32Array.of(...shares(plan, rows, steps), ...counts(plan, rows, steps)).subarray(
    0,
    featuresOf(plan),
  );
}

function* shares({ miniRocket, channels }: FeaturePlan, rows: readonly Row[], steps: number) {
  let feature = 0;
  for (const [d, { dilation, features }] of miniRocket.dilations.entries()) {
    for (const [kernel, places] of KERNELS.entries()) {
      const answers = new Float32Array(steps);
      const chosen = channelsOfRow(miniRocket.channels, d * KERNELS.length + kernel, channels);
      for (const channel of chosen) {
        const x = (t: number, tap: number): number => rows[channel](t + (tap - SIDE) * dilation);
        for (let t = 0; t < steps; t++) {
          let sum = 0;
          for (let tap = 0; tap < TAPS; tap++) sum = fround(sum - x(t, tap));
          for (const tap of places) sum += fround(3 * x(t, tap));
          answers[t] += sum;
        }
      }
      const seen = answers.subarray(...countedSteps(steps, d, kernel, dilation));
      for (let i = 0; i < features; i++, feature++) {
        const bias = miniRocket.biases[feature];
        yield seen.filter((answer) => answer > bias).length / seen.length;
      }
    }
  }
}

function* counts({ hydra, channels }: FeaturePlan, rows: readonly Row[], steps: number) {
  if (hydra === undefined) return;
  for (const [d, dilation] of hydra.dilations.entries()) {
    for (let group = 0; group < HYDRA_GROUPS; group++) {
      const row = d * HYDRA_GROUPS + group;
      const chosen = channelsOfRow(hydra.channels, row, channels);
      const length = group < HALF ? steps : steps - 1;
      const part = (channel: number): Row => {
        const x = rows[channel];
        if (group < HALF) return x;
        return (t) => (t >= 0 && t < length ? fround(x(t + 1) - x(t)) : 0);
      };
      const parts = Array.from(chosen, part);
      const mixed: Row = (t) => parts.reduce((sum, one) => fround(sum + one(t)), 0);
      const soft = new Float64Array(GROUP);
      const hard = new Float64Array(GROUP);
      for (let t = 0; t < length; t++) {
        const answers = Array.from({ length: GROUP }, (_, k) => {
          let sum = 0;
          for (let tap = 0; tap < TAPS; tap++) {
            const weight = hydra.weights[row * GROUP_WEIGHTS + tap * GROUP + k];
            sum = fround(sum + fround(weight * mixed(t + (tap - SIDE) * dilation)));
          }
          return sum;
        });
        const [largest, smallest] = [Math.max(...answers), Math.min(...answers)];
        soft[answers.indexOf(largest)] += largest;
        hard[answers.indexOf(smallest)]++;
      }
      for (const count of [...soft, ...hard]) yield Math.sqrt(Math.max(0, count / Math.max(1, length)));
    }
  }
}
