/** One input that comes in chunks: a running answer, and at the end that of the whole. */
import { InputError } from '../../errors.js';
import { type Input, isBytes, isSignal } from '../../input/input.js';
import { unitsOf } from '../../input/measured.js';
import { type Expected, type Reading, readInput, readText } from '../../input/reading.js';
import type { Prediction } from '../prediction.js';
import type { PathStream } from './pathStream.js';

/** A piece of an input: of a signal its numbers alone, [steps, channels], serve too. */
export type Chunk = Input | Float32Array;

export interface StreamSource {
  readonly expected: Expected;
  /** What is done to the input before it is encoded. */
  readonly reading: Reading;
  open(text: boolean): Promise<readonly PathStream[]>;
  answer(logits: readonly Float64Array[]): Prediction;
}

/** The last character with which nothing behind it has to be joined: what follows may still change with the next chunk. */
// biome-ignore lint/suspicious/noMisleadingCharacterClass: a range of single characters is meant
const BOUNDARY = /[^\u0300-\uffff](?=[\u0300-\uffff]*$)/;

const HIGH_SURROGATE = /[\ud800-\udbff]$/;

/** Characters that are held back for their normal form at most. */
const MOST_HELD = 4096;

export class InputStream {
  readonly #source: StreamSource;
  readonly #paths: Promise<readonly PathStream[]>;
  /** Calls are worked on one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  #units = 0;
  #ended = false;
  #fault: unknown;
  /** Text that the next chunk may still change, for a model of bytes. */
  #held = '';
  /** All of the text, for a model of bytes that drops HTML: tags may be cut between chunks. */
  #markup = '';

  /** @internal Use `classifier.stream`. */
  constructor(source: StreamSource) {
    this.#source = source;
    this.#paths = source.open(source.expected.kind === 'text');
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
      await this.#flush(true);
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
    const paths = await this.#current();
    if (this.#units === 0) throw new InputError('nothing has come through this stream yet');
    const logits: Float64Array[] = [];
    for (const path of paths) logits.push(await path.logits());
    return this.#source.answer(logits);
  }

  /** The paths with all that has come. */
  async #current(): Promise<readonly PathStream[]> {
    if (this.#markup === '') {
      if (!this.#ended) await this.#flush(false);
      return this.#paths;
    }
    const paths = await this.#source.open(false);
    const bytes = new TextEncoder().encode(readText(this.#markup, this.#source.reading));
    for (const path of paths) await path.push(bytes);
    return paths;
  }

  /** The chunk as the model takes it. Throws InputError. */
  #inputOf(chunk: Chunk): Input {
    const { expected, reading } = this.#source;
    if (expected.kind === 'signal') {
      const channels = expected.channels ?? 1;
      const signal = chunk instanceof Float32Array ? { channels, values: chunk } : chunk;
      if (typeof signal === 'string' || isBytes(signal)) {
        throw new InputError(
          'this model takes signals: give its stream Float32Arrays, or { values, channels, rate }',
        );
      }
      if (reading.resample !== undefined && signal?.rate !== undefined && signal.rate !== expected.rate) {
        throw new InputError(
          `a chunk of ${signal.rate} samples a second; chunks of a stream are not resampled: give it ${expected.rate}`,
        );
      }
      if (signal?.values?.length === 0) return { ...signal, channels };
      return readInput(
        signal,
        { mono: reading.mono },
        expected,
        `the chunk at step ${this.#units + 1} of the stream`,
      );
    }
    if (chunk instanceof Float32Array || isSignal(chunk)) {
      throw new InputError(
        `this model takes ${expected.kind === 'text' ? 'texts' : 'bytes or texts'}, not signals`,
      );
    }
    if (expected.kind === 'text' && typeof chunk !== 'string') {
      throw new InputError('this model takes texts, not bytes: decode them (TextDecoder with stream: true)');
    }
    return chunk;
  }

  async #take(chunk: Input): Promise<void> {
    const { expected, reading } = this.#source;
    if (expected.kind === 'text' || typeof chunk !== 'string') {
      if (this.#markup !== '') throw new InputError('texts and bytes cannot be mixed in this stream');
      // In the order in which they came.
      await this.#flush(true);
      await this.#push(chunk);
    } else if (reading.html === 'strip') {
      this.#markup += chunk;
      this.#units += chunk.length;
    } else {
      const text = this.#held + chunk;
      const boundary = BOUNDARY.exec(text)?.index ?? 0;
      this.#held = text.slice(boundary);
      if (this.#held.length > MOST_HELD) {
        await this.#push(this.#encoded(text.slice(0, boundary)));
        await this.#flush(false);
        return;
      }
      await this.#push(this.#encoded(text.slice(0, boundary)));
    }
  }

  #encoded(text: string): Uint8Array {
    return new TextEncoder().encode(readText(text, { unicode: this.#source.reading.unicode }));
  }

  /** @param last nothing can follow that would complete half a character */
  async #flush(last: boolean): Promise<void> {
    const text = this.#held;
    this.#held = last ? '' : (HIGH_SURROGATE.exec(text)?.[0] ?? '');
    const ready = text.slice(0, text.length - this.#held.length);
    if (ready !== '') await this.#push(this.#encoded(ready));
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
