/** Features of many signals: those asked for at one moment are a batch, shared out among threads where that pays. */
import { platform } from '#platform';
import { FailureError } from '../../errors.js';
import { inTurn } from '../../platform/slices.js';
import { turn } from '../../platform/turns.js';
import { convolutionModule } from './kernels.js';
import { type FeaturePlan, featuresOf } from './plan.js';
import { Transform } from './transform.js';
import { type ConvolutionMessage, type ConvolutionTask, takeNext } from './worker.js';

interface Waiting {
  /** [steps, channels] */
  readonly values: Float32Array;
  /** On as many threads at most. */
  readonly threads: number;
  resolve(features: Float32Array): void;
  reject(error: unknown): void;
}

/** Numbers of the signals and of their features that a batch holds in shared memory. */
const MOST_NUMBERS = 2 ** 26;
/** Steps times features that are worth a thread: some 100 milliseconds, and it takes half of that to start. */
const WORTH_A_THREAD = 2 ** 28;

export class Together {
  readonly #plan: FeaturePlan;
  readonly #width: number;
  readonly #worth: number;
  #own: Transform | undefined;
  #waiting: Waiting[] = [];
  #running = false;

  /** @param worth steps times features of a thread at least */
  constructor(plan: FeaturePlan, worth = WORTH_A_THREAD) {
    this.#plan = plan;
    this.#worth = worth;
    this.#width = featuresOf(plan);
  }

  /** Of this thread. */
  get transform(): Transform {
    this.#own ??= new Transform(convolutionModule(), this.#plan);
    return this.#own;
  }

  /** Of one signal, at once. @param values [steps, channels] */
  now(values: Float32Array): Float32Array {
    const features = new Float32Array(this.#width);
    this.transform.transform(values, features);
    return features;
  }

  /** Of one signal, together with what else is asked for at this moment. @param values [steps, channels] */
  soon(values: Float32Array, threads: number): Promise<Float32Array> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ values, threads, resolve, reject });
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    await turn();
    while (this.#waiting.length > 0) {
      const batch = this.#nextBatch();
      try {
        const features = await this.#featuresOf(batch);
        for (const [i, { resolve }] of batch.entries()) resolve(features[i]);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#running = false;
  }

  #nextBatch(): Waiting[] {
    let numbers = 0;
    const end = this.#waiting.findIndex(({ values }) => {
      numbers += values.length + this.#width;
      return numbers > MOST_NUMBERS;
    });
    return this.#waiting.splice(0, end < 0 ? this.#waiting.length : Math.max(1, end));
  }

  #featuresOf(batch: readonly Waiting[]): Promise<Float32Array[]> {
    const numbers = batch.reduce((sum, { values }) => sum + values.length, 0);
    const worth = Math.floor(((numbers / this.#plan.channels) * this.#width) / this.#worth);
    const most = platform.sharesMemory() ? Math.max(...batch.map(({ threads }) => threads)) : 1;
    const threads = Math.min(most, batch.length, worth);
    return threads > 1 ? this.#onThreads(batch, threads) : this.#here(batch);
  }

  async #here(batch: readonly Waiting[]): Promise<Float32Array[]> {
    const features: Float32Array[] = [];
    for (const { values } of batch) features.push(await inTurn(this, () => this.now(values)));
    return features;
  }

  /** This thread and others take one signal after the other. */
  async #onThreads(batch: readonly Waiting[], threads: number): Promise<Float32Array[]> {
    const task = this.#taskOf(batch);
    const others = Array.from({ length: threads - 1 }, () => startThread(task));
    const own = async (): Promise<void> => {
      while (await inTurn(this, () => takeNext(task, this.transform)));
    };
    try {
      await Promise.all([own(), ...others.map(({ done }) => done)]);
    } finally {
      await Promise.all(others.map(({ end }) => end()));
    }
    return batch.map((_, i) => task.features.subarray(i * this.#width, (i + 1) * this.#width));
  }

  #taskOf(batch: readonly Waiting[]): ConvolutionTask {
    const offsets = new Float64Array(batch.length + 1);
    batch.forEach(({ values }, i) => {
      offsets[i + 1] = offsets[i] + values.length;
    });
    const values = shared(offsets[batch.length]);
    batch.forEach((one, i) => {
      values.set(one.values, offsets[i]);
    });
    return {
      module: convolutionModule(),
      plan: this.#plan,
      values,
      offsets,
      features: shared(batch.length * this.#width),
      next: new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)),
    };
  }
}

const shared = (length: number): Float32Array =>
  new Float32Array(new SharedArrayBuffer(length * Float32Array.BYTES_PER_ELEMENT));

/** A thread that shares in the work until none is left. */
function startThread(task: ConvolutionTask): { readonly done: Promise<void>; end(): Promise<void> } {
  let started: Promise<{ terminate(): Promise<void> }> | undefined;
  const done = new Promise<void>((resolve, reject) => {
    const failed = (reason: string): void =>
      reject(new FailureError(`a thread that encodes signals failed: ${reason}`));
    started = platform.startWorker('convolutions', task, {
      message: (data) => {
        if ((data as ConvolutionMessage).kind === 'done') resolve();
      },
      failed,
    });
    started.catch((error) => failed(String(error)));
  });
  // One that never started has said so.
  return { done, end: async () => (await started?.catch(() => undefined))?.terminate() };
}
