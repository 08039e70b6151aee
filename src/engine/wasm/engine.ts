/** The wasm engine: SIMD kernels, worker threads over one shared memory, or one thread where that is missing. */
import { InputError } from '../../errors.js';
import type { Program, TrainingProgram } from '../../program/program.js';
import type { Engine } from '../engine.js';
import { compileKernels } from './kernels.js';
import { planLayout, SHARDS } from './layout.js';
import { WasmSession } from './session.js';
import { chooseTier, type Tier } from './tier.js';

export interface WasmEngineOptions {
  /** Worker threads, 1 … 8. Default: the machine's cores, at most 8. The result does not depend on it. */
  readonly threads?: number;
  /** Build of the kernels. Default: the environment's EFT_TIER, else the fastest that this runtime has (`tier.ts`). */
  readonly tier?: Tier;
  /** False: no worker threads, all on the calling thread. Default: as the runtime allows. */
  readonly shared?: boolean;
  /** Measure the time by kind of operation. */
  readonly profile?: boolean;
}

export interface WasmEngine extends Engine {
  readonly tier: Tier;
  createTraining(program: TrainingProgram, options: { maxBatch: number }): Promise<WasmSession>;
  createInference(program: Program, options: { maxBatch: number }): Promise<WasmSession>;
  /** Ends all sessions and their workers. */
  dispose(): Promise<void>;
}

/** Whether memory can be shared with workers here: always in Node, in browsers on cross-origin isolated pages. */
function sharingAllowed(): boolean {
  return typeof SharedArrayBuffer === 'function' && (globalThis.crossOriginIsolated ?? true);
}

/** Throws InputError on a number of threads outside 1 … 8. */
export async function createWasmEngine(options: WasmEngineOptions = {}): Promise<WasmEngine> {
  const { tier = await chooseTier(), shared = sharingAllowed(), profile = false } = options;
  const threads = shared ? (options.threads ?? (await availableThreads())) : 1;
  if (!Number.isInteger(threads) || threads < 1 || threads > SHARDS) {
    throw new InputError(`threads must be a whole number from 1 to ${SHARDS}, got ${threads}`);
  }
  const module = await compileKernels(tier, shared);
  const sessions = new Set<WasmSession>();
  const open = async (
    forward: Program,
    backward: Program | undefined,
    maxBatch: number,
  ): Promise<WasmSession> => {
    const layout = planLayout(forward, backward, { threads, maxBatch });
    const session = await WasmSession.create({ module, layout, shared, profile });
    sessions.add(session);
    return session;
  };
  return {
    name: 'wasm',
    tier,
    threads,
    createTraining: ({ evaluation, training }, { maxBatch }) => open(evaluation, training, maxBatch),
    createInference: (program, { maxBatch }) => open(program, undefined, maxBatch),
    async dispose() {
      await Promise.all([...sessions].map((session) => session.dispose()));
      sessions.clear();
    },
  };
}

/** Cores that this process may use. */
async function availableThreads(): Promise<number> {
  const cores =
    typeof process === 'object' && process.versions?.node !== undefined
      ? (await import('node:os')).availableParallelism()
      : (globalThis.navigator.hardwareConcurrency ?? 1);
  return Math.max(1, Math.min(SHARDS, cores));
}
