/** Counts what a program costs. */
import { definitionOf } from './operations/index.js';
import type { Operation, Program } from './program.js';
import { programStages } from './stages.js';

/** FLOPs of one operation for a sequence of `tokens` real tokens. */
export function operationFlops(program: Program, operation: Operation, tokens: number): number {
  const tensors = Object.fromEntries(
    Object.entries(operation.inputs).map(([key, id]) => [key, program.tensors[id]]),
  );
  return definitionOf(operation.kind).flops(tensors, operation.attributes, tokens, program.sequenceLength);
}

/**
 * FLOPs of the program for one sequence of `tokens` real tokens; neither recomputation is counted nor what is computed
 * once a step.
 */
export function programFlops(program: Program, tokens = program.sequenceLength): number {
  return programStages(program).sequence.reduce(
    (sum, operation) =>
      definitionOf(operation.kind).recomputation ? sum : sum + operationFlops(program, operation, tokens),
    0,
  );
}

/** Bytes of float32 that an operation reads and writes for `tokens` real tokens, each tensor once. */
export function operationBytes(program: Program, operation: Operation, tokens: number): number {
  const ids = [...Object.values(operation.inputs), ...Object.values(operation.outputs)];
  return ids.reduce((sum, id) => {
    const { rows, columns } = program.tensors[id];
    return sum + 4 * columns * (rows === 'tokens' ? tokens : rows);
  }, 0);
}
