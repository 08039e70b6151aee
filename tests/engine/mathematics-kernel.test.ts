/**
 * The kernels' elementary functions against Math.* in float64. They are inlined wherever they are used, so the test
 * compiles entry points of its own for them.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileKernels } from '#eft/engine/wasm/compile.js';
import { FIRST_FREE_BYTE, instantiateKernels, type Kernels } from '#eft/engine/wasm/kernels.js';
import { availableTiers, type Tier } from '#eft/engine/wasm/tier.js';

const FUNCTIONS = ['exp2', 'exp2Floored', 'sine', 'cosine'] as const;
type Name = (typeof FUNCTIONS)[number];
type EntryPoints = Record<`${Name}Of`, (y: number, x: number, count: number) => void>;

/** AssemblyScript: each function of `count` floats, a multiple of 4. */
const SOURCE = `import { constant, cosine, exp2Floored, exp2With, ONE, sine } from './mathematics';

function exp2(z: v128): v128 {
  return exp2With(
    z, constant(0), constant(1), constant(2), constant(3), constant(4), constant(5), constant(6), constant(7),
    constant(ONE),
  );
}
${FUNCTIONS.map(
  (name) => `export function ${name}Of(y: usize, x: usize, count: i32): void {
  for (let at: usize = 0; at < (<usize>count << 2); at += 16) v128.store(y + at, ${name}(v128.load(x + at)));
}`,
).join('\n')}
`;
const kernelsFolder = fileURLToPath(new URL('../../kernels/', import.meta.url));

async function compileEntryPoints(tier: Tier): Promise<WebAssembly.Module> {
  const flags = ['entry.ts', '--config', 'none', '--outFile', 'entry.wasm', '-O3', '--noAssert'];
  flags.push('--runtime', 'stub', '--importMemory', '--enable', 'simd');
  if (tier !== 'simd') flags.push('--enable', 'relaxed-simd');
  let binary = new Uint8Array();
  const { error, stderr } = await asc.main(flags, {
    readFile(name) {
      if (name === 'entry.ts') return SOURCE;
      return /^(mathematics|vector)\.ts$/.test(name) ? readFileSync(kernelsFolder + name, 'utf8') : null;
    },
    writeFile(_, contents) {
      binary = Uint8Array.from(contents as Uint8Array);
    },
    listFiles: () => [],
  });
  if (error !== null) throw new Error(`cannot compile the entry points: ${stderr}`, { cause: error });
  return WebAssembly.compile(binary);
}

const COUNT = 2 ** 18;
const X = FIRST_FREE_BYTE;
const Y = X + 4 * COUNT;
const Z = Y + 4 * COUNT;
const memory = new WebAssembly.Memory({ initial: 1 + (12 * COUNT) / 65536, maximum: 65536 });
const xs = new Float32Array(memory.buffer, X, COUNT);
const ys = new Float32Array(memory.buffer, Y, COUNT);
const zs = new Float32Array(memory.buffer, Z, COUNT);

const tiers = availableTiers();
const entryPointsOf = new Map<Tier, EntryPoints>();
const kernelsOf = new Map<Tier, Kernels>();

beforeAll(async () => {
  for (const tier of tiers) {
    const instance = new WebAssembly.Instance(await compileEntryPoints(tier), { env: { memory } });
    entryPointsOf.set(tier, instance.exports as unknown as EntryPoints);
    kernelsOf.set(tier, instantiateKernels(await compileKernels(tier, false), memory));
  }
});

/** What the function gives for up to COUNT numbers, tier by tier. */
function each(
  name: Name,
  values: ArrayLike<number>,
  judge: (results: Float32Array, tier: Tier) => void,
): void {
  for (const tier of tiers) {
    xs.fill(0).set(values);
    entryPointsOf.get(tier)![`${name}Of`](Y, X, COUNT);
    judge(ys.slice(0, values.length), tier);
  }
}

/** COUNT float32 numbers, evenly from `low` to `high`. */
const sweep = (low: number, high: number): Float32Array =>
  Float32Array.from({ length: COUNT }, (_, i) => low + ((high - low) * i) / (COUNT - 1));

/** COUNT float32 numbers of either sign, sizes evenly in their logarithm. */
const sizes = (low: number, high: number): Float32Array =>
  Float32Array.from(
    { length: COUNT },
    (_, i) => (i % 2 === 0 ? 1 : -1) * low * (high / low) ** (i / (COUNT - 1)),
  );

/** The largest error, absolute or `relative` to the exact value. */
function worst(
  results: Float32Array,
  values: Float32Array,
  exact: (x: number) => number,
  relative: boolean,
): { error: number; at: number } {
  let [error, at] = [0, Number.NaN];
  for (let i = 0; i < values.length; i++) {
    const expected = exact(values[i]);
    const difference = Math.abs(results[i] - expected) / (relative ? Math.abs(expected) : 1);
    // NaN where a number belongs is as wrong as can be.
    if (!(difference <= error)) [error, at] = [difference, values[i]];
    if (Number.isNaN(difference)) return { error: Number.POSITIVE_INFINITY, at };
  }
  return { error, at };
}

