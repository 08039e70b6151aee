/** The kernels of every tier that this runtime has, over one memory, for tests that call them directly. */
import { compileKernels } from '#eft/engine/wasm/compile.js';
import { instantiateKernels, type Kernels } from '#eft/engine/wasm/kernels.js';
import { availableTiers, type Tier } from '#eft/engine/wasm/tier.js';

export const tiers: readonly Tier[] = availableTiers();

/** Grows as a test needs it. */
export const memory = new WebAssembly.Memory({ initial: 2, maximum: 65536 });

const loaded = new Map<Tier, Kernels>();
for (const tier of tiers) loaded.set(tier, instantiateKernels(await compileKernels(tier, false), memory));

export function kernelsOf(tier: Tier): Kernels {
  const kernels = loaded.get(tier);
  if (kernels === undefined) throw new Error(`no kernels of tier ${tier}`);
  return kernels;
}
