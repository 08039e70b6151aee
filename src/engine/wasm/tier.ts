/**
 * The builds of the kernels, and which of them this runtime can take.
 *
 * - `simd`: WebAssembly SIMD, everywhere.
 * - `relaxed-simd`: with fused multiply-add.
 * - `simd-256`: the same instructions in the order that lets V8 join neighbouring halves into 256-bit registers.
 */
import { platform } from '#platform';
import { InputError } from '../../errors.js';

export type Tier = 'simd' | 'relaxed-simd' | 'simd-256';

const TIERS: readonly Tier[] = ['simd', 'relaxed-simd', 'simd-256'];

/**
 * (module (func (result v128) local.get… f32x4.relaxed_madd)): the smallest module that needs relaxed SIMD.
 * WAT: (func (param v128 v128 v128) (result v128) local.get 0 local.get 1 local.get 2 f32x4.relaxed_madd)
 */
const RELAXED_PROBE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0],
  ...[1, 8, 1, 96, 3, 123, 123, 123, 1, 123],
  ...[3, 2, 1, 0],
  ...[10, 13, 1, 11, 0, 32, 0, 32, 1, 32, 2, 253, 133, 2, 11],
);

/** The tiers that run here; `simd-256` runs wherever `relaxed-simd` does, but is the slower one if V8 joins nothing. */
export function availableTiers(): readonly Tier[] {
  return WebAssembly.validate(RELAXED_PROBE) ? TIERS : ['simd'];
}

/** The environment's EFT_TIER, else the fastest. Throws InputError if EFT_TIER does not run here. */
export function chooseTier(): Tier {
  const available = availableTiers();
  const wanted = platform.environment('EFT_TIER');
  if (wanted === undefined || wanted === '') {
    if (available.length === 1) return 'simd';
    return platform.joinsVectors() ? 'simd-256' : 'relaxed-simd';
  }
  const tier = available.find((name) => name === wanted);
  if (tier === undefined) {
    throw new InputError(`EFT_TIER=${wanted}: this runtime has ${available.join(', ')}; name one of these`);
  }
  return tier;
}

/** Tiers of one arithmetic give the same bits: all but `simd` fuse products and sums. */
export const arithmeticOf = (tier: Tier): string => (tier === 'simd' ? 'float32' : 'float32-fused');
