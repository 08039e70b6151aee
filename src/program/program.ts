/**
 * What a program is: a flat list of operations over tensors, for one sequence. Plain data; it knows
 * neither the models it comes from nor the engines that run it.
 */

export type TensorId = number;

/**
 * Rows of a tensor. `'tokens'`: one row a token; room for `sequenceLength` rows, of which only the first L
 * (the real tokens of the sequence at hand) hold values. A number: always that many rows.
 */
export type Rows = 'tokens' | number;

export interface Tensor {
  readonly id: TensorId;
  readonly name: string;
  /** `gradient`: the gradient of a parameter, summed over sequences; everything else is an activation. */
  readonly role: 'parameter' | 'gradient' | 'activation';
  readonly rows: Rows;
  readonly columns: number;
  /** Name of the parameter, for roles `parameter` and `gradient`. */
  readonly parameter?: string;
}

export interface Operation {
  readonly kind: string;
  readonly inputs: Readonly<Record<string, TensorId>>;
  readonly outputs: Readonly<Record<string, TensorId>>;
  readonly attributes: Readonly<Record<string, number>>;
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
  /** Logits of the sequence, [1, classes]. */
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

/** A program that is not well formed: our own fault, never the user's. */
export class ProgramError extends Error {
  override name = 'ProgramError';
}

export function rowCount(program: Program, tensor: Tensor): number {
  return tensor.rows === 'tokens' ? program.sequenceLength : tensor.rows;
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
