/** The attention kernel against softmax(q kᵀ / √width) v and its gradients, computed in float64 from the definition. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FIRST_FREE_BYTE, type Kernels } from '#eft/engine/wasm/kernels.js';
import { attentionWorkBytes } from '#eft/engine/wasm/operations/attention.js';
import type { Tier } from '#eft/engine/wasm/tier.js';
import { RandomStream } from '#eft/random.js';
import { centralDifference } from '../central-difference.js';
import { exhaustively, runs } from '../exhaustive.js';
import { FLOAT32_UNIT as UNIT } from '../tolerance.js';
import { kernelsOf, memory, tiers } from './kernel-tiers.js';

type Numbers = Float32Array | Float64Array;

interface Inputs {
  rows: number;
  columns: number;
  heads: number;
  /** [rows, 3 columns] */
  qkv: Numbers;
  /** [rows, columns] */
  dy: Numbers;
}

interface Results {
  y: Float64Array;
  /** [rows, heads], base 2, as the kernel has it. */
  logsumexp: Float64Array;
  dqkv: Float64Array;
}

function randomInputs(rows: number, heads: number, width: number, spread = 1, seed = 1): Inputs {
  const columns = heads * width;
  const random = new RandomStream(seed, 'test', rows, 1000 * heads + width);
  const normal = (count: number): Float32Array =>
    Float32Array.from({ length: count }, () => spread * random.nextNormal());
  return { rows, columns, heads, qkv: normal(3 * rows * columns), dy: normal(rows * columns) };
}

/** Below this share of the row's largest weight the kernel lets no weight fall. */
const FLOOR = 2 ** -64;

/**
 * The results, and how far float32 may be from them if every rounding goes the wrong way, to first order. With u the
 * unit roundoff, w the head's width, L tokens, and for query i
 *
 *     A = max_j Σ_c |q k_j| / √w,   B = max_j Σ_c |dy v_j|
 *
 * the exponent of a weight is wrong by at most 2u (w + 6) A: two roundings of q's scale, w + 1 of the sum that starts
 * with the reference (itself at most A), the rest when the reference is raised. exp2 adds less than 6u. So weights are
 * off by a share  ε = u (2 (w + 6) A + 6), their sum of L terms by ε + L u, and
 *
 *     δy = (2ε + (2L + 4) u) Σ_j P |v_j|,   δlogsumexp = (ε + L u) log₂e + 4u |logsumexp|.
 *
 * Backward, exponents are relative to the stored logsumexp (at most A + ln L, and wrong as above):
 * ε' = u ((w + 6) (4A + ln L) + L + 12). dP − D is at most 2B and wrong by B β with
 * β = u (3w + 2L + 10) + 2ε, dS = P (dP − D) hence by P B (β + 2ε' + 2u); sums of L terms add L + 4 units:
 *
 *     δdQ = Σ_j (P |k_j| / √w) τ,  δdK = Σ_i (P |q_i| / √w) τ,  τ = B (β + 2ε' + (2L + 10) u),
 *     δdV = Σ_i P |dy_i| (ε' + (L + 2) u).
 *
 * In all of these P is increased by FLOOR, times 1/u where it stands for a weight that is not there at all.
 */
