import { describe, expect, it } from 'vitest';
import { InputError } from '#eft/errors.js';
import { encoderFromJSON, learnEncoder } from '#eft/input/index.js';
import type { Signal } from '#eft/input/input.js';
import { lengthFor, patchFor } from '#eft/input/signal.js';

const signalOf = (channels: number, ...values: number[]): Signal => ({
  channels,
  values: Float32Array.from(values),
});

/** Channel 1: mean 2, deviation 1; channel 2 never changes. */
const TRAINING = [signalOf(2, 1, 5, 3, 5), signalOf(2, 1, 5, 3, 5, 1, 5, 3, 5)];

describe('the encoder of signals', () => {
  it('standardises by the training signals, and makes rows of patches', () => {
    const encoder = learnEncoder('signal', TRAINING, { patch: 2 });
    const { ids, frames } = encoder.encode(signalOf(2, 2, 5, 4, 6, 0, 5), 100);
    expect([...ids]).toEqual([1, 1]);
    // The last row is filled up with zeros.
    expect([...frames!]).toEqual([0, 0, 2, 1, -2, 0, 0, 0]);
    expect([...encoder.encode(signalOf(2, 2, 5, 4, 6, 0, 5), 1).frames!]).toEqual([0, 0, 0, 0]);
    expect(encoder.inputKind).toBe('signal');
  });

  it('gives the same frames when it is loaded', () => {
    const encoder = learnEncoder('signal', TRAINING, { patch: 3 });
    const again = encoderFromJSON(JSON.parse(JSON.stringify(encoder)), 'tokenizer.json');
    const signal = signalOf(2, 0.1, 7, -3, 2, 5, 5, 1, 1);
    expect(again.encode(signal, 9)).toEqual(encoder.encode(signal, 9));
    const damaged = { ...JSON.parse(JSON.stringify(encoder)), means: [1] };
    expect(() => encoderFromJSON(damaged, 'tokenizer.json')).toThrow(
      /tokenizer\.json: 1 means .* of 2 channels/,
    );
  });

  it('refuses texts, other channels, and another rate', () => {
    const encoder = learnEncoder('signal', [{ ...signalOf(1, 1, 2), rate: 8000 }], {});
    expect(() => encoder.encode('text', 9)).toThrow(InputError);
    expect(() => encoder.encode(signalOf(2, 1, 2), 9)).toThrow(/2 channels; the model was trained on 1/);
    expect(() => encoder.encode({ ...signalOf(1, 1), rate: 44_100 }, 9)).toThrow(
      /44100 .* 8000: bring it to that \(--resample 8000/,
    );
    expect(encoder.encode(signalOf(1, 1), 9).ids).toHaveLength(1);
  });

  it('chooses patches and lengths by the data', () => {
    expect([24, 150, 512, 513, 1024, 3400, 16_384].map(patchFor)).toEqual([1, 1, 1, 4, 4, 16, 64]);
    expect(lengthFor([7, 10, 12])).toBe(12);
    expect(lengthFor([...new Array(99).fill(10), 1000])).toBe(10);
  });
});
