/** A recording on its way through a model: from samples that come in pieces of any size to events. */
import type { FoundEvent } from '../../data/timedEvent.js';
import { EventTracker, type RowEvent, type TrackerState } from '../../evaluation/eventTracker.js';
import type { BandEncoder } from '../../input/bands.js';
import type { EventDecision } from '../../model/eventDecision.js';
import { BlockScores, firstFor, type RowScorer } from './blockScores.js';

export interface DetectionModel {
  readonly classes: readonly string[];
  readonly encoder: BandEncoder;
  readonly decision: EventDecision;
}

/** Called with the scores of rows, [rows, classes], in order. */
export type OnScores = (scores: Float64Array) => void | Promise<void>;

/** Where a detection stands; plain JSON. It goes on with the samples from `step` on. */
export interface DetectionState {
  readonly step: number;
  /** Rows that have their scores. */
  readonly done: number;
  readonly tracker: TrackerState;
}

/** Calls must not overlap. */
export class Detection {
  readonly #model: DetectionModel;
  readonly #onScores: OnScores | undefined;
  readonly #scorer: RowScorer;
  readonly #scores: BlockScores;
  readonly #tracker: EventTracker;
  /** Samples from the first one of row `#rows` on. */
  #held = new Float32Array(0);
  #rows = 0;
  #steps = 0;

  /** @param state of another one, to go on from */
  constructor(model: DetectionModel, scorer: RowScorer, onScores?: OnScores, state?: DetectionState) {
    const { encoder, decision } = model;
    this.#model = model;
    this.#onScores = onScores;
    this.#scorer = scorer;
    this.#scores = new BlockScores(scorer, encoder.bands, state?.done);
    this.#tracker = new EventTracker(decision, encoder.rate / encoder.patch, state?.tracker);
    if (state === undefined) return;
    this.#rows = firstFor(scorer, state.done);
    this.#steps = this.#rows * encoder.patch;
  }

  get state(): DetectionState {
    const { done } = this.#scores;
    return {
      step: firstFor(this.#scorer, done) * this.#model.encoder.patch,
      done,
      tracker: this.#tracker.state,
    };
  }

  /** No event that is still to come begins before this second. */
  get settled(): number {
    const { encoder } = this.#model;
    return (this.#tracker.settled * encoder.patch) / encoder.rate;
  }

  /** Takes samples at the model's rate; the events that are over, in order of their ends. */
  async push(values: Float32Array): Promise<FoundEvent[]> {
    const { patch, rows: shape } = this.#model.encoder;
    this.#steps += values.length;
    const held = new Float32Array(this.#held.length + values.length);
    held.set(this.#held);
    held.set(values, this.#held.length);
    const whole = Math.floor((held.length - shape.reads) / patch) + 1;
    this.#held = held;
    return whole <= 0 ? [] : this.#take(whole);
  }

  /** No more samples come. */
  async finish(): Promise<FoundEvent[]> {
    const left =
      Math.max(this.#steps > 0 ? 1 : 0, Math.ceil(this.#steps / this.#model.encoder.patch)) - this.#rows;
    const over = left > 0 ? await this.#take(left) : [];
    const scores = await this.#scores.finish();
    await this.#onScores?.(scores);
    return [...over, ...this.#events([...this.#tracker.push(scores), ...this.#tracker.finish()])];
  }

  /** Encodes the next rows and scores them. */
  async #take(rows: number): Promise<FoundEvent[]> {
    const { patch } = this.#model.encoder;
    const { frames } = this.#model.encoder.encodeRows(this.#held, rows);
    this.#held = this.#held.slice(Math.min(this.#held.length, rows * patch));
    this.#rows += rows;
    const scores = await this.#scores.push(frames);
    if (scores.length > 0) await this.#onScores?.(scores);
    return this.#events(this.#tracker.push(scores));
  }

  #events(found: readonly RowEvent[]): FoundEvent[] {
    return timedEvents(found, this.#model, this.#steps);
  }
}

/**
 * Events of rows, in seconds.
 * @param steps of the recording, as far as it is known: nothing ends behind them
 */
export function timedEvents(
  found: readonly RowEvent[],
  { classes, encoder }: Pick<DetectionModel, 'classes' | 'encoder'>,
  steps: number,
): FoundEvent[] {
  const { patch, rate, rows } = encoder;
  // A row lies around the middle of what it reads.
  const shift = (rows.reads - patch) / 2;
  const time = (row: number): number => {
    const seconds = row === 0 ? 0 : (row * patch + shift) / rate;
    return Math.round(1e4 * Math.min(steps / rate, seconds)) / 1e4;
  };
  return found.map(({ class: c, from, to, score }) => ({
    onset: time(from),
    offset: time(to),
    label: classes[c],
    score: Math.round(1e4 * score) / 1e4,
  }));
}

/** By their onsets, then their labels. */
export const byOnset = (a: FoundEvent, b: FoundEvent): number =>
  a.onset - b.onset || a.offset - b.offset || (a.label < b.label ? -1 : a.label > b.label ? 1 : 0);
