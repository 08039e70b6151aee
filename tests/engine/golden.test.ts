/**
 * Golden cases written by independent forms in float64 (PyTorch; NumPy for `elastic` on texts, tests/golden/elastic.py):
 * every file of tests/golden, or of the folder that the environment variable GOLDEN_DIR names, on every engine.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { AdamW, Batch, Engine } from '#eft/engine/engine.js';
import { createReferenceEngine } from '#eft/engine/reference/engine.js';
import { modelConfigurationSchema } from '#eft/model/configuration.js';
import { lowerTraining } from '#eft/model/lowering.js';
import { modelParameters } from '#eft/model/parameters.js';
import { deriveBackward } from '#eft/program/backward.js';
import { ProgramBuilder } from '#eft/program/builder.js';
import { demandClose, type Expectation, expectFloat32, expectRelative, type Tensors } from '../tolerance.js';
import { type EngineUnderTest, NUMERIC_ENGINES, trainingSession } from './conformance-engines.js';

interface GoldenTensor {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

interface GoldenFile {
  readonly meta: Readonly<Record<string, number>> & {
    readonly model?: string;
    readonly adamw?: Readonly<Record<string, number>>;
  };
  readonly tensors: Readonly<Record<string, GoldenTensor>>;
}

interface GoldenCase {
  readonly expected: Tensors;
  compute(engine: Engine): Promise<Tensors>;
  float32(): Promise<Expectation>;
}

const folder = process.env.GOLDEN_DIR ?? fileURLToPath(new URL('../golden', import.meta.url));
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .sort();

/** What float64 may differ by, as a share of a tensor's largest magnitude. */
const FLOAT64_SHARE = 1e-9;

const load = (name: string): GoldenFile => JSON.parse(readFileSync(join(folder, name), 'utf8'));

/** The tensors whose name starts with `prefix`, by the rest of the name. */
function startingWith(prefix: string, tensors: GoldenFile['tensors']): Map<string, readonly number[]> {
  return new Map(
    Object.entries(tensors)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, { data }]) => [name.slice(prefix.length), data]),
  );
}

const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((a, b) => a + b, 0) / values.length;

/** Logits, loss, gradients, and the losses and weights of AdamW's steps. */
function modelCase({ meta, tensors }: GoldenFile): GoldenCase {
  const { model, n, d, adamw, batch: _, ...options } = meta;
  const shape = { channels: d, ...options };
  const configuration = modelConfigurationSchema.parse({ model, sequenceLength: n, ...shape });
  const program = lowerTraining(configuration);
  const parameters = startingWith('param.', tensors);
  const names = modelParameters(configuration).map(({ name, shape }) => [name, [...shape]]);
  expect(names).toEqual([...parameters.keys()].map((name) => [name, tensors[`param.${name}`].shape]));
  const batch: Batch = { ...unpadded(tensors.tokens, tensors.labels.data), ...signalsOf(tensors) };
  const optimizer: AdamW = {
    learningRate: adamw!.lr,
    beta1: adamw!.beta1,
    beta2: adamw!.beta2,
    epsilon: adamw!.epsilon,
    weightDecay: adamw!.weight_decay,
    clipNorm: 0,
  };
  const compute = async (engine: Engine): Promise<Tensors> => {
    const session = await trainingSession(engine, program, parameters, batch.labels.length);
    const forward = await session.forward(batch);
    const { loss } = await session.backward(batch, { seed: 0, step: 0 });
    const found = new Map<string, ArrayLike<number>>([
      ['logits', forward.logits],
      // What is evaluated knows no second class.
      ['loss', [batch.mixed === undefined ? mean(forward.losses) : loss]],
    ]);
    for (const name of parameters.keys()) found.set(`grad.${name}`, await session.gradient(name));
    const losses: number[] = [];
    for (let step = 0; step < adamw!.steps; step++) {
      losses.push((await session.step(batch, { seed: 0, step }, optimizer)).loss);
    }
    found.set('adamw.losses', losses);
    for (const name of parameters.keys()) found.set(`adamw.${name}`, await session.parameter(name));
    await session.dispose();
    return found;
  };
  const expected = new Map<string, readonly number[]>();
  for (const prefix of ['logits', 'loss', 'grad.', 'adamw.']) {
    for (const [rest, data] of startingWith(prefix, tensors)) expected.set(prefix + rest, data);
  }
  expect(expected.size).toBe(3 + 2 * parameters.size);
  return { expected, compute, float32: () => expectFloat32(program.training, batch.tokens.length, compute) };
}

/** Of signals: the numbers of the rows that have a token, and the second class of each with its share. */
function signalsOf({ tokens, frames, ...tensors }: GoldenFile['tensors']): Partial<Batch> {
  if (frames === undefined) return {};
  const width = frames.shape[2];
  const rows = frames.data.filter((_, i) => tokens.data[Math.floor(i / width)] !== 0);
  const labels = Int32Array.from(tensors['mixed.labels'].data);
  return {
    frames: Float32Array.from(rows),
    mixed: { labels, shares: Float32Array.from(tensors['mixed.shares'].data) },
  };
}

/** Rows of token ids with padding 0 at their ends → real tokens only. */
function unpadded({ shape, data }: GoldenTensor, labels: readonly number[]): Batch {
  const [rows, columns] = shape;
  const sequences = Array.from({ length: rows }, (_, b) =>
    data.slice(b * columns, (b + 1) * columns).filter((token) => token !== 0),
  );
  const offsets = new Int32Array(rows + 1);
  for (const [b, sequence] of sequences.entries()) offsets[b + 1] = offsets[b] + sequence.length;
  return { tokens: Int32Array.from(sequences.flat()), offsets, labels: Int32Array.from(labels) };
}

