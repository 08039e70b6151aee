/** Metrics by hand-worked cases. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '#eft/errors.js';
import { labelIndices } from '#eft/evaluation/labels.js';
import {
  averagedScores,
  crossEntropies,
  evaluateLogits,
  macroAverage,
  macroF1Of,
  predictedClasses,
  softmax,
  weightedAverage,
} from '#eft/evaluation/metrics.js';

describe('softmax', () => {
  it('sums to one and survives huge logits', () => {
    expect([...softmax([1000, 1000])]).toEqual([0.5, 0.5]);
    const [a, b, c] = softmax([0, Math.log(2), Math.log(5)]);
    expect(a).toBeCloseTo(0.125, 14);
    expect(b).toBeCloseTo(0.25, 14);
    expect(c).toBeCloseTo(0.625, 14);
  });
});

describe('several answers for one input', () => {
  const { log } = Math;

  it('average their probabilities', () => {
    // 0.5 and 0.5; 0.9 and 0.1, whatever is added to all logits of an answer.
    const scores = averagedScores(Float64Array.of(3, 3, log(0.9) + 700, log(0.1) + 700), 2);
    const [a, b] = softmax(scores);
    expect(a).toBeCloseTo(0.7, 12);
    expect(b).toBeCloseTo(0.3, 12);
    expect([...crossEntropies(scores, Int32Array.of(1), 2)][0]).toBeCloseTo(-log(0.3), 12);
  });

  it('one answer keeps its logits', () => {
    const logits = Float64Array.of(5, -2, 0.1);
    expect(averagedScores(logits, 3)).toBe(logits);
  });
});

describe('evaluateLogits', () => {
  // True 0 0 0 1 1, said 0 0 1 1 0; class 2 occurs nowhere.
  const logits = Float64Array.of(2, 1, 0, 2, 1, 0, 1, 2, 0, 1, 2, 0, 2, 1, 0);
  const result = evaluateLogits(logits, [0.1, 0.2, 0.3, 0.4, 0.5], Int32Array.of(0, 0, 0, 1, 1), 3);

  it('counts [true][predicted]', () => {
    expect(result.confusion).toEqual([
      [2, 1, 0],
      [1, 1, 0],
      [0, 0, 0],
    ]);
  });
  it('derives precision, recall and F1 from the counts', () => {
    expect(result.perClass[0]).toEqual({ precision: 2 / 3, recall: 2 / 3, f1: 2 / 3, support: 3 });
    expect(result.perClass[1]).toEqual({ precision: 0.5, recall: 0.5, f1: 0.5, support: 2 });
    expect(result.perClass[2]).toEqual({ precision: 0, recall: 0, f1: 0, support: 0 });
  });
  it('gives the macro F1 that is counted without a matrix', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(4), fc.nat(4)), { minLength: 1 }), (answers) => {
        const labels = Int32Array.from(answers, ([label]) => label);
        const scores = Float64Array.from(
          answers.flatMap(([, said]) => [0, 1, 2, 3, 4].map((c) => Number(c === said))),
        );
        const { macroF1 } = evaluateLogits(scores, new Float64Array(labels.length), labels, 5);
        expect(macroF1Of(predictedClasses(scores, 5), labels, 5)).toBeCloseTo(macroF1, 12);
      }),
    );
  });
  it('averages F1 over the classes that occur or are predicted', () => {
    expect(result.macroF1).toBeCloseTo((2 / 3 + 1 / 2) / 2, 14);
  });
  it('averages over classes alike, or by their examples', () => {
    expect(macroAverage(result).precision).toBeCloseTo((2 / 3 + 1 / 2) / 2, 14);
    const weighted = weightedAverage(result);
    expect(weighted.f1).toBeCloseTo((3 * (2 / 3) + 2 * 0.5) / 5, 14);
    // Weighted by its examples, recall is the share of right answers.
    expect(weighted.recall).toBeCloseTo(result.accuracy, 14);
    expect(weightedAverage({ perClass: [] })).toEqual({ precision: 0, recall: 0, f1: 0 });
  });
  it('counts a class that is never predicted as F1 of 0', () => {
    // True 0 0 1, said 0 0 0: F1 of class 0 is 2 · (2/3) · 1 / (2/3 + 1) = 0.8.
    const { macroF1 } = evaluateLogits([1, 0, 1, 0, 1, 0], [0, 0, 0], Int32Array.of(0, 0, 1), 2);
    expect(macroF1).toBeCloseTo(0.4, 14);
  });
  it('gives accuracy, loss and the number of examples', () => {
    expect(result.accuracy).toBe(0.6);
    expect(result.loss).toBeCloseTo(0.3, 14);
    expect(result.examples).toBe(5);
    expect(result.accuracyInterval[0]).toBeLessThan(0.6);
    expect(result.accuracyInterval[1]).toBeGreaterThan(0.6);
  });
  it('takes the first of equal logits', () => {
    expect([...predictedClasses([1, 1, 0, 0, 3, 3], 3)]).toEqual([0, 1]);
  });
});

describe('examples of classes that the model has not', () => {
  // True 0 1 ? 1 ?, said 0 1 1 0 1.
  const logits = Float64Array.of(1, 0, 0, 1, 0, 1, 1, 0, 0, 1);
  const labels = Int32Array.of(0, 1, -1, 1, -1);
  const losses = [0.1, 0.2, Number.POSITIVE_INFINITY, 0.6, Number.NaN];
  const result = evaluateLogits(logits, losses, labels, 2, ['eggs', 'ham']);

  it('count as wrong, and their answers as claims of the classes', () => {
    expect(result.examples).toBe(5);
    expect(result.accuracy).toBe(2 / 5);
    expect(result.confusion).toEqual([
      [1, 0],
      [1, 1],
    ]);
    expect(result.unknown).toEqual({
      examples: 2,
      labels: [
        { label: 'eggs', examples: 1 },
        { label: 'ham', examples: 1 },
      ],
      predicted: [0, 2],
    });
    expect(result.perClass[1]).toEqual({ precision: 1 / 3, recall: 1 / 2, f1: 0.4, support: 2 });
    expect(result.macroF1).toBeCloseTo((2 / 3 + 0.4) / 2, 12);
    expect(result.loss).toBeCloseTo(0.3, 12);
    expect(weightedAverage(result).recall).toBeCloseTo(2 / 3, 12);
  });

  it('have an infinite loss', () => {
    expect(crossEntropies(logits, labels, 2)[2]).toBe(Number.POSITIVE_INFINITY);
  });

  it('leave no trace where there are none', () => {
    const plain = evaluateLogits(logits, losses, Int32Array.of(0, 1, 1, 1, 1), 2);
    expect('unknown' in plain).toBe(false);
  });

  it('alone have no loss and no F1', () => {
    const none = evaluateLogits(Float64Array.of(1, 0), [1], Int32Array.of(-1), 2, ['x']);
    expect(none).toMatchObject({ accuracy: 0, loss: 0, macroF1: 0, examples: 1 });
  });
});

describe('labelIndices', () => {
  it('gives −1 for labels that are no class, and says which', () => {
    expect(labelIndices('test.csv', ['b', 'x', 'a', 'x'], ['a', 'b'])).toEqual({
      indices: Int32Array.of(1, -1, 0, -1),
      unknown: ['x', 'x'],
    });
  });

  it('refuses labels of which none is a class', () => {
    const call = () => labelIndices('test.csv', ['1', '2', '1'], ['ham', 'spam']);
    expect(call).toThrow(InputError);
    expect(call).toThrow(
      "test.csv: none of its labels ('1', '2') is a class of the model ('ham', 'spam'): is this the right label field?",
    );
    expect(labelIndices('empty', [], ['a']).indices).toHaveLength(0);
  });
});