function definition({ rows, columns, heads, qkv, dy }: Inputs): { exact: Results; allowed: Results } {
  const empty = (): Results => ({
    y: new Float64Array(rows * columns),
    logsumexp: new Float64Array(rows * heads),
    dqkv: new Float64Array(3 * rows * columns),
  });
  const [exact, allowed] = [empty(), empty()];
  const width = columns / heads;
  const root = Math.sqrt(width);
  const weights = new Float64Array(rows);
  const slopes = new Float64Array(rows);
  for (let head = 0; head < heads; head++) {
    const q = (row: number): number => 3 * row * columns + head * width;
    const k = (row: number): number => q(row) + columns;
    const v = (row: number): number => k(row) + columns;
    for (let i = 0; i < rows; i++) {
      let [largest, mostScore, mostSlope] = [Number.NEGATIVE_INFINITY, 0, 0];
      const yAt = i * columns + head * width;
      for (let j = 0; j < rows; j++) {
        let [score, slope, scoreSize, slopeSize] = [0, 0, 0, 0];
        for (let c = 0; c < width; c++) {
          const [s, p] = [(qkv[q(i) + c] * qkv[k(j) + c]) / root, dy[yAt + c] * qkv[v(j) + c]];
          score += s;
          slope += p;
          scoreSize += Math.abs(s);
          slopeSize += Math.abs(p);
        }
        weights[j] = score;
        slopes[j] = slope;
        largest = Math.max(largest, score);
        mostScore = Math.max(mostScore, scoreSize);
        mostSlope = Math.max(mostSlope, slopeSize);
      }
      let total = 0;
      for (let j = 0; j < rows; j++) {
        weights[j] = Math.exp(weights[j] - largest);
        total += weights[j];
      }
      const logsumexp = (Math.log(total) + largest) * Math.LOG2E;
      const forward = UNIT * (2 * (width + 6) * mostScore + 6);
      const again = UNIT * ((width + 6) * (4 * mostScore + Math.log(rows)) + rows + 12);
      const slopeError = UNIT * (3 * width + 2 * rows + 10) + 2 * forward;
      const outputError = 2 * forward + (2 * rows + 4) * UNIT;
      const scoreError = mostSlope * (slopeError + 2 * again + (2 * rows + 10) * UNIT);
      const valueError = again + (rows + 2) * UNIT;
      exact.logsumexp[i * heads + head] = logsumexp;
      allowed.logsumexp[i * heads + head] =
        (forward + rows * UNIT) * Math.LOG2E + 4 * UNIT * Math.abs(logsumexp);
      let share = 0;
      for (let j = 0; j < rows; j++) {
        weights[j] /= total;
        share += weights[j] * slopes[j];
        for (let c = 0; c < width; c++) {
          const value = qkv[v(j) + c];
          exact.y[yAt + c] += weights[j] * value;
          allowed.y[yAt + c] += (outputError * weights[j] + FLOOR) * Math.abs(value);
        }
      }
      for (let j = 0; j < rows; j++) {
        const weight = weights[j];
        const slope = (weight * (slopes[j] - share)) / root;
        const slopeAllowed = (scoreError * weight + 2 * mostSlope * FLOOR) / root;
        for (let c = 0; c < width; c++) {
          const [atQ, atK, atV] = [q(i) + c, k(j) + c, v(j) + c];
          exact.dqkv[atQ] += slope * qkv[atK];
          exact.dqkv[atK] += slope * qkv[atQ];
          exact.dqkv[atV] += weight * dy[yAt + c];
          allowed.dqkv[atQ] += slopeAllowed * Math.abs(qkv[atK]);
          allowed.dqkv[atK] += slopeAllowed * Math.abs(qkv[atQ]);
          allowed.dqkv[atV] += (valueError * weight + FLOOR) * Math.abs(dy[yAt + c]);
        }
      }
    }
  }
  return { exact, allowed };
}

const NAMES = ['work', 'qkv', 'y', 'logsumexp', 'dy', 'dqkv'] as const;
type Name = (typeof NAMES)[number];

/** The arrays of one attention in the kernels' memory, exactly as long as they must be, with guards between. */
class Attention {
  static readonly GUARD = 64;
  readonly #kernels: Kernels;
  readonly #inputs: Inputs;
  readonly #at = {} as Record<Name, number>;
  readonly #bytes: Record<Name, number>;
  #end = FIRST_FREE_BYTE;

