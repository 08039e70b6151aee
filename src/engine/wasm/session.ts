/** A session of the wasm engine: one memory, its workers, and the commands that the main thread gives them. */
import { platform } from '#platform';
import { FailureError, InputError } from '../../errors.js';
import { Turns } from '../../platform/turns.js';
import type { AdamW, Batch, Forward, Profile, Session, StepKey, StepResult } from '../engine.js';
import { isRight } from '../right.js';
import { COMMAND, CONTROL, type Command, type Control, controlViews, SETTINGS } from './control.js';
import { instantiateKernels } from './kernels.js';
import { type Layout, MOST_PAGES, PAGE, SHARDS, writeTables } from './layout.js';
import { CLAIMS, Runner } from './runner.js';
import { startThread, type Thread } from './threads.js';

/**
 * A sequence alone in its batch, of at most this many tokens, is worked on by the calling thread: there is nothing to
 * share out, and waking a worker takes 0.15 ms. Longer ones would keep that thread from other work for too long.
 */
const LONE_TOKENS = 2048;

const sizeOf = (bytes: number): string =>
  bytes < 1e8 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;

/** What is less than this is had wherever addresses are not limited. */
const RESERVED = 2 ** 28;

function allocate(bytes: number, shared: boolean, available: number | undefined): WebAssembly.Memory {
  const advice = 'take a shorter sequence length, fewer threads, a smaller batch or a smaller model';
  const pages = Math.ceil(bytes / PAGE);
  if (pages > MOST_PAGES) {
    throw new InputError(`this needs ${sizeOf(bytes)}; WebAssembly memory ends at 4.29 GB: ${advice}`);
  }
  if (available !== undefined && bytes > available) {
    throw new InputError(`this needs ${sizeOf(bytes)}, the machine has ${sizeOf(available)} free: ${advice}`);
  }
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: shared ? pages : MOST_PAGES, shared });
  } catch (error) {
    throw new FailureError(
      bytes < RESERVED
        ? `could not get ${sizeOf(bytes)} of memory (${(error as Error).message}): WebAssembly reserves some 10 GB of addresses for it, so raise the limit of this process (ulimit -v unlimited)`
        : `could not get ${sizeOf(bytes)} of memory (${(error as Error).message}): ${advice}`,
      'memory',
    );
  }
}

export interface WasmSessionOptions {
  readonly module: WebAssembly.Module;
  readonly layout: Layout;
  /** Worker threads over shared memory; otherwise everything runs on the calling thread. */
  readonly shared: boolean;
  readonly profile: boolean;
  readonly onDispose: (session: Session) => void;
}

/** Vectors of the layout with a number for each parameter's number. */
type Region = 'parameters' | 'm' | 'v' | 'gradients';

/** All that holds memory: let go of as a whole. */
interface Resources {
  readonly layout: Layout;
  readonly memory: WebAssembly.Memory;
  readonly control: Control;
  readonly floats: Float32Array;
  readonly threads: readonly Thread[];
  /** Packs weights for the workers and takes lone sequences; runs everything where there are no workers. */
  readonly runner: Runner;
}

/** `next[b]` of the assignment of sequences to shards, longest first, each to the emptiest shard: the batch alone decides. */
function assignShards(batch: Batch, shardCount: number): number[][] {
  const length = (b: number): number => batch.offsets[b + 1] - batch.offsets[b];
  const order = Array.from(batch.labels.keys()).sort((a, b) => length(b) - length(a) || a - b);
  const shards = Array.from({ length: shardCount }, (): { sequences: number[]; tokens: number } => ({
    sequences: [],
    tokens: 0,
  }));
  for (const b of order) {
    const emptiest = shards.reduce((least, shard) => (shard.tokens < least.tokens ? shard : least));
    emptiest.sequences.push(b);
    emptiest.tokens += length(b);
  }
  return shards.map(({ sequences }) => sequences.sort((a, b) => a - b));
}

export class WasmSession implements Session {
  readonly training: boolean;
  readonly plannedBytes: number;
  readonly #onDispose: (session: Session) => void;
  /** Of this thread's own runner. */
  readonly #profile: Map<string, number> | undefined;
  /** Undefined once it is disposed of. */
  #resources: Resources | undefined;
  /** A worker that failed ends the session: what the others did is of no use. */
  #failure: Error | undefined;
  #breakOff: (error: Error) => void = () => {};
  /** The packed weights are those of the parameters. */
  #packed = false;
  /** What the forward program derives from parameters is of these. */
  #derived = false;
  /** A backward was done that no update has used. */
  #differentiated = false;
  /** Name of the command that is running. */
  #running: string | undefined;
  /** Without worker threads this one works, and nothing else would get at it. */
  readonly #turns = new Turns();

