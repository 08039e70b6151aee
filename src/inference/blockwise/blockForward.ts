/**
 * Inputs longer than a program is planned for, block after block, by families whose rows hang on few others: a block
 * overlaps the one before by what its rows reach (as overlap-save does), so the rows are those of the whole in one piece
 * but for rounding. Memory does not grow with the length.
 */
import { packSequences } from '../../data/encode.js';
import type { Engine, RealArray, Session } from '../../engine/engine.js';
import { FailureError } from '../../errors.js';
import type { Encoded } from '../../input/encoder.js';
import { atLength, type ModelConfiguration } from '../../model/configuration.js';
import type { CommonConfiguration } from '../../model/families/family.js';
import { familyOf } from '../../model/families/index.js';
import { lowerRows } from '../../model/lowering.js';
import { RunningPool } from './runningPool.js';

/** Rows of a block: as many, or four times what a row reaches. */
const LEAST_ROWS = 8192;
/** Blocks of more rows would save no memory. */
const MOST_ROWS = 2 ** 17;

export interface BlockPlan {
  /** Rows of a block. */
  readonly rows: number;
  /** Rows at both ends of a block that serve the others alone. */
  readonly reach: number;
}

/** How a model reads blocks; undefined for families that need the whole, and kernels that reach too far. */
export function planBlocks(model: ModelConfiguration): BlockPlan | undefined {
  const { blockwise } = familyOf(model).capabilities;
  if (blockwise === undefined) return undefined;
  const reach = blockwise.reach(model);
  const rows = Math.max(LEAST_ROWS, 2 ** Math.ceil(Math.log2(4 * reach)));
  return rows > MOST_ROWS ? undefined : { rows, reach };
}

/** Steps of so many rows. */
export function stepsOfRows(model: ModelConfiguration, rows: number): number {
  const { signal }: CommonConfiguration = model;
  return rows * (signal?.patch ?? 1);
}

export class BlockForward {
  readonly plan: BlockPlan;
  /** Blocks that are worked on at once. */
  readonly atOnce: number;
  readonly #model: ModelConfiguration;
  readonly #parameters: ReadonlyMap<string, Float32Array>;
  readonly #session: Session;
  /** The session takes one command at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(
    plan: BlockPlan,
    atOnce: number,
    model: ModelConfiguration,
    parameters: ReadonlyMap<string, Float32Array>,
    session: Session,
  ) {
    this.plan = plan;
    this.atOnce = atOnce;
    this.#model = model;
    this.#parameters = parameters;
    this.#session = session;
  }

  /** @param plan of the model */
  static async open(
    engine: Engine,
    plan: BlockPlan,
    whole: ModelConfiguration,
    parameters: ReadonlyMap<string, Float32Array>,
  ): Promise<BlockForward> {
    const model = atLength(whole, stepsOfRows(whole, plan.rows));
    const program = lowerRows(model);
    const session = await engine.createInference(program, { maxBatch: engine.threads });
    for (const { name } of program.parameters) await session.setParameter(name, parameters.get(name)!);
    return new BlockForward(plan, engine.threads, model, parameters, session);
  }

  begin(): BlockReading {
    return new BlockReading(this, familyOf(this.#model).capabilities.blockwise!.pooling(this.#model));
  }

  /** Logits of one sequence. Rejects with the signal's reason when it is aborted between two blocks. */
  async forward(sequence: Encoded, signal?: AbortSignal): Promise<Float64Array> {
    const reading = this.begin();
    await reading.push(sequence, signal);
    return reading.logits();
  }

  /** What the rows of the blocks are pooled from, [rows of all, width]. */
  rows(blocks: readonly Encoded[]): Promise<{ readonly values: RealArray; readonly width: number }> {
    const run = this.#turn.then(async () => {
      const { offsets, tokens, frames } = packSequences(blocks);
      const { logits } = await this.#session.forward({
        tokens,
        offsets: Int32Array.from(offsets),
        labels: new Int32Array(blocks.length),
        ...(frames === undefined ? {} : { frames }),
      });
      return { values: logits, width: logits.length / tokens.length };
    });
    this.#turn = run.catch(() => {});
    return run;
  }

  /** The model's last layer, in float64. */
  head(pooled: Float64Array): Float64Array {
    const weight = this.#parameters.get('head.weight')!;
    const logits = Float64Array.from(this.#parameters.get('head.bias')!, (bias, c) =>
      pooled.reduce((sum, value, i) => sum + value * weight[c * pooled.length + i], bias),
    );
    const bad = logits.find((value) => !Number.isFinite(value));
    if (bad === undefined) return logits;
    throw new FailureError(`the model gives ${bad} instead of a score: its weights are damaged`);
  }
}

