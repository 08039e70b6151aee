/** Programs under construction: shapes are checked as operations are added; the printed and counted program. */
import { describe, expect, it } from 'vitest';
import { modelConfigurationSchema } from '#eft/model/configuration.js';
import { lowerInference, lowerTraining } from '#eft/model/lowering.js';
import { deriveBackward } from '#eft/program/backward.js';
import { ProgramBuilder } from '#eft/program/builder.js';
import { operationBytes, operationFlops, programFlops } from '#eft/program/costs.js';
import { printProgram } from '#eft/program/print.js';
import { ProgramError } from '#eft/program/program.js';

function begin(n = 8) {
  const builder = new ProgramBuilder(n);
  const token = builder.parameter('token', [5, 4]);
  const x = builder.emit('embedding', { token }).y;
  return { builder, token, x };
}

describe('ProgramBuilder', () => {
  it.each<[string, (b: ProgramBuilder, x: number) => unknown]>([
    // @ts-expect-error: no such kind
    ['an unknown operation', (b, x) => b.emit('no such operation', { x })],
    ['a missing input', (b, x) => b.emit('layerNorm', { x })],
    ['an unknown input', (b, x) => b.emit('gelu', { x, y: x })],
    [
      'a linear weight of another width',
      (b, x) => b.emit('linear', { x, weight: b.parameter('w', [2, 3]), bias: b.parameter('b', [2]) }),
    ],
    [
      'a bias that does not fit',
      (b, x) => b.emit('linear', { x, weight: b.parameter('w', [2, 4]), bias: b.parameter('b', [3]) }),
    ],
    [
      'a residual that does not fit',
      (b, x) =>
        b.emit('linear', { x, weight: b.parameter('w', [2, 4]), bias: b.parameter('b', [2]), residual: x }),
    ],
    ['a sum of different shapes', (b, x) => b.emit('add', { a: x, b: b.emit('mean', { x }).y })],
    [
      'a filter of another length',
      (b, x) =>
        b.emit('spectralMixer', { x, real: b.parameter('r', [4, 4]), imaginary: b.parameter('i', [4, 4]) }),
    ],
    [
      'norm weights that do not fit',
      (b, x) => b.emit('layerNorm', { x, weight: b.parameter('w', [3]), bias: b.parameter('b', [4]) }),
    ],
    ['two frequencies', (b, x) => b.emit('wave', { x, frequency: b.parameter('f', [2]) })],
    ['heads that do not divide', (b, x) => b.emit('attention', { qkv: x }, { heads: 3 })],
    [
      'positions of another length',
      (b) => b.emit('embedding', { token: b.parameter('token', [5, 4]), position: b.parameter('p', [7, 4]) }),
    ],
    ['an output of another shape', (b, x) => b.emitInto('mean', { x }, { y: x })],
    ['an unknown output', (b, x) => b.emitInto('gelu', { x }, { z: x })],
  ])('refuses %s', (_, add) => {
    const { builder, x } = begin();
    expect(() => add(builder, x)).toThrow(ProgramError);
  });

  it('gives one tensor for one parameter, and one gradient', () => {
    const { builder, token } = begin();
    expect(builder.parameter('token', [5, 4])).toBe(token);
    expect(builder.parameters).toEqual([{ name: 'token', shape: [5, 4] }]);
    const gradient = builder.gradient(token);
    expect(builder.gradient(token)).toBe(gradient);
    expect(builder.tensors[gradient]).toMatchObject({
      role: 'gradient',
      parameter: 'token',
      rows: 5,
      columns: 4,
    });
  });
});

