/** A session of the wasm engine: one memory, its workers, and the commands that the main thread gives them. */
import { FailureError, InputError } from '../../errors.js';
import type { AdamW, Batch, Forward, Session, StepKey, StepResult } from '../engine.js';
import { COMMAND, CONTROL, type Command, type Control, controlViews, SETTINGS } from './control.js';
import type { Profile } from './executable.js';
import { instantiateKernels } from './kernels.js';
import { type Layout, SHARDS, writeTables } from './layout.js';
import { CLAIMS, Runner } from './runner.js';
import { startThread, type Thread } from './threads.js';

/** A WebAssembly memory has at most 65,536 pages of 64 KiB. */
const PAGE = 65536;
const MOST_PAGES = 65536;

/**
 * A sequence alone in its batch, of at most this many tokens, is worked on by the calling thread: there is nothing to
 * share out, and waking a worker takes 0.15 ms. Longer ones would keep that thread from other work for too long.
 */
const LONE_TOKENS = 2048;

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(2)} GB`;

function allocate(bytes: number, shared: boolean, available: number | undefined): WebAssembly.Memory {
  const advice = 'take a shorter sequence length, fewer threads, a smaller batch or a smaller model';
  const pages = Math.ceil(bytes / PAGE);
  if (pages > MOST_PAGES) {
    throw new InputError(`this needs ${gigabytes(bytes)}; WebAssembly memory ends at 4.29 GB: ${advice}`);
  }
  if (available !== undefined && bytes > available) {
    throw new InputError(
      `this needs ${gigabytes(bytes)}, the machine has ${gigabytes(available)} free: ${advice}`,
    );
  }
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: shared ? pages : MOST_PAGES, shared });
  } catch (error) {
    throw new FailureError(
      `could not get ${gigabytes(bytes)} of memory (${(error as Error).message}): ${advice}`,
    );
  }
}

/** Bytes that can still be had; undefined where the runtime does not tell (browsers). */
async function availableMemory(): Promise<number | undefined> {
  if (typeof process !== 'object' || process.versions?.node === undefined) return undefined;
  const { readFile } = await import('node:fs/promises');
  const { freemem } = await import('node:os');
  // Linux counts the page cache as used in freemem; MemAvailable is what a new process can get.
  const info = await readFile('/proc/meminfo', 'utf8').catch(() => '');
  const kilobytes = /^MemAvailable:\s+(\d+) kB/m.exec(info)?.[1];
  return kilobytes === undefined ? freemem() : Number(kilobytes) * 1024;
}

export interface SessionOptions {
  readonly module: WebAssembly.Module;
  readonly layout: Layout;
  /** Worker threads over shared memory; otherwise everything runs on the calling thread. */
  readonly shared: boolean;
  readonly profile: boolean;
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
  readonly #layout: Layout;
  readonly #memory: WebAssembly.Memory;
  readonly #control: Control;
  readonly #floats: Float32Array;
  readonly #threads: readonly Thread[];
  /** Packs weights for the workers and takes lone sequences; runs everything where there are no workers. */
  readonly #runner: Runner;
  readonly #profile: Profile | undefined;
  /** A worker that failed ends the session: what the others did is of no use. */
  #failure: Error | undefined;
  #onFailure: (error: Error) => void = () => {};
  #packed = false;
  #busy = false;
  #disposed = false;

  static async create({ module, layout, shared, profile }: SessionOptions): Promise<WasmSession> {
    const memory = allocate(layout.bytes, shared, await availableMemory());
    const threads = shared
      ? await Promise.all(
          Array.from({ length: layout.threads }, (_, worker) =>
            startThread({ module, memory, layout, worker, profile }),
          ),
        )
      : [];
    await Promise.all(threads.map((thread) => thread.ready));
    for (const thread of threads) thread.hold(false);
    return new WasmSession(module, layout, memory, threads, profile);
  }

  private constructor(
    module: WebAssembly.Module,
    layout: Layout,
    memory: WebAssembly.Memory,
    threads: readonly Thread[],
    profile: boolean,
  ) {
    this.#layout = layout;
    this.#memory = memory;
    this.#threads = threads;
    this.#profile = profile ? new Map() : undefined;
    this.#control = controlViews(memory.buffer, layout.control);
    this.#floats = new Float32Array(memory.buffer);
    this.#runner = new Runner(layout, instantiateKernels(module, memory), memory, 0, this.#profile);
    this.training = layout.training;
    this.plannedBytes = layout.bytes;
    for (const thread of threads) {
      thread.failure.catch((error: Error) => {
        this.#failure ??= error;
        this.#onFailure(error);
      });
    }
    writeTables(layout, memory.buffer);
  }

  parameter(name: string): Float32Array {
    return this.#view(this.#layout.parameters, name).slice();
  }

  setParameter(name: string, values: ArrayLike<number>): void {
    this.#assign(this.#layout.parameters, name, values);
    this.#packed = false;
  }

  moment(which: 'm' | 'v', name: string): Float32Array {
    this.#demandTraining();
    return this.#view(this.#layout[which], name).slice();
  }

  setMoment(which: 'm' | 'v', name: string, values: ArrayLike<number>): void {
    this.#demandTraining();
    this.#assign(this.#layout[which], name, values);
  }

  gradient(name: string): Float32Array {
    this.#demandTraining();
    return this.#view(this.#layout.gradients, name).slice();
  }

  async forward(batch: Batch): Promise<Forward> {
    const { maxBatch, classes } = this.#layout;
    const count = batch.labels.length;
    const logits = new Float32Array(count * classes);
    const losses = new Float32Array(count);
    for (let first = 0; first < count; first += maxBatch) {
      const size = Math.min(maxBatch, count - first);
      this.#writeBatch(batch, first, size);
      const lone = size === 1 && batch.offsets[first + 1] - batch.offsets[first] <= LONE_TOKENS;
      await this.#command(COMMAND.forward, size, 0, lone);
      logits.set(this.#slice(this.#layout.logits, size * classes), first * classes);
      losses.set(this.#slice(this.#layout.losses, size), first);
    }
    return { logits, losses };
  }

  async backward(batch: Batch, key: StepKey): Promise<StepResult> {
    return this.#train(COMMAND.backward, batch, key);
  }

  async step(batch: Batch, key: StepKey, optimizer: AdamW): Promise<StepResult> {
    const { settings } = this.#control;
    settings[SETTINGS.learningRate] = optimizer.learningRate;
    settings[SETTINGS.beta1] = optimizer.beta1;
    settings[SETTINGS.beta2] = optimizer.beta2;
    settings[SETTINGS.epsilon] = optimizer.epsilon;
    settings[SETTINGS.weightDecay] = optimizer.weightDecay;
    settings[SETTINGS.clipNorm] = optimizer.clipNorm;
    return this.#train(COMMAND.step, batch, key);
  }

  /** Milliseconds by kind of operation over all workers, for a session made with `profile`; ends the workers. */
  async finishProfile(): Promise<Profile> {
    const total: Profile = new Map(this.#profile);
    for (const thread of this.#threads) thread.hold(true);
    this.#signal(COMMAND.exit);
    for (const thread of this.#threads) {
      for (const [kind, time] of await thread.profile) total.set(kind, (total.get(kind) ?? 0) + time);
    }
    return total;
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#signal(COMMAND.exit);
    await Promise.all(this.#threads.map((thread) => thread.terminate()));
  }

  async #train(command: Command, batch: Batch, { seed, step }: StepKey): Promise<StepResult> {
    this.#demandTraining();
    const count = batch.labels.length;
    const { maxBatch, classes } = this.#layout;
    if (count > maxBatch) throw new RangeError(`internal: a batch of ${count}, planned for ${maxBatch}`);
    this.#writeBatch(batch, 0, count);
    const shardCount = this.#writeShards(batch);
    const { integers, settings } = this.#control;
    integers[CONTROL.seed] = seed;
    integers[CONTROL.step] = step;
    await this.#command(command, count, shardCount);
    const losses = this.#slice(this.#layout.losses, count);
    const logits = this.#slice(this.#layout.logits, count * classes);
    let loss = 0;
    let correct = 0;
    for (let b = 0; b < count; b++) {
      loss += losses[b];
      const scores = logits.subarray(b * classes, (b + 1) * classes);
      if (scores.every((score) => score <= scores[batch.labels[b]])) correct++;
    }
    return { loss: loss / count, gradientNorm: settings[SETTINGS.gradientNorm], correct };
  }

  #demandTraining(): void {
    if (!this.training) throw new TypeError('internal: this session was made for inference');
  }

  #writeBatch({ tokens, offsets, labels, weights }: Batch, first: number, size: number): void {
    const { layout, memory } = { layout: this.#layout, memory: this.#memory };
    const start = offsets[first];
    const limit = layout.maxBatch * layout.forward.program.sequenceLength;
    new Int32Array(memory.buffer, layout.tokens, limit).set(tokens.subarray(start, offsets[first + size]));
    if (layout.weights !== 0) {
      const view = new Float32Array(memory.buffer, layout.weights, limit);
      if (weights === undefined) view.fill(1);
      else view.set(weights.subarray(start, offsets[first + size]));
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
  }

  #writeShards(batch: Batch): number {
    const shardCount = Math.min(SHARDS, batch.labels.length, this.#layout.maxBatch);
    const integers = new Int32Array(
      this.#memory.buffer,
      this.#layout.shards,
      SHARDS + 1 + batch.labels.length,
    );
    let next = SHARDS + 1;
    assignShards(batch, shardCount).forEach((sequences, s) => {
      integers[s] = next;
      integers.set(sequences, next);
      next += sequences.length;
    });
    integers[shardCount] = next;
    return shardCount;
  }

  /**
   * Has the workers run a command and waits for its end; the main thread stays free meanwhile.
   * @param here run it on this thread instead
   */
  async #command(command: Command, batch: number, shardCount: number, here = false): Promise<void> {
    if (this.#disposed) throw new Error('internal: the session is disposed of');
    if (this.#busy) throw new Error('internal: the session is busy; await one command before the next');
    this.#busy = true;
    try {
      if (this.#failure !== undefined) throw this.#failure;
      if (!this.#packed) this.#runner.packAll();
      this.#packed = true;
      const { integers } = this.#control;
      integers[CONTROL.batch] = batch;
      integers[CONTROL.shardCount] = shardCount;
      for (const counter of CLAIMS) integers[counter] = 0;
      integers[CONTROL.finished] = 0;
      if (here || this.#threads.length === 0) {
        integers[CONTROL.command] = command;
        this.#runner.run();
        return;
      }
      const before = Atomics.load(integers, CONTROL.done);
      for (const thread of this.#threads) thread.hold(true);
      this.#signal(command);
      await new Promise<void>((resolve, reject) => {
        this.#onFailure = reject;
        this.#done(before).then(resolve, reject);
      });
      for (const thread of this.#threads) thread.hold(false);
    } finally {
      this.#busy = false;
    }
  }

  #signal(command: Command): void {
    const { integers } = this.#control;
    Atomics.store(integers, CONTROL.command, command);
    Atomics.add(integers, CONTROL.generation, 1);
    Atomics.notify(integers, CONTROL.generation);
  }

  async #done(before: number): Promise<void> {
    const { integers } = this.#control;
    while (Atomics.load(integers, CONTROL.done) === before) {
      const wait = Atomics.waitAsync(integers, CONTROL.done, before);
      if (wait.async) await wait.value;
    }
  }

  #slice(at: number, count: number): Float32Array {
    return this.#floats.slice(at / 4, at / 4 + count);
  }

  #view(region: number, name: string): Float32Array {
    const offset = this.#layout.parameterOffsets.get(name);
    if (offset === undefined) throw new RangeError(`no parameter '${name}'`);
    const { shape } = this.#layout.forward.program.parameters.find((parameter) => parameter.name === name)!;
    const count = shape.reduce((product, size) => product * size, 1);
    return this.#floats.subarray(region / 4 + offset, region / 4 + offset + count);
  }

  #assign(region: number, name: string, values: ArrayLike<number>): void {
    const view = this.#view(region, name);
    if (values.length !== view.length) {
      throw new RangeError(`parameter '${name}' has ${view.length} numbers, got ${values.length}`);
    }
    view.set(values);
  }
}
