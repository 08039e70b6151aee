/**
 * The builds of the kernels, and which of them this runtime can take.
 *
 * - `simd`: WebAssembly SIMD, everywhere.
 * - `relaxed-simd`: with fused multiply-add.
 * - `simd-256`: the same instructions in the order that lets V8 join neighbouring halves into 256-bit registers.
 */
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

/** V8 before relaxed SIMD came without a flag (Node 20). */
const RELAXED_BEHIND_FLAG = '11.3';

/**
 * V8 versions (Node 24, 25, 26) that turn pairs of 128-bit instructions into 256-bit ones on x86-64, on which all tests
 * passed. The feature is experimental: a version may stumble over code that another takes, so each is tried first
 * (tests/engine/tier.test.ts compiles every kernel).
 */
const JOINING = ['13.6', '14.1', '14.6'];

/**
 * Turns on, for this process, what V8 has and keeps behind a flag; true if it joins registers. Neither flag changes a
 * result. A version that is not listed is left alone: it might not know the flag, or stumble over it.
 */
async function unlockV8(): Promise<boolean> {
  if (typeof process !== 'object' || process.versions?.v8 === undefined) return false;
  const version = process.versions.v8.split('.', 2).join('.');
  const { setFlagsFromString } = await import('node:v8');
  if (version === RELAXED_BEHIND_FLAG) setFlagsFromString('--experimental-wasm-relaxed-simd');
  const joins = JOINING.includes(version) && process.arch === 'x64';
  if (joins) setFlagsFromString('--experimental-wasm-revectorize');
  return joins;
}

/** The tiers that run here; `simd-256` runs wherever `relaxed-simd` does, but is the slower one if V8 joins nothing. */
export async function availableTiers(): Promise<readonly Tier[]> {
  await unlockV8();
  return WebAssembly.validate(RELAXED_PROBE) ? TIERS : ['simd'];
}

/** The environment's EFT_TIER, else the fastest. Throws InputError if EFT_TIER does not run here. */
export async function chooseTier(): Promise<Tier> {
  const joins = await unlockV8();
  const available = await availableTiers();
  const wanted = typeof process === 'object' ? process.env?.EFT_TIER : undefined;
  if (wanted === undefined || wanted === '') {
    if (available.length === 1) return 'simd';
    return joins ? 'simd-256' : 'relaxed-simd';
  }
  const tier = available.find((name) => name === wanted);
  if (tier === undefined) {
    throw new InputError(`EFT_TIER=${wanted}: this runtime has ${available.join(', ')}; name one of these`);
  }
  return tier;
}