  constructor(tier: Tier, inputs: Inputs) {
    this.#kernels = kernelsOf(tier);
    this.#inputs = inputs;
    const { rows, columns, heads, qkv, dy } = inputs;
    this.#bytes = {
      work: attentionWorkBytes(rows, columns, heads),
      qkv: 4 * qkv.length,
      y: 4 * dy.length,
      logsumexp: 4 * rows * heads,
      dy: 4 * dy.length,
      dqkv: 4 * qkv.length,
    };
    for (const name of NAMES) {
      this.#end += Attention.GUARD;
      this.#at[name] = this.#end;
      this.#end += Math.ceil(this.#bytes[name] / 16) * 16;
    }
    this.#end += Attention.GUARD;
    const missing = this.#end - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / 65536));
    // Whatever is read but was never written shows as NaN, and so must not be written elsewhere.
    new Uint8Array(memory.buffer, FIRST_FREE_BYTE, this.#end - FIRST_FREE_BYTE).fill(0xff);
    // Not of the bytes 0xff, whose NaN has a payload: exp2 promises nothing about such ones.
    this.array('work').fill(Number.NaN);
    this.array('qkv').set(qkv);
    this.array('dy').set(dy);
  }

  array(name: Name): Float32Array {
    return new Float32Array(memory.buffer, this.#at[name], Math.floor(this.#bytes[name] / 4));
  }

  forward(): this {
    const { rows, columns, heads } = this.#inputs;
    const { y, logsumexp, qkv, work } = this.#at;
    this.#kernels.attentionForward(y, logsumexp, qkv, work, rows, columns, heads);
    return this;
  }

  backward(): this {
    const { rows, columns, heads } = this.#inputs;
    const { dqkv, dy, y, qkv, logsumexp, work } = this.#at;
    this.#kernels.attentionBackward(dqkv, dy, y, qkv, logsumexp, work, rows, columns, heads);
    return this;
  }

  /** Bytes that were written outside the arrays. */
  strayBytes(): number {
    const bytes = new Uint8Array(memory.buffer, 0, this.#end).slice(FIRST_FREE_BYTE);
    for (const name of NAMES) {
      const at = this.#at[name] - FIRST_FREE_BYTE;
      bytes.fill(0xff, at, at + this.#bytes[name]);
    }
    return bytes.filter((byte) => byte !== 0xff).length;
  }
}

/** The largest error as a share of what is allowed: at most 1 is right. */
function worstShare(actual: ArrayLike<number>, exact: ArrayLike<number>, allowed: ArrayLike<number>): number {
  let worst = 0;
  for (let i = 0; i < exact.length; i++) {
    const error = Math.abs(actual[i] - exact[i]);
    // NaN where a number belongs is as wrong as can be.
    const share = Number.isNaN(error) ? Number.POSITIVE_INFINITY : error === 0 ? 0 : error / allowed[i];
    worst = Math.max(worst, share);
  }
  return worst;
}

function demandRight(inputs: Inputs): void {
  const { exact, allowed } = definition(inputs);
  for (const tier of tiers) {
    const attention = new Attention(tier, inputs).forward().backward();
    const what = `${tier}, ${inputs.rows} tokens, ${inputs.heads} heads of ${inputs.columns / inputs.heads}`;
    for (const name of ['y', 'logsumexp', 'dqkv'] as const) {
      const share = worstShare(attention.array(name), exact[name], allowed[name]);
      expect(share, `${name}: ${what}`).toBeLessThanOrEqual(1);
    }
    expect(attention.strayBytes(), what).toBe(0);
  }
}

/** The tiles' edges are multiples of 4, 6, 8, 48 and 64. */
const LENGTHS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 47, 48, 49, 63, 64, 65, 71, 72, 73, 96, 97, 130, 193];
const WIDTHS = [1, 2, 3, 4, 5, 7, 8, 9, 12, 16, 20, 32, 64];

describe('against the definition, within a worst-case float32 bound', () => {
  it.each(LENGTHS)('%i tokens, 4 heads of 8', (rows) => demandRight(randomInputs(rows, 4, 8)));

  it.each(WIDTHS)('heads of %i', (width) => {
    for (const heads of [1, 2, 3]) {
      for (const rows of [1, 2, 5, 47, 48, 49, 70]) demandRight(randomInputs(rows, heads, width));
    }
  });

  it('any number of tokens, heads and channels, any spread of the scores', () => {
    const shape = fc.record({
      rows: fc.integer({ min: 1, max: 150 }),
      heads: fc.integer({ min: 1, max: 5 }),
      width: fc.integer({ min: 1, max: 18 }),
      spread: fc.constantFrom(0.01, 1, 3),
      seed: fc.nat(1000),
    });
    fc.assert(
      fc.property(shape, ({ rows, heads, width, spread, seed }) =>
        demandRight(randomInputs(rows, heads, width, spread, seed)),
      ),
      { numRuns: runs(15, 60), seed: 7 },
    );
  });

  it('1000 tokens', () => demandRight(randomInputs(1000, 1, 8)));

  exhaustively('16,384 tokens: some queries of the forward pass', async () => {
    const rows = 16_384;
    const inputs = randomInputs(rows, 1, 4);
    const { qkv } = inputs;
    for (const tier of tiers) {
      const y = new Attention(tier, inputs).forward().array('y');
      for (const i of [0, 1, 4095, 9999, rows - 1]) {
        const scores = Float64Array.from({ length: rows }, (_, j) => {
          let score = 0;
          for (let c = 0; c < 4; c++) score += (qkv[12 * i + c] * qkv[12 * j + 4 + c]) / 2;
          return score;
        });
        const largest = scores.reduce((a, b) => Math.max(a, b));
        const weights = scores.map((score) => Math.exp(score - largest));
        const total = weights.reduce((a, b) => a + b);
        const sizes = scores.map(Math.abs).reduce((a, b) => Math.max(a, b));
        // As in `definition`, |score| standing for the sum of sizes: a few units of 2 · 16,384.
        const share = UNIT * (4 * (4 + 6) * sizes + 12 + 2 * rows + 4);
        for (let c = 0; c < 4; c++) {
          let [value, size] = [0, 0];
          for (let j = 0; j < rows; j++) {
            value += (weights[j] * qkv[12 * j + 8 + c]) / total;
            size += (weights[j] * Math.abs(qkv[12 * j + 8 + c])) / total;
          }
          expect(Math.abs(y[4 * i + c] - value)).toBeLessThanOrEqual(share * size);
        }
      }
    }
  });
});

describe('large scores', () => {
  /** Heads of 1: the scores are q k. */
  const ofScores = (rows: number, q: (i: number) => number, k: (j: number) => number): Inputs => {
    const inputs = randomInputs(rows, 1, 1);
    for (let i = 0; i < rows; i++) {
      inputs.qkv[3 * i] = q(i);
      inputs.qkv[3 * i + 1] = k(i);
    }
    return inputs;
  };

  it('of ±80 at random', () => {
    for (const rows of [5, 130]) {
      demandRight(
        ofScores(
          rows,
          (i) => (i % 2 === 0 ? 80 : -80),
          (j) => Math.sin(12.9 * j),
        ),
      );
    }
  });

  it('that rise from tile to tile, so that the reference must rise with them', () => {
    for (const slope of [0.1, 1, 80])
      demandRight(
        ofScores(
          300,
          () => 1,
          (j) => (slope * j) / 300,
        ),
      );
    demandRight(
      ofScores(
        300,
        (i) => i % 7,
        (j) => 3 * j,
      ),
    );
  });

  it('that fall, and single ones that stand out', () => {
    demandRight(
      ofScores(
        300,
        () => 1,
        (j) => -0.5 * j,
      ),
    );
    demandRight(
      ofScores(
        300,
        (i) => (i % 3) - 1,
        (j) => (j === 250 ? 200 : 0),
      ),
    );
    demandRight(
      ofScores(
        300,
        () => 1,
        () => -5000,
      ),
    );
  });

  it('that rise for one query and fall for its neighbour', () => {
    demandRight(
      ofScores(
        300,
        (i) => (i % 2 === 0 ? 1 : -1),
        (j) => (j < 64 ? 0 : 150),
      ),
    );
  });

  it('whose powers of 2 would be infinite if they were taken as they are', () => {
    // All keys alike: the largest score is −128.25 in base 2, or the logsumexp is.
    for (const bits of [128.25, 128.25 + Math.log2(300)]) {
      demandRight(
        ofScores(
          300,
          () => 1,
          () => -bits * Math.LN2,
        ),
      );
    }
  });
});

describe('numbers that are none', () => {
  const rows = 70;
  const finite = (values: Float32Array): boolean => values.every(Number.isFinite);

  it('a NaN in a key or a value reaches every row', () => {
    for (const tier of tiers) {
      for (const at of [8, 16, 24 * 69 + 8, 24 * 69 + 16]) {
        const inputs = randomInputs(rows, 1, 8);
        inputs.qkv[at] = Number.NaN;
        const y = new Attention(tier, inputs).forward().array('y');
        for (let r = 0; r < rows; r++) expect(y.subarray(8 * r, 8 * r + 8).some(Number.isNaN)).toBe(true);
      }
    }
  });

  it('a NaN in a query reaches its own row only, and its gradients', () => {
    for (const tier of tiers) {
      const inputs = randomInputs(rows, 1, 8);
      inputs.qkv[24 * 3] = Number.NaN;
      const attention = new Attention(tier, inputs).forward().backward();
      const y = attention.array('y');
      expect(y.subarray(24, 32).every(Number.isNaN)).toBe(true);
      expect(finite(y.subarray(0, 24)) && finite(y.subarray(32))).toBe(true);
      expect(attention.array('dqkv').subarray(72, 80).every(Number.isNaN)).toBe(true);
    }
  });

  it('scores that overflow show', () => {
    for (const tier of tiers) {
      const inputs = randomInputs(rows, 1, 8);
      inputs.qkv.fill(1e25, 0, 16);
      const y = new Attention(tier, inputs).forward().array('y');
      expect(finite(y.subarray(0, 8))).toBe(false);
    }
  });
});

describe('memory', () => {
  it('the work is what the kernel says, and grows with the tokens, not their square', () => {
    for (const [rows, columns, heads] of [
      [1, 1, 1],
      [512, 32, 4],
      [16_384, 32, 4],
      [1000, 192, 3],
    ]) {
      const bytes = attentionWorkBytes(rows, columns, heads);
      for (const tier of tiers) expect(kernelsOf(tier).attentionWorkBytes(rows, columns, heads)).toBe(bytes);
      expect(attentionWorkBytes(2 * rows, columns, heads)).toBeLessThanOrEqual(2 * bytes);
    }
  });

  it('gives the same bits whatever lay in it', () => {
    const inputs = randomInputs(133, 4, 8);
    for (const tier of tiers) {
      const attention = new Attention(tier, inputs);
      const bits = (): Uint8Array[] =>
        (['y', 'logsumexp', 'dqkv'] as const).map(
          (name) => new Uint8Array(attention.forward().backward().array(name).slice().buffer),
        );
      const first = bits();
      attention.array('work').fill(7);
      expect(bits()).toEqual(first);
    }
  });
});

it("the definition's gradients agree with finite differences", async () => {
  for (const [rows, heads, width] of [
    [1, 1, 2],
    [5, 2, 3],
  ]) {
    const { qkv, dy, ...shape } = randomInputs(rows, heads, width);
    const gradient = definition({ qkv, dy, ...shape }).exact.dqkv;
    for (let i = 0; i < qkv.length; i++) {
      const { slope, allowance } = await centralDifference(async (h) => {
        const moved = Float64Array.from(qkv);
        moved[i] += h;
        const { y } = definition({ qkv: moved, dy, ...shape }).exact;
        return y.reduce((sum, value, at) => sum + value * dy[at], 0);
      });
      expect(Math.abs(slope - gradient[i]), `dqkv[${i}]`).toBeLessThanOrEqual(allowance);
    }
  }
});
