/** The compiled kernels as strings in modules: no bundler, server or file system has to know of them. */
import { FailureError } from '../../errors.js';
import type { Tier } from './tier.js';

/** What scripts/embed.js writes of a build: for shared and unshared memory at once. */
export interface EmbeddedKernels {
  /** The module for shared memory, deflated, in base64. */
  readonly deflated: string;
  /** Place of the byte that says which memory it imports: the two builds differ in nothing else. */
  readonly memoryFlagAt: number;
}

/** A memory with a maximum, in the binary format: shared or not. */
const MEMORY_FLAG = { shared: 3, unshared: 1 };

/** Loaded one by one: a page needs one of them. */
const BUILDS: Readonly<Record<Tier, () => Promise<{ kernels: EmbeddedKernels }>>> = {
  simd: () => import('./kernels/simd.js'),
  'relaxed-simd': () => import('./kernels/relaxed-simd.js'),
  'simd-256': () => import('./kernels/simd-256.js'),
};

/** Those of a tier, as they are embedded. */
export const loadKernels = async (tier: Tier): Promise<EmbeddedKernels> => (await BUILDS[tier]()).kernels;

async function readKernels(tier: Tier, shared: boolean): Promise<Uint8Array<ArrayBuffer>> {
  const { deflated, memoryFlagAt } = await loadKernels(tier);
  const bytes = Uint8Array.from(atob(deflated), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  const module = new Uint8Array(await new Response(stream).arrayBuffer());
  module[memoryFlagAt] = shared ? MEMORY_FLAG.shared : MEMORY_FLAG.unshared;
  return module;
}

/** A module serves any number of engines; it is compiled once. */
const compiled = new Map<string, Promise<WebAssembly.Module>>();

/**
 * The kernels of a tier. Throws FailureError where the runtime cannot take them.
 * @param shared for memory that worker threads share
 */
export function compileKernels(tier: Tier, shared: boolean): Promise<WebAssembly.Module> {
  const key = `${tier} ${shared}`;
  const known = compiled.get(key);
  if (known !== undefined) return known;
  const module = compile(tier, shared);
  compiled.set(key, module);
  // What failed may be tried again: other vectors may be turned on meanwhile.
  module.catch(() => compiled.delete(key));
  return module;
}

async function compile(tier: Tier, shared: boolean): Promise<WebAssembly.Module> {
  const bytes = await readKernels(tier, shared);
  if (!WebAssembly.validate(bytes)) {
    throw new FailureError(
      `this runtime cannot run the ${tier} kernels; it needs WebAssembly SIMD${tier === 'simd' ? '' : ' with relaxed operations'}`,
    );
  }
  return WebAssembly.compile(bytes);
}
