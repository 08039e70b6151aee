/** The linear solver against slow float64 forms of the same formulas, and what is kept of its models. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type EncodedDataset, gatherBatch } from '#eft/data/encoded.js';
import { epochOrder } from '#eft/data/order.js';
import { learningRateAt } from '#eft/learning/schedule.js';
import { LazyAdam } from '#eft/learning/solvers/lazyAdam.js';
import { compact, placesOf, scoresOf } from '#eft/learning/solvers/linearModel.js';
import {
  featureEnergies,
  LinearSolver,
  logCountRatios,
  outputsOf,
  scoreExample,
} from '#eft/learning/solvers/linearSolver.js';
import { configureTraining } from '#eft/model/trainingSettings.js';
import { RandomStream } from '#eft/random.js';

const FEATURES = 7;

function randomData(count: number, classes: number, seed = 1): EncodedDataset {
  const random = new RandomStream(seed, 'test');
  const offsets = new Float64Array(count + 1);
  const tokens: number[] = [];
  for (let i = 0; i < count; i++) {
    const chosen = [...random.permutation(FEATURES)].slice(0, 1 + random.nextInteger(4));
    tokens.push(...chosen.map((feature) => feature + 1));
    offsets[i + 1] = tokens.length;
  }
  return {
    tokens: Int32Array.from(tokens),
    offsets,
    labels: Int32Array.from({ length: count }, (_, i) => i % classes),
    weights: Float32Array.from(tokens, () => 0.5 + 3 * random.next()),
  };
}

const settings = configureTraining({ epochs: 3, batchSize: 4, seed: 2 }, {
  learningRate: 0.01,
  beta2: 0.98,
  warmupShare: 0,
} as { learningRate: number });
const problemOf = (train: EncodedDataset, classes: number, dropout = 0) => ({
  ...{ train, classes, dropout, settings },
  features: FEATURES,
  smoothing: 0.5,
});

describe('lazy Adam', () => {
  test('has the weights of dense Adam without ε, whichever rows a step touches', () => {
    const rows = 4;
    const columns = 2;
    const steps = fc.array(
      fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: rows, maxLength: rows }),
      { minLength: 1, maxLength: 60 },
    );
    fc.assert(
      fc.property(steps, fc.constantFrom(0.98, 0.999), (gradients, beta2) => {
        const beta1 = 0.9;
        const rates = Float64Array.from(gradients, (_, s) => 0.01 / (1 + s));
        const lazy = new LazyAdam({ rows, columns, rates, beta1, beta2 });
        const dense = new Float64Array(rows * columns);
        const m = new Float64Array(rows * columns);
        const v = new Float64Array(rows * columns);
        gradients.forEach((values, s) => {
          const gradient = new Float32Array(rows * columns);
          values.forEach((value, row) => {
            // Most rows are left alone.
            if (Math.abs(value) < 1.2) return;
            lazy.catchUp(row, s);
            for (let c = 0; c < columns; c++) gradient[row * columns + c] = value * (c + 1);
          });
          const touched = Float64Array.from(gradient);
          values.forEach((value, row) => {
            if (Math.abs(value) >= 1.2) lazy.update(row, s + 1, gradient);
          });
          expect(gradient.every((g) => g === 0)).toBe(true);
          for (let i = 0; i < dense.length; i++) {
            m[i] = beta1 * m[i] + (1 - beta1) * touched[i];
            v[i] = beta2 * v[i] + (1 - beta2) * touched[i] ** 2;
            const corrected = m[i] / (1 - beta1 ** (s + 1));
            if (v[i] > 0) dense[i] -= (rates[s] * corrected) / Math.sqrt(v[i] / (1 - beta2 ** (s + 1)));
          }
        });
        lazy.catchUpAll(gradients.length);
        dense.forEach((weight, i) => {
          expect(Math.abs(lazy.weights[i] - weight)).toBeLessThan(1e-6);
        });
      }),
    );
  });
});

describe.each([2, 3])('with %i classes', (classes) => {
  const outputs = outputsOf(classes);
  const train = randomData(30, classes);
  const ratios = logCountRatios(problemOf(train, classes));

  /** Mean over the batch of the logistic losses of the outputs, in float64. */
  const lossOf = (
    weights: ArrayLike<number>,
    bias: ArrayLike<number>,
    indices: readonly number[],
  ): number => {
    let sum = 0;
    for (const i of indices) {
      for (let k = 0; k < outputs; k++) {
        let z = bias[k];
        for (let t = train.offsets[i]; t < train.offsets[i + 1]; t++) {
          const at = (train.tokens[t] - 1) * outputs + k;
          z += train.weights![t] * ratios[at] * weights[at];
        }
        const target = train.labels[i] === (classes === 2 ? 1 : k) ? 1 : -1;
        sum += Math.log1p(Math.exp(-target * z));
      }
    }
    return sum / indices.length;
  };

  test('ratios are those of the formula', () => {
    const sum = (feature: number, within: (label: number) => boolean): number => {
      let total = 0.5;
      train.labels.forEach((label, i) => {
        for (let t = train.offsets[i]; t < train.offsets[i + 1]; t++) {
          if (train.tokens[t] === feature && within(label)) total += train.weights![t];
        }
      });
      return total;
    };
    const features = Array.from({ length: FEATURES }, (_, j) => j + 1);
    for (let k = 0; k < outputs; k++) {
      const own = classes === 2 ? 1 : k;
      const p = features.map((feature) => sum(feature, (label) => label === own));
      const q = features.map((feature) => sum(feature, (label) => label !== own));
      const total = (values: number[]): number => values.reduce((a, b) => a + b, 0);
      for (let j = 0; j < FEATURES; j++) {
        const expected = Math.log(p[j] / total(p)) - Math.log(q[j] / total(q));
        expect(ratios[j * outputs + k]).toBeCloseTo(expected, 5);
      }
    }
  });

  test('the gradient is that of central differences', () => {
    const solver = new LinearSolver(problemOf(train, classes));
    const random = new RandomStream(4, 'test');
    const weights = Float32Array.from(solver.adam.weights, () => random.nextNormal());
    solver.adam.weights.set(weights);
    const bias = Float32Array.from({ length: outputs }, () => random.nextNormal());
    solver.bias.weights.set(bias);
    const indices = [3, 8, 11, 20];
    solver.step(gatherBatch(train, indices), { seed: 0, step: 0 });
    const differences = (values: Float32Array, loss: (changed: Float64Array) => number): number[] =>
      Array.from(values, (_, i) => {
        const at = (h: number): number => {
          const changed = Float64Array.from(values);
          changed[i] += h;
          return loss(changed);
        };
        return (at(1e-5) - at(-1e-5)) / 2e-5;
      });
    // After the first step m is (1 − β₁) times the gradient.
    const gradient = (m: Float32Array): number[] => Array.from(m, (value) => value / (1 - settings.beta1));
    const expected = differences(weights, (changed) => lossOf(changed, bias, indices));
    expect(expected.some((value) => Math.abs(value) > 0.01)).toBe(true);
    gradient(solver.adam.m).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 5);
    });
    const expectedBias = differences(bias, (changed) => lossOf(weights, changed, indices));
    gradient(solver.bias.m).forEach((value, i) => {
      expect(value).toBeCloseTo(expectedBias[i], 5);
    });
  });

  test('a loss counts by the weight of its example, and weights of 1 change no bit', () => {
    const indices = [3, 8, 11, 20];
    const steppedOn = (chosen: readonly number[], lossWeights?: readonly number[]) => {
      const solver = new LinearSolver(problemOf(train, classes));
      const batch = gatherBatch(train, chosen);
      const key = { seed: 0, step: 0 };
      const result = solver.step(
        lossWeights ? { ...batch, lossWeights: Float32Array.from(lossWeights) } : batch,
        key,
      );
      return { ...result, m: solver.adam.m };
    };
    const weights = [0.5, 3, 0, 1];
    const whole = steppedOn(indices, weights);
    const parts = indices.map((index) => steppedOn([index]));
    const mean = (of: (part: (typeof parts)[number]) => number): number =>
      parts.reduce((sum, part, b) => sum + weights[b] * of(part), 0) / indices.length;
    expect(whole.loss).toBeCloseTo(
      mean(({ loss }) => loss),
      12,
    );
    whole.m.forEach((value, i) => {
      expect(value).toBeCloseTo(
        mean(({ m }) => m[i]),
        5,
      );
    });
    expect(steppedOn(indices, [1, 1, 1, 1])).toEqual(steppedOn(indices));
  });

  test('a training has the evidence of dense Adam in float64', () => {
    const solver = new LinearSolver(problemOf(train, classes));
    const size = FEATURES * outputs + outputs;
    const [weights, m, v] = [new Float64Array(size), new Float64Array(size), new Float64Array(size)];
    const batches = Math.ceil(30 / settings.batchSize);
    const steps = settings.epochs * batches;
    for (let step = 0; step < steps; step++) {
      const order = epochOrder(settings.seed, Math.floor(step / batches), 30);
      const first = (step % batches) * settings.batchSize;
      const indices = [...order.subarray(first, first + settings.batchSize)];
      solver.step(gatherBatch(train, indices), { seed: settings.seed, step });
      const loss = (changed: Float64Array): number =>
        lossOf(changed.subarray(0, FEATURES * outputs), changed.subarray(FEATURES * outputs), indices);
      const gradient = Array.from(weights, (_, i) => {
        const at = (h: number): number => loss(weights.map((value, j) => (j === i ? value + h : value)));
        const slope = (at(1e-4) - at(-1e-4)) / 2e-4;
        // A weight that no example of the batch has: rounding alone.
        return Math.abs(slope) < 1e-9 ? 0 : slope;
      });
      const rate = learningRateAt(settings, step, steps);
      for (let i = 0; i < size; i++) {
        m[i] = settings.beta1 * m[i] + (1 - settings.beta1) * gradient[i];
        v[i] = settings.beta2 * v[i] + (1 - settings.beta2) * gradient[i] ** 2;
        const root = Math.sqrt(v[i] / (1 - settings.beta2 ** (step + 1)));
        if (v[i] > 0) weights[i] -= (rate * m[i]) / (1 - settings.beta1 ** (step + 1)) / root;
      }
    }
    solver.evidence(steps).forEach((value, i) => {
      expect(Math.abs(value - weights[i] * ratios[i])).toBeLessThan(1e-4);
    });
  });

  test('dropout leaves out its share of the features, the same ones for the same key', () => {
    const sums = [0, 1].map((seed) => {
      const solver = new LinearSolver(problemOf(train, classes, 0.5));
      solver.step(gatherBatch(train, [1, 2, 3]), { seed, step: 0 });
      return [...solver.adam.m];
    });
    const again = new LinearSolver(problemOf(train, classes, 0.5));
    again.step(gatherBatch(train, [1, 2, 3]), { seed: 0, step: 0 });
    expect([...again.adam.m]).toEqual(sums[0]);
    expect(sums[1]).not.toEqual(sums[0]);
  });

  test('what is kept: the features that move scores most, in bytes, at the length they had', () => {
    const random = new RandomStream(6, 'test');
    const evidence = Float32Array.from({ length: FEATURES * outputs }, () => random.nextNormal());
    const bias = Float32Array.from({ length: outputs }, () => random.nextNormal());
    const energies = featureEnergies(train, FEATURES);
    expect(energies.reduce((a, b) => a + b, 0)).toBeCloseTo(
      train.weights!.reduce((sum, weight) => sum + weight * weight, 0),
      3,
    );
    const whole = compact({ evidence, bias, outputs }, energies, FEATURES + 3);
    expect([...whole.kept]).toEqual([0, 1, 2, 3, 4, 5, 6]);
    const some = compact({ evidence, bias, outputs }, energies, 4);
    expect(some.levels).toBeInstanceOf(Int8Array);
    const mean = (row: ArrayLike<number>): number =>
      outputs === 1 ? 0 : Array.from(row).reduce((a, b) => a + b, 0) / outputs;
    const rowOf = (j: number): Float32Array => evidence.subarray(j * outputs, (j + 1) * outputs);
    const importance = Array.from({ length: FEATURES }, (_, j) => {
      const row = rowOf(j);
      return Math.sqrt(energies[j]) * Math.hypot(...Array.from(row, (value) => value - mean(row)));
    });
    const least = Math.min(...Array.from(some.kept, (j) => importance[j]));
    expect(importance.filter((value) => value >= least)).toHaveLength(4);
    const places = placesOf(some.kept, FEATURES);
    const tokens = Int32Array.of(1, 2, 3, 4, 5);
    const weights = Float32Array.of(1, 2, 1, 0.5, 3);
    const inside = [...tokens.keys()].filter((t) => places[tokens[t]] !== 0);
    const length = Math.hypot(...weights) / Math.hypot(...inside.map((t) => weights[t]));
    const found = scoresOf(some, places, tokens, weights);
    for (let k = 0; k < outputs; k++) {
      let expected = bias[k] - mean(bias);
      for (const t of inside) {
        const row = rowOf(tokens[t] - 1);
        expected += length * weights[t] * (row[k] - mean(row));
      }
      // Half a step of the scale for each feature.
      const allowance = 0.5 * some.scales[k] * length * inside.reduce((sum, t) => sum + weights[t], 0);
      expect(Math.abs(found[k] - expected)).toBeLessThanOrEqual(allowance + 1e-5);
    }
  });
});

