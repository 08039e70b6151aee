/** Runs a program over the sequences of one batch, operation by operation, every tensor in an array of its own. */
import {
  elementCount,
  type Operation,
  type Program,
  type Tensor,
  type TensorId,
} from '../../program/program.js';
import { programStages, type Stages } from '../../program/stages.js';
import type { Matrix, ReferenceSequence, Storing } from './operands.js';
import { RUNS } from './operations/index.js';

/** Arrays that outlive the batch: those of parameters and their gradients, by parameter name. */
export interface Weights {
  readonly parameters: ReadonlyMap<string, Float64Array>;
  readonly gradients: ReadonlyMap<string, Float64Array>;
}

export interface ReferenceOutcome {
  readonly logits: Float64Array;
  /** NaN if the program has no loss. */
  readonly loss: number;
}

type Matrices = Map<TensorId, Matrix>;

/** One step: `before`, then the sequences one by one, then `after`. */
export class Interpreter {
  readonly #program: Program;
  readonly #weights: Weights;
  readonly #storing: Storing | undefined;
  readonly #profile: Map<string, number> | undefined;
  readonly #stages: Stages;
  /** Derived tensors, and the gradients that sequences add up for them. */
  readonly #once: Matrices = new Map();

  /**
   * @param storing called with every matrix that an operation has written
   * @param profile milliseconds by kind of operation, added to
   */
  constructor(program: Program, weights: Weights, storing?: Storing, profile?: Map<string, number>) {
    this.#program = program;
    this.#weights = weights;
    this.#storing = storing;
    this.#profile = profile;
    this.#stages = programStages(program);
  }

  /** Computes what follows from parameters alone. `sequence`: the step's, without tokens. */
  before(sequence: ReferenceSequence): void {
    this.#run(this.#stages.before, sequence, this.#once);
  }

  /** A program with backward operations adds to the gradients. */
  sequence(sequence: ReferenceSequence): ReferenceOutcome {
    const own: Matrices = new Map();
    this.#run(this.#stages.sequence, sequence, own);
    const { logits, loss } = this.#program;
    return {
      logits: own.get(logits)!.values,
      loss: loss === undefined ? Number.NaN : own.get(loss)!.values[0],
    };
  }

  /** Brings the gradients of derived tensors back to parameters. */
  after(sequence: ReferenceSequence): void {
    this.#run(this.#stages.after, sequence, this.#once);
  }

  #run(operations: readonly Operation[], sequence: ReferenceSequence, own: Matrices): void {
    const { tensors } = this.#program;
    const matrixOf = (id: TensorId): Matrix => {
      const tensor = tensors[id];
      const kept = tensor.role === 'activation' ? own : this.#once;
      const known = kept.get(id);
      if (known !== undefined) return known;
      const matrix = matrixFor(tensor, this.#weights, sequence.tokens.length);
      kept.set(id, matrix);
      return matrix;
    };
    const operands = (ids: Operation['inputs']): Record<string, Matrix> =>
      Object.fromEntries(Object.entries(ids).map(([key, id]) => [key, matrixOf(id)]));
    for (const { kind, inputs, outputs, attributes } of operations) {
      const written = operands(outputs);
      const start = performance.now();
      RUNS[kind]({ inputs: operands(inputs), outputs: written, attributes, sequence });
      this.#profile?.set(kind, (this.#profile.get(kind) ?? 0) + performance.now() - start);
      if (this.#storing === undefined) continue;
      for (const [key, { values }] of Object.entries(written)) {
        this.#storing(values, tensors[outputs[key]].role, key);
      }
    }
  }
}

/** Opaque tensors too are kept here as the numbers that their definition counts. */
function matrixFor({ rows, columns, role, parameter }: Tensor, weights: Weights, tokens: number): Matrix {
  const rowsHeld = rows === 'tokens' ? tokens : rows;
  if (parameter === undefined) {
    return { rows: rowsHeld, columns, values: new Float64Array(elementCount([rowsHeld, columns])) };
  }
  const kept = role === 'parameter' ? weights.parameters : weights.gradients;
  return { rows: rowsHeld, columns, values: kept.get(parameter)! };
}
