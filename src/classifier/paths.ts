/** The ways from an input to logits: one model, or two whose logits are added. */
import type { Engine } from '../engine/engine.js';
import { crossEntropies } from '../evaluation/fusion.js';
import type { SavedModel } from '../formats/runFolder.js';
import type { TrainedModel } from '../formats/trainedModel.js';
import type { Encoder } from '../input/encoder.js';
import type { Input } from '../input/input.js';
import type { ModelConfiguration } from '../model/configuration.js';
import { lowerEvaluation } from '../model/lowering.js';
import { FORWARD_BATCH } from '../training/forward.js';
import { ForwardQueue } from './queue.js';

export interface Result {
  readonly logits: Float64Array;
  readonly loss: number;
}

interface Path {
  readonly encoder: Encoder;
  /** Tokens that it reads. */
  readonly length: number;
  readonly queue: ForwardQueue;
}

async function openPath(
  engine: Engine,
  model: ModelConfiguration,
  { encoder, parameters }: Pick<TrainedModel, 'encoder' | 'parameters'>,
): Promise<Path> {
  const session = await engine.createInference(lowerEvaluation(model), { maxBatch: FORWARD_BATCH });
  for (const [name, values] of parameters) await session.setParameter(name, values);
  return { encoder, length: model.sequenceLength, queue: new ForwardQueue(session, model.classes) };
}

export class Paths {
  readonly #paths: readonly Path[];
  readonly #classes: number;

  private constructor(paths: readonly Path[], classes: number) {
    this.#paths = paths;
    this.#classes = classes;
  }

  static async open(engine: Engine, saved: SavedModel): Promise<Paths> {
    const { config, linear } = saved;
    const paths: Path[] = [];
    if (linear?.fusion.deep !== 0) paths.push(await openPath(engine, config.model, saved));
    if (linear !== undefined) paths.push(await openPath(engine, linear.model, linear));
    return new Paths(paths, config.classes.length);
  }

  /** @param label matters to the loss alone */
  async forward(input: Input, label = 0): Promise<Result> {
    const results = await Promise.all(
      this.#paths.map(({ encoder, length, queue }) => queue.forward(encoder.encode(input, length), label)),
    );
    const logits = Float64Array.from({ length: this.#classes }, (_, c) =>
      results.reduce((sum, result) => sum + result.logits[c], 0),
    );
    if (results.length === 1) return { logits, loss: results[0].loss };
    const [loss] = crossEntropies(logits, Int32Array.of(label), this.#classes);
    return { logits, loss };
  }

  /** Share of the input's first `length` tokens (default: of those read) that some path knows. */
  knownShare(input: Input, length?: number): number {
    const shares = this.#paths.map((path) => path.encoder.knownShare(input, length ?? path.length));
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
