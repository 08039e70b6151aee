import { describe, expect, it } from 'vitest';
import { encoderFromJSON, learnEncoder } from '#eft/input/index.js';
import type { Signal } from '#eft/input/input.js';
import { ROCKET_FEATURES } from '#eft/input/rocket.js';
import { RandomStream } from '#eft/random.js';

function randomSignals(lengths: readonly number[], channels: number, seed: number): Signal[] {
  const random = new RandomStream(seed, 'test');
  return lengths.map((steps) => ({
    channels,
    values: Float32Array.from({ length: steps * channels }, () => 2 + 3 * random.nextNormal()),
  }));
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

describe('features of random convolutions', () => {
  it('are the shares of the answers above the biases, as the paper defines them', () => {
    // 25 steps: dilations from 1 to 3, with 119 features of each kernel in all.
    const signals = randomSignals([25, 25, 25], 1, 1);
    const encoder = learnEncoder('rocket', signals, { seed: 5 });
    const biases = encoder.arrays!.get('biases') as Float32Array;
    const { frames, ids } = encoder.encode(signals[1], 100);
    expect(ids).toHaveLength(1);
    expect(frames).toHaveLength(ROCKET_FEATURES);
    const standard = learnEncoder('signal', signals, { patch: 1 }).encode(signals[1], 100).frames!;
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
    expect(feature).toBe(ROCKET_FEATURES);
  });

  it('take signals of any length and any number of channels, and are the same when loaded', () => {
    for (const channels of [1, 3, 12]) {
      const signals = randomSignals([4, 9, 40], channels, 2);
      const encoder = learnEncoder('rocket', signals, { seed: 1 });
      const again = encoderFromJSON(JSON.parse(JSON.stringify(encoder)), 'tokenizer.json', encoder.arrays);
      for (const signal of signals) {
        const { frames } = encoder.encode(signal, 1000);
        expect(frames!.every((share) => share >= 0 && share <= 1)).toBe(true);
        expect(again.encode(signal, 1000).frames).toEqual(frames);
      }
      const other = learnEncoder('rocket', signals, { seed: 2 });
      expect(other.encode(signals[2], 1000).frames).not.toEqual(encoder.encode(signals[2], 1000).frames);
    }
  });

  it('are refused without their biases, or with channels that there are not', () => {
    const encoder = learnEncoder('rocket', randomSignals([20, 20], 2, 3), { seed: 1 });
    const json = JSON.parse(JSON.stringify(encoder));
    expect(() => encoderFromJSON(json, 'tokenizer.json')).toThrow(/lack the 9996 biases/);
    const arrays = new Map(encoder.arrays);
    arrays.set(
      'channels',
      (arrays.get('channels') as Uint32Array).map((value) => value + 7),
    );
    expect(() => encoderFromJSON(json, 'tokenizer.json', arrays)).toThrow(
      /channels of its kernels do not fit/,
    );
  });
});
