import { beforeAll, describe, expect, it } from 'vitest';
import { drawChannels } from '#eft/input/convolutions/channels.js';
import { drawWeights, HYDRA_GROUPS, hydraFeatures, octavesFor } from '#eft/input/convolutions/hydra.js';
import { convolutionModule } from '#eft/input/convolutions/kernels.js';
import { dilationsFor, KERNELS, MINIROCKET_FEATURES } from '#eft/input/convolutions/miniRocket.js';
import { type FeaturePlan, featuresOf } from '#eft/input/convolutions/plan.js';
import { referenceFeatures } from '#eft/input/convolutions/reference.js';
import { Together } from '#eft/input/convolutions/together.js';
import { Transform } from '#eft/input/convolutions/transform.js';
import type { EncoderArrays } from '#eft/input/encoder.js';
import { encoderFromJSON, learnEncoder, prepareEncoder } from '#eft/input/index.js';
import type { Signal } from '#eft/input/input.js';
import { configureModel } from '#eft/model/configuration.js';
import type { SignalShape } from '#eft/model/options.js';
import { modelParameters } from '#eft/model/parameters.js';
import { RandomStream } from '#eft/random.js';

beforeAll(() => prepareEncoder('rocket'));

/** Normal numbers with silence between, where answers are equal. */
function randomSignals(lengths: readonly number[], channels: number, seed: number): Signal[] {
  const random = new RandomStream(seed, 'test');
  return lengths.map((steps) => ({
    channels,
    values: Float32Array.from({ length: steps * channels }, (_, i) =>
      i % 40 < 12 ? 0 : 2 + 3 * random.nextNormal(),
    ),
  }));
}

function randomPlan(length: number, channels: number, seed: number): FeaturePlan {
  const random = new RandomStream(seed, 'test', 1);
  const [dilations, octaves] = [dilationsFor(length), octavesFor(length)];
  return {
    channels,
    miniRocket: {
      dilations,
      biases: Float32Array.from({ length: MINIROCKET_FEATURES }, () => 2 * random.nextNormal()),
      channels: drawChannels(dilations.length * KERNELS.length, channels, random),
    },
    hydra: {
      dilations: octaves,
      weights: drawWeights(octaves.length, random),
      channels: drawChannels(octaves.length * HYDRA_GROUPS, channels, random),
    },
  };
}

/** Kernel `index` of the 84: nine taps of −1, three of them 2. */
function kernelTaps(index: number): number[] {
  let at = 0;
  for (let i = 0; i < 9; i++)
    for (let j = i + 1; j < 9; j++)
      for (let k = j + 1; k < 9; k++) {
        if (at++ === index)
          return Array.from({ length: 9 }, (_, t) => (t === i || t === j || t === k ? 2 : -1));
      }
  throw new Error(`no kernel ${index}`);
}

/** Each channel by its own mean and deviation. */
const standardised = (signal: Signal, all: readonly Signal[]): Float32Array =>
  learnEncoder('signal', all, { patch: 1 }).encode(signal, 1e9).frames!;

