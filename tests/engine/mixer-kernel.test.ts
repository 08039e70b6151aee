/** The spectral mixer's kernel against the discrete Fourier transform's definition in float64 and golden files. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FIRST_FREE_BYTE, type Kernels } from '#eft/engine/wasm/kernels.js';
import type { Tier } from '#eft/engine/wasm/tier.js';
import { transformPlanBytes, transformWorkBytes, writeTransformPlan } from '#eft/engine/wasm/transform.js';
import { RandomStream } from '#eft/random.js';
import { FLOAT32_UNIT as UNIT } from '../tolerance.js';
import { kernelsOf, memory, tiers } from './kernel-tiers.js';

const isSmooth = (n: number): boolean => {
  for (const prime of [2, 3, 5]) while (n % prime === 0) n /= prime;
  return n === 1;
};

/**
 * Allowed ‖error‖₂ / ‖transform‖₂ of one float32 transform. A factor 2 of the length costs at most 7 u (Higham 2002,
 * "Accuracy and Stability of Numerical Algorithms", theorem 24.2: γ₄(√2 + u) + u); roundings of different levels are
 * independent, so they grow as the root of their number (Higham & Mary 2019). Bluestein's transforms twice, at less
 * than 4 n, and multiplies three times (3 u each) with chirps whose transform is at most 2.5 times its root mean square.
 */
function transformError(n: number): number {
  if (isSmooth(n)) return 7 * UNIT * Math.sqrt(Math.log2(n));
  return 2.5 * UNIT * Math.sqrt(2 * 7 ** 2 * Math.log2(4 * n) + 3 * 3 ** 2);
}

/** The same for y and dx, relative to ‖x‖₂ · max|filter|: two transforms, 8 u for parting, product and packing. */
const outputError = (n: number): number => Math.hypot(transformError(n), transformError(n), 8 * UNIT);

interface Gradients {
  y: Float64Array;
  dx: Float64Array;
  dreal: Float64Array;
  dimaginary: Float64Array;
}

interface Inputs {
  n: number;
  columns: number;
  /** Real tokens; x and dy have so many rows. */
  rows: number;
  x: Float32Array;
  dy: Float32Array;
  real: Float32Array;
  imaginary: Float32Array;
}

function randomInputs(n: number, columns: number, rows: number, seed = 1): Inputs {
  const random = new RandomStream(seed, 'test', n, columns * 100_000 + rows);
  const normal = (count: number): Float32Array =>
    Float32Array.from({ length: count }, () => random.nextNormal());
  const filter = (Math.floor(n / 2) + 1) * columns;
  const [x, dy] = [normal(rows * columns), normal(rows * columns)];
  return { n, columns, rows, x, dy, real: normal(filter), imaginary: normal(filter) };
}

/** By definition: O(n²) sums in float64. */
function definition({ n, columns, rows, x, dy, real, imaginary }: Inputs): Gradients {
  const bins = Math.floor(n / 2) + 1;
  const cos = Float64Array.from({ length: n }, (_, t) => Math.cos((2 * Math.PI * t) / n));
  const sin = Float64Array.from({ length: n }, (_, t) => Math.sin((2 * Math.PI * t) / n));
  const y = new Float64Array(rows * columns);
  const dx = new Float64Array(rows * columns);
  const dreal = new Float64Array(bins * columns);
  const dimaginary = new Float64Array(bins * columns);
  for (let c = 0; c < columns; c++) {
    for (let k = 0; k < bins; k++) {
      let [xr, xi, gr, gi] = [0, 0, 0, 0];
      for (let t = 0, a = 0, i = c; t < rows; t++, i += columns, a = (a + k) % n) {
        xr += x[i] * cos[a];
        xi -= x[i] * sin[a];
        gr += dy[i] * cos[a];
        gi -= dy[i] * sin[a];
      }
      const isReal = k === 0 || 2 * k === n;
      const weight = (isReal ? 1 : 2) / n;
      const at = k * columns + c;
      const fr = weight * real[at];
      const fi = isReal ? 0 : weight * imaginary[at];
      dreal[at] = weight * (xr * gr + xi * gi);
      dimaginary[at] = isReal ? 0 : weight * (xr * gi - xi * gr);
      const [yr, yi] = [xr * fr - xi * fi, xr * fi + xi * fr];
      const [zr, zi] = [gr * fr + gi * fi, gi * fr - gr * fi];
      for (let t = 0, a = 0, i = c; t < rows; t++, i += columns, a = (a + k) % n) {
        y[i] += yr * cos[a] - yi * sin[a];
        dx[i] += zr * cos[a] - zi * sin[a];
      }
    }
  }
  return { y, dx, dreal, dimaginary };
}

