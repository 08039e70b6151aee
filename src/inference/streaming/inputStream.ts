/** One input that comes in chunks: a running answer, and at the end that of the whole. */
import { InputError } from '../../errors.js';
import { type Input, type InputKind, isBytes, isSignal } from '../../input/input.js';
import { unitsOf } from '../../input/measured.js';
import { fitting } from '../../input/signal.js';
import type { Prediction } from '../prediction.js';
import type { PathStream } from './pathStream.js';

/** A piece of an input: of a signal its numbers alone, [steps, channels], serve too. */
export type Chunk = Input | Float32Array;

export interface StreamSource {
  readonly takes: InputKind;
  /** Of signals: numbers a step, and steps a second where that is known. */
  readonly channels?: number | undefined;
  readonly rate?: number | undefined;
  open(text: boolean): Promise<readonly PathStream[]>;
  answer(logits: readonly Float64Array[]): Prediction;
}

const HIGH_SURROGATE = /[\ud800-\udbff]$/;

export class InputStream {
  readonly #source: StreamSource;
  readonly #paths: Promise<readonly PathStream[]>;
  /** Calls are worked on one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  #units = 0;
  #ended = false;
  #fault: unknown;
  /** Half of a character that is cut between two chunks of text, for a model of bytes. */
  #half = '';

  /** @internal Use `classifier.stream`. */
  constructor(source: StreamSource) {
    this.#source = source;
    this.#paths = source.open(source.takes === 'text');
    this.#paths.catch(() => {}); // the first call hears of it
  }

  /** Steps, bytes or UTF-16 units that were taken so far; a model may read fewer. */
  get length(): number {
    return this.#units;
  }

  /**
   * Takes what follows; calls may overlap and keep their order. The chunk may be used again when the promise resolves.
   * Throws InputError on a chunk of another kind, other channels or another rate: the stream has then taken nothing of
   * it.
   */
  push(chunk: Chunk): Promise<void> {
    return this.#next(() => this.#take(this.#inputOf(chunk)));
  }

  /** What `predict` says of what has come so far. Throws InputError before anything has. */
  answer(): Promise<Prediction> {
    return this.#next(() => this.#answer());
  }

  /** The answer to the whole; nothing can follow. */
  end(): Promise<Prediction> {
    return this.#next(async () => {
      this.#ended = true;
      if (this.#half !== '') await this.#push(new TextEncoder().encode(this.#half));
      return this.#answer();
    });
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(() => {
      if (this.#fault !== undefined) throw this.#fault;
      if (this.#ended) throw new InputError('this stream has ended: begin another with classifier.stream()');
      return work();
    });
    this.#turn = result.catch(() => {});
    return result;
  }

  async #answer(): Promise<Prediction> {
    if (this.#units === 0) throw new InputError('nothing has come through this stream yet');
    const logits: Float64Array[] = [];
    for (const path of await this.#paths) logits.push(await path.logits());
    return this.#source.answer(logits);
  }

  /** The chunk as the model takes it. Throws InputError. */
  #inputOf(chunk: Chunk): Input {
    const { takes, channels } = this.#source;
    if (takes === 'signal') {
      const signal = chunk instanceof Float32Array ? { channels: channels ?? 1, values: chunk } : chunk;
      if (typeof signal === 'string' || isBytes(signal)) {
        throw new InputError(
          'this model takes signals: give its stream Float32Arrays, or { channels, values }',
        );
      }
      fitting(signal, this.#source);
      if (signal.values.length % signal.channels !== 0) {
        throw new InputError(
          `a chunk of ${signal.values.length} numbers, which are no whole steps of ${signal.channels} channels`,
        );
      }
      const bad = signal.values.findIndex((value) => !Number.isFinite(value));
      if (bad >= 0) {
        const step = this.#units + Math.floor(bad / signal.channels);
        throw new InputError(`step ${step + 1} of the stream is ${signal.values[bad]}, which is no number`);
      }
      return signal;
    }
    if (chunk instanceof Float32Array || isSignal(chunk)) {
      throw new InputError(`this model takes ${takes === 'text' ? 'texts' : 'bytes or texts'}, not signals`);
    }
    if (takes === 'text' && typeof chunk !== 'string') {
      throw new InputError('this model takes texts, not bytes: decode them (TextDecoder with stream: true)');
    }
    return chunk;
  }

  async #take(chunk: Input): Promise<void> {
    if (typeof chunk !== 'string' || this.#source.takes === 'text') {
      await this.#push(chunk);
      return;
    }
    const text = this.#half + chunk;
    this.#half = HIGH_SURROGATE.test(text) ? text.slice(-1) : '';
    await this.#push(new TextEncoder().encode(text.slice(0, text.length - this.#half.length)));
  }

  async #push(chunk: Input): Promise<void> {
    const size = typeof chunk === 'string' ? chunk.length : unitsOf(chunk);
    if (size === 0) return;
    try {
      for (const path of await this.#paths) await path.push(chunk);
    } catch (error) {
      // Some of it may have been taken.
      this.#fault = error;
      throw error;
    }
    this.#units += size;
  }
}