  static async create(options: WasmSessionOptions): Promise<WasmSession> {
    const { module, layout, shared, profile } = options;
    const memory = allocate(layout.bytes, shared, await platform.availableMemory());
    const started = await Promise.allSettled(
      Array.from({ length: shared ? layout.threads : 0 }, (_, worker) =>
        startThread({ module, memory, layout, worker, profile }),
      ),
    );
    const threads = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    try {
      for (const one of started) if (one.status === 'rejected') throw one.reason;
      await Promise.all(threads.map((thread) => thread.ready));
    } catch (error) {
      await Promise.all(threads.map((thread) => thread.terminate()));
      throw error;
    }
    for (const thread of threads) thread.hold(false);
    return new WasmSession(options, memory, threads);
  }

  private constructor(
    { module, layout, profile, onDispose }: WasmSessionOptions,
    memory: WebAssembly.Memory,
    threads: readonly Thread[],
  ) {
    this.#onDispose = onDispose;
    this.#profile = profile ? new Map() : undefined;
    this.training = layout.training;
    this.plannedBytes = layout.bytes;
    this.#resources = {
      layout,
      memory,
      control: controlViews(memory.buffer, layout.control),
      floats: new Float32Array(memory.buffer),
      threads,
      runner: new Runner(layout, instantiateKernels(module, memory), memory, 0, this.#profile),
    };
    for (const thread of threads) {
      thread.failure.catch((error: Error) => {
        // The end that was asked for; the error's stack would hold on to what is to go.
        if (this.#resources === undefined) return;
        this.#failure ??= error;
        this.#breakOff(error);
      });
    }
    writeTables(layout, memory.buffer);
  }

  async parameter(name: string): Promise<Float32Array> {
    return this.#view('parameter', 'parameters', name).slice();
  }

  async setParameter(name: string, values: ArrayLike<number>): Promise<void> {
    this.#assign('setParameter', 'parameters', name, values);
    this.#packed = false;
    this.#derived = false;
  }

  async moment(which: 'm' | 'v', name: string): Promise<Float32Array> {
    this.#demandTraining();
    return this.#view('moment', which, name).slice();
  }

  async setMoment(which: 'm' | 'v', name: string, values: ArrayLike<number>): Promise<void> {
    this.#demandTraining();
    this.#assign('setMoment', which, name, values);
  }

  async gradient(name: string): Promise<Float32Array> {
    this.#demandTraining();
    return this.#view('gradient', 'gradients', name).slice();
  }

  async forward(given: Batch): Promise<Forward> {
    return this.#exclusively('forward', async (resources) => {
      const { layout } = resources;
      const { maxBatch, classes, givesRows } = layout;
      const { mixed: _, ...batch } = given;
      const count = batch.labels.length;
      /** Rows of results before sequence b. */
      const rowsBefore = (b: number): number => (givesRows ? batch.offsets[b] - batch.offsets[0] : b);
      const logits = new Float32Array(rowsBefore(count) * classes);
      const losses = new Float32Array(count);
      for (let first = 0; first < count; first += maxBatch) {
        const size = Math.min(maxBatch, count - first);
        writeBatch(resources, batch, first, size);
        const lone = size === 1 && batch.offsets[first + 1] - batch.offsets[first] <= LONE_TOKENS;
        await this.#command(resources, COMMAND.forward, { batch: size, here: lone });
        const [from, to] = [rowsBefore(first), rowsBefore(first + size)];
        logits.set(slice(resources, layout.logits, (to - from) * classes), from * classes);
        losses.set(slice(resources, layout.losses, size), first);
      }
      return { logits, losses };
    });
  }

  async backward(batch: Batch, key: StepKey): Promise<StepResult> {
    this.#demandTraining();
    return this.#exclusively('backward', async (resources) => {
      const result = await this.#train(resources, COMMAND.backward, batch, key);
      this.#differentiated = true;
      return result;
    });
  }

  async update(optimizer: AdamW, { step }: StepKey): Promise<void> {
    this.#demandTraining();
    await this.#exclusively('update', async (resources) => {
      if (!this.#differentiated) throw new Error('internal: an update needs a backward before it');
      this.#differentiated = false;
      writeSettings(resources, optimizer);
      resources.control.integers[CONTROL.step] = step;
      await this.#command(resources, COMMAND.update);
    });
  }

  async step(batch: Batch, key: StepKey, optimizer: AdamW): Promise<StepResult> {
    this.#demandTraining();
    return this.#exclusively('step', async (resources) => {
      this.#differentiated = false;
      writeSettings(resources, optimizer);
      return this.#train(resources, COMMAND.step, batch, key);
    });
  }

  async profile(): Promise<Profile> {
    const own = this.#profile;
    if (own === undefined) throw new Error('internal: this session was opened without profile');
    return this.#exclusively('profile', async (resources) => {
      const total = new Map(own);
      if (resources.threads.length === 0) return total;
      const answers = Promise.all(resources.threads.map((thread) => thread.profile()));
      await this.#command(resources, COMMAND.profile);
      // Their messages come after the command has ended: until then the threads keep the process alive.
      for (const thread of resources.threads) thread.hold(true);
      for (const answer of await answers) {
        for (const [kind, time] of answer) total.set(kind, (total.get(kind) ?? 0) + time);
      }
      for (const thread of resources.threads) thread.hold(false);
      return total;
    });
  }

  async dispose(): Promise<void> {
    const resources = this.#resources;
    if (resources === undefined) return;
    this.#resources = undefined;
    this.#onDispose(this);
    this.#breakOff(new Error(`internal: the session was disposed of during ${this.#running}`));
    signal(resources.control.integers, COMMAND.exit);
    await Promise.all(resources.threads.map((thread) => thread.terminate()));
    // Whoever still waits for a command must not do so for ever: that would keep the memory.
    Atomics.add(resources.control.integers, CONTROL.done, 1);
    Atomics.notify(resources.control.integers, CONTROL.done);
  }

  #demandTraining(): void {
    if (!this.training) throw new TypeError('internal: this session was made for inference');
  }

  /** Throws unless `call` may touch the memory now. */
  #free(call: string): Resources {
    if (this.#resources === undefined) throw new Error(`internal: ${call} after the session was disposed of`);
    if (this.#running !== undefined) {
      throw new Error(`internal: ${call} while ${this.#running} is running; await one call before the next`);
    }
    return this.#resources;
  }

  /** Runs `work` as the session's one running command. */
  async #exclusively<T>(name: string, work: (resources: Resources) => Promise<T>): Promise<T> {
    const resources = this.#free(name);
    this.#running = name;
    try {
      return await work(resources);
    } finally {
      this.#running = undefined;
    }
  }

  async #train(
    resources: Resources,
    command: Command,
    batch: Batch,
    { seed, step }: StepKey,
  ): Promise<StepResult> {
    const count = batch.labels.length;
    const { maxBatch, classes } = resources.layout;
    if (count > maxBatch) throw new RangeError(`internal: a batch of ${count}, planned for ${maxBatch}`);
    writeBatch(resources, batch, 0, count);
    const shardCount = writeShards(resources, batch);
    const { integers, settings } = resources.control;
    integers[CONTROL.seed] = seed;
    integers[CONTROL.step] = step;
    await this.#command(resources, command, { batch: count, shardCount });
    const losses = slice(resources, resources.layout.losses, count);
    const logits = slice(resources, resources.layout.logits, count * classes);
    let loss = 0;
    let correct = 0;
    for (let b = 0; b < count; b++) {
      loss += losses[b] * (batch.lossWeights?.[b] ?? 1);
      const scores = logits.subarray(b * classes, (b + 1) * classes);
      if (isRight(scores, batch, b)) correct++;
    }
    return { loss: loss / count, gradientNorm: settings[SETTINGS.gradientNorm], correct };
  }

  /**
   * Has the workers run a command and waits for its end; the main thread stays free meanwhile.
   * @param here run it on this thread instead
   */
  async #command(
    { control: { integers }, threads, runner }: Resources,
    command: Command,
    { batch = 0, shardCount = 0, here = false } = {},
  ): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (!this.#packed) runner.packAll();
    this.#packed = true;
    if (command === COMMAND.forward && !this.#derived) runner.deriveAll();
    this.#derived = command === COMMAND.forward || (this.#derived && command === COMMAND.profile);
    integers[CONTROL.batch] = batch;
    integers[CONTROL.shardCount] = shardCount;
    for (const counter of CLAIMS) integers[counter] = 0;
    integers[CONTROL.finished] = 0;
    if (here || threads.length === 0) {
      integers[CONTROL.command] = command;
      runner.run();
      if (threads.length === 0) await this.#turns.give();
      return;
    }
    const before = Atomics.load(integers, CONTROL.done);
    for (const thread of threads) thread.hold(true);
    await new Promise<void>((resolve, reject) => {
      this.#breakOff = reject;
      signal(integers, command);
      changed(integers, CONTROL.done, before).then(resolve, reject);
    });
    for (const thread of threads) thread.hold(false);
  }

  #view(call: string, region: Region, name: string): Float32Array {
    const { floats, layout } = this.#free(call);
    const offset = layout.parameterOffsets.get(name);
    if (offset === undefined) throw new RangeError(`no parameter '${name}'`);
    const { shape } = layout.forward.program.parameters.find((parameter) => parameter.name === name)!;
    const count = shape.reduce((product, size) => product * size, 1);
    const first = layout[region] / 4 + offset;
    return floats.subarray(first, first + count);
  }

  #assign(call: string, region: Region, name: string, values: ArrayLike<number>): void {
    const view = this.#view(call, region, name);
    if (values.length !== view.length) {
      throw new RangeError(`parameter '${name}' has ${view.length} numbers, got ${values.length}`);
    }
    view.set(values);
  }
}

