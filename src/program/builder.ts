/** Builds programs: hands out tensor ids and checks every operation against the vocabulary as it is added. */
import { definitionOf, type OperationKind } from './operations/index.js';
import { elementCount, type Operation, type ParameterShape, type Program } from './program.js';
import {
  type Attributes,
  type Ids,
  ProgramError,
  type Rows,
  type Tensor,
  type TensorId,
  type TensorShape,
} from './tensor.js';

export class ProgramBuilder {
  readonly sequenceLength: number;
  readonly tensors: Tensor[] = [];
  readonly operations: Operation[] = [];
  readonly parameters: ParameterShape[] = [];
  /** Tensors of parameters and of their gradients, by role and name. */
  readonly #byParameter = new Map<string, TensorId>();
  /** Gradients of derived tensors. */
  readonly #byDerived = new Map<TensorId, TensorId>();

  constructor(sequenceLength: number) {
    this.sequenceLength = sequenceLength;
  }

  /** A builder that continues a finished program. */
  static from(program: Program): ProgramBuilder {
    const builder = new ProgramBuilder(program.sequenceLength);
    builder.tensors.push(...program.tensors);
    builder.operations.push(...program.operations);
    builder.parameters.push(...program.parameters);
    for (const tensor of program.tensors) {
      if (tensor.derived !== undefined) builder.#byDerived.set(tensor.derived, tensor.id);
      else if (tensor.parameter !== undefined) {
        builder.#byParameter.set(`${tensor.role} ${tensor.parameter}`, tensor.id);
      }
    }
    return builder;
  }

  activation(name: string, rows: Rows, columns: number): TensorId {
    return this.#add({ name, role: 'activation', rows, columns });
  }

  /** A tensor that is computed once a step. */
  derived(name: string, rows: number, columns: number): TensorId {
    return this.#add({ name, role: 'derived', rows, columns });
  }

  /** What an operation of this kind on these inputs yields: a derived tensor where nothing depends on a sequence. */
  roleOf(kind: OperationKind, inputs: Ids): 'derived' | 'activation' {
    const roles = Object.values(inputs).map((id) => this.tensors[id].role);
    const once = roles.length > 0 && !roles.includes('activation') && !definitionOf(kind).readsSequence;
    return once ? 'derived' : 'activation';
  }

  /** The tensor of a parameter: [rows, columns], a vector being one row. The same name gives the same tensor. */
  parameter(name: string, shape: readonly number[]): TensorId {
    const known = this.#byParameter.get(`parameter ${name}`);
    if (known !== undefined) return known;
    this.parameters.push({ name, shape });
    return this.#addFor('parameter', name, shape);
  }

  /** The summed gradient of a parameter of this program, or of a derived tensor. */
  gradient(id: TensorId): TensorId {
    const tensor = this.tensors[id];
    return tensor.role === 'derived' ? this.#gradientOfDerived(tensor) : this.#gradientOfParameter(tensor);
  }

  #gradientOfDerived({ id, name, rows, columns, opaque }: Tensor): TensorId {
    const known = this.#byDerived.get(id);
    if (known !== undefined) return known;
    const form = opaque ? { rows, columns, opaque } : { rows, columns };
    const gradient = this.#add({ name: `d ${name}`, role: 'gradient', ...form, derived: id });
    this.#byDerived.set(id, gradient);
    return gradient;
  }

  #gradientOfParameter({ parameter }: Tensor): TensorId {
    const name = parameter!;
    const known = this.#byParameter.get(`gradient ${name}`);
    if (known !== undefined) return known;
    return this.#addFor('gradient', name, this.parameters.find((p) => p.name === name)!.shape);
  }

  /** Adds an operation and the tensors it yields. */
  emit(
    kind: OperationKind,
    inputs: Ids,
    attributes: Attributes = {},
    label: string = kind,
  ): Record<string, TensorId> {
    const extents = this.#infer(kind, inputs, attributes);
    const role = this.roleOf(kind, inputs);
    const outputs: Record<string, TensorId> = {};
    for (const [key, extent] of Object.entries(extents)) {
      outputs[key] = this.#add({ name: `${label}.${key}`, role, ...extent });
    }
    this.operations.push({ kind, inputs, outputs, attributes });
    return outputs;
  }

  /** Adds an operation that writes tensors which exist. */
  emitInto(kind: OperationKind, inputs: Ids, outputs: Ids, attributes: Attributes = {}): void {
    const extents = this.#infer(kind, inputs, attributes);
    for (const [key, id] of Object.entries(outputs)) {
      const extent = extents[key];
      if (extent === undefined) throw new ProgramError(`internal: ${kind} has no output '${key}'`);
      const tensor = this.tensors[id];
      if (tensor.rows !== extent.rows || tensor.columns !== extent.columns) {
        throw new ProgramError(
          `internal: ${kind}.${key} is [${extent.rows}, ${extent.columns}], '${tensor.name}' is [${tensor.rows}, ${tensor.columns}]`,
        );
      }
    }
    this.operations.push({ kind, inputs, outputs, attributes });
  }

  finish(logits: TensorId, loss?: TensorId): Program {
    const { sequenceLength, parameters, tensors, operations } = this;
    const program = { sequenceLength, parameters, tensors, operations, logits };
    return loss === undefined ? program : { ...program, loss };
  }

  #infer(kind: OperationKind, inputs: Ids, attributes: Attributes): Record<string, TensorShape> {
    const definition = definitionOf(kind);
    for (const key of definition.inputs) {
      if (inputs[key] === undefined) throw new ProgramError(`internal: ${kind} lacks input '${key}'`);
    }
    const known = [...definition.inputs, ...(definition.optional ?? [])];
    for (const key of Object.keys(inputs)) {
      if (!known.includes(key)) throw new ProgramError(`internal: ${kind} has no input '${key}'`);
    }
    const tensors = Object.fromEntries(Object.entries(inputs).map(([key, id]) => [key, this.tensors[id]]));
    return definition.infer(tensors, attributes, this.sequenceLength);
  }

  #add(tensor: Omit<Tensor, 'id'>): TensorId {
    const id = this.tensors.length;
    this.tensors.push({ id, ...tensor });
    return id;
  }

  #addFor(role: 'parameter' | 'gradient', name: string, shape: readonly number[]): TensorId {
    const columns = shape[shape.length - 1];
    const rows = elementCount(shape) / columns;
    const id = this.#add({
      name: role === 'gradient' ? `d ${name}` : name,
      role,
      rows,
      columns,
      parameter: name,
    });
    this.#byParameter.set(`${role} ${name}`, id);
    return id;
  }
}
