/** The ways from an input to logits: one model, or two whose logits are added. */
import type { Engine, RealArray } from '../engine/engine.js';
import { disposedError } from '../errors.js';
import { averagedScores, crossEntropies } from '../evaluation/metrics.js';
import { averagedLabelLogits } from '../evaluation/multiLabel.js';
import type { SavedModel } from '../formats/runFolder.js';
import type { TrainedModel } from '../formats/trainedModel.js';
import type { Encoded, Encoder } from '../input/encoder.js';
import { prepareEncoder } from '../input/index.js';
import { type Input, isBytes } from '../input/input.js';
import {
  type Extent,
  extentOf,
  type InputSequences,
  type LengthRule,
  sequencesOf,
  sequencesTogether,
} from '../input/long.js';
import { type Reading, readText } from '../input/reading.js';
import { findWords, needsSegmentation, withWords } from '../input/segmentation.js';
import { atLength, type ModelConfiguration } from '../model/configuration.js';
import { lowerEvaluation, tokenCapacity } from '../model/lowering.js';
import { inSlices, inTurn } from '../platform/slices.js';
import { BlockForward, planBlocks, stepsOfRows } from './blockwise/blockForward.js';
import { FORWARD_BATCH, ForwardQueue, type ForwardRequest } from './forwardQueue.js';
import { type PathStream, streamAlong } from './streaming/pathStream.js';

export interface InputResult {
  readonly logits: Float64Array;
  readonly loss: number;
  /** Tokens of the input, and how many of them were read. */
  readonly extent: Extent;
}

/** What inputs belong to; those of one object are served in turns with those of others. */
export interface PathsRequest extends ForwardRequest {
  /** Hears of the sequences of each input before they wait: one, or as many as it has windows. What it throws refuses it. */
  readonly onSequences?: ((count: number) => void) | undefined;
}

interface Path {
  readonly encoder: Encoder;
  /** What it reads of an input. */
  readonly rule: LengthRule;
  readonly queue: ForwardQueue;
  /** Opened when first needed; absent where the model needs the whole at once. */
  readonly blocks?: () => Promise<BlockForward>;
}

/** Longer sequences are read in blocks, by models that can. */
const WHOLE_ROWS = 32_768;

/** Rows of all sequences that a session takes at once: longer sequences come in smaller batches. */
const ROWS_AT_ONCE = 2 ** 21;

async function openPath(
  engine: Engine,
  model: ModelConfiguration,
  { config: { reading } }: SavedModel,
  { encoder, parameters }: Pick<TrainedModel, 'encoder' | 'parameters'>,
): Promise<Path> {
  await prepareEncoder(encoder.kind);
  const plan = planBlocks(model);
  const cut = plan !== undefined && tokenCapacity(model) > WHOLE_ROWS;
  const whole = cut ? atLength(model, stepsOfRows(model, WHOLE_ROWS)) : model;
  const maxBatch = Math.max(1, Math.min(FORWARD_BATCH, Math.floor(ROWS_AT_ONCE / tokenCapacity(whole))));
  const session = await engine.createInference(lowerEvaluation(whole), { maxBatch });
  for (const [name, values] of parameters) await session.setParameter(name, values);
  const { sequenceLength, classes } = model;
  const rule = { sequenceLength, long: reading.long, overlap: true };
  const path = { encoder, rule, queue: new ForwardQueue(session, classes) };
  if (plan === undefined) return path;
  let opened: Promise<BlockForward> | undefined;
  const blocks = (): Promise<BlockForward> => {
    opened ??= BlockForward.open(engine, plan, model, parameters);
    return opened;
  };
  return { ...path, blocks };
}

/** What a path reads of an input. */
interface PathRead {
  /** Of the whole input, if they were counted. */
  readonly tokens: number | undefined;
  readonly sequences: InputSequences;
}

/** Letters, bytes or numbers of an input that is read at once; far fewer letters of scripts without spaces. */
const QUICK = 2048;
const QUICK_UNSPACED = 64;

function isQuick(input: Input): boolean {
  if (typeof input !== 'string') return (isBytes(input) ? input : input.values).length <= QUICK;
  return input.length <= QUICK && (input.length <= QUICK_UNSPACED || !needsSegmentation(input));
}