function writeBatch(
  { memory, layout }: Resources,
  { tokens, offsets, labels, weights, lossWeights, mixed, targets, targetWeights, frames }: Batch,
  first: number,
  size: number,
): void {
  const start = offsets[first];
  const limit = layout.maxBatch * layout.forward.program.sequenceLength;
  new Int32Array(memory.buffer, layout.tokens, limit).set(tokens.subarray(start, offsets[first + size]));
  if (layout.weights !== 0) {
    const view = new Float32Array(memory.buffer, layout.weights, limit);
    if (weights === undefined) view.fill(1);
    else view.set(weights.subarray(start, offsets[first + size]));
  }
  const { frameWidth: width } = layout;
  if (width !== 0) {
    if (frames?.length !== width * tokens.length) {
      throw new RangeError(
        `internal: ${frames?.length ?? 'no'} numbers for ${tokens.length} frames of ${width}`,
      );
    }
    const view = new Float32Array(memory.buffer, layout.frames, width * limit);
    view.set(frames.subarray(width * start, width * offsets[first + size]));
  }
  const shifted = new Int32Array(memory.buffer, layout.offsets, layout.maxBatch + 1);
  const n = layout.forward.program.sequenceLength;
  for (let b = 0; b <= size; b++) {
    shifted[b] = offsets[first + b] - start;
    const length = b === 0 ? 1 : shifted[b] - shifted[b - 1];
    if (length < 1 || length > n)
      throw new RangeError(`internal: a sequence of ${length} tokens in a model of ${n}`);
  }
  new Int32Array(memory.buffer, layout.labels, layout.maxBatch).set(labels.subarray(first, first + size));
  const { targetWidth } = layout;
  if (targetWidth !== 0) {
    const write = (at: number, values: Float32Array | undefined, absent: number): void => {
      const view = new Float32Array(memory.buffer, at, targetWidth * layout.maxBatch);
      if (values === undefined) view.fill(absent);
      else view.set(values.subarray(targetWidth * first, targetWidth * (first + size)));
    };
    write(layout.targets, targets, 0);
    write(layout.targetWeights, targetWeights, 1);
  }
  if (layout.lossWeights !== 0) {
    const view = new Float32Array(memory.buffer, layout.lossWeights, layout.maxBatch);
    if (lossWeights === undefined) view.fill(1);
    else view.set(lossWeights.subarray(first, first + size));
    const shares = new Float32Array(memory.buffer, layout.mixedShares, layout.maxBatch);
    shares.fill(0);
    if (mixed !== undefined) {
      shares.set(mixed.shares.subarray(first, first + size));
      const others = new Int32Array(memory.buffer, layout.mixedLabels, layout.maxBatch);
      others.set(mixed.labels.subarray(first, first + size));
    }
  }
}

