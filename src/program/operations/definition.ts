/** What an operation's definition says, and what its backward rule may do. */
import type { Attributes, Ids, Operands, Tensor, TensorId, TensorShape } from '../tensor.js';
import { ProgramError } from '../tensor.js';

export type Tensors = Readonly<Record<string, Tensor>>;

/** A backward pass under construction, as a rule sees it. `Kind`: the operations that the rule adds. */
export interface Gradients<Kind extends string = string> {
  /** The finished gradient of an output. */
  of(output: TensorId): TensorId;
  /** Where sequences add up the gradient of a parameter, or of a tensor that is derived from parameters. */
  ofParameter(parameter: TensorId): TensorId;
  /** A forward value as the backward pass needs it: kept, or computed again where that is cheaper. */
  saved(tensor: TensorId): TensorId;
  /** Adds an operation and the tensors it yields. */
  emit(kind: Kind, inputs: Ids, attributes?: Attributes): Record<string, TensorId>;
  /** Adds an operation that writes tensors which exist. */
  emitInto(kind: Kind, inputs: Ids, outputs: Ids, attributes?: Attributes): void;
  /** Adds an operation whose output `key` is (part of) the gradient of `tensor`; `others` are its other outputs. */
  contribute(
    tensor: TensorId,
    kind: Kind,
    inputs: Ids,
    key: string,
    others?: Ids,
    attributes?: Attributes,
  ): void;
  /** The gradient of `tensor` is (or grows by) `gradient`, unchanged. */
  pass(tensor: TensorId, gradient: TensorId): void;
}

/**
 * The facts of one kind of operation. Formulas: x, y are rows of the real tokens, L of them; d… are gradients of the
 * loss. Parameter gradients are always added to (+=), other outputs are overwritten unless the attribute `accumulate`
 * is 1.
 */
export interface Definition {
  readonly inputs: readonly string[];
  readonly optional?: readonly string[];
  /** Row r of the outputs depends on row r of the inputs alone, so an engine may take rows in tiles. */
  readonly rowwise: boolean;
  /** Reads tokens or label of the sequence at hand, so that its outputs belong to a sequence whatever its inputs are. */
  readonly readsSequence?: true;
  /** Shapes of the outputs; throws ProgramError where the inputs do not fit. */
  infer(inputs: Tensors, attributes: Attributes, sequenceLength: number): Record<string, TensorShape>;
  /** Arithmetic for `rows` real tokens: a multiply-add is 2, exp, tanh, division and so on count as 1. */
  flops(inputs: Tensors, attributes: Attributes, rows: number, sequenceLength: number): number;
  /**
   * Emits the backward operations; the type of `gradients` names them. `null`: none is ever asked for, because the
   * operation itself belongs to the backward half.
   */
  readonly backward: ((gradients: Gradients, operation: Operands) => void) | null;
  /** Output that is cheaper to compute again in the backward pass than to keep. */
  readonly recompute?: {
    readonly output: string;
    emit(gradients: Gradients, operation: Operands): TensorId;
  };
  /** Computes again what the forward pass had: work, but not the model's own. */
  readonly recomputation?: true;
  /** Can add to what its first gradient holds already (attribute `accumulate`). */
  readonly accumulates?: true;
}

/** Operations that belong together, by kind. */
export type OperationFamily = Readonly<Record<string, Definition>>;

export function demand(condition: boolean, kind: string, what: string): void {
  if (!condition) throw new ProgramError(`internal: ${kind}: ${what}`);
}

export const like = ({ rows, columns }: Tensor): TensorShape => ({ rows, columns });

/** Rows that `tensor` holds when the sequence has `tokens` real tokens. */
export const rowsOf = (tensor: Tensor, tokens: number): number =>
  tensor.rows === 'tokens' ? tokens : tensor.rows;

/** So much arithmetic for every element of the input x. */
export const perElement =
  (flopsPerElement: number): Definition['flops'] =>
  ({ x }, _, tokens) =>
    flopsPerElement * rowsOf(x, tokens) * x.columns;
