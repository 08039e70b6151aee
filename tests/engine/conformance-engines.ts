/** The engines under test, and how to make a session of one ready to use. */
import type { Batch, Engine, Session } from '#eft/engine/engine.js';
import { createReferenceEngine } from '#eft/engine/reference/engine.js';
import type { WasmEngineOptions } from '#eft/engine/wasm/engine.js';
import { availableTiers } from '#eft/engine/wasm/tier.js';
import type { Program, TrainingProgram } from '#eft/program/program.js';
import { RandomStream } from '#eft/random.js';
import { EXHAUSTIVE } from '../exhaustive.js';

export interface EngineUnderTest {
  readonly name: string;
  create(): Promise<Engine>;
}

const wasm = (name: string, options: WasmEngineOptions): EngineUnderTest => ({
  name,
  async create() {
    // Loaded here, so that a wasm engine that does not load fails its own tests alone.
    const { createWasmEngine } = await import('#eft/engine/wasm/engine.js');
    return createWasmEngine(options);
  },
});

export const REFERENCE: EngineUnderTest = { name: 'reference', create: async () => createReferenceEngine() };

/** All of the tier that is chosen here. */
export const WASM_ENGINES: readonly EngineUnderTest[] = [
  wasm('wasm, 1 thread', { threads: 1 }),
  wasm('wasm, 2 threads', { threads: 2 }),
  wasm('wasm, 3 threads', { threads: 3 }),
  wasm('wasm without shared memory', { threads: 1, shared: false }),
];

/** Every build that runs here, the one without relaxed SIMD first. */
export const WASM_TIERS = availableTiers().map((tier) => wasm(`wasm, tier ${tier}`, { threads: 2, tier }));

/** With threads and without, for suites that are long; exhaustive tests take every number of threads and every tier. */
export const MAIN_ENGINES: readonly EngineUnderTest[] = EXHAUSTIVE
  ? [...WASM_ENGINES, ...WASM_TIERS]
  : [WASM_ENGINES[1], WASM_ENGINES[3]];

/** For suites that compare numbers over many sessions, each of which would start threads of its own. */
export const NUMERIC_ENGINES: readonly EngineUnderTest[] = EXHAUSTIVE ? MAIN_ENGINES : [WASM_ENGINES[3]];

/** The same on the calling thread: sessions are made in no time. */
export const TIERS_ALONE = (await availableTiers()).map((tier) =>
  wasm(`wasm, tier ${tier}, alone`, { threads: 1, shared: false, tier }),
);

export type Parameters = ReadonlyMap<string, ArrayLike<number>>;

/** A training session with these parameters. */
export async function trainingSession(
  engine: Engine,
  program: TrainingProgram,
  parameters: Parameters,
  maxBatch: number,
): Promise<Session> {
  const session = await engine.createTraining(program, { maxBatch });
  for (const [name, values] of parameters) await session.setParameter(name, values);
  return session;
}

/** Float32 numbers for every parameter, of a size that keeps activations near 1; padding row zero. */
export function randomParameters(program: Program, seed: number): Map<string, Float32Array> {
  const padded = new Set(
    program.operations
      .filter(({ kind }) => kind === 'embedding')
      .map(({ inputs }) => program.tensors[inputs.token].parameter),
  );
  const parameters = new Map<string, Float32Array>();
  program.parameters.forEach(({ name, shape }, place) => {
    const random = new RandomStream(seed, 'test', 1, place);
    const [centre, spread] = /norm.*weight$|frequency$/.test(name)
      ? [1, 0.3]
      : [0, shape.length === 1 ? 0.3 : /embedding|filter/.test(name) ? 0.7 : 1 / Math.sqrt(shape[1])];
    const size = shape.reduce((product, length) => product * length, 1);
    const values = Float32Array.from({ length: size }, () => centre + spread * random.nextNormal());
    if (padded.has(name)) values.fill(0, 0, shape[1]);
    parameters.set(name, values);
  });
  return parameters;
}

/** Numbers a row of the frames that a random batch has. */
export const FRAME_WIDTH = 6;

/** Sequences of the given lengths with random tokens 1 … vocabulary, weights, frames and labels. */
export function randomBatch(
  lengths: readonly number[],
  vocabulary: number,
  classes: number,
  seed: number,
): Batch {
  const random = new RandomStream(seed, 'test', 2);
  const offsets = new Int32Array(lengths.length + 1);
  for (const [b, length] of lengths.entries()) offsets[b + 1] = offsets[b] + length;
  const tokens = Int32Array.from(
    { length: offsets[lengths.length] },
    () => 1 + random.nextInteger(vocabulary),
  );
  const labels = Int32Array.from(lengths, () => random.nextInteger(classes));
  const weights = Float32Array.from(tokens, () => 0.3 * random.nextNormal());
  const frames = Float32Array.from({ length: FRAME_WIDTH * tokens.length }, () => random.nextNormal());
  return { tokens, offsets, labels, weights, frames };
}

/** Sequence b of a batch, alone. */
export function alone({ tokens, offsets, labels, weights, frames }: Batch, b: number): Batch {
  const own = tokens.slice(offsets[b], offsets[b + 1]);
  return {
    tokens: own,
    offsets: Int32Array.of(0, own.length),
    labels: labels.slice(b, b + 1),
    ...(weights ? { weights: weights.slice(offsets[b], offsets[b + 1]) } : {}),
    ...(frames ? { frames: frames.slice(FRAME_WIDTH * offsets[b], FRAME_WIDTH * offsets[b + 1]) } : {}),
  };
}

/** The bits of numbers, for comparisons that no rounding may pass. */
export const bits = (values: Float32Array | Float64Array): string =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength).toString();