/**
 * The mixer alone: y, grad.x and the filters' gradients for the upstream gradient grad.y. Engines take whole programs
 * only, so the mixer stands in one that both imposes grad.y and makes y visible:
 *
 *     logits = [Σ_c mean_t sin(y + p), 0],  label 1,  p = arccos(κ grad.y) − y
 *
 * where y in p is the golden one. By the chain rule the gradient of y, and so that of p, is
 * q/n · cos(y + p) = q/n · κ grad.y, with q the probability of class 0, if and only if the engine's y is right. One
 * sequence at a time: q differs.
 */
function mixerCase({ meta: { n, d, batch }, tensors }: GoldenFile): GoldenCase {
  const builder = new ProgramBuilder(n);
  const bins = Math.floor(n / 2) + 1;
  const token = builder.parameter('x', [n + 1, d]);
  const real = builder.parameter('real', [bins, d]);
  const imaginary = builder.parameter('imaginary', [bins, d]);
  const nothing = builder.parameter('nothing', [n + 1, d]);
  const position = builder.parameter('p', [n, d]);
  const frequency = builder.parameter('frequency', [1]);
  const x = builder.emit('embedding', { token }).y;
  const { y } = builder.emit('spectralMixer', { x, real, imaginary });
  const p = builder.emit('embedding', { token: nothing, position }).y;
  const sum = builder.emit('add', { a: y, b: p }).y;
  const waves = builder.emit('wave', { x: sum, frequency }).y;
  const pooled = builder.emit('mean', { x: waves }).y;
  const weight = builder.parameter('head.weight', [2, 2 * d]);
  const bias = builder.parameter('head.bias', [2]);
  const logits = builder.emit('linear', { x: pooled, weight, bias }).y;
  const { loss } = builder.emit('crossEntropy', { logits }, { smoothing: 0 });
  const evaluation = builder.finish(logits, loss);
  const program = { evaluation, training: deriveBackward(evaluation) };

  const size = n * d;
  const upstream = tensors['grad.y'].data;
  const kappa = 0.5 / Math.max(...upstream.map(Math.abs));
  const compute = async (engine: Engine): Promise<Tensors> => {
    const gradientOfX: number[] = [];
    const gradientOfY: number[] = [];
    const filters = { real: new Float64Array(bins * d), imaginary: new Float64Array(bins * d) };
    for (let b = 0; b < batch; b++) {
      const cut = (name: string): number[] => tensors[name].data.slice(b * size, (b + 1) * size);
      const golden = cut('y');
      const parameters = new Map<string, ArrayLike<number>>([
        ['x', [...new Array<number>(d).fill(0), ...cut('x')]],
        ['real', tensors.real_filter.data],
        ['imaginary', tensors.imag_filter.data],
        ['p', cut('grad.y').map((g, i) => Math.acos(kappa * g) - golden[i])],
        ['frequency', [1]],
        ['head.weight', Array.from({ length: 4 * d }, (_, i) => (i < d ? 1 : 0))],
      ]);
      const session = await trainingSession(engine, program, parameters, 1);
      const whole: Batch = {
        tokens: Int32Array.from({ length: n }, (_, t) => t + 1),
        offsets: Int32Array.of(0, n),
        labels: Int32Array.of(1),
      };
      const forward = await session.forward(whole);
      const q = 1 / (1 + Math.exp(forward.logits[1] - forward.logits[0]));
      const unit = n / (q * kappa);
      await session.backward(whole, { seed: 0, step: 0 });
      gradientOfX.push(...Array.from((await session.gradient('x')).slice(d), (value) => value * unit));
      gradientOfY.push(...Array.from(await session.gradient('p'), (value) => value * unit));
      for (const part of ['real', 'imaginary'] as const) {
        (await session.gradient(part)).forEach((value, i) => {
          filters[part][i] += value * unit;
        });
      }
      await session.dispose();
    }
    return new Map<string, ArrayLike<number>>([
      ['grad.y', gradientOfY],
      ['grad.x', gradientOfX],
      ['grad.real_filter', filters.real],
      ['grad.imag_filter', filters.imaginary],
    ]);
  };
  const names = ['grad.y', 'grad.x', 'grad.real_filter', 'grad.imag_filter'];
  const expected = new Map(names.map((name) => [name, tensors[name].data]));
  return { expected, compute, float32: () => expectFloat32(program.training, n, compute) };
}

const goldenCase = (file: GoldenFile): GoldenCase =>
  (file.meta.model === undefined ? mixerCase : modelCase)(file);

it('has golden files', () => expect(files.length, `JSON files in ${folder}`).toBeGreaterThan(0));

describe.each(files)('%s', (name) => {
  let golden: GoldenCase;
  let allowances: Expectation['allowances'];
  beforeAll(async () => {
    golden = goldenCase(load(name));
    allowances = (await golden.float32()).allowances;
  });

  it('on reference', async () => {
    const found = await golden.compute(createReferenceEngine());
    demandClose(`reference, ${name}`, found, expectRelative(golden.expected, FLOAT64_SHARE));
  });

  it.each(NUMERIC_ENGINES)('on $name', async (underTest: EngineUnderTest) => {
    const engine = await underTest.create();
    const found = await golden.compute(engine);
    await engine.dispose();
    demandClose(`${underTest.name}, ${name}`, found, { values: golden.expected, allowances });
  });
});
