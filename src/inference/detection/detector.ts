/** A model that says what happens when: in whole recordings, and in what comes without end. */
import type { FoundEvent } from '../../data/timedEvent.js';
import type { Engine } from '../../engine/engine.js';
import { InputError, InterruptedError } from '../../errors.js';
import type { SavedModel } from '../../formats/runFolder.js';
import { BandEncoder } from '../../input/bands.js';
import type { Signal } from '../../input/input.js';
import { type RawSignal, readInput } from '../../input/reading.js';
import type { EventDecision } from '../../model/eventDecision.js';
import { RowScorer, reachOf } from './blockScores.js';
import { byOnset, Detection, type DetectionModel, type DetectionState, type OnScores } from './detection.js';
import { PieceResampler } from './samples.js';

/** Rows of a block where whole recordings are read, and where what comes is listened to: there, an answer waits for one. */
const BLOCK_ROWS = 1024;
const LISTENING_ROWS = 25;

export interface DetectOptions {
  /** Ends the work early: the call then rejects with InterruptedError. */
  readonly signal?: AbortSignal | undefined;
  /** Gets the scores of rows as they are found: [rows, classes], `background` first. */
  readonly onScores?: OnScores | undefined;
}

export interface ListenOptions {
  /** Samples a second of chunks that are bare numbers. Default: the model's. */
  readonly rate?: number | undefined;
  /** Ends the listening: the loop then ends with InterruptedError. */
  readonly signal?: AbortSignal | undefined;
}

/** A piece of sound: its samples at the model's rate (or that of the options), or a signal of any rate. */
export type SoundChunk = Float32Array | RawSignal;

export class Detector {
  readonly model: DetectionModel;
  readonly #saved: SavedModel;
  readonly #engine: Engine;
  readonly #scorers = new Map<number, Promise<RowScorer>>();
  /** A session takes one command at a time, and many may be asked. */
  #turn: Promise<unknown> = Promise.resolve();

  /** The engine stays the caller's. Throws InputError on a model that finds no events. */
  constructor(saved: SavedModel, engine: Engine) {
    this.model = detectionModelOf(saved);
    this.#saved = saved;
    this.#engine = engine;
  }

  /** Labels that it finds. */
  get labels(): readonly string[] {
    return this.model.classes.slice(1);
  }

  /** Samples a second. */
  get rate(): number {
    return this.model.encoder.rate;
  }

  /** Seconds of sound that must follow the end of an event until `listen` gives it, at most. */
  get delay(): number {
    const { encoder, decision } = this.model;
    const { smoothing, classes } = decision;
    const gap = Math.max(...classes.map((one) => one.gap));
    const rows = LISTENING_ROWS + reachOf(this.#saved.config.model) + (smoothing - 1) / 2 + 2;
    return gap + (rows * encoder.patch + encoder.rows.reads) / encoder.rate;
  }

  /** The events of a recording, by their onsets. */
  async detect(recording: SoundChunk, options: DetectOptions = {}): Promise<FoundEvent[]> {
    const found: FoundEvent[] = [];
    for await (const event of this.detectIn([recording], this.rate, options)) found.push(event);
    return found.sort(byOnset);
  }

  /** The events of a recording that comes in pieces, in order of their ends. */
  detectIn(
    pieces: AsyncIterable<SoundChunk> | Iterable<SoundChunk>,
    rate: number,
    options: DetectOptions = {},
  ): AsyncGenerator<FoundEvent> {
    return this.#run(pieces, rate, BLOCK_ROWS, options);
  }

  /**
   * Events as they happen, each when it is over and `delay` seconds have followed it. Chunks may be of any size; memory does
   * not grow.
   *
   * @example
   * for await (const { label, onset } of detector.listen(chunks)) console.log(label, onset);
   */
  listen(
    chunks: AsyncIterable<SoundChunk> | Iterable<SoundChunk>,
    { rate = this.rate, signal }: ListenOptions = {},
  ): AsyncGenerator<FoundEvent> {
    return this.#run(chunks, rate, LISTENING_ROWS, { signal });
  }

  async *#run(
    pieces: AsyncIterable<SoundChunk> | Iterable<SoundChunk>,
    rate: number,
    block: number,
    { signal, onScores }: DetectOptions,
  ): AsyncGenerator<FoundEvent> {
    const scorer = await this.#scorer(block);
    const detection = new Detection(this.model, scorer, onScores);
    let resampler: PieceResampler | undefined;
    let number = 0;
    for await (const piece of pieces) {
      if (signal?.aborted) throw new InterruptedError('the detection was stopped', { cause: signal.reason });
      const { values, rate: own = rate } = soundOf(piece, `chunk ${++number}`);
      if (values.length === 0) continue;
      if (own === this.rate && resampler === undefined) {
        yield* await this.#inTurn(() => detection.push(values));
        continue;
      }
      resampler ??= new PieceResampler(own, this.rate);
      for (const part of resampler.push(values)) yield* await this.#inTurn(() => detection.push(part));
    }
    const rest = resampler?.finish();
    if (rest !== undefined) yield* await this.#inTurn(() => detection.push(rest));
    yield* await this.#inTurn(() => detection.finish());
  }

  /** @internal A recording in the making, for callers that keep where they stand. */
  async begin(onScores?: OnScores, state?: DetectionState): Promise<Detection> {
    return new Detection(this.model, await this.#scorer(BLOCK_ROWS), onScores, state);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#turn.then(work);
    this.#turn = run.catch(() => {});
    return run;
  }

  #scorer(block: number): Promise<RowScorer> {
    let scorer = this.#scorers.get(block);
    if (scorer === undefined) {
      scorer = RowScorer.open(this.#engine, this.#saved.config.model, this.#saved.parameters, block);
      this.#scorers.set(block, scorer);
    }
    return scorer;
  }
}

/** Throws InputError on a model that finds no events. */
export function detectionModelOf({ config, encoder }: SavedModel): DetectionModel {
  const decision: EventDecision | undefined = config.events;
  if (decision === undefined || !(encoder instanceof BandEncoder)) {
    throw new InputError(
      'this model gives one answer for all of an input; one that finds events is trained with --events, or with --task detect',
    );
  }
  return { classes: config.classes, encoder, decision };
}

/** One channel: the mean of several. */
function soundOf(
  piece: SoundChunk,
  where: string,
): { readonly values: Float32Array; readonly rate?: number | undefined } {
  if (piece instanceof Float32Array && piece.length === 0) return { values: piece };
  const reading = { long: 'head', mono: true } as const;
  const signal = readInput(piece, reading, { kind: 'signal', channels: 1 }, where) as Signal;
  return { values: signal.values, rate: signal.rate };
}