/** That of the path which reads most: what it leaves out no path reads. */
function widest(extents: readonly Extent[]): Extent {
  const share = ({ tokens, read }: Extent): number => (tokens === 0 ? 1 : read / tokens);
  return extents.reduce((most, extent) => (share(extent) > share(most) ? extent : most));
}

export class Paths {
  readonly #paths: readonly Path[];
  readonly #classes: number;
  /** What several answers for one input say together. */
  readonly #average: typeof averagedScores;
  readonly #temperature: number;
  readonly #threads: number;
  /** Inputs that are not answered yet. */
  readonly #underWay = new Set<Promise<unknown>>();
  #closed = false;
  readonly #reading: Reading;

  private constructor(paths: readonly Path[], threads: number, { config, temperature = 1 }: SavedModel) {
    this.#paths = paths;
    this.#threads = threads;
    this.#classes = config.classes.length;
    this.#average = config.model.multiLabel ? averagedLabelLogits : averagedScores;
    this.#temperature = temperature;
    this.#reading = config.reading;
  }

  static async open(engine: Engine, saved: SavedModel): Promise<Paths> {
    const { config, linear } = saved;
    const paths: Path[] = [];
    if (linear?.fusion.deep !== 0) paths.push(await openPath(engine, config.model, saved, saved));
    if (linear !== undefined) paths.push(await openPath(engine, linear.model, saved, linear));
    return new Paths(paths, engine.threads, saved);
  }

  /** @param label matters to the loss alone */
  forward(input: Input, label = 0, request: PathsRequest = {}): Promise<InputResult> {
    return this.#tracked(() => this.#counted(input, label, request));
  }

  /** Logits alone: where the head of an input is read, the rest is not even counted. */
  logits(input: Input, request: PathsRequest = {}): Promise<Float64Array> {
    return this.#tracked(() => this.#uncounted(input, request));
  }

