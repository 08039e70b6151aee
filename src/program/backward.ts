/**
 * Derives the backward half of a program from the operations' own rules, in reverse order (reverse-mode
 * differentiation). Gradients that several operations pass on unchanged share one tensor, copied only when one of
 * its owners must still be read and another is about to be added to.
 */
import { ProgramBuilder } from './builder.js';
import type { Gradients } from './operations/definition.js';
import { definitionOf, type OperationKind } from './operations/index.js';
import type { Operation, Program } from './program.js';
import { type Attributes, type Ids, ProgramError, type TensorId } from './tensor.js';

/** The backward pass as it grows. */
class Tape implements Gradients<OperationKind> {
  readonly #builder: ProgramBuilder;
  readonly #producers = new Map<TensorId, Operation>();
  /** Gradient of a forward tensor. */
  readonly #gradients = new Map<TensorId, TensorId>();
  /** Forward tensors whose gradient a tensor is, and whose own producer has not been dealt with yet. */
  readonly #owners = new Map<TensorId, Set<TensorId>>();
  /** Forward tensors through which a parameter can be reached. */
  readonly #trained = new Set<TensorId>();

  constructor(builder: ProgramBuilder) {
    this.#builder = builder;
    for (const operation of builder.operations) {
      const trained = Object.values(operation.inputs).some(
        (id) => builder.tensors[id].role === 'parameter' || this.#trained.has(id),
      );
      for (const id of Object.values(operation.outputs)) {
        this.#producers.set(id, operation);
        if (trained) this.#trained.add(id);
      }
    }
  }

  of(output: TensorId): TensorId {
    const gradient = this.#gradients.get(output);
    if (gradient === undefined)
      throw new ProgramError(`internal: no gradient reaches '${this.#name(output)}'`);
    return gradient;
  }

  ofParameter(parameter: TensorId): TensorId {
    const gradient = this.#builder.gradient(parameter);
    if (this.#builder.tensors[parameter].role !== 'derived') return gradient;
    const earlier = this.#gradients.get(parameter);
    if (earlier === undefined) this.#own(parameter, gradient);
    else if (earlier !== gradient) {
      throw new ProgramError(
        `internal: '${this.#name(parameter)}' is used once a step before it is by sequences`,
      );
    }
    return gradient;
  }

  saved(tensor: TensorId): TensorId {
    const producer = this.#producers.get(tensor);
    const recompute = producer === undefined ? undefined : definitionOf(producer.kind).recompute;
    if (producer === undefined || recompute === undefined || producer.outputs[recompute.output] !== tensor) {
      return tensor;
    }
    return recompute.emit(this, producer);
  }

  emit(kind: OperationKind, inputs: Ids, attributes: Attributes = {}): Record<string, TensorId> {
    return this.#builder.emit(kind, inputs, attributes);
  }

  emitInto(kind: OperationKind, inputs: Ids, outputs: Ids, attributes: Attributes = {}): void {
    this.#builder.emitInto(kind, inputs, outputs, attributes);
  }

  contribute(
    tensor: TensorId,
    kind: OperationKind,
    inputs: Ids,
    key: string,
    others: Ids = {},
    attributes: Attributes = {},
  ): void {
    const builder = this.#builder;
    // Of frames and what follows from them alone, nobody asks for a gradient.
    if (!this.#trained.has(tensor) && Object.keys(others).length === 0) return;
    const role = this.#roleFor(tensor, kind, inputs);
    const earlier = this.#gradients.get(tensor);
    if (earlier !== undefined && definitionOf(kind).accumulates) {
      const outputs = { ...others, [key]: this.#writable(tensor) };
      builder.emitInto(kind, inputs, outputs, { ...attributes, accumulate: 1 });
      return;
    }
    const fresh = this.#fresh(tensor, role);
    builder.emitInto(kind, inputs, { ...others, [key]: fresh }, attributes);
    if (!this.#trained.has(tensor)) return;
    if (earlier === undefined) this.#own(tensor, fresh);
    else builder.emitInto('accumulate', { x: fresh }, { y: this.#writable(tensor) });
  }

  pass(tensor: TensorId, gradient: TensorId): void {
    if (!this.#trained.has(tensor)) return;
    this.#roleFor(tensor, 'copy', { x: gradient });
    if (this.#gradients.has(tensor)) {
      this.#builder.emitInto('accumulate', { x: gradient }, { y: this.#writable(tensor) });
    } else this.#own(tensor, gradient);
  }

  /** True if a gradient reaches any output of the operation. */
  reaches(operation: Operation): boolean {
    return Object.values(operation.outputs).some((id) => this.#gradients.has(id));
  }

  /** The operation's backward is written: its outputs' gradients are read no more. */
  release(operation: Operation): void {
    for (const id of Object.values(operation.outputs)) {
      const gradient = this.#gradients.get(id);
      if (gradient !== undefined) this.#owners.get(gradient)?.delete(id);
    }
  }

  #own(tensor: TensorId, gradient: TensorId): void {
    this.#gradients.set(tensor, gradient);
    const owners = this.#owners.get(gradient) ?? new Set();
    this.#owners.set(gradient, owners.add(tensor));
  }

  /** The gradient tensor of `tensor`, made its own if another tensor's gradient is still the same one. */
  #writable(tensor: TensorId): TensorId {
    const gradient = this.of(tensor);
    const owners = this.#owners.get(gradient)!;
    if (owners.size === 1) return gradient;
    const copy = this.#fresh(tensor, this.#roleFor(tensor, 'copy', { x: gradient }));
    this.#builder.emitInto('copy', { x: gradient }, { y: copy });
    owners.delete(tensor);
    this.#own(tensor, copy);
    return copy;
  }

  /** A tensor for a gradient of `tensor`. */
  #fresh(tensor: TensorId, role: 'derived' | 'activation'): TensorId {
    const { rows, columns } = this.#builder.tensors[tensor];
    const name = `d ${this.#name(tensor)}`;
    return role === 'derived'
      ? this.#builder.derived(name, rows as number, columns)
      : this.#builder.activation(name, rows, columns);
  }

  /** Of the gradient of `tensor` that an operation yields: sequences add to that of a derived one, none is it alone. */
  #roleFor(tensor: TensorId, kind: OperationKind, inputs: Ids): 'derived' | 'activation' {
    const role = this.#builder.roleOf(kind, inputs);
    if (role === 'activation' && this.#builder.tensors[tensor].role === 'derived') {
      throw new ProgramError(
        `internal: one sequence's gradient is taken for that of '${this.#name(tensor)}'`,
      );
    }
    return role;
  }

  #name(tensor: TensorId): string {
    return this.#builder.tensors[tensor].name;
  }
}

/** `forward` (with a loss) followed by its backward operations. */
export function deriveBackward(forward: Program): Program {
  if (forward.loss === undefined) throw new ProgramError('internal: a program without loss has no backward');
  const builder = ProgramBuilder.from(forward);
  const gradients = new Tape(builder);
  for (const operation of forward.operations.toReversed()) {
    const isLoss = Object.values(operation.outputs).includes(forward.loss);
    if (!isLoss && !gradients.reaches(operation)) continue;
    definitionOf(operation.kind).backward?.(gradients, operation);
    gradients.release(operation);
  }
  return builder.finish(forward.logits, forward.loss);
}