/** A reading in progress. Calls must not overlap. */
export class BlockReading {
  readonly #forward: BlockForward;
  readonly #pool: RunningPool;
  /** Rows that are not pooled yet, and before them those that these reach. */
  readonly #held: { ids: Int32Array; frames: Float32Array | undefined };
  #rows = 0;
  /** Of the rows held, those that are pooled. */
  #before = 0;

  constructor(forward: BlockForward, pooling: ConstructorParameters<typeof RunningPool>[0]) {
    const { rows, reach } = forward.plan;
    this.#forward = forward;
    this.#pool = new RunningPool(pooling);
    const capacity = rows + (forward.atOnce - 1) * (rows - 2 * reach);
    this.#held = { ids: new Int32Array(capacity), frames: undefined };
  }

  /** Takes the rows that follow. */
  async push({ ids, frames }: Encoded, signal?: AbortSignal): Promise<void> {
    const held = this.#held;
    const width = frames === undefined ? 0 : frames.length / ids.length;
    if (frames !== undefined) held.frames ??= new Float32Array(held.ids.length * width);
    for (let from = 0; from < ids.length; ) {
      const count = Math.min(ids.length - from, held.ids.length - this.#rows);
      held.ids.set(ids.subarray(from, from + count), this.#rows);
      held.frames?.set(frames!.subarray(from * width, (from + count) * width), this.#rows * width);
      this.#rows += count;
      from += count;
      if (this.#rows === held.ids.length) await this.#poolBlocks();
      signal?.throwIfAborted();
    }
    await this.#poolBlocks();
  }

  /**
   * Logits of what has come, as if no more did.
   * @param more rows that follow, but are not taken
   */
  async logits(more?: Encoded): Promise<Float64Array> {
    const pool = this.#pool.copy();
    const [rows, before] = [this.#rows, this.#before];
    const extra = more?.ids.length ?? 0;
    if (rows + extra > before) {
      const own = this.#part(0, rows);
      const { values, width } = await this.#forward.rows([more === undefined ? own : joined(own, more)]);
      pool.add(values, width, before, rows + extra);
    }
    return this.#forward.head(pool.pooled());
  }

  /** Pools the rows of every whole block. */
  async #poolBlocks(): Promise<void> {
    const { rows: size, reach } = this.#forward.plan;
    const held = this.#held;
    while (this.#rows >= size) {
      const blocks: Encoded[] = [];
      const fresh: number[] = [];
      let start = 0;
      let before = this.#before;
      while (this.#rows - start >= size && blocks.length < this.#forward.atOnce) {
        blocks.push(this.#part(start, start + size));
        fresh.push(before);
        start += size - 2 * reach;
        before = reach;
      }
      const { values, width } = await this.#forward.rows(blocks);
      fresh.forEach((first, b) => {
        this.#pool.add(values, width, b * size + first, (b + 1) * size - reach);
      });
      held.ids.copyWithin(0, start, this.#rows);
      const numbers = (held.frames?.length ?? 0) / held.ids.length;
      held.frames?.copyWithin(0, start * numbers, this.#rows * numbers);
      this.#rows -= start;
      this.#before = before;
    }
  }

  /** A copy of rows held. */
  #part(from: number, to: number): Encoded {
    const { ids, frames } = this.#held;
    const width = (frames?.length ?? 0) / ids.length;
    const own = { ids: ids.slice(from, to) };
    return frames === undefined ? own : { ...own, frames: frames.slice(from * width, to * width) };
  }
}

function joined(a: Encoded, b: Encoded): Encoded {
  const { tokens: ids, frames } = packSequences([a, b].filter(({ ids: own }) => own.length > 0));
  return frames === undefined ? { ids } : { ids, frames };
}
