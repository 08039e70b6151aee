/** One path's reading of an input that comes in chunks: by its rule, in bounded memory. */
import { logProbabilities } from '../../evaluation/metrics.js';
import type { Encoded, Encoder } from '../../input/encoder.js';
import type { Input } from '../../input/input.js';
import { encodeInput, type LengthRule } from '../../input/long.js';
import { HeldUnits, isMeasured, sliceOf, unitsOf } from '../../input/measured.js';
import type { BlockForward, BlockReading } from '../blockwise/blockForward.js';

export interface PathStream {
  /** Takes a chunk of the kind that its encoder takes. Calls must not overlap. */
  push(chunk: Input): Promise<void>;
  /** Logits of what has come, as if no more did. There is something. */
  logits(): Promise<Float64Array>;
}

export interface StreamedPath {
  readonly encoder: Encoder;
  readonly rule: LengthRule;
  readonly blocks?: (() => Promise<BlockForward>) | undefined;
  readonly classes: number;
  /** What several answers for one input say together. */
  average(logits: Float64Array, classes: number): Float64Array;
  /** Applies the reading to a text. */
  readonly read: (text: string) => string;
  /** Logits of one sequence. */
  forward(sequence: Encoded): Promise<Float64Array>;
}

/** @param text whether the chunks are texts */
export async function streamAlong(path: StreamedPath, text: boolean): Promise<PathStream> {
  const { encoder, rule, blocks } = path;
  if (text) return new TextStream(path);
  if (rule.long === 'head' && blocks !== undefined && encoder.piecewise) {
    return new BlockStream(path, (await blocks()).begin());
  }
  return rule.long === 'windows' ? new WindowStream(path) : new HeldStream(path);
}

function demandMeasured(chunk: Input): Exclude<Input, string> {
  if (isMeasured(chunk)) return chunk;
  throw new TypeError('internal: a text in a stream of bytes or signals');
}

/** Reads on as it comes: what is held does not hang on the length that is read. */
class BlockStream implements PathStream {
  readonly #path: StreamedPath;
  readonly #reading: BlockReading;
  #read = 0;
  /** Steps that make no row yet. */
  readonly #rest = new HeldUnits();

  constructor(path: StreamedPath, reading: BlockReading) {
    this.#path = path;
    this.#reading = reading;
  }

