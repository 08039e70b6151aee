/** The matrix products against float64, at any number of rows and columns: each shape takes its own mixture of tiles. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FIRST_FREE_BYTE } from '#eft/engine/wasm/kernels.js';
import { RandomStream } from '#eft/random.js';
import { FLOAT32_UNIT } from '../tolerance.js';
import { kernelsOf, memory, tiers } from './kernel-tiers.js';

const GUARD = 64;

/** Arrays in the kernels' memory, with guards between; all that is not given is NaN, and so shows if it is read. */
function place<Name extends string>(arrays: Record<Name, Float32Array>): Record<Name, number> {
  const at = {} as Record<Name, number>;
  let end = FIRST_FREE_BYTE + GUARD;
  for (const [name, values] of Object.entries(arrays) as [Name, Float32Array][]) {
    at[name] = end;
    end += Math.ceil(values.byteLength / 16) * 16 + GUARD;
  }
  const missing = end - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / 65536));
  new Uint8Array(memory.buffer, FIRST_FREE_BYTE, end - FIRST_FREE_BYTE).fill(0xff);
  for (const [name, values] of Object.entries(arrays) as [Name, Float32Array][]) {
    new Float32Array(memory.buffer, at[name], values.length).set(values);
  }
  return at;
}

const read = (at: number, length: number): Float32Array =>
  new Float32Array(memory.buffer, at, length).slice();

/** Whether the guard before and the one behind an array are as `place` left them. */
function guarded(at: number, length: number): boolean {
  const end = at + 4 * length;
  const around = [
    new Uint8Array(memory.buffer, at - GUARD, GUARD),
    new Uint8Array(memory.buffer, end, GUARD),
  ];
  return around.every((bytes) => bytes.every((byte) => byte === 0xff));
}

const random = (seed: number, place: number, length: number): Float32Array => {
  const stream = new RandomStream(seed, 'test', 1, place);
  return Float32Array.from({ length }, () => stream.nextNormal());
};

/** Sums of products in float64, and the bound on float32's error: γ of as many roundings, Higham 2002, section 3.1. */
function expected(
  terms: readonly (readonly [number, number])[],
  start: number,
): { sum: number; bound: number } {
  let sum = start;
  let size = Math.abs(start);
  for (const [a, b] of terms) {
    sum += a * b;
    size += Math.abs(a * b);
  }
  const roundings = 2 * (terms.length + 2) * FLOAT32_UNIT;
  return { sum, bound: (size * roundings) / (1 - roundings) };
}

const shape = fc.record({
  rows: fc.integer({ min: 1, max: 20 }),
  inputs: fc.integer({ min: 1, max: 40 }),
  outputs: fc.integer({ min: 1, max: 40 }),
  bias: fc.boolean(),
  residual: fc.boolean(),
  seed: fc.nat(),
});

/** The two builds that fuse products and sums must agree to the bit: the order of the terms is the same. */
function expectSameBits(results: Map<string, Float32Array>): void {
  const fused = [...results].filter(([tier]) => tier !== 'simd').map(([, values]) => values);
  for (const values of fused) expect(values).toEqual(fused[0]);
}

it('x Wᵀ + bias + residual', () => {
  fc.assert(
    fc.property(shape, ({ rows, inputs, outputs, bias, residual, seed }) => {
      const arrays = {
        x: random(seed, 0, rows * inputs),
        weight: random(seed, 1, outputs * inputs),
        bias: random(seed, 2, outputs),
        residual: random(seed, 3, rows * outputs),
        packed: new Float32Array(inputs * Math.ceil(outputs / 8) * 8).fill(Number.NaN),
        y: new Float32Array(rows * outputs).fill(Number.NaN),
      };
      const results = new Map<string, Float32Array>();
      for (const tier of tiers) {
        const kernels = kernelsOf(tier);
        const at = place(arrays);
        kernels.packTransposed(at.packed, at.weight, outputs, inputs);
        const start = { bias: bias ? at.bias : 0, residual: residual ? at.residual : 0 };
        kernels.product(at.y, at.x, at.packed, start.bias, start.residual, rows, inputs, outputs);
        const y = read(at.y, rows * outputs);
        for (let r = 0; r < rows; r++) {
          for (let o = 0; o < outputs; o++) {
            const terms = Array.from(
              { length: inputs },
              (_, k) => [arrays.x[r * inputs + k], arrays.weight[o * inputs + k]] as const,
            );
            if (bias) terms.push([arrays.bias[o], 1]);
            const { sum, bound } = expected(terms, residual ? arrays.residual[r * outputs + o] : 0);
            expect(Math.abs(y[r * outputs + o] - sum), `${tier} row ${r} column ${o}`).toBeLessThanOrEqual(
              bound,
            );
          }
        }
        expect(guarded(at.y, rows * outputs), tier).toBe(true);
        results.set(tier, y);
      }
      expectSameBits(results);
    }),
    { numRuns: 60 },
  );
});

it('dW += dyᵀ x and dbias += Σ dy', () => {
  fc.assert(
    fc.property(shape, ({ rows, inputs, outputs, seed }) => {
      const arrays = {
        x: random(seed, 0, rows * inputs),
        dy: random(seed, 1, rows * outputs),
        dweight: random(seed, 2, outputs * inputs),
        dbias: random(seed, 3, outputs),
      };
      const results = new Map<string, Float32Array>();
      for (const tier of tiers) {
        const at = place(arrays);
        kernelsOf(tier).linearWeightGradient(at.dweight, at.dbias, at.dy, at.x, rows, inputs, outputs);
        const dweight = read(at.dweight, outputs * inputs);
        const dbias = read(at.dbias, outputs);
        for (let o = 0; o < outputs; o++) {
          const dy = Array.from({ length: rows }, (_, r) => arrays.dy[r * outputs + o]);
          for (let k = 0; k < inputs; k++) {
            const terms = dy.map((value, r) => [value, arrays.x[r * inputs + k]] as const);
            const { sum, bound } = expected(terms, arrays.dweight[o * inputs + k]);
            expect(Math.abs(dweight[o * inputs + k] - sum), `${tier} ${o}, ${k}`).toBeLessThanOrEqual(bound);
          }
          const ones = dy.map((value) => [value, 1] as const);
          const { sum, bound } = expected(ones, arrays.dbias[o]);
          expect(Math.abs(dbias[o] - sum), `${tier} bias ${o}`).toBeLessThanOrEqual(bound);
        }
        expect(guarded(at.dweight, outputs * inputs) && guarded(at.dbias, outputs), tier).toBe(true);
        results.set(tier, dweight);
      }
      expectSameBits(results);
    }),
    { numRuns: 60 },
  );
});
