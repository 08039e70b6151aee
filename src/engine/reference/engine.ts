/**
 * The `reference` engine: plain TypeScript, float64, slow and obviously right. It is the definition of what
 * programs mean; other engines are tested against it.
 */
import { elementCount, type Program, rowCount } from '../../program/program.js';
import type {
  AdamW,
  Batch,
  Engine,
  Forward,
  Profile,
  Session,
  SessionOptions,
  StepKey,
  StepResult,
} from '../engine.js';
import { isRight } from '../right.js';
import { Interpreter, type ReferenceOutcome } from './interpreter.js';
import type { ReferenceSequence, Storing } from './operands.js';
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
  const sessions = new Set<Session>();
  const open = (forward: Program, training: Program | undefined, options: SessionOptions): Session => {
    const onDispose = (session: Session): void => void sessions.delete(session);
    const session = new ReferenceSession(forward, training, { ...options, storing, onDispose });
    sessions.add(session);
    return session;
  };
  return {
    name: 'reference',
    tier: 'float64',
    threads: 1,
    arithmetic: 'float64',
    createTraining: async ({ evaluation, training }, options) => open(evaluation, training, options),
    createInference: async (program, options) => open(program, undefined, options),
    async dispose() {
      for (const session of sessions) await session.dispose();
    },
  };
}

const NO_KEY: StepKey = { seed: 0, step: 0 };
const NO_TOKENS = new Int32Array();

interface ReferenceSessionOptions extends SessionOptions {
  readonly storing: Storing | undefined;
  readonly onDispose: (session: Session) => void;
}

type Arrays = Map<string, Float64Array>;

/** Commands run to their end when they are called, so none can overlap another. */
class ReferenceSession implements Session {
  readonly training: boolean;
  readonly plannedBytes: number;
  readonly #forward: Program;
  readonly #program: Program | undefined;
  readonly #storing: Storing | undefined;
  readonly #onDispose: (session: Session) => void;
  readonly #maxBatch: number;
  readonly #profile: Map<string, number> | undefined;
  readonly #parameters: Arrays = new Map();
  readonly #gradients: Arrays = new Map();
  readonly #moments = { m: new Map() as Arrays, v: new Map() as Arrays };
  /** A backward was done that no update has used. */
  #differentiated = false;
  #disposed = false;