  async #tracked<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw disposedError();
    const answer = work();
    this.#underWay.add(answer);
    try {
      return await answer;
    } finally {
      this.#underWay.delete(answer);
    }
  }

  async #counted(input: Input, label: number, request: PathsRequest): Promise<InputResult> {
    const reads = await this.#read(input, request, () => true);
    const extents = reads.map(({ tokens = 0 }, i) => extentOf(tokens, this.#paths[i].rule));
    return { ...(await this.#forward(reads, label, request)), extent: widest(extents) };
  }

  async #uncounted(input: Input, request: PathsRequest): Promise<Float64Array> {
    const reads = await this.#read(input, request, ({ long }) => long !== 'head');
    return (await this.#forward(reads, 0, request)).logits;
  }

  /**
   * What each path reads of the input. Long ones are read in slices, so that others have the thread in between.
   * @param needsCount whether all tokens of the input must be counted
   */
  async #read(
    input: Input,
    request: PathsRequest,
    needsCount: (rule: LengthRule) => boolean,
  ): Promise<PathRead[]> {
    const count = ({ encoder, rule }: Path): number | undefined =>
      needsCount(rule) ? encoder.count(input) : undefined;
    const read = ({ encoder, rule }: Path, tokens: number | undefined): PathRead => ({
      tokens,
      sequences: sequencesOf(encoder, input, rule, tokens),
    });
    const together = this.#paths.some(({ encoder }) => encoder.encodeTogether !== undefined);
    // In one go: encoders know the tokens that they counted last.
    if (isQuick(input) && !together) return this.#paths.map((path) => read(path, count(path)));
    const mostOf = ({ encoder, rule }: Path): number => {
      if (!encoder.usesDictionaries) return 0;
      return needsCount(rule) ? Number.POSITIVE_INFINITY : rule.sequenceLength;
    };
    const words =
      typeof input === 'string'
        ? await findWords(input, Math.max(...this.#paths.map(mostOf)), request, request.signal)
        : undefined;
    const reads: PathRead[] = [];
    for (const path of this.#paths) {
      const piece = <T>(work: () => T): Promise<T> =>
        inTurn(request, () => {
          request.signal?.throwIfAborted();
          return withWords(words, work);
        });
      const tokens = await piece(() => count(path));
      const { encoder, rule } = path;
      const sequences =
        encoder.encodeTogether === undefined
          ? undefined
          : await sequencesTogether(encoder, input, rule, this.#threads, tokens);
      reads.push(sequences === undefined ? await piece(() => read(path, tokens)) : { tokens, sequences });
    }
    return reads;
  }

  /** @param reads of each path */
  async #forward(
    reads: readonly PathRead[],
    label: number,
    request: PathsRequest,
  ): Promise<Omit<InputResult, 'extent'>> {
    request.signal?.throwIfAborted();
    request.onSequences?.(Math.max(...reads.map(({ sequences }) => sequences.length)));
    const results = await Promise.all(
      this.#paths.map((path, i) => this.#along(path, reads[i].sequences, label, request)),
    );
    request.signal?.throwIfAborted();
    if (results.length === 1 && this.#temperature === 1) return results[0];
    const logits = this.sum(results.map((result) => result.logits));
    const [loss] = crossEntropies(logits, Int32Array.of(label), this.#classes);
    return { logits, loss };
  }

  /** Of the one sequence that the input gives, or of all of them together. */
  async #along(
    path: Path,
    sequences: InputSequences,
    label: number,
    request: ForwardRequest,
  ): Promise<Omit<InputResult, 'extent'>> {
    const encoded: Encoded[] = [];
    const encode = function* (): Generator<undefined> {
      for (const sequence of sequences) {
        encoded.push(sequence);
        yield;
      }
    };
    if (sequences.length === 1) encoded.push(...sequences);
    else await inSlices(request, encode(), request.signal);
    if (encoded.length === 1) {
      const { logits, loss } = await this.#sequence(path, encoded[0], label, request);
      return { logits: Float64Array.from(logits), loss };
    }
    const answers = await Promise.all(encoded.map((one) => this.#sequence(path, one, label, request)));
    const all = new Float64Array(answers.length * this.#classes);
    answers.forEach(({ logits }, i) => {
      all.set(logits, i * this.#classes);
    });
    const logits = this.#average(all, this.#classes);
    const [loss] = crossEntropies(logits, Int32Array.of(label), this.#classes);
    return { logits, loss };
  }

  /** At once, or block after block where it is too long for that. */
  async #sequence(
    { queue, blocks }: Path,
    sequence: Encoded,
    label: number,
    request: ForwardRequest = {},
  ): Promise<{ readonly logits: RealArray; readonly loss: number }> {
    if (blocks === undefined || sequence.ids.length <= WHOLE_ROWS) {
      return queue.forward(sequence, label, request);
    }
    const logits = await (await blocks()).forward(sequence, request.signal);
    const [loss] = crossEntropies(logits, Int32Array.of(label), this.#classes);
    return { logits, loss };
  }

  /** What the paths make of one input that comes in chunks. @param text whether the chunks are texts */
  async streams(text: boolean): Promise<PathStream[]> {
    return Promise.all(
      this.#paths.map((path) => {
        const forward = async (sequence: Encoded): Promise<Float64Array> =>
          Float64Array.from((await this.#sequence(path, sequence, 0)).logits);
        const { encoder, rule, blocks } = path;
        const read = (piece: string): string => readText(piece, this.#reading);
        return streamAlong(
          { encoder, rule, blocks, classes: this.#classes, average: this.#average, forward, read },
          text,
        );
      }),
    );
  }

  /** The paths' logits together. */
  sum(all: readonly Float64Array[]): Float64Array {
    return Float64Array.from(
      { length: this.#classes },
      (_, c) => all.reduce((sum, logits) => sum + logits[c], 0) / this.#temperature,
    );
  }

  /** Tokens of the input, and how many of them are read by the path that reads most. */
  extentOf(input: Input): Extent {
    return widest(this.#paths.map(({ encoder, rule }) => extentOf(encoder.count(input), rule)));
  }

  /** Share of the tokens that some path knows: of the input's first `length`, or of those that may be read. */
  knownShare(input: Input, length = Number.POSITIVE_INFINITY): number {
    const shares = this.#paths.map(({ encoder, rule: { long, sequenceLength } }) =>
      encoder.knownShare(input, long === 'head' ? Math.min(length, sequenceLength) : length),
    );
    return Math.max(...shares);
  }

  get warnings(): readonly string[] {
    return [...new Set(this.#paths.flatMap(({ encoder: { warning } }) => warning ?? []))];
  }

  /** What waits is still answered; nothing new is accepted. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#underWay);
    await Promise.all(this.#paths.map(({ queue }) => queue.close()));
  }
}
