/** What depends on parameters alone runs once a step: before the sequences, and its way back after them. */
import { describe, expect, it } from 'vitest';
import { deriveBackward } from '#eft/program/backward.js';
import { ProgramBuilder } from '#eft/program/builder.js';
import { type Program, ProgramError, type TensorId } from '#eft/program/program.js';
import { independentChains, programStages } from '#eft/program/stages.js';

const SHAPE = { width: 2, decay: 0.5, scale: 1 };

interface Built {
  readonly builder: ProgramBuilder;
  readonly x: TensorId;
  kernel(name: string): TensorId;
}

function begin(): Built {
  const builder = new ProgramBuilder(8);
  const x = builder.emit('embedding', { token: builder.parameter('token', [5, 4]) }).y;
  return {
    builder,
    x,
    kernel(name) {
      const forward = builder.parameter(`${name}.forward`, [4, 4]);
      const backward = builder.parameter(`${name}.backward`, [4, 4]);
      return builder.emit('longKernel', { forward, backward }, SHAPE).kernel;
    },
  };
}

const convolve = ({ builder }: Built, x: TensorId, kernel: TensorId): TensorId =>
  builder.emit('longConvolution', { x, kernel: builder.emit('preparedKernel', { kernel }).prepared }).y;

function finish({ builder }: Built, x: TensorId): Program {
  const logits = builder.emit('mean', { x }).y;
  return builder.finish(logits, builder.emit('crossEntropy', { logits }, { smoothing: 0 }).loss);
}

/** Two convolutions one after the other, each with a kernel of its own. */
function twoConvolutions(): Program {
  const built = begin();
  const first = convolve(built, built.x, built.kernel('a'));
  return deriveBackward(finish(built, convolve(built, first, built.kernel('b'))));
}

const kinds = (operations: Program['operations']): string[] => operations.map(({ kind }) => kind);

describe('stages', () => {
  it('are found from the inputs: kernels before the sequences, their gradients after them', () => {
    const { before, sequence, after } = programStages(twoConvolutions());
    expect(kinds(before)).toEqual(['longKernel', 'preparedKernel', 'longKernel', 'preparedKernel']);
    expect(kinds(after)).toEqual([
      'preparedKernelBackward',
      'longKernelBackward',
      'preparedKernelBackward',
      'longKernelBackward',
    ]);
    expect(kinds(sequence)).not.toContain('longKernel');
    expect(kinds(sequence).filter((kind) => kind === 'longConvolutionBackward').length).toBe(2);
  });

  it('of a model without derived tensors are its operations', () => {
    const built = begin();
    const program = finish(built, built.builder.emit('gelu', { x: built.x }).y);
    expect(programStages(program)).toEqual({ before: [], sequence: program.operations, after: [] });
  });

  it('have a chain for each kernel', () => {
    const program = twoConvolutions();
    const { before, after } = programStages(program);
    expect(independentChains(before, program).map(kinds)).toEqual([
      ['longKernel', 'preparedKernel'],
      ['longKernel', 'preparedKernel'],
    ]);
    expect(independentChains(after, program).length).toBe(2);
  });

  it('have one chain for kernels that share numbers, in the order of the program', () => {
    const built = begin();
    const shared = built.kernel('a');
    const first = convolve(built, built.x, shared);
    const sum = built.builder.emit('add', { a: shared, b: built.kernel('b') }).y;
    const program = deriveBackward(finish(built, convolve(built, first, sum)));
    const { before, after } = programStages(program);
    expect(independentChains(before, program)).toEqual([before]);
    expect(independentChains(after, program)).toEqual([after]);
    expect(kinds(after)).toContain('accumulate');
  });

  it('refuse a gradient of one sequence for what all sequences share', () => {
    const built = begin();
    const { builder } = built;
    // The sequence's one row is added to a derived row: its gradient would be the sequence's.
    const row = builder.parameter('row', [1, 4]);
    const derived = builder.emit('gate', { a: row, b: row }).y;
    const pooled = builder.emit('mean', { x: built.x }).y;
    const logits = builder.emit('add', { a: pooled, b: derived }).y;
    const { loss } = builder.emit('crossEntropy', { logits }, { smoothing: 0 });
    expect(() => deriveBackward(builder.finish(logits, loss))).toThrow(ProgramError);
  });
});