describe('deriveBackward', () => {
  const { evaluation, training } = lowerTraining(
    modelConfigurationSchema.parse({
      model: 'elastic-fourier',
      sequenceLength: 16,
      blocks: 1,
      vocabulary: 20,
    }),
  );

  it('keeps the forward half and reaches every parameter', () => {
    expect(training.operations.slice(0, evaluation.operations.length)).toEqual(evaluation.operations);
    const written = training.operations.flatMap(({ outputs }) => Object.values(outputs));
    const gradients = training.tensors.filter(({ id, role }) => role === 'gradient' && written.includes(id));
    expect(gradients.map(({ parameter }) => parameter).sort()).toEqual(
      evaluation.parameters.map(({ name }) => name).sort(),
    );
  });

  it('never reads a tensor that has not been written', () => {
    const written = new Set(training.tensors.filter(({ role }) => role !== 'activation').map(({ id }) => id));
    for (const { kind, inputs, outputs, attributes } of training.operations) {
      const read = Object.values(inputs);
      if (kind === 'accumulate') read.push(outputs.y);
      if (attributes.accumulate === 1) read.push(outputs.dx);
      for (const id of read)
        expect(written.has(id), `${kind} reads '${training.tensors[id].name}'`).toBe(true);
      for (const id of Object.values(outputs)) written.add(id);
    }
  });

  it('computes norms again instead of keeping them, and keeps GELUs', () => {
    const kinds = training.operations.slice(evaluation.operations.length).map(({ kind }) => kind);
    // Two spectral layers: the norm before each feed-forward layer.
    expect(kinds.filter((kind) => kind === 'normalize').length).toBe(2);
    expect(kinds.filter((kind) => kind === 'gelu').length).toBe(0);
  });

  it('needs a loss', () => {
    const { builder, x } = begin();
    const program = builder.finish(builder.emit('mean', { x }).y);
    expect(() => deriveBackward(program)).toThrow(ProgramError);
  });
});

describe('costs', () => {
  it('counts a product as two operations a multiply-add, on real tokens alone', () => {
    const { builder, x } = begin(8);
    const weight = builder.parameter('w', [6, 4]);
    const { y } = builder.emit('linear', { x, weight, bias: builder.parameter('b', [6]) });
    const program = builder.finish(builder.emit('mean', { x: y }).y);
    const linear = program.operations[1];
    expect(operationFlops(program, linear, 5)).toBe(2 * 5 * 4 * 6);
    expect(operationBytes(program, linear, 5)).toBe(4 * (5 * 4 + 6 * 4 + 6 + 5 * 6));
  });

  it('leaves out what is computed again in the backward pass', () => {
    const { training } = lowerTraining(
      modelConfigurationSchema.parse({ model: 'standard', sequenceLength: 16, blocks: 1 }),
    );
    const again = training.operations.filter(({ kind }) => kind === 'normalize');
    expect(again.length).toBeGreaterThan(0);
    const all = training.operations.reduce((sum, o) => sum + operationFlops(training, o, 16), 0);
    const repeated = again.reduce((sum, o) => sum + operationFlops(training, o, 16), 0);
    expect(repeated).toBeGreaterThan(0);
    expect(programFlops(training)).toBe(all - repeated);
  });

  it('counts about 0.48 GFLOP for a training sequence of 512 tokens, and less for fewer', () => {
    const configuration = modelConfigurationSchema.parse({ model: 'elastic-fourier', sequenceLength: 512 });
    const { training } = lowerTraining(configuration);
    expect(programFlops(training) / 1e9).toBeCloseTo(0.48, 1);
    expect(programFlops(training, 100)).toBeLessThan(programFlops(training) / 2);
  });
});

describe('printProgram', () => {
  it('has a line for each operation, and names every parameter', () => {
    const configuration = modelConfigurationSchema.parse({
      model: 'standard',
      sequenceLength: 16,
      blocks: 1,
      dropout: 0.1,
    });
    for (const program of [lowerInference(configuration), lowerTraining(configuration).training]) {
      const lines = printProgram(program).split('\n');
      expect(lines.length).toBe(program.operations.length);
      for (const [i, { kind, attributes }] of program.operations.entries()) {
        expect(lines[i]).toContain(`= ${kind}(`);
        for (const [key, value] of Object.entries(attributes))
          expect(lines[i]).toContain(`${key} = ${value}`);
      }
      for (const { name } of program.parameters) expect(lines.join('\n')).toContain(`'${name}'`);
    }
  });
});