  constructor(
    forward: Program,
    training: Program | undefined,
    { maxBatch, profile = false, storing, onDispose }: ReferenceSessionOptions,
  ) {
    this.training = training !== undefined;
    this.#forward = forward;
    this.#program = training;
    this.#storing = storing;
    this.#onDispose = onDispose;
    this.#maxBatch = maxBatch;
    this.#profile = profile ? new Map() : undefined;
    const kept = [this.#parameters];
    if (this.training) kept.push(this.#gradients, this.#moments.m, this.#moments.v);
    let elements = activationElements(training ?? forward);
    for (const { name, shape } of forward.parameters) {
      for (const arrays of kept) arrays.set(name, new Float64Array(elementCount(shape)));
      elements += kept.length * elementCount(shape);
    }
    this.plannedBytes = elements * Float64Array.BYTES_PER_ELEMENT;
  }

  async parameter(name: string): Promise<Float64Array> {
    return this.#array(this.#parameters, name).slice();
  }

  async setParameter(name: string, values: ArrayLike<number>): Promise<void> {
    this.#set(this.#parameters, name, values, 'parameter');
  }

  async moment(which: 'm' | 'v', name: string): Promise<Float64Array> {
    return this.#array(this.#moments[which], name).slice();
  }

  async setMoment(which: 'm' | 'v', name: string, values: ArrayLike<number>): Promise<void> {
    this.#set(this.#moments[which], name, values, 'moment');
  }

  async gradient(name: string): Promise<Float64Array> {
    return this.#array(this.#gradients, name).slice();
  }

  async forward({ mixed: _, ...batch }: Batch): Promise<Forward> {
    const outcomes = this.#run(this.#forward, batch, NO_KEY);
    const logits = new Float64Array(outcomes.reduce((sum, outcome) => sum + outcome.logits.length, 0));
    let at = 0;
    for (const outcome of outcomes) {
      logits.set(outcome.logits, at);
      at += outcome.logits.length;
    }
    return { logits, losses: Float64Array.from(outcomes, ({ loss }) => loss) };
  }

  async backward(batch: Batch, key: StepKey): Promise<StepResult> {
    if (this.#program === undefined) throw new TypeError('internal: this session was made for inference');
    if (batch.labels.length > this.#maxBatch) throw new RangeError('internal: more sequences than maxBatch');
    for (const gradient of this.#gradients.values()) gradient.fill(0);
    const outcomes = this.#run(this.#program, batch, key);
    this.#differentiated = true;
    const { lossWeights } = batch;
    const sum = outcomes.reduce((total, { loss }, b) => total + (lossWeights?.[b] ?? 1) * loss, 0);
    return {
      loss: sum / outcomes.length,
      gradientNorm: gradientNorm(this.#gradients),
      correct: outcomes.filter(({ logits }, b) => isRight(logits, batch, b)).length,
    };
  }

  async update(optimizer: AdamW, { step }: StepKey): Promise<void> {
    if (!this.training) throw new TypeError('internal: this session was made for inference');
    if (!this.#differentiated) throw new Error('internal: an update needs a backward before it');
    this.#differentiated = false;
    const norm = gradientNorm(this.#gradients);
    if (!Number.isFinite(norm)) return;
    const scale = clipScale(norm, optimizer.clipNorm);
    for (const [name, values] of this.#parameters) {
      const gradient = this.#array(this.#gradients, name);
      const m = this.#array(this.#moments.m, name);
      const v = this.#array(this.#moments.v, name);
      adamWStep({ values, gradient, m, v }, optimizer, step + 1, scale);
      this.#storing?.(values, 'parameter', name);
      this.#storing?.(m, 'moment', name);
      this.#storing?.(v, 'moment', name);
    }
  }

  async step(batch: Batch, key: StepKey, optimizer: AdamW): Promise<StepResult> {
    const result = await this.backward(batch, key);
    if (Number.isFinite(result.loss)) await this.update(optimizer, key);
    this.#differentiated = false;
    return result;
  }

  async profile(): Promise<Profile> {
    if (this.#profile === undefined) throw new Error('internal: this session was opened without profile');
    return new Map(this.#profile);
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const arrays of [this.#parameters, this.#gradients, this.#moments.m, this.#moments.v])
      arrays.clear();
    this.#onDispose(this);
  }

  /** Every sequence of the batch in turn; a program with backward operations adds to the gradients. */
  #run(program: Program, batch: Batch, key: StepKey): ReferenceOutcome[] {
    if (this.#disposed) throw new Error('internal: the session was disposed of');
    const { sequenceLength } = program;
    const batchSize = batch.labels.length;
    const weights = { parameters: this.#parameters, gradients: this.#gradients };
    const interpreter = new Interpreter(program, weights, this.#storing, this.#profile);
    const whole: ReferenceSequence = {
      tokens: NO_TOKENS,
      label: 0,
      lossWeight: 1,
      mixed: { label: 0, share: 0 },
      index: 0,
      batchSize,
      key,
      sequenceLength,
    };
    interpreter.before(whole);
    const outcomes = Array.from(batch.labels, (label, index) => {
      const tokens = batch.tokens.subarray(batch.offsets[index], batch.offsets[index + 1]);
      if (tokens.length < 1 || tokens.length > sequenceLength) {
        throw new RangeError(
          `internal: a sequence of ${tokens.length} tokens in a program for ${sequenceLength}`,
        );
      }
      const ownWeights = batch.weights?.subarray(batch.offsets[index], batch.offsets[index + 1]);
      const own = ownWeights ? { weights: ownWeights } : {};
      const frames = framesOf(batch, index);
      const lossWeight = batch.lossWeights?.[index] ?? 1;
      const targets = targetsOf(batch, index);
      const mixed = {
        label: batch.mixed?.labels[index] ?? label,
        share: batch.mixed?.shares[index] ?? 0,
      };
      return interpreter.sequence({
        ...whole,
        ...own,
        ...frames,
        ...targets,
        tokens,
        label,
        lossWeight,
        mixed,
        index,
      });
    });
    interpreter.after(whole);
    return outcomes;
  }

  #array(arrays: ReadonlyMap<string, Float64Array>, name: string): Float64Array {
    if (this.#disposed) throw new Error('internal: the session was disposed of');
    const array = arrays.get(name);
    if (array === undefined) throw new RangeError(`internal: no parameter '${name}' here`);
    return array;
  }

  #set(
    arrays: ReadonlyMap<string, Float64Array>,
    name: string,
    values: ArrayLike<number>,
    role: 'parameter' | 'moment',
  ): void {
    const array = this.#array(arrays, name);
    if (values.length !== array.length) {
      throw new RangeError(`internal: ${values.length} numbers for '${name}', which has ${array.length}`);
    }
    array.set(values);
    this.#storing?.(array, role, name);
  }
}

/** Of a loss of any number of labels: what those of sequence `index` should be. */
function targetsOf(
  { targets, targetWeights, labels }: Batch,
  index: number,
): Pick<ReferenceSequence, 'targets' | 'targetWeights'> {
  if (targets === undefined) return {};
  const width = targets.length / labels.length;
  const own = (values: Float32Array): Float32Array => values.subarray(width * index, width * (index + 1));
  return {
    targets: own(targets),
    ...(targetWeights === undefined ? {} : { targetWeights: own(targetWeights) }),
  };
}

/** The numbers of the rows of sequence `index`, where there are some. */
function framesOf({ frames, tokens, offsets }: Batch, index: number): { frames?: Float32Array } {
  if (frames === undefined) return {};
  const width = frames.length / tokens.length;
  return { frames: frames.subarray(width * offsets[index], width * offsets[index + 1]) };
}

function activationElements(program: Program): number {
  return program.tensors.reduce(
    (sum, tensor) =>
      tensor.parameter === undefined ? sum + rowCount(program, tensor) * tensor.columns : sum,
    0,
  );
}
