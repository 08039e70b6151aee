/** Every operation that has a backward rule, checked number by number against central differences in float64. */
import { describe, expect, it } from 'vitest';
import type { RealArray } from '#eft/engine/engine.js';
import { createReferenceEngine } from '#eft/engine/reference/engine.js';
import { deriveBackward } from '#eft/program/backward.js';
import { ProgramBuilder } from '#eft/program/builder.js';
import { OPERATIONS } from '#eft/program/operations.js';
import type { TensorId } from '#eft/program/program.js';
import { randomBatch, randomParameters, trainingSession } from './conformance-engines.js';
import { centralDifference } from './finite-differences.js';

const CHANNELS = 3;
const VOCABULARY = 5;
const CLASSES = 3;

/** What stands between the embedding and the mean, for each operation; absent: every program has it anyway. */
const CASES: Readonly<Record<string, ((b: ProgramBuilder, x: TensorId) => TensorId) | undefined>> = {
  embedding: undefined,
  mean: undefined,
  crossEntropy: undefined,
  layerNorm: (b, x) =>
    b.emit('layerNorm', {
      x,
      weight: b.parameter('norm.weight', [CHANNELS]),
      bias: b.parameter('norm.bias', [CHANNELS]),
    }).y,
  linear: (b, x) => linear(b, 'linear', x, 4),
  'linear onto a residual': (b, x) => linear(b, 'linear', x, CHANNELS, x),
  gelu: (b, x) => b.emit('gelu', { x }).y,
  'linear after gelu': (b, x) => linear(b, 'linear', b.emit('gelu', { x }).y, 2),
  add: (b, x) => b.emit('add', { a: x, b: b.emit('gelu', { x }).y }).y,
  'add of a tensor to itself': (b, x) => b.emit('add', { a: x, b: x }).y,
  spectralMixer: (b, x) => {
    const shape = [Math.floor(b.sequenceLength / 2) + 1, CHANNELS];
    const mixed = b.emit('spectralMixer', {
      x,
      real: b.parameter('real_filter', shape),
      imaginary: b.parameter('imag_filter', shape),
    });
    // Without it the mean lets only the first bin through.
    return b.emit('gelu', { x: mixed.y }).y;
  },
  wave: (b, x) => b.emit('wave', { x, frequency: b.parameter('frequency', [1]) }).y,
  attention: (b, x) => b.emit('attention', { qkv: linear(b, 'in_proj', x, 12) }, { heads: 2 }).y,
  dropout: (b, x) => b.emit('dropout', { x }, { rate: 0.4, site: 2 }).y,
};

function linear(
  b: ProgramBuilder,
  name: string,
  x: TensorId,
  outputs: number,
  residual?: TensorId,
): TensorId {
  const weight = b.parameter(`${name}.weight`, [outputs, b.tensors[x].columns]);
  const bias = b.parameter(`${name}.bias`, [outputs]);
  return b.emit('linear', residual === undefined ? { x, weight, bias } : { x, weight, bias, residual }).y;
}

function buildCase(name: string, n: number) {
  const builder = new ProgramBuilder(n);
  const token = builder.parameter('embedding.token', [VOCABULARY + 1, CHANNELS]);
  const position = builder.parameter('embedding.position', [n, CHANNELS]);
  const x = builder.emit('embedding', { token, position }).y;
  const y = CASES[name]?.(builder, x) ?? x;
  const logits = linear(builder, 'head', builder.emit('mean', { x: y }).y, CLASSES);
  const { loss } = builder.emit('crossEntropy', { logits }, { smoothing: 0.1 });
  return builder.finish(logits, loss);
}

it('has a case for every operation with a backward rule', () => {
  const differentiable = Object.keys(OPERATIONS).filter((kind) => OPERATIONS[kind].backward !== undefined);
  expect(differentiable.length).toBeGreaterThan(0);
  for (const kind of differentiable) {
    expect(Object.keys(CASES), kind).toContain(kind);
    expect(buildCase(kind, 4).operations.map((operation) => operation.kind)).toContain(kind);
  }
});

describe.each([2, 5, 6])('n = %i', (n) => {
  it.each(Object.keys(CASES))('%s', async (name) => {
    const evaluation = buildCase(name, n);
    const program = { evaluation, training: deriveBackward(evaluation) };
    const parameters = randomParameters(evaluation, 17);
    const batch = randomBatch([1, n, Math.ceil(n / 2)], VOCABULARY, CLASSES, 18);
    const session = await trainingSession(createReferenceEngine(), program, parameters, 3);
    const key = { seed: 9, step: 4 };
    await session.backward(batch, key);
    const gradients = new Map<string, RealArray>();
    for (const parameter of parameters.keys()) gradients.set(parameter, await session.gradient(parameter));
    let moved = 0;
    for (const [parameter, values] of parameters) {
      for (let i = 0; i < values.length; i++) {
        const { slope, allowance } = await centralDifference(async (h) => {
          const changed = Float64Array.from(values);
          changed[i] += h;
          await session.setParameter(parameter, changed);
          return (await session.backward(batch, key)).loss;
        });
        const gradient = gradients.get(parameter)![i];
        if (gradient !== 0) moved++;
        const what = `${parameter}[${i}]: gradient ${gradient}, difference ${slope}`;
        expect(Math.abs(gradient - slope), what).toBeLessThanOrEqual(allowance);
      }
      await session.setParameter(parameter, values);
    }
    expect(moved).toBeGreaterThan(0);
  });
});
