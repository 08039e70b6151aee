/** Runs a program over one sequence, operation by operation, every tensor in an array of its own. */
import type { Program, Tensor } from '../../program/program.js';
import type { Matrix, Sequence, Storing } from './operands.js';
import { RUNS } from './operations/index.js';

/** Arrays that outlive the sequence: those of parameters and their gradients, by parameter name. */
export interface Weights {
  readonly parameters: ReadonlyMap<string, Float64Array>;
  readonly gradients: ReadonlyMap<string, Float64Array>;
}

export interface Outcome {
  readonly logits: Float64Array;
  /** NaN if the program has no loss. */
  readonly loss: number;
}

/**
 * @param storing called with every matrix that an operation has written
 * @param profile milliseconds by kind of operation, added to
 */
export function runSequence(
  program: Program,
  weights: Weights,
  sequence: Sequence,
  storing?: Storing,
  profile?: Map<string, number>,
): Outcome {
  const matrices = new Map<number, Matrix>();
  const matrixOf = (id: number): Matrix => {
    const known = matrices.get(id);
    if (known !== undefined) return known;
    const matrix = matrixFor(program.tensors[id], weights, sequence.tokens.length);
    matrices.set(id, matrix);
    return matrix;
  };
  const operands = (ids: Readonly<Record<string, number>>): Record<string, Matrix> =>
    Object.fromEntries(Object.entries(ids).map(([key, id]) => [key, matrixOf(id)]));
  for (const operation of program.operations) {
    const outputs = operands(operation.outputs);
    const { kind, inputs, attributes } = operation;
    const start = performance.now();
    RUNS[kind]({ inputs: operands(inputs), outputs, attributes, sequence });
    profile?.set(kind, (profile.get(kind) ?? 0) + performance.now() - start);
    if (storing === undefined) continue;
    for (const [key, { values }] of Object.entries(outputs)) {
      storing(values, program.tensors[operation.outputs[key]].role, key);
    }
  }
  const loss = program.loss === undefined ? Number.NaN : matrixOf(program.loss).values[0];
  return { logits: matrixOf(program.logits).values, loss };
}

/** Opaque tensors too are kept here as the numbers that their definition counts. */
function matrixFor({ rows, columns, role, parameter }: Tensor, weights: Weights, tokens: number): Matrix {
  const rowsHeld = rows === 'tokens' ? tokens : rows;
  if (role === 'activation') return { rows: rowsHeld, columns, values: new Float64Array(rowsHeld * columns) };
  const kept = role === 'parameter' ? weights.parameters : weights.gradients;
  return { rows: rowsHeld, columns, values: kept.get(parameter!)! };
}
