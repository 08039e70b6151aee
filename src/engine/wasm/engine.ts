/** The wasm engine: SIMD kernels, worker threads over one shared memory, or one thread where that is missing. */
import { platform } from '#platform';
import { InputError } from '../../errors.js';
import type { Program } from '../../program/program.js';
import type { Engine, Session, SessionOptions } from '../engine.js';
import { compileKernels } from './compile.js';
import { fittingLayout, SHARDS } from './layout.js';
import { defaultThreads } from './runtime.js';
import { WasmSession } from './session.js';
import { arithmeticOf, chooseTier, type Tier } from './tier.js';

export interface WasmEngineOptions {
  /** Worker threads, 1 … 8. Default: the machine's cores, at most 8. The result does not depend on it. */
  readonly threads?: number;
  /** Build of the kernels. Default: the environment's EFT_TIER, else the fastest that this runtime has (`tier.ts`). */
  readonly tier?: Tier;
  /** False: no worker threads, all on the calling thread. Default: as the runtime allows. */
  readonly shared?: boolean;
}

/** Throws InputError on a number of threads outside 1 … 8, or a tier that this runtime has not. */
export async function createWasmEngine(options: WasmEngineOptions = {}): Promise<Engine> {
  const { tier = chooseTier(), shared = platform.sharesMemory() } = options;
  const threads = shared ? (options.threads ?? defaultThreads()) : 1;
  if (!Number.isInteger(threads) || threads < 1 || threads > SHARDS) {
    throw new InputError(`threads must be a whole number from 1 to ${SHARDS}, got ${threads}`);
  }
  const module = await compileKernels(tier, shared);
  /** Those that are open. */
  const sessions = new Set<Session>();
  const open = async (
    forward: Program,
    backward: Program | undefined,
    { maxBatch, profile = false }: SessionOptions,
  ): Promise<Session> => {
    const layout = fittingLayout(forward, backward, { threads, maxBatch });
    const onDispose = (session: Session): void => void sessions.delete(session);
    const session = await WasmSession.create({ module, layout, shared, profile, onDispose });
    sessions.add(session);
    return session;
  };
  return {
    name: 'wasm',
    tier,
    threads,
    arithmetic: arithmeticOf(tier),
    createTraining: ({ evaluation, training }, session) => open(evaluation, training, session),
    createInference: (program, session) => open(program, undefined, session),
    async dispose() {
      await Promise.all([...sessions].map((session) => session.dispose()));
    },
  };
}
