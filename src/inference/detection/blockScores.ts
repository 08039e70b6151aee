/**
 * Scores of every row of a recording that comes piece by piece. Rows are worked on in blocks at fixed places, each with the
 * rows around it that its own hang on: so the bits do not depend on how the recording was cut.
 */
import { packSequences } from '../../data/encode.js';
import type { Engine, Session } from '../../engine/engine.js';
import { FailureError } from '../../errors.js';
import { atLength, type ModelConfiguration } from '../../model/configuration.js';
import type { CommonConfiguration } from '../../model/families/family.js';
import { familyOf } from '../../model/families/index.js';
import { lowerFrames } from '../../model/lowering.js';

/** Rows on each side that the answer for one hangs on. */
export const reachOf = (model: ModelConfiguration): number =>
  familyOf(model).capabilities.blockwise!.reach(model);

/** A model whose rows answer, on an engine. Calls must not overlap. */
export class RowScorer {
  readonly reach: number;
  /** Rows of a block that are its own. */
  readonly block: number;
  readonly classes: number;
  /** Blocks that are worked on at once. */
  readonly atOnce: number;
  readonly #session: Session;

  private constructor(session: Session, model: ModelConfiguration, block: number, atOnce: number) {
    this.#session = session;
    this.reach = reachOf(model);
    this.block = block;
    this.classes = model.classes;
    this.atOnce = atOnce;
  }

  static async open(
    engine: Engine,
    model: ModelConfiguration,
    parameters: ReadonlyMap<string, Float32Array>,
    block: number,
  ): Promise<RowScorer> {
    const { signal }: CommonConfiguration = model;
    const rows = block + 2 * reachOf(model);
    const program = lowerFrames(atLength(model, rows * signal!.patch), { loss: false, dropout: false });
    const session = await engine.createInference(program, { maxBatch: engine.threads });
    for (const { name } of program.parameters) await session.setParameter(name, parameters.get(name)!);
    return new RowScorer(session, model, block, engine.threads);
  }

  /** Logits of the rows of each sequence of frames: [rows, classes]. */
  async logits(sequences: readonly Float32Array[], width: number): Promise<Float64Array[]> {
    const encoded = sequences.map((frames) => ({
      ids: new Int32Array(frames.length / width).fill(1),
      frames,
    }));
    const { offsets, tokens, frames } = packSequences(encoded);
    const { logits } = await this.#session.forward({
      tokens,
      offsets: Int32Array.from(offsets),
      labels: new Int32Array(sequences.length),
      frames: frames!,
    });
    return sequences.map((_, b) =>
      Float64Array.from(logits.subarray(offsets[b] * this.classes, offsets[b + 1] * this.classes)),
    );
  }

  dispose(): Promise<void> {
    return this.#session.dispose();
  }
}

/** The rows of one recording on their way through a scorer. */
export class BlockScores {
  readonly #scorer: RowScorer;
  readonly #width: number;
  /** Rows that are still needed: what comes next, and what it hangs on. */
  #held: Float32Array;
  /** The first of them, and how many there are. */
  #first = 0;
  #count = 0;
  /** Rows that have their scores. */
  #done = 0;

  /**
   * @param width numbers of a row
   * @param done rows that have their scores already: the next rows to come are those from `firstFor(done)` on
   */
  constructor(scorer: RowScorer, width: number, done = 0) {
    this.#scorer = scorer;
    this.#width = width;
    this.#held = new Float32Array((scorer.block + 2 * scorer.reach) * width);
    this.#done = done;
    this.#first = firstFor(scorer, done);
  }

  /** Rows that have their scores. */
  get done(): number {
    return this.#done;
  }

  /** Takes rows; the scores (0 … 1) of those that can be answered now, [rows, classes]. */
  async push(frames: Float32Array): Promise<Float64Array> {
    this.#append(frames);
    return this.#answer(false);
  }

  /** The scores of all that is left. */
  finish(): Promise<Float64Array> {
    return this.#answer(true);
  }

  #append(frames: Float32Array): void {
    const used = this.#count * this.#width;
    if (used + frames.length > this.#held.length) {
      const larger = new Float32Array(2 * (used + frames.length));
      larger.set(this.#held.subarray(0, used));
      this.#held = larger;
    }
    this.#held.set(frames, used);
    this.#count += frames.length / this.#width;
  }

  async #answer(last: boolean): Promise<Float64Array> {
    const { block, reach, classes, atOnce } = this.#scorer;
    const parts: Float64Array[] = [];
    for (;;) {
      const end = this.#first + this.#count;
      const jobs: { readonly from: number; readonly to: number; readonly own: number }[] = [];
      for (let own = this.#done; jobs.length < atOnce; own += block) {
        if (last ? own >= end : own + block + reach > end) break;
        jobs.push({ from: Math.max(0, own - reach), to: Math.min(end, own + block + reach), own });
      }
      if (jobs.length === 0) break;
      const sequences = jobs.map(({ from, to }) =>
        this.#held.slice((from - this.#first) * this.#width, (to - this.#first) * this.#width),
      );
      const logits = await this.#scorer.logits(sequences, this.#width);
      jobs.forEach(({ from, own }, j) => {
        const to = Math.min(end, own + block);
        parts.push(logits[j].slice((own - from) * classes, (to - from) * classes).map(scoreOf));
        this.#done = to;
      });
      this.#drop(firstFor(this.#scorer, this.#done));
    }
    return joined(parts);
  }

  /** Lets go of rows before `row`. */
  #drop(row: number): void {
    const gone = row - this.#first;
    if (gone <= 0) return;
    this.#held.copyWithin(0, gone * this.#width, this.#count * this.#width);
    this.#first = row;
    this.#count -= gone;
  }
}

/** The first row that those from `done` on hang on. */
export const firstFor = ({ reach }: Pick<RowScorer, 'reach'>, done: number): number =>
  Math.max(0, done - reach);

function scoreOf(logit: number): number {
  if (Number.isFinite(logit)) return 1 / (1 + Math.exp(-logit));
  throw new FailureError(`the model gives ${logit} instead of a score: its weights are damaged`);
}

function joined(parts: readonly Float64Array[]): Float64Array {
  if (parts.length === 1) return parts[0];
  const all = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
