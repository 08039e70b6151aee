/** Random well-formed programs: chains and graphs of every forward operation of the vocabulary, for any engine. */
import fc from 'fast-check';
import type { Batch } from '#eft/engine/engine.js';
import { deriveBackward } from '#eft/program/backward.js';
import { ProgramBuilder } from '#eft/program/builder.js';
import type { Program, TensorId, TrainingProgram } from '#eft/program/program.js';
import { type Parameters, randomBatch, randomParameters } from './conformance-engines.js';

const VOCABULARY = 11;

export const STEP_KINDS = [
  'layerNorm',
  'linear',
  'linearOnto',
  'gelu',
  'add',
  'addItself',
  'spectralMixer',
  'wave',
  'attention',
  'dropout',
] as const;

interface Step {
  readonly kind: (typeof STEP_KINDS)[number];
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
  readonly lengths: readonly number[];
  readonly seed: number;
}

/** Powers of two, products of 2, 3 and 5, and primes beyond. */
const LENGTHS = [2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 15, 16, 17, 20, 23, 24, 31, 32, 36, 37, 64] as const;

const width = fc.integer({ min: 1, max: 20 });

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...STEP_KINDS),
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
    lengths: fc.array(fc.integer({ min: 1, max: n }), { minLength: 1, maxLength: 4 }),
    seed: fc.nat(1e6),
  }),
);

export interface RandomProgram {
  readonly program: TrainingProgram;
  readonly parameters: Parameters;
  readonly batch: Batch;
}

export function buildRandomProgram(recipe: Recipe): RandomProgram {
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

  linear(name: string, x: TensorId, outputs: number, residual?: TensorId): TensorId {
    const weight = this.builder.parameter(`${name}.weight`, [outputs, this.columns(x)]);
    const bias = this.builder.parameter(`${name}.bias`, [outputs]);
    const operands = residual === undefined ? { x, weight, bias } : { x, weight, bias, residual };
    return this.builder.emit('linear', operands).y;
  }

  step(name: string, { kind, back, other, width, heads }: Step): TensorId {
    const { builder } = this;
    const x = this.back(back);
    const columns = this.columns(x);
    switch (kind) {
      case 'layerNorm': {
        const weight = builder.parameter(`${name}.norm.weight`, [columns]);
        const bias = builder.parameter(`${name}.norm.bias`, [columns]);
        return builder.emit('layerNorm', { x, weight, bias }).y;
      }
      case 'linear':
        return this.linear(name, x, width);
      case 'linearOnto': {
        const residual = this.back(other);
        return this.linear(name, x, this.columns(residual), residual);
      }
      case 'gelu':
        return builder.emit('gelu', { x }).y;
      case 'add':
        return builder.emit('add', { a: x, b: this.alike(x, other) }).y;
      case 'addItself':
        return builder.emit('add', { a: x, b: x }).y;
      case 'spectralMixer': {
        const shape = [Math.floor(builder.sequenceLength / 2) + 1, columns];
        const real = builder.parameter(`${name}.real_filter`, shape);
        const imaginary = builder.parameter(`${name}.imag_filter`, shape);
        return builder.emit('spectralMixer', { x, real, imaginary }).y;
      }
      case 'wave':
        return builder.emit('wave', { x, frequency: builder.parameter(`${name}.frequency`, [1]) }).y;
      case 'attention': {
        const qkv = this.linear(name, x, 3 * heads * Math.ceil(width / 4));
        return builder.emit('attention', { qkv }, { heads }).y;
      }
      case 'dropout':
        if (!this.#dropout) return x;
        return builder.emit('dropout', { x }, { rate: 0.3, site: this.#sites++ }).y;
    }
  }
}

function lower({ n, channels, positions, classes, smoothing, steps }: Recipe, dropout: boolean): Program {
  const lowering = new Lowering(n, dropout);
  const { builder, pool } = lowering;
  const token = builder.parameter('embedding.token', [VOCABULARY + 1, channels]);
  const operands = positions
    ? { token, position: builder.parameter('embedding.position', [n, channels]) }
    : { token };
  pool.push(builder.emit('embedding', operands).y);
  for (const [i, step] of steps.entries()) pool.push(lowering.step(`steps.${i}`, step));
  const pooled = builder.emit('mean', { x: lowering.back(0) }).y;
  const logits = lowering.linear('head', pooled, classes);
  const { loss } = builder.emit('crossEntropy', { logits }, { smoothing });
  return builder.finish(logits, loss);
}