const NAMES = [
  'plan',
  'work',
  'spectrum',
  'x',
  'y',
  'dy',
  'dx',
  'real',
  'imaginary',
  'dreal',
  'dimaginary',
] as const;
type Name = (typeof NAMES)[number];

/** The arrays of one mixer in the kernels' memory, exactly as long as they must be, with guards between. */
class Mixer {
  static readonly GUARD = 64;
  readonly inputs: Inputs;
  readonly #kernels: Kernels;
  readonly #at = {} as Record<Name, number>;
  readonly #bytes: Record<Name, number>;
  #end = FIRST_FREE_BYTE;

  constructor(tier: Tier, inputs: Inputs) {
    this.#kernels = kernelsOf(tier);
    this.inputs = inputs;
    const { n, columns, x, real } = inputs;
    this.#bytes = {
      plan: transformPlanBytes(n),
      work: transformWorkBytes(n, columns),
      spectrum: 64 * n * Math.ceil(columns / 16),
      x: x.byteLength,
      y: x.byteLength,
      dy: x.byteLength,
      dx: x.byteLength,
      real: real.byteLength,
      imaginary: real.byteLength,
      dreal: real.byteLength,
      dimaginary: real.byteLength,
    };
    for (const name of NAMES) {
      this.#end += Mixer.GUARD;
      this.#at[name] = this.#end;
      this.#end += Math.ceil(this.#bytes[name] / 16) * 16;
    }
    this.#end += Mixer.GUARD;
    const missing = this.#end - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / 65536));
    // Whatever is read but was never written shows as NaN, and so must not be written elsewhere.
    new Uint8Array(memory.buffer, FIRST_FREE_BYTE, this.#end - FIRST_FREE_BYTE).fill(0xff);
    writeTransformPlan(n, memory.buffer, this.#at.plan);
    for (const name of ['x', 'dy', 'real', 'imaginary'] as const) this.array(name).set(inputs[name]);
    this.array('dreal').fill(0);
    this.array('dimaginary').fill(0);
  }

  array(name: Name): Float32Array {
    return new Float32Array(memory.buffer, this.#at[name], this.#bytes[name] / 4);
  }

  forward({ keep = true, inPlace = false } = {}): Float32Array {
    const { n, columns, rows } = this.inputs;
    const { spectrum, x, y, real, imaginary, plan, work } = this.#at;
    const target = inPlace ? x : y;
    const kept = keep ? spectrum : 0;
    this.#kernels.mixerForward(target, kept, x, real, imaginary, plan, work, rows, n, columns);
    return this.array(inPlace ? 'x' : 'y').slice();
  }

  backward(): void {
    const { n, columns, rows } = this.inputs;
    const { dx, dreal, dimaginary, dy, spectrum, real, imaginary, plan, work } = this.#at;
    this.#kernels.mixerBackward(
      dx,
      dreal,
      dimaginary,
      dy,
      spectrum,
      real,
      imaginary,
      plan,
      work,
      rows,
      n,
      columns,
    );
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

const norm = (values: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * values[i];
  return Math.sqrt(sum);
};

const column = (values: ArrayLike<number>, columns: number, c: number): Float64Array =>
  Float64Array.from({ length: values.length / columns }, (_, i) =>
    c < columns ? values[i * columns + c] : 0,
  );

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
};

const largestGain = ({ real, imaginary }: Inputs): number =>
  real.reduce((most, re, i) => Math.max(most, Math.hypot(re, imaginary[i])), 0);

/** Errors of a column also come from the one that is packed with it. */
const packedNorm = (values: ArrayLike<number>, columns: number, c: number): number =>
  Math.hypot(norm(column(values, columns, c)), norm(column(values, columns, c ^ 8)));

/** Error of every column of y, dx, dreal, dimaginary as a share of what is allowed: at most 1 is right. */
function worstShare(mixer: Mixer, expected: Gradients): number {
  const { inputs } = mixer;
  const { n, columns } = inputs;
  const gain = largestGain(inputs);
  let worst = 0;
  const judge = (error: number, allowed: number): void => {
    const share = error === 0 ? 0 : error / allowed;
    worst = Math.max(worst, Number.isNaN(share) ? Number.POSITIVE_INFINITY : share);
  };
  for (let c = 0; c < columns; c++) {
    const difference = (name: keyof Gradients): Float64Array => {
      const exact = column(expected[name], columns, c);
      return column(mixer.array(name), columns, c).map((value, i) => value - exact[i]);
    };
    const x = packedNorm(inputs.x, columns, c);
    const dy = packedNorm(inputs.dy, columns, c);
    judge(norm(difference('y')), outputError(n) * gain * x);
    judge(norm(difference('dx')), outputError(n) * gain * dy);
    // A bin is w/n · conj(X) G; by Cauchy and Schwarz the errors of all bins sum to at most this.
    const allowed = 2 * outputError(n) * x * dy;
    for (const name of ['dreal', 'dimaginary'] as const) {
      judge(
        difference(name).reduce((sum, value) => sum + Math.abs(value), 0),
        allowed,
      );
    }
  }
  return worst;
}

function demandRight(inputs: Inputs, expected = definition(inputs)): void {
  for (const tier of tiers) {
    const mixer = new Mixer(tier, inputs);
    mixer.forward();
    mixer.backward();
    const what = `${tier}, n = ${inputs.n}, ${inputs.rows} rows of ${inputs.columns}`;
    expect(worstShare(mixer, expected), what).toBeLessThanOrEqual(1);
    expect(mixer.strayBytes(), what).toBe(0);
  }
}

const raggedRows = (n: number): Set<number> =>
  new Set(
    [1, 2, Math.ceil(n / 4), Math.ceil(n / 2), Math.ceil(0.7 * n), n - 1, n].filter((rows) => rows >= 1),
  );

describe('against the definition', () => {
  it('every length to 70, every number of rows that a pass treats differently', () => {
    for (let n = 2; n <= 70; n++) for (const rows of raggedRows(n)) demandRight(randomInputs(n, 12, rows));
  });

  it('any number of channels', () => {
    for (const columns of [1, 3, 4, 5, 8, 9, 16, 20, 24, 32]) {
      for (const n of [2, 3, 4, 5, 7, 8, 12, 15, 16, 27, 48, 64]) {
        for (const rows of [1, Math.ceil(n / 3), n]) demandRight(randomInputs(n, columns, rows));
      }
    }
  });

  it.each([97, 100, 127, 128, 243, 360, 500, 512])('n = %i, few or all rows', (n) => {
    for (const rows of raggedRows(n)) demandRight(randomInputs(n, 8, rows));
  });

  it.each([1000, 1021, 1024, 2048])('n = %i', (n) => {
    for (const rows of [30, 700, n]) demandRight(randomInputs(n, 2, rows));
  });

  it('n = 8192, whose rows exceed the first-level cache', () => demandRight(randomInputs(8192, 1, 600)));
});

describe('golden files', () => {
  const folder = process.env.GOLDEN_DIR ?? fileURLToPath(new URL('../golden', import.meta.url));
  const files = readdirSync(folder).filter((name) => /^mixer_.*\.json$/.test(name));
  it.each(files)('%s', (file) => {
    const { meta, tensors } = JSON.parse(readFileSync(`${folder}/${file}`, 'utf8'));
    const { n, d: columns, batch } = meta;
    const filter = tensors.real_filter.data.length;
    const sums = { dreal: new Float64Array(filter), dimaginary: new Float64Array(filter) };
    for (let b = 0; b < batch; b++) {
      const of = (name: string): Float32Array =>
        Float32Array.from(tensors[name].data.slice(b * n * columns, (b + 1) * n * columns));
      const inputs: Inputs = {
        n,
        columns,
        rows: n,
        x: of('x'),
        dy: of('grad.y'),
        real: Float32Array.from(tensors.real_filter.data),
        imaginary: Float32Array.from(tensors.imag_filter.data),
      };
      // The file has the gradients' sum over the batch; ours of float32 inputs are parts of it.
      const expected = definition(inputs);
      for (const name of ['dreal', 'dimaginary'] as const) {
        expected[name].forEach((value, i) => {
          sums[name][i] += value;
        });
      }
      const rounded = 4 * UNIT * largestGain(inputs) * norm(inputs.x);
      for (const [name, golden] of [
        ['y', 'y'],
        ['dx', 'grad.x'],
      ] as const) {
        const exact = tensors[golden].data.slice(b * n * columns, (b + 1) * n * columns);
        const error = norm(expected[name].map((value, i) => value - exact[i]));
        expect(error, name).toBeLessThanOrEqual(
          rounded * (name === 'y' ? 1 : norm(inputs.dy) / norm(inputs.x)),
        );
      }
      demandRight(inputs, expected);
    }
    for (const [name, golden] of [
      ['dreal', 'grad.real_filter'],
      ['dimaginary', 'grad.imag_filter'],
    ] as const) {
      const error = norm(sums[name].map((value, i) => value - tensors[golden].data[i]));
      expect(error, name).toBeLessThanOrEqual(4 * UNIT * norm(tensors.x.data) * norm(tensors['grad.y'].data));
    }
  });
});

describe('contract', () => {
  it('a spectrum that is not kept, and y in the place of x, give the same bits', () => {
    for (const tier of tiers) {
      for (const [n, columns, rows] of [
        [512, 32, 300],
        [30, 12, 30],
        [21, 9, 13],
        [8, 8, 5],
      ]) {
        const inputs = randomInputs(n, columns, rows);
        const y = new Mixer(tier, inputs).forward();
        expect(new Mixer(tier, inputs).forward({ keep: false })).toEqual(y);
        expect(new Mixer(tier, inputs).forward({ inPlace: true })).toEqual(y);
      }
    }
  });

  it('adds to the gradients of the filter, and nothing to the imaginary parts of bins 0 and n/2', () => {
    for (const tier of tiers) {
      for (const [n, columns] of [
        [16, 8],
        [15, 12],
        [14, 9],
      ]) {
        const mixer = new Mixer(tier, randomInputs(n, columns, n));
        mixer.forward();
        mixer.backward();
        const once = { dreal: mixer.array('dreal').slice(), dimaginary: mixer.array('dimaginary').slice() };
        mixer.backward();
        for (const name of ['dreal', 'dimaginary'] as const) {
          expect(mixer.array(name)).toEqual(once[name].map((value) => 2 * value));
        }
        const imaginary = mixer.array('dimaginary');
        const edges = n % 2 === 0 ? [0, n / 2] : [0];
        for (const k of edges) {
          expect([...imaginary.slice(k * columns, (k + 1) * columns)]).toEqual(Array(columns).fill(0));
        }
      }
    }
  });
});

describe('properties', () => {
  const shapes = fc
    .tuple(
      fc.integer({ min: 2, max: 400 }),
      fc.integer({ min: 1, max: 18 }),
      fc.integer({ min: 1, max: 1000 }),
    )
    .map(([n, columns, seed]) => ({ n, columns, rows: 1 + ((seed * 7919) % n), seed }));
  const always = (
    property: (tier: Tier, shape: { n: number; columns: number; rows: number; seed: number }) => void,
  ) => fc.assert(fc.property(fc.constantFrom(...tiers), shapes, property), { numRuns: 60 });

  it('gradients: ⟨dy, y⟩ = ⟨dx, x⟩ = ⟨dfilter, filter⟩, since y is linear in both', () => {
    always((tier, { n, columns, rows, seed }) => {
      const inputs = randomInputs(n, columns, rows, seed);
      const mixer = new Mixer(tier, inputs);
      mixer.forward();
      mixer.backward();
      const [forward, input, filter] = [
        dot(mixer.array('y'), inputs.dy),
        dot(mixer.array('dx'), inputs.x),
        dot(mixer.array('dreal'), inputs.real) + dot(mixer.array('dimaginary'), inputs.imaginary),
      ];
      const allowed = outputError(n) * largestGain(inputs) * norm(inputs.x) * norm(inputs.dy);
      expect(Math.abs(forward - input)).toBeLessThanOrEqual(2 * allowed);
      expect(Math.abs(forward - filter)).toBeLessThanOrEqual(5 * allowed);
    });
  });

  it('Parseval: an all-pass filter keeps the energy of every channel', () => {
    always((tier, { n, columns, seed }) => {
      const inputs = randomInputs(n, columns, n, seed);
      const random = new RandomStream(seed, 'test');
      inputs.real.forEach((_, i) => {
        const k = Math.floor(i / columns);
        const phase = k === 0 || 2 * k === n ? 0 : 2 * Math.PI * random.next();
        inputs.real[i] = Math.cos(phase);
        inputs.imaginary[i] = Math.sin(phase);
      });
      const y = new Mixer(tier, inputs).forward();
      for (let c = 0; c < columns; c++) {
        const before = norm(column(inputs.x, columns, c));
        // Rounding cos and sin moves the gain by 2 units.
        const allowed = (outputError(n) + 2 * UNIT) * packedNorm(inputs.x, columns, c);
        expect(Math.abs(norm(column(y, columns, c)) - before)).toBeLessThanOrEqual(allowed);
      }
    });
  });

  it('a filter of pure phases e^(−2πi k s / n) turns the sequence by s', () => {
    always((tier, { n, columns, rows, seed }) => {
      const inputs = randomInputs(n, columns, n, seed);
      inputs.real.forEach((_, i) => {
        const angle = (2 * Math.PI * ((Math.floor(i / columns) * rows) % n)) / n;
        inputs.real[i] = Math.cos(angle);
        inputs.imaginary[i] = -Math.sin(angle);
      });
      const y = new Mixer(tier, inputs).forward();
      for (let c = 0; c < columns; c++) {
        const x = column(inputs.x, columns, c);
        const error = column(y, columns, c).map((value, t) => value - x[(t - rows + n) % n]);
        const allowed = (outputError(n) + 2 * UNIT) * packedNorm(inputs.x, columns, c);
        expect(norm(error)).toBeLessThanOrEqual(allowed);
      }
    });
  });
});
