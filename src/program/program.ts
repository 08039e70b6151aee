/**
 * What a program is: a flat list of operations over tensors, for one sequence. Plain data; it knows
 * neither the models it comes from nor the engines that run it.
 */
import type { OperationKind } from './operations/index.js';
import type { Operands, Tensor, TensorId } from './tensor.js';

export { ProgramError, type Rows, type Tensor, type TensorId } from './tensor.js';

export interface Operation extends Operands {
  readonly kind: OperationKind;
}

/** A trained array: its name and shape are those of the PyTorch reference, so weights move untouched. */
export interface ParameterShape {
  readonly name: string;
  readonly shape: readonly number[];
}

export interface Program {
  /** Tokens a sequence may have at most: n. */
  readonly sequenceLength: number;
  readonly parameters: readonly ParameterShape[];
  readonly tensors: readonly Tensor[];
  readonly operations: readonly Operation[];
  /** Logits of the sequence, [1, classes]; of a program for what its rows become, [tokens, columns]. */
  readonly logits: TensorId;
  /** Loss of the sequence, [1, 1]; absent in a program for inference. */
  readonly loss?: TensorId;
}

/** The two forms of one model that training needs, over the same list of parameters. */
export interface TrainingProgram {
  /** Forward with loss, dropout off. */
  readonly evaluation: Program;
  /** Forward with loss, then backward. */
  readonly training: Program;
}

export function rowCount(program: Program, tensor: Tensor): number {
  return tensor.rows === 'tokens' ? program.sequenceLength : tensor.rows;
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
