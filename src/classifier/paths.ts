/** The ways from an input to logits: one model, or two whose logits are added. */
import type { Engine } from '../engine/engine.js';
import { averagedScores, crossEntropies } from '../evaluation/metrics.js';
import type { SavedModel } from '../formats/runFolder.js';
import type { TrainedModel } from '../formats/trainedModel.js';
import type { Encoder } from '../input/encoder.js';
import type { Input } from '../input/input.js';
import { type Extent, extentOf, type ReadingRule, readInput } from '../input/long.js';
import type { ModelConfiguration } from '../model/configuration.js';
import { lowerEvaluation } from '../model/lowering.js';
import { FORWARD_BATCH } from '../training/forward.js';
import { ForwardQueue } from './queue.js';

export interface Result {
  readonly logits: Float64Array;
  readonly loss: number;
  /** Tokens of the input, and how many of them were read. */
  readonly extent: Extent;
}

interface Path {
  readonly encoder: Encoder;
  /** What it reads of an input. */
  readonly rule: ReadingRule;
  readonly queue: ForwardQueue;
}

async function openPath(
  engine: Engine,
  model: ModelConfiguration,
  { config: { reading } }: SavedModel,
  { encoder, parameters }: Pick<TrainedModel, 'encoder' | 'parameters'>,
): Promise<Path> {
  const session = await engine.createInference(lowerEvaluation(model), { maxBatch: FORWARD_BATCH });
  for (const [name, values] of parameters) await session.setParameter(name, values);
  const { sequenceLength, classes } = model;
  const rule = { sequenceLength, long: reading.long, overlap: true };
  return { encoder, rule, queue: new ForwardQueue(session, classes) };
}

/** That of the path which reads most: what it leaves out no path reads. */
function widest(extents: readonly Extent[]): Extent {
  const share = ({ tokens, read }: Extent): number => (tokens === 0 ? 1 : read / tokens);
  return extents.reduce((most, extent) => (share(extent) > share(most) ? extent : most));
}

export class Paths {
  readonly #paths: readonly Path[];
  readonly #classes: number;
  readonly #temperature: number;

  private constructor(paths: readonly Path[], classes: number, temperature: number) {
    this.#paths = paths;
    this.#classes = classes;
    this.#temperature = temperature;
  }

  static async open(engine: Engine, saved: SavedModel): Promise<Paths> {
    const { config, linear, temperature = 1 } = saved;
    const paths: Path[] = [];
    if (linear?.fusion.deep !== 0) paths.push(await openPath(engine, config.model, saved, saved));
    if (linear !== undefined) paths.push(await openPath(engine, linear.model, saved, linear));
    return new Paths(paths, config.classes.length, temperature);
  }

  /** @param label matters to the loss alone */
  async forward(input: Input, label = 0): Promise<Result> {
    const results =
      this.#paths.length === 1
        ? [await this.#along(this.#paths[0], input, label)]
        : await Promise.all(this.#paths.map((path) => this.#along(path, input, label)));
    const extent = widest(results.map((result) => result.extent));
    if (results.length === 1 && this.#temperature === 1) return { ...results[0], extent };
    const logits = Float64Array.from(
      { length: this.#classes },
      (_, c) => results.reduce((sum, result) => sum + result.logits[c], 0) / this.#temperature,
    );
    const [loss] = crossEntropies(logits, Int32Array.of(label), this.#classes);
    return { logits, loss, extent };
  }

  /** Of the one sequence that the input gives, or of all of them together. */
  async #along({ encoder, rule, queue }: Path, input: Input, label: number): Promise<Result> {
    const { sequences, ...extent } = readInput(encoder, input, rule);
    if (sequences.length === 1) {
      const { logits, loss } = await queue.forward(sequences[0], label);
      return { logits: Float64Array.from(logits), loss, extent };
    }
    const answers = await Promise.all(sequences.map((sequence) => queue.forward(sequence, label)));
    const all = new Float64Array(answers.length * this.#classes);
    answers.forEach(({ logits }, i) => {
      all.set(logits, i * this.#classes);
    });
    const logits = averagedScores(all, this.#classes);
    const [loss] = crossEntropies(logits, Int32Array.of(label), this.#classes);
    return { logits, loss, extent };
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

  /** What waits is still answered; nothing new is taken. */
  async close(): Promise<void> {
    await Promise.all(this.#paths.map(({ queue }) => queue.close()));
  }
}