function writeShards({ memory, layout }: Resources, batch: Batch): number {
  const shardCount = Math.min(SHARDS, batch.labels.length, layout.maxBatch);
  const integers = new Int32Array(memory.buffer, layout.shards, SHARDS + 1 + batch.labels.length);
  let next = SHARDS + 1;
  assignShards(batch, shardCount).forEach((sequences, s) => {
    integers[s] = next;
    integers.set(sequences, next);
    next += sequences.length;
  });
  integers[shardCount] = next;
  return shardCount;
}

function writeSettings({ control: { settings } }: Resources, optimizer: AdamW): void {
  settings[SETTINGS.learningRate] = optimizer.learningRate;
  settings[SETTINGS.beta1] = optimizer.beta1;
  settings[SETTINGS.beta2] = optimizer.beta2;
  settings[SETTINGS.epsilon] = optimizer.epsilon;
  settings[SETTINGS.weightDecay] = optimizer.weightDecay;
  settings[SETTINGS.clipNorm] = optimizer.clipNorm;
}

/** Copies numbers out; `at` is a byte address. */
const slice = ({ floats }: Resources, at: number, count: number): Float32Array =>
  floats.slice(at / 4, at / 4 + count);

/** Wakes the workers for a command. */
function signal(integers: Int32Array, command: Command): void {
  Atomics.store(integers, CONTROL.command, command);
  Atomics.add(integers, CONTROL.generation, 1);
  Atomics.notify(integers, CONTROL.generation);
}

/** Resolves when a number of shared memory is no longer `before`. */
async function changed(integers: Int32Array, place: number, before: number): Promise<void> {
  while (Atomics.load(integers, place) === before) {
    const wait = Atomics.waitAsync(integers, place, before);
    if (wait.async) await wait.value;
  }
}