describe('features of random convolutions', () => {
  it('are the shares of the answers above the biases, as the paper of MiniRocket defines them', () => {
    // 25 steps: dilations from 1 to 3, with 119 features of each kernel in all.
    const signals = randomSignals([25, 25, 25], 1, 1);
    const encoder = learnEncoder('rocket', signals, { seed: 5 });
    const biases = encoder.arrays!.get('biases') as Float32Array;
    const { frames, ids } = encoder.encode(signals[1], 100);
    expect(ids).toHaveLength(1);
    expect(frames).toHaveLength(MINIROCKET_FEATURES + hydraFeatures(2));
    const standard = standardised(signals[1], signals);
    // Of 32 exponents between 0 and log₂ 3, 20 give 1, 12 give 2 (floor), the last 3; 119/32 features each.
    const exponents = Array.from({ length: 32 }, (_, i) => Math.floor(2 ** ((Math.log2(3) * i) / 31)));
    const dilations = [...new Set(exponents)];
    const counts = dilations.map((d) => Math.floor((exponents.filter((e) => e === d).length * 119) / 32));
    for (let i = 0, left = 119 - counts.reduce((a, b) => a + b); left > 0; i++, left--)
      counts[i % counts.length]++;
    let feature = 0;
    for (const [d, dilation] of dilations.entries()) {
      for (let kernel = 0; kernel < 84; kernel++) {
        const taps = kernelTaps(kernel);
        const answers = Array.from({ length: 25 }, (_, t) =>
          taps.reduce((sum, tap, j) => sum + tap * (standard[t + (j - 4) * dilation] ?? 0), 0),
        );
        const inner = (d + kernel) % 2 === 1 && 25 > 8 * dilation;
        const seen = inner ? answers.slice(4 * dilation, -4 * dilation) : answers;
        for (let i = 0; i < counts[d]; i++, feature++) {
          const near = seen.filter((answer) => Math.abs(answer - biases[feature]) < 1e-4).length;
          const share = seen.filter((answer) => answer > biases[feature]).length / seen.length;
          expect(Math.abs(frames![feature] - share)).toBeLessThanOrEqual((near + 1e-6) / seen.length);
        }
      }
    }
    expect(feature).toBe(MINIROCKET_FEATURES);
  });

  it('are counts of the kernels that win and lose, as the paper of Hydra defines them', () => {
    const plan = randomPlan(40, 1, 3);
    const [signal] = randomSignals([40], 1, 4);
    const { weights } = plan.hydra!;
    const features = new Transform(convolutionModule(), plan);
    const found = new Float32Array(featuresOf(plan));
    features.transform(signal.values, found);
    for (const { d, dilation, group } of [
      { d: 0, dilation: 1, group: 5 },
      { d: 2, dilation: 4, group: 40 },
    ]) {
      const differs = group >= 32;
      const x = differs
        ? signal.values.subarray(1).map((value, t) => value - signal.values[t])
        : signal.values;
      const [soft, hard] = [new Float64Array(8), new Float64Array(8)];
      for (let t = 0; t < x.length; t++) {
        const answers = Array.from({ length: 8 }, (_, k) => {
          let sum = 0;
          for (let j = 0; j < 9; j++)
            sum += weights[((d * 64 + group) * 9 + j) * 8 + k] * (x[t + (j - 4) * dilation] ?? 0);
          return sum;
        });
        const [most, least] = [Math.max(...answers), Math.min(...answers)];
        // Silence: equal answers, and the first kernel's count.
        soft[answers.indexOf(most)] += most;
        hard[answers.indexOf(least)]++;
      }
      const at = MINIROCKET_FEATURES + (d * 64 + group) * 16;
      for (let k = 0; k < 8; k++) {
        expect(found[at + k]).toBeCloseTo(Math.sqrt(Math.max(0, soft[k] / x.length)), 5);
        expect(found[at + 8 + k]).toBeCloseTo(Math.sqrt(hard[k] / x.length), 6);
      }
    }
  });

  it('have kernels of Hydra without a mean, of size 1', () => {
    const weights = drawWeights(2, new RandomStream(1, 'test'));
    for (let group = 0; group < 2 * HYDRA_GROUPS; group++) {
      for (let k = 0; k < 8; k++) {
        const taps = Array.from({ length: 9 }, (_, j) => weights[(group * 9 + j) * 8 + k]);
        expect(taps.reduce((sum, tap) => sum + tap)).toBeCloseTo(0, 6);
        expect(taps.reduce((sum, tap) => sum + Math.abs(tap), 0)).toBeCloseTo(1, 6);
      }
    }
    expect(octavesFor(8)).toEqual([1]);
    expect(octavesFor(16)).toEqual([1]);
    expect(octavesFor(17)).toEqual([1, 2]);
    expect(octavesFor(3500)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256]);
  });

  it.each([
    [1, [1, 2, 7, 40, 33]],
    [3, [40, 5]],
    [12, [20, 19, 1]],
  ])('by the kernels are those of the definition: %i channels', (channels, lengths) => {
    const plan = randomPlan(Math.max(...lengths), channels, channels);
    const transform = new Transform(convolutionModule(), plan);
    for (const { values } of randomSignals(lengths, channels, 7)) {
      const found = new Float32Array(featuresOf(plan));
      transform.transform(values, found);
      const expected = referenceFeatures(plan, values);
      expect(found.subarray(0, MINIROCKET_FEATURES)).toEqual(expected.subarray(0, MINIROCKET_FEATURES));
      expect(found).toHaveLength(expected.length);
      for (let i = MINIROCKET_FEATURES; i < found.length; i++) {
        expect(Math.abs(found[i] - expected[i])).toBeLessThan(1e-3 * (1e-2 + expected[i]));
      }
    }
  });

  it('take signals of any length and any number of channels, and are the same when loaded', () => {
    for (const channels of [1, 3, 12]) {
      const signals = randomSignals([4, 9, 40], channels, 2);
      const encoder = learnEncoder('rocket', signals, { seed: 1 });
      const again = encoderFromJSON(JSON.parse(JSON.stringify(encoder)), 'tokenizer.json', encoder.arrays);
      for (const signal of signals) {
        const { frames } = encoder.encode(signal, 1000);
        expect(frames!.subarray(0, MINIROCKET_FEATURES).every((share) => share >= 0 && share <= 1)).toBe(
          true,
        );
        expect(again.encode(signal, 1000).frames).toEqual(frames);
      }
      const other = learnEncoder('rocket', signals, { seed: 2 });
      expect(other.encode(signals[2], 1000).frames).not.toEqual(encoder.encode(signals[2], 1000).frames);
    }
  });

  it('of an older model are those of MiniRocket alone', () => {
    const signals = randomSignals([30, 50], 2, 5);
    const encoder = learnEncoder('rocket', signals, { seed: 1 });
    const older = { ...JSON.parse(JSON.stringify(encoder)), version: 1 };
    const arrays: EncoderArrays = new Map(
      [...encoder.arrays!].filter(([name]) => name === 'biases' || name === 'channels'),
    );
    const again = encoderFromJSON(older, 'encoder.json', arrays);
    expect(again.rowWidth).toBe(MINIROCKET_FEATURES);
    expect(again.encode(signals[0], 100).frames).toEqual(
      encoder.encode(signals[0], 100).frames!.slice(0, MINIROCKET_FEATURES),
    );
    expect(JSON.parse(JSON.stringify(again))).toEqual(older);
    const shape = { channels: 2, patch: 1, window: 1, filters: 0 };
    const widthOf = (signal: SignalShape): number =>
      modelParameters(configureModel({ model: 'rocket', vocabulary: 2, classes: 3, signal }))[0].shape[1];
    expect(widthOf(shape)).toBe(MINIROCKET_FEATURES);
    expect(widthOf({ ...shape, features: encoder.rowWidth! })).toBe(encoder.rowWidth);
  });

  it('are refused without their numbers, or with channels that there are not', () => {
    const encoder = learnEncoder('rocket', randomSignals([20, 20], 2, 3), { seed: 1 });
    const json = JSON.parse(JSON.stringify(encoder));
    expect(() => encoderFromJSON(json, 'tokenizer.json')).toThrow(/lack the 9996 biases/);
    const without = new Map(encoder.arrays);
    without.delete('hydra.weights');
    expect(() => encoderFromJSON(json, 'tokenizer.json', without)).toThrow(/lack the 9216 numbers/);
    for (const name of ['channels', 'hydra.channels']) {
      const arrays = new Map(encoder.arrays);
      arrays.set(
        name,
        (arrays.get(name) as Uint32Array).map((value) => value + 7),
      );
      expect(() => encoderFromJSON(json, 'tokenizer.json', arrays)).toThrow(/do not fit the model/);
    }
  });
});

describe('signals that are encoded together', () => {
  it('get the same bits on any number of threads, in their order', async () => {
    const plan = randomPlan(400, 1, 8);
    const signals = randomSignals([400, 300, 50, 350, 400, 200], 1, 9);
    const together = new Together(plan, 1);
    const alone = signals.map(({ values }) => together.now(values));
    for (const threads of [1, 3]) {
      const found = await Promise.all(signals.map(({ values }) => together.soon(values, threads)));
      expect(found.map((features) => Float32Array.from(features))).toEqual(alone);
    }
  });

  it('are asked for again and again', async () => {
    const signals = randomSignals([30, 31, 32], 1, 1);
    const encoder = learnEncoder('rocket', signals, { seed: 1 });
    for (const signal of [...signals, ...signals]) {
      const { frames } = await encoder.encodeTogether!(signal, 31, 2);
      expect(frames).toEqual(encoder.encode(signal, 31).frames);
    }
  });
});