function demandBound(
  name: Name,
  values: Float32Array,
  exact: (x: number) => number,
  bound: number,
  { relative = false } = {},
): void {
  each(name, values, (results, tier) => {
    const { error, at } = worst(results, values, exact, relative);
    expect(error, `${tier}: ${name}(${at})`).toBeLessThan(bound);
  });
}

const power = (x: number): number => 2 ** x;

describe('exp2', () => {
  it('has a relative error below 2e-7 from −126 to 126', () => {
    for (const values of [sweep(-126, 126), sweep(-2, 2), sizes(1e-30, 1)]) {
      demandBound('exp2', values, power, 2e-7, { relative: true });
    }
  });

  it('is exact for whole numbers', () => {
    const values = Array.from({ length: 253 }, (_, i) => i - 126);
    each('exp2', values, (results) => expect([...results]).toEqual(values.map(power)));
  });

  it('stays at its bounds beyond them, infinities included', () => {
    const values = [-126.5, -1e30, Number.NEGATIVE_INFINITY, 126.5, 1e30, Number.POSITIVE_INFINITY];
    const bounds = [-126, -126, -126, 126, 126, 126].map(power);
    each('exp2', values, (results) => expect([...results]).toEqual(bounds));
  });
});

describe('exp2Floored', () => {
  it('has a relative error below 2e-7 from −64 to 127', () => {
    for (const values of [sweep(-64, 127), sweep(-2, 0)]) {
      demandBound('exp2Floored', values, power, 2e-7, { relative: true });
    }
  });

  it('is 1 at 0 and 2⁻⁶⁴ below −64', () => {
    const values = [0, -0, -64, -64.5, -1e30, Number.NEGATIVE_INFINITY];
    const floor = 2 ** -64;
    each('exp2Floored', values, (results) =>
      expect([...results]).toEqual([1, 1, floor, floor, floor, floor]),
    );
  });
});

describe.each([
  ['sine', Math.sin],
  ['cosine', Math.cos],
] as const)('%s', (name, exact) => {
  it('has an absolute error below 1.2e-7 to ±10,000', () => {
    for (const end of [1, 4, 100, 10_000]) demandBound(name, sweep(-end, end), exact, 1.2e-7);
    demandBound(name, sizes(1e-30, 10_000), exact, 1.2e-7);
  });

  it('has an absolute error below 1.2e-7 beside multiples of π/2, where the reduction cancels most', () => {
    const values = Float32Array.from({ length: COUNT }, (_, i) => {
      const quarter = Math.fround(((i >> 2) % 6366) * (Math.PI / 2));
      return quarter * (1 + ((i & 3) - 1) * 2 ** -23);
    });
    demandBound(name, values, exact, 1.2e-7);
  });
});

it('sine has a relative error below 1.2e-7 near 0, and keeps its sign', () => {
  demandBound('sine', sizes(1e-37, 0.7), Math.sin, 1.2e-7, { relative: true });
});

it('gelu is off by less than 2e-7 |x| from −20 to 20', () => {
  const gelu = (x: number): number =>
    (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
  for (const tier of tiers) {
    const values = sweep(-20, 20);
    xs.set(values);
    kernelsOf.get(tier)!.gelu(Y, X, COUNT);
    for (let i = 0; i < COUNT; i++) {
      const error = Math.abs(ys[i] - gelu(values[i]));
      if (!(error < 2e-7 * Math.abs(values[i])))
        expect.fail(`${tier}: gelu(${values[i]}) is off by ${error}`);
    }
  }
});

it('gelu with its slope: the same values, and a slope off by less than what the gate can be off', () => {
  const slope = (x: number, change: number): number => {
    const tanh = Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3));
    return (1 + tanh) / 2 + (x / 2) * (1 - tanh ** 2) * change;
  };
  for (const tier of tiers) {
    const values = sweep(-20, 20);
    xs.set(values);
    kernelsOf.get(tier)!.gelu(Y, X, COUNT);
    const alone = ys.slice();
    kernelsOf.get(tier)!.geluWithSlope(Y, Z, X, COUNT);
    expect(ys.every((value, i) => value === alone[i])).toBe(true);
    for (let i = 0; i < COUNT; i++) {
      const x = values[i];
      const change = Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x ** 2);
      const error = Math.abs(zs[i] - slope(x, change));
      // slope = s + x s (1 − s) 2 change, and s is off by less than 2e-7.
      if (!(error < 2e-7 * (1 + 2 * Math.abs(x) * change)))
        expect.fail(`${tier}: the slope at ${x} is off by ${error}`);
    }
  }
});

it.each(FUNCTIONS)('%s of NaN is NaN, in every lane', (name) => {
  // As JavaScript and ARM write it, as x86 does.
  const bits = Uint32Array.of(0x7fc00000, 0xffc00000);
  for (let lane = 0; lane < 4; lane++) {
    for (const pattern of bits) {
      for (const tier of tiers) {
        xs.fill(0.5, 0, 4);
        new Uint32Array(memory.buffer, X, 4)[lane] = pattern;
        entryPointsOf.get(tier)![`${name}Of`](Y, X, 4);
        expect([...ys.subarray(0, 4)].map(Number.isNaN)).toEqual([0, 1, 2, 3].map((i) => i === lane));
      }
    }
  }
});
