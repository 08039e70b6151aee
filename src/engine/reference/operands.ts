/** What an operation of the reference engine works on: the operands of one sequence, as plain matrices. */
import type { StepKey } from '../engine.js';

/** [rows, columns], row-major; `rows` is L for tensors with a row a token. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
}

/** The sequence at hand. */
export interface ReferenceSequence {
  /** Ids of its L real tokens. */
  readonly tokens: Int32Array;
  /** A weight a token; absent: all 1. */
  readonly weights?: Float32Array;
  /** Numbers of its rows, for programs that read frames. */
  readonly frames?: Float32Array;
  readonly label: number;
  /** A target a label, and by how much each counts; absent: 0, and all alike. */
  readonly targets?: Float32Array;
  readonly targetWeights?: Float32Array;
  /** By which its loss counts. */
  readonly lossWeight: number;
  /** A second class, and its share of the target. */
  readonly mixed: { readonly label: number; readonly share: number };
  /** Its place in the batch. */
  readonly index: number;
  readonly batchSize: number;
  readonly key: StepKey;
  /** n: length of the transforms. */
  readonly sequenceLength: number;
}

export interface ReferenceOperands {
  readonly inputs: Readonly<Record<string, Matrix>>;
  readonly outputs: Readonly<Record<string, Matrix>>;
  readonly attributes: Readonly<Record<string, number>>;
  readonly sequence: ReferenceSequence;
}

/** Changes numbers in place as they are stored; `key` is the name of the output, or of the parameter. */
export type Storing = (
  values: Float64Array,
  role: 'activation' | 'derived' | 'parameter' | 'gradient' | 'moment',
  key: string,
) => void;

export type ReferenceOperation = (operands: ReferenceOperands) => void;

/** Calls `visit` with the row, the column and the place in `values` of every element. */
export function eachElement(
  { rows, columns }: Matrix,
  visit: (row: number, column: number, place: number) => void,
): void {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) visit(row, column, row * columns + column);
  }
}

/** Starts an output that sums are then added to: at zero, or at its old values with the attribute `accumulate`. */
export function beginSum(output: Matrix, attributes: ReferenceOperands['attributes']): Float64Array {
  if (attributes.accumulate !== 1) output.values.fill(0);
  return output.values;
}