  async push(chunk: Input): Promise<void> {
    const { encoder, rule } = this.#path;
    const given = demandMeasured(chunk);
    const fresh = sliceOf(given, 0, Math.min(unitsOf(given), rule.sequenceLength - this.#read));
    this.#read += unitsOf(fresh);
    this.#rest.append(fresh);
    const { patch = 1 } = encoder;
    const rest = this.#rest.count % patch;
    const whole = this.#rest.count - rest;
    if (whole === 0) return;
    const rows = encoder.encode(sliceOf(this.#rest.content!, 0, whole), whole);
    this.#rest.keepLast(rest);
    await this.#reading.push(rows);
  }

  logits(): Promise<Float64Array> {
    const { content, count } = this.#rest;
    const more = content === undefined || count === 0 ? undefined : this.#path.encoder.encode(content, count);
    return this.#reading.logits(more);
  }
}

/** Holds what the rule reads: so much from the beginning, and so much up to where the input stands. */
class HeldStream implements PathStream {
  readonly #path: StreamedPath;
  /** Units of the beginning, and of the end. */
  readonly #most: { readonly head: number; readonly tail: number };
  readonly #head = new HeldUnits();
  readonly #tail = new HeldUnits();

  constructor(path: StreamedPath) {
    const { long, sequenceLength: n } = path.rule;
    const head = long === 'head' ? n : long === 'tail' ? 0 : Math.ceil(n / 2);
    this.#path = path;
    this.#most = { head, tail: n - head };
  }

  async push(chunk: Input): Promise<void> {
    const given = demandMeasured(chunk);
    const { head, tail } = this.#most;
    const first = Math.min(head - this.#head.count, unitsOf(given));
    this.#head.append(sliceOf(given, 0, first));
    if (tail === 0 || first === unitsOf(given)) return;
    this.#tail.append(sliceOf(given, first, unitsOf(given)));
    this.#tail.keepLast(tail);
  }

  logits(): Promise<Float64Array> {
    const { encoder, rule, forward } = this.#path;
    const both = new HeldUnits();
    for (const { content } of [this.#head, this.#tail]) if (content !== undefined) both.append(content);
    return forward(encoder.encode(both.content!, rule.sequenceLength));
  }
}

/** All of it in windows: those that are behind are answers already, and what is held is one window. */
class WindowStream implements PathStream {
  readonly #path: StreamedPath;
  readonly #held = new HeldUnits();
  /** Units that have come. */
  #count = 0;
  /** Where the next window begins that is not the last. */
  #next = 0;
  /** Log-probabilities of the windows behind, what they sum to, and how many there are. */
  #sums: Float64Array | undefined;
  #windows = 0;

  constructor(path: StreamedPath) {
    this.#path = path;
  }

  async push(chunk: Input): Promise<void> {
    const { sequenceLength: n, overlap } = this.#path.rule;
    const given = demandMeasured(chunk);
    for (let from = 0; from < unitsOf(given); ) {
      // Up to where the next window is whole: it counts when more follows.
      const missing = this.#next + n - this.#count;
      if (missing === 0) {
        this.#sums = this.#with(await this.#window());
        this.#windows++;
        this.#next += overlap ? Math.ceil(n / 2) : n;
        continue;
      }
      const length = Math.min(missing, unitsOf(given) - from);
      this.#held.append(sliceOf(given, from, from + length));
      this.#held.keepLast(n);
      this.#count += length;
      from += length;
    }
  }

  /** The answer to what is held. */
  #window(): Promise<Float64Array> {
    const { encoder, rule, forward } = this.#path;
    return forward(encoder.encode(this.#held.content!, rule.sequenceLength));
  }

  /** The windows behind and one more: the logarithms of the sums of their probabilities. */
  #with(logits: Float64Array): Float64Array {
    const own = logProbabilities(logits);
    const sums = this.#sums;
    if (sums === undefined) return own;
    return own.map((log, c) => Math.max(log, sums[c]) + Math.log1p(Math.exp(-Math.abs(log - sums[c]))));
  }

  async logits(): Promise<Float64Array> {
    const last = await this.#window();
    if (this.#sums === undefined) return last;
    const count = Math.log(this.#windows + 1);
    return this.#with(last).map((sum) => sum - count);
  }
}

/** Words are cut apart when they are all there: holds the text, of which no more is taken than is read from its head. */
class TextStream implements PathStream {
  readonly #path: StreamedPath;
  #text = '';
  /** Of the text when its tokens were counted. */
  #counted = 0;
  #full = false;

  constructor(path: StreamedPath) {
    this.#path = path;
  }

  async push(chunk: Input): Promise<void> {
    if (this.#full) return;
    this.#text += chunk as string;
    const { encoder, rule } = this.#path;
    // Not every time: counting goes by the whole text.
    if (rule.long !== 'head' || this.#text.length < 2 * this.#counted + rule.sequenceLength) return;
    this.#counted = this.#text.length;
    // The last token may not be all there.
    this.#full = encoder.count(this.#path.read(this.#text)) > rule.sequenceLength;
  }

  async logits(): Promise<Float64Array> {
    const { encoder, rule, forward, classes, average, read } = this.#path;
    const { sequences } = encodeInput(encoder, read(this.#text), rule);
    const all = new Float64Array(sequences.length * classes);
    for (const [i, sequence] of sequences.entries()) all.set(await forward(sequence), i * classes);
    return average(all, classes);
  }
}
