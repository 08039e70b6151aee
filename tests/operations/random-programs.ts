/** Random well-formed programs: chains and graphs of the operations' cases, for any engine. */
import fc from 'fast-check';
import { deriveBackward } from '#eft/program/backward.js';
import { ProgramBuilder } from '#eft/program/builder.js';
import type { Program, TensorId } from '#eft/program/program.js';
import { randomBatch, randomParameters } from '../engine/conformance-engines.js';
import type { CaseProgram } from './case-programs.js';
import { ALL_CASES, type Site } from './cases.js';

const VOCABULARY = 11;

/** The cases that a step can be: all that build something. */
export const STEPS = ALL_CASES.flatMap(([name, { build }]) => (build === undefined ? [] : [{ name, build }]));

/** The cases that the end can be, besides the mean. */
export const POOLS = ALL_CASES.flatMap(([name, { pool }]) => (pool === undefined ? [] : [{ name, pool }]));

interface Step {
  /** Place in STEPS. */
  readonly test: number;
  /** How far back the operand lies; 0 = the newest tensor. */
  readonly back: number;
  /** The same for a second operand of the same width. */
  readonly other: number;
  readonly width: number;
  readonly heads: number;
}

export interface Recipe {
  readonly n: number;
  readonly channels: number;
  readonly positions: boolean;
  readonly classes: number;
  readonly smoothing: number;
  readonly steps: readonly Step[];
  /** Place in POOLS; one behind the last: the mean. */
  readonly pool: number;
  readonly lengths: readonly number[];
  readonly seed: number;
}

/** Powers of two, products of 2, 3 and 5, and primes beyond. */
const LENGTHS = [2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 15, 16, 17, 20, 23, 24, 31, 32, 36, 37, 64] as const;

const width = fc.integer({ min: 1, max: 20 });

const step: fc.Arbitrary<Step> = fc.record({
  test: fc.nat(STEPS.length - 1),
  back: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(8)),
  other: fc.nat(8),
  width,
  heads: fc.integer({ min: 1, max: 3 }),
});

export const recipes: fc.Arbitrary<Recipe> = fc.constantFrom(...LENGTHS).chain((n) =>
  fc.record({
    n: fc.constant(n),
    channels: width,
    positions: fc.boolean(),
    classes: fc.integer({ min: 2, max: 5 }),
    smoothing: fc.constantFrom(0, 0.1),
    steps: fc.array(step, { minLength: 1, maxLength: 9 }),
    pool: fc.nat(POOLS.length),
    lengths: fc.array(fc.integer({ min: 1, max: n }), { minLength: 1, maxLength: 4 }),
    seed: fc.nat(1e6),
  }),
);

export function buildRandomProgram(recipe: Recipe): CaseProgram {
  const evaluation = lower(recipe, false);
  const program = { evaluation, training: deriveBackward(lower(recipe, true)) };
  return {
    program,
    parameters: randomParameters(evaluation, recipe.seed),
    batch: randomBatch(recipe.lengths, VOCABULARY, recipe.classes, recipe.seed),
  };
}

/** Runs the steps over a growing list of tensors with a row a token; the newest one is what is classified. */
class Lowering {
  readonly builder: ProgramBuilder;
  readonly pool: TensorId[] = [];
  readonly #dropout: boolean;
  #sites = 0;

  constructor(n: number, dropout: boolean) {
    this.builder = new ProgramBuilder(n);
    this.#dropout = dropout;
  }

  columns(id: TensorId): number {
    return this.builder.tensors[id].columns;
  }

  back(distance: number): TensorId {
    return this.pool[this.pool.length - 1 - (distance % this.pool.length)];
  }

  /** A tensor with as many columns as `x`, `x` itself among them. */
  alike(x: TensorId, distance: number): TensorId {
    const alike = this.pool.filter((id) => this.columns(id) === this.columns(x));
    return alike[distance % alike.length];
  }

  dropout(x: TensorId, rate: number): TensorId {
    if (!this.#dropout) return x;
    return this.builder.emit('dropout', { x }, { rate, site: this.#sites++ }).y;
  }

  step(name: string, { test, back, other, width, heads }: Step): TensorId {
    const x = this.back(back);
    const operands = { x, other: this.back(other), alike: this.alike(x, other) };
    return STEPS[test].build(this.#site(name, operands, width, heads));
  }

  pooled(pool: number): TensorId {
    const x = this.back(0);
    if (pool === POOLS.length) return this.builder.emit('mean', { x }).y;
    return POOLS[pool].pool(this.#site('pool', { x, other: x, alike: x }, 1, 1));
  }

  #site(name: string, operands: Pick<Site, 'x' | 'other' | 'alike'>, width: number, heads: number): Site {
    return { builder: this.builder, name, ...operands, width, heads, dropout: this.dropout.bind(this) };
  }
}

function lower(
  { n, channels, positions, classes, smoothing, steps, pool: end }: Recipe,
  dropout: boolean,
): Program {
  const lowering = new Lowering(n, dropout);
  const { builder, pool } = lowering;
  const token = builder.parameter('embedding.token', [VOCABULARY + 1, channels]);
  const operands = positions
    ? { token, position: builder.parameter('embedding.position', [n, channels]) }
    : { token };
  pool.push(builder.emit('embedding', operands).y);
  for (const [i, step] of steps.entries()) pool.push(lowering.step(`steps.${i}`, step));
  const pooled = lowering.pooled(end);
  const weight = builder.parameter('head.weight', [classes, lowering.columns(pooled)]);
  const logits = builder.emit('linear', {
    x: pooled,
    weight,
    bias: builder.parameter('head.bias', [classes]),
  }).y;
  const { loss } = builder.emit('crossEntropy', { logits }, { smoothing });
  return builder.finish(logits, loss);
}