test('a model of features that say nothing scores nothing', () => {
  const nothing = { evidence: new Float32Array(4), bias: new Float32Array(1), outputs: 1 };
  const model = compact(nothing, Float64Array.of(1, 1, 1, 1), 2);
  expect([...model.kept]).toEqual([0, 1]);
  expect([...scoresOf(model, placesOf(model.kept, 4), Int32Array.of(1, 4), Float32Array.of(1, 1))]).toEqual([
    0,
  ]);
});

describe('an example is right where its label is what would be answered', () => {
  test('of equal scores the first class is', () => {
    expect(scoreExample(Float64Array.of(0), 2, 0)).toEqual({ loss: Math.LN2, correct: true });
    expect(scoreExample(Float64Array.of(0), 2, 1)).toEqual({ loss: Math.LN2, correct: false });
    expect([0, 1, 2].map((label) => scoreExample(Float64Array.of(1, 1, 0), 3, label).correct)).toEqual([
      true,
      false,
      false,
    ]);
    expect([0, 1, 2].map((label) => scoreExample(Float64Array.of(0, 2, 2), 3, label).correct)).toEqual([
      false,
      true,
      false,
    ]);
  });

  test.each([2, 3])('the first step of %i classes is as good as guessing', (classes) => {
    const train = randomData(12, classes);
    const solver = new LinearSolver(problemOf(train, classes));
    const batch = gatherBatch(
      train,
      Array.from({ length: 12 }, (_, i) => i),
    );
    const { loss, correct } = solver.step(batch, { seed: 0, step: 0 });
    expect(loss).toBeCloseTo(Math.log(classes), 6);
    expect(correct).toBe(12 / classes);
  });
});
