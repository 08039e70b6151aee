/** What the engine has to work with here. */
import { platform } from '#platform';
import { loadKernels } from './compile.js';
import { SHARDS } from './layout.js';
import { chooseTier, type Tier } from './tier.js';

export interface Runtime {
  /** Threads of a training that is not told how many. */
  readonly threads: number;
  /** Whether memory can be shared with worker threads; if not, there is one thread. */
  readonly sharesMemory: boolean;
  /** Build of the kernels. */
  readonly tier: Tier;
}

/** Threads unless it is said how many: the machine's cores, at most as many as a batch has parts. */
export const defaultThreads = (): number => Math.min(SHARDS, platform.availableThreads());

/** What a training would use here. Throws InputError where the environment names a tier that does not run. */
export function runtime(): Runtime {
  const sharesMemory = platform.sharesMemory();
  return { threads: sharesMemory ? defaultThreads() : 1, sharesMemory, tier: chooseTier() };
}

/** Loads the kernels and the worker's script. */
export async function preloadEngine(): Promise<void> {
  await Promise.all([loadKernels(chooseTier()), platform.preload('engine')]);
}
