/** Events from scores a row, which come one after the other: a median, two thresholds, gaps closed, short ones left out. */
import type { EventDecision } from '../model/eventDecision.js';

/** Rows from … to − 1 of a class. */
export interface RowEvent {
  readonly class: number;
  readonly from: number;
  readonly to: number;
  readonly score: number;
}

/** Of a class: what may become an event. */
interface Run {
  from: number;
  to: number;
  score: number;
}

/** Where a tracker stands; plain JSON. */
export interface TrackerState {
  readonly recent: readonly (readonly number[])[];
  readonly running: readonly (Run | null)[];
  readonly waiting: readonly (Run | null)[];
  readonly rows: number;
  readonly done: number;
}

export class EventTracker {
  readonly #decision: EventDecision;
  readonly #rate: number;
  readonly #half: number;
  /** The rows that the median still needs, oldest first. */
  readonly #recent: Float64Array[] = [];
  readonly #window: Float64Array;
  /** The run that goes on, and the event before it, which it may still be a part of. */
  readonly #running: (Run | undefined)[];
  readonly #waiting: (Run | undefined)[];
  /** Rows that have come. */
  #rows = 0;
  /** Rows that were smoothed. */
  #done = 0;

  /**
   * @param rate rows a second
   * @param state of another one, to go on from
   */
  constructor(decision: EventDecision, rate: number, state?: TrackerState) {
    this.#decision = decision;
    this.#rate = rate;
    this.#half = (decision.smoothing - 1) / 2;
    this.#window = new Float64Array(decision.smoothing);
    this.#running = decision.classes.map((_, c) => (state?.running[c] ? { ...state.running[c] } : undefined));
    this.#waiting = decision.classes.map((_, c) => (state?.waiting[c] ? { ...state.waiting[c] } : undefined));
    if (state === undefined) return;
    this.#recent.push(...state.recent.map((row) => Float64Array.from(row)));
    this.#rows = state.rows;
    this.#done = state.done;
  }

  /** Rows to the right of one that decide on it. */
  get lookahead(): number {
    return this.#half + Math.ceil(Math.max(...this.#decision.classes.map(({ gap }) => gap)) * this.#rate) + 1;
  }

  get state(): TrackerState {
    const plain = (run: Run | undefined): Run | null => (run === undefined ? null : { ...run });
    return {
      recent: this.#recent.map((row) => [...row]),
      running: this.#running.map(plain),
      waiting: this.#waiting.map(plain),
      rows: this.#rows,
      done: this.#done,
    };
  }

  /** No event that is still to come begins before this row. */
  get settled(): number {
    return [...this.#running, ...this.#waiting].reduce(
      (least, run) => Math.min(least, run?.from ?? least),
      this.#done,
    );
  }

  /** Takes [rows, classes]; the events that are over now. */
  push(scores: Float64Array): RowEvent[] {
    const { length } = this.#decision.classes;
    const over: RowEvent[] = [];
    for (let at = 0; at < scores.length; at += length) {
      this.#recent.push(scores.slice(at, at + length));
      this.#rows++;
      if (this.#rows > this.#half) this.#smooth(over);
      if (this.#recent.length > 2 * this.#half) this.#recent.shift();
    }
    return over;
  }

  /** No more rows come. */
  finish(): RowEvent[] {
    const over: RowEvent[] = [];
    while (this.#done < this.#rows) {
      this.#smooth(over);
      if (this.#recent.length > this.#half + 1) this.#recent.shift();
    }
    this.#running.forEach((run, c) => {
      if (run !== undefined) this.#end(c, over);
      this.#let(c, over);
    });
    return over;
  }

  /** The next row that has no median yet, of the rows around it that there are. */
  #smooth(over: RowEvent[]): void {
    const row = this.#done++;
    const first = this.#rows - this.#recent.length;
    const [from, to] = [Math.max(first, row - this.#half), Math.min(this.#rows, row + this.#half + 1)];
    const window = this.#window.subarray(0, to - from);
    for (let c = 1; c < this.#decision.classes.length; c++) {
      for (let t = from; t < to; t++) window[t - from] = this.#recent[t - first][c];
      if (window.length > 1) window.sort();
      this.#take(c, row, window[(window.length - 1) >> 1], over);
    }
  }

  #take(c: number, row: number, score: number, over: RowEvent[]): void {
    const { low, gap } = this.#decision.classes[c];
    const run = this.#running[c];
    if (score >= low) {
      if (run === undefined) this.#running[c] = { from: row, to: row + 1, score };
      else {
        run.to = row + 1;
        run.score = Math.max(run.score, score);
      }
      return;
    }
    if (run !== undefined) this.#end(c, over);
    const waiting = this.#waiting[c];
    if (waiting !== undefined && row - waiting.to >= gap * this.#rate) this.#let(c, over);
  }

  /** The run of a class has ended: an event, or the rest of one, if it was sure enough. */
  #end(c: number, over: RowEvent[]): void {
    const { threshold, gap } = this.#decision.classes[c];
    const run = this.#running[c]!;
    this.#running[c] = undefined;
    if (run.score < threshold) return;
    const waiting = this.#waiting[c];
    if (waiting !== undefined && run.from - waiting.to <= gap * this.#rate) {
      waiting.to = run.to;
      waiting.score = Math.max(waiting.score, run.score);
      return;
    }
    this.#let(c, over);
    this.#waiting[c] = run;
  }

  /** Lets the event go that waited. */
  #let(c: number, over: RowEvent[]): void {
    const waiting = this.#waiting[c];
    this.#waiting[c] = undefined;
    if (waiting === undefined || (waiting.to - waiting.from) / this.#rate < this.#decision.classes[c].least)
      return;
    over.push({ class: c, ...waiting });
  }
}
