/** Streaming prediction: texts in, labels with scores out, in the same order. */

import type { Session } from '../engine/engine.js';
import { softmax } from '../evaluation/metrics.js';
import type { Tokenizer } from '../input/tokenizer.js';
import type { ModelConfiguration } from '../model/configuration.js';

export interface Prediction {
  readonly label: string;
  /** Probability of each class, largest first. */
  readonly scores: Readonly<Record<string, number>>;
}

/** Texts that go to the engine at once. */
export const PORTION = 64;
/** A portion is not kept back longer than this. */
const PATIENCE_MS = 20;

export class Predictor {
  readonly classes: readonly string[];
  readonly #session: Session;
  readonly #tokenizer: Tokenizer;
  readonly #configuration: ModelConfiguration;

  constructor(
    session: Session,
    tokenizer: Tokenizer,
    configuration: ModelConfiguration,
    classes: readonly string[],
  ) {
    this.#session = session;
    this.#tokenizer = tokenizer;
    this.#configuration = configuration;
    this.classes = classes;
  }

  async predict(texts: readonly string[]): Promise<Prediction[]> {
    const encoded = texts.map((text) => this.#tokenizer.encode(text, this.#configuration.sequenceLength));
    const offsets = new Int32Array(texts.length + 1);
    encoded.forEach((ids, i) => {
      offsets[i + 1] = offsets[i] + ids.length;
    });
    const tokens = new Int32Array(offsets[texts.length]);
    encoded.forEach((ids, i) => {
      tokens.set(ids, offsets[i]);
    });
    const labels = new Int32Array(texts.length);
    const { logits } = await this.#session.forward({ tokens, offsets, labels });
    const count = this.classes.length;
    return texts.map((_, i) => this.#describe(logits.subarray(i * count, (i + 1) * count)));
  }

  /**
   * Predictions of a stream, a portion at a time: memory does not grow with its length, and a slow source (a person,
   * a growing log) does not wait for a full portion.
   */
  async *stream(texts: AsyncIterable<string>): AsyncGenerator<Prediction> {
    const source = texts[Symbol.asyncIterator]();
    const advance = (): Promise<IteratorResult<string>> => {
      const next = source.next();
      // A fault that comes while a portion is at work is thrown when its turn comes.
      next.catch(() => {});
      return next;
    };
    try {
      let next = advance();
      for (let ended = false; !ended; ) {
        const portion: string[] = [];
        let patience: Promise<undefined> | undefined;
        while (portion.length < PORTION) {
          const item = patience === undefined ? await next : await Promise.race([next, patience]);
          ended = item?.done === true;
          if (item === undefined || item.done) break;
          portion.push(item.value);
          patience ??= new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, undefined));
          next = advance();
        }
        if (portion.length > 0) yield* await this.predict(portion);
      }
    } finally {
      await source.return?.();
    }
  }

  #describe(logits: ArrayLike<number>): Prediction {
    const scores = softmax(logits);
    const order = this.classes.map((_, c) => c).sort((a, b) => scores[b] - scores[a] || a - b);
    return {
      label: this.classes[order[0]],
      scores: Object.fromEntries(order.map((c) => [this.classes[c], scores[c]])),
    };
  }
}
