/** Ridge regression by products of examples: what is left out is as if it had not been there. */
import { describe, expect, test } from 'vitest';
import { primalOf, solveBySweeps, solveDual, targetsOf } from '#eft/learning/solvers/dualRidge.js';
import {
  asNewRows,
  crossProductsOf,
  productsOf,
  rowsHaving,
  type SparseRows,
} from '#eft/learning/solvers/sparseRows.js';
import { RandomStream } from '#eft/random.js';

const WIDTH = 30;

/** Rows of a few numbers each. */
function randomRows(count: number, seed = 1): SparseRows {
  const random = new RandomStream(seed, 'test');
  const rows = Array.from({ length: count }, () =>
    Array.from({ length: WIDTH }, (_, column) => column).filter(() => random.next() < 0.2),
  );
  const columns = Int32Array.from(rows.flat());
  const offsets = new Int32Array(count + 1);
  rows.forEach(({ length }, i) => {
    offsets[i + 1] = offsets[i] + length;
  });
  return { offsets, columns, values: Float32Array.from(columns, () => random.nextNormal()), width: WIDTH };
}

const LABELS = (count: number, classes: number): Int32Array =>
  Int32Array.from({ length: count }, (_, i) => (i * i + 1) % classes);

/** Some of the rows. */
function some({ offsets, columns, values, width }: SparseRows, chosen: readonly number[]): SparseRows {
  const ends = [0];
  for (const i of chosen) ends.push(ends[ends.length - 1] + offsets[i + 1] - offsets[i]);
  const of = <A extends Int32Array | Float32Array>(all: A): number[] =>
    chosen.flatMap((i) => [...all.subarray(offsets[i], offsets[i + 1])]);
  return {
    offsets: Int32Array.from(ends),
    columns: Int32Array.from(of(columns)),
    values: Float32Array.from(of(values)),
    width,
  };
}

test('products of rows are those of the numbers written out', () => {
  const rows = randomRows(9);
  const dense = Array.from({ length: 9 }, (_, i) => {
    const row = new Float64Array(WIDTH);
    for (let t = rows.offsets[i]; t < rows.offsets[i + 1]; t++) row[rows.columns[t]] = rows.values[t];
    return row;
  });
  const products = productsOf(rows);
  dense.forEach((a, i) => {
    dense.forEach((b, j) => {
      const expected = a.reduce((sum, value, c) => sum + value * b[c], 0);
      expect(products[i * 9 + j]).toBeCloseTo(expected, 5);
    });
  });
});

test('a row as a new one lacks what no more rows have than it takes to be kept, and is as long as before', () => {
  const rows = randomRows(9);
  const having = rowsHaving(rows);
  const { values } = asNewRows(rows, 2);
  const square = (numbers: Float32Array, i: number): number =>
    numbers.subarray(rows.offsets[i], rows.offsets[i + 1]).reduce((sum, value) => sum + value * value, 0);
  rows.columns.forEach((column, t) => {
    expect(values[t] === 0).toBe(having[column] <= 2);
  });
  expect(values).toContain(0);
  for (let i = 0; i < 9; i++) {
    if (square(values, i) > 0) expect(square(values, i)).toBeCloseTo(square(rows.values, i), 4);
  }
});

describe.each([2, 3])('%i classes', (classes) => {
  const count = 23;
  const rows = randomRows(count);
  const labels = LABELS(count, classes);
  const targets = targetsOf(labels, classes);
  const outputs = targets.length / count;
  const folds = Int32Array.from({ length: count }, (_, i) => (i === 5 ? -1 : i % 4));
  const problem = { products: productsOf(rows), targets, outputs, folds };
  const penalty = 0.4;

  test('what a fold gets when it is left out is what a solution without it gives', () => {
    const { leftOut } = solveDual(problem, penalty);
    for (const fold of [0, 1, 2, 3]) {
      const rest = Array.from(folds.keys()).filter((i) => folds[i] !== fold);
      const others = some(rows, rest);
      const refit = solveDual(
        {
          products: productsOf(others),
          targets: targetsOf(
            Int32Array.from(rest, (i) => labels[i]),
            classes,
          ),
          outputs,
          folds: new Int32Array(rest.length).fill(-1),
        },
        penalty,
      );
      const { evidence, bias } = primalOf(others, refit.duals, outputs);
      folds.forEach((own, i) => {
        if (own !== fold) return;
        for (let k = 0; k < outputs; k++) {
          let score = bias[k];
          for (let t = rows.offsets[i]; t < rows.offsets[i + 1]; t++) {
            score += rows.values[t] * evidence[rows.columns[t] * outputs + k];
          }
          expect(leftOut[i * outputs + k]).toBeCloseTo(score, 4);
        }
      });
    }
  });

  test('what an example gets when it is left out as it would be if it were new is what a solution without its fold gives', () => {
    const asNew = asNewRows(rows, 2);
    const { leftOut } = solveDual({ ...problem, leftOutProducts: crossProductsOf(asNew, rows) }, penalty);
    const rest = Array.from(folds.keys()).filter((i) => folds[i] !== 2);
    const others = some(rows, rest);
    const restLabels = Int32Array.from(rest, (i) => labels[i]);
    const refit = solveDual(
      {
        products: productsOf(others),
        targets: targetsOf(restLabels, classes),
        outputs,
        folds: new Int32Array(rest.length).fill(-1),
      },
      penalty,
    );
    const { evidence, bias } = primalOf(others, refit.duals, outputs);
    folds.forEach((own, i) => {
      for (let k = 0; own === 2 && k < outputs; k++) {
        let score = bias[k];
        for (let t = asNew.offsets[i]; t < asNew.offsets[i + 1]; t++) {
          score += asNew.values[t] * evidence[asNew.columns[t] * outputs + k];
        }
        expect(leftOut[i * outputs + k]).toBeCloseTo(score, 4);
      }
    });
  });

  test('sweeps come to the same weights', () => {
    const { duals } = solveDual(problem, penalty);
    const exact = primalOf(rows, duals, outputs);
    const swept = solveBySweeps(rows, { targets, outputs }, Array.from(folds.keys()), penalty, 1e-3);
    // The last moves have a root mean square of at most 0.001, and the columns of a row are few.
    swept.evidence.forEach((value, i) => {
      expect(Math.abs(value - exact.evidence[i])).toBeLessThan(0.02);
    });
    swept.bias.forEach((value, k) => {
      expect(Math.abs(value - exact.bias[k])).toBeLessThan(0.02);
    });
  });
});
