/**
 * The `reference` engine: plain TypeScript, float64, slow and obviously right. It is the definition of what
 * programs mean; other engines are tested against it.
 */
import { elementCount, type Program, rowCount, type TrainingProgram } from '../../program/program.js';
import type { AdamW, Batch, Engine, Forward, Session, StepKey, StepResult } from '../engine.js';
import { type Outcome, runSequence } from './interpreter.js';
import type { Sequence, Storing } from './operands.js';
import { adamWStep, clipScale, gradientNorm } from './optimizer.js';

export interface ReferenceOptions {
  /**
   * Called with every array that has just been written: activations and gradients after each operation,
   * parameters and moments after each update. Tests put rounding noise in here, to see what another number
   * format can do to a result.
   */
  readonly storing?: Storing;
}

export function createReferenceEngine({ storing }: ReferenceOptions = {}): Engine {
  return {
    name: 'reference',
    tier: 'float64',
    threads: 1,
    createTraining: async (program, { maxBatch }) =>
      new ReferenceSession(program.evaluation, storing, program, maxBatch),
    createInference: async (program) => new ReferenceSession(program, storing),
    async dispose() {},
  };
}

const NO_KEY: StepKey = { seed: 0, step: 0 };

class ReferenceSession implements Session {
  readonly training: boolean;
  readonly plannedBytes: number;
  readonly #forward: Program;
  readonly #program: Program | undefined;
  readonly #storing: Storing | undefined;
  readonly #maxBatch: number;
  readonly #parameters = new Map<string, Float64Array>();
  readonly #gradients = new Map<string, Float64Array>();
  readonly #moments = { m: new Map<string, Float64Array>(), v: new Map<string, Float64Array>() };

  constructor(forward: Program, storing: Storing | undefined, training?: TrainingProgram, maxBatch = 0) {
    this.training = training !== undefined;
    this.#forward = forward;
    this.#program = training?.training;
    this.#storing = storing;
    this.#maxBatch = maxBatch;
    const kept = [this.#parameters];
    if (this.training) kept.push(this.#gradients, this.#moments.m, this.#moments.v);
    let elements = activationElements(this.#program ?? forward);
    for (const { name, shape } of forward.parameters) {
      for (const arrays of kept) arrays.set(name, new Float64Array(elementCount(shape)));
      elements += kept.length * elementCount(shape);
    }
    this.plannedBytes = elements * Float64Array.BYTES_PER_ELEMENT;
  }

  parameter(name: string): Float64Array {
    return arrayOf(this.#parameters, name).slice();
  }

  setParameter(name: string, values: ArrayLike<number>): void {
    this.#set(this.#parameters, name, values, 'parameter');
  }

  moment(which: 'm' | 'v', name: string): Float64Array {
    return arrayOf(this.#moments[which], name).slice();
  }

  setMoment(which: 'm' | 'v', name: string, values: ArrayLike<number>): void {
    this.#set(this.#moments[which], name, values, 'moment');
  }

  gradient(name: string): Float64Array {
    return arrayOf(this.#gradients, name).slice();
  }

  async forward(batch: Batch): Promise<Forward> {
    const outcomes = this.#run(this.#forward, batch, NO_KEY);
    const classes = this.#forward.tensors[this.#forward.logits].columns;
    const logits = new Float64Array(outcomes.length * classes);
    for (const [b, outcome] of outcomes.entries()) logits.set(outcome.logits, b * classes);
    return { logits, losses: Float64Array.from(outcomes, ({ loss }) => loss) };
  }

  async backward(batch: Batch, key: StepKey): Promise<StepResult> {
    if (this.#program === undefined) throw new Error('internal: this session is for inference alone');
    if (batch.labels.length > this.#maxBatch) throw new RangeError('internal: more sequences than maxBatch');
    for (const gradient of this.#gradients.values()) gradient.fill(0);
    const outcomes = this.#run(this.#program, batch, key);
    const sum = outcomes.reduce((total, { loss }) => total + loss, 0);
    return {
      loss: sum / outcomes.length,
      gradientNorm: gradientNorm(this.#gradients),
      correct: outcomes.filter(({ logits }, b) => largestAt(logits) === batch.labels[b]).length,
    };
  }

  async step(batch: Batch, key: StepKey, optimizer: AdamW): Promise<StepResult> {
    const result = await this.backward(batch, key);
    if (!Number.isFinite(result.loss) || !Number.isFinite(result.gradientNorm)) return result;
    const scale = clipScale(result.gradientNorm, optimizer.clipNorm);
    for (const [name, values] of this.#parameters) {
      const gradient = arrayOf(this.#gradients, name);
      const m = arrayOf(this.#moments.m, name);
      const v = arrayOf(this.#moments.v, name);
      adamWStep({ values, gradient, m, v }, optimizer, key.step + 1, scale);
      this.#storing?.(values, 'parameter', name);
      this.#storing?.(m, 'moment', name);
      this.#storing?.(v, 'moment', name);
    }
    return result;
  }

  async dispose(): Promise<void> {}

  /** Every sequence of the batch in turn; a program with backward operations adds to the gradients. */
  #run(program: Program, batch: Batch, key: StepKey): Outcome[] {
    const batchSize = batch.labels.length;
    const weights = { parameters: this.#parameters, gradients: this.#gradients };
    const storing = this.#storing;
    return Array.from(batch.labels, (label, index) => {
      const tokens = batch.tokens.subarray(batch.offsets[index], batch.offsets[index + 1]);
      const { sequenceLength } = program;
      if (tokens.length < 1 || tokens.length > sequenceLength) {
        throw new RangeError(
          `internal: a sequence of ${tokens.length} tokens in a program for ${sequenceLength}`,
        );
      }
      const ownWeights = batch.weights?.subarray(batch.offsets[index], batch.offsets[index + 1]);
      const sequence: Sequence = {
        tokens,
        ...(ownWeights ? { weights: ownWeights } : {}),
        label,
        index,
        batchSize,
        key,
        sequenceLength,
      };
      return runSequence(program, weights, sequence, storing);
    });
  }

  #set(
    arrays: ReadonlyMap<string, Float64Array>,
    name: string,
    values: ArrayLike<number>,
    role: 'parameter' | 'moment',
  ): void {
    const array = arrayOf(arrays, name);
    if (values.length !== array.length) {
      throw new RangeError(`internal: ${values.length} numbers for '${name}', which has ${array.length}`);
    }
    array.set(values);
    this.#storing?.(array, role, name);
  }
}

function arrayOf(arrays: ReadonlyMap<string, Float64Array>, name: string): Float64Array {
  const array = arrays.get(name);
  if (array === undefined) throw new RangeError(`internal: no parameter '${name}' here`);
  return array;
}

/** The first of the largest. */
const largestAt = (values: Float64Array): number =>
  values.reduce((best, value, i) => (value > values[best] ? i : best), 0);

function activationElements(program: Program): number {
  return program.tensors.reduce(
    (sum, tensor) => (tensor.role === 'activation' ? sum + rowCount(program, tensor) * tensor.columns : sum),
    0,
  );
}
