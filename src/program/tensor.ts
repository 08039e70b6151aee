/** Tensors, and what an operation is applied to: the plain data that programs and the operations' rules share. */

export type TensorId = number;

/**
 * Rows of a tensor. `'tokens'`: one row a token; room for `sequenceLength` rows, of which only the first L
 * (the real tokens of the sequence at hand) hold values. A number: always that many rows.
 */
export type Rows = 'tokens' | number;

export interface TensorShape {
  readonly rows: Rows;
  readonly columns: number;
  /**
   * Kept from a forward operation for its own backward operation, in a form and order of the engine's own; rows and
   * columns say how many numbers it stands for, the engine says how much room it takes.
   */
  readonly opaque?: true;
}

export interface Tensor extends TensorShape {
  readonly id: TensorId;
  readonly name: string;
  /**
   * `derived`: what follows from parameters alone, or from the summed gradient of such a tensor: one for all sequences,
   * computed once a step. `gradient`: the gradient of a parameter or of a derived tensor, summed over sequences.
   * Everything else is an activation, of one sequence.
   */
  readonly role: 'parameter' | 'derived' | 'gradient' | 'activation';
  /** Name of the parameter, for role `parameter` and for the gradient of one. */
  readonly parameter?: string;
  /** The tensor whose gradient this is, for the gradient of a derived one. */
  readonly derived?: TensorId;
}

export type Ids = Readonly<Record<string, TensorId>>;
export type Attributes = Readonly<Record<string, number>>;

/** What an operation takes and yields; which operation it is, is left out. */
export interface Operands {
  readonly inputs: Ids;
  readonly outputs: Ids;
  readonly attributes: Attributes;
}

/** A program that is not well formed: our own fault, never the user's. */
export class ProgramError extends Error {
  override name = 'ProgramError';
}
