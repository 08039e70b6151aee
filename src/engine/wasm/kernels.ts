/** The compiled kernels: fetched, checked and instantiated. */
import { FailureError } from '../../errors.js';
import { KERNEL_PARAMETERS, type Kernels } from './kernels.generated.js';
import type { Tier } from './tier.js';

export type { Kernels } from './kernels.generated.js';

/** The kernels' own constants lie below this address; everything else starts here. */
export const FIRST_FREE_BYTE = 65536;

async function readKernels(file: string): Promise<Uint8Array<ArrayBuffer>> {
  const url = new URL(`./kernels/${file}`, import.meta.url);
  if (url.protocol === 'file:') {
    const { readFile } = await import('node:fs/promises');
    return new Uint8Array(await readFile(url));
  }
  const response = await fetch(url);
  if (!response.ok) throw new FailureError(`cannot fetch the kernels ${url}: HTTP ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** @param shared for memory that worker threads share */
export async function compileKernels(tier: Tier, shared: boolean): Promise<WebAssembly.Module> {
  const bytes = await readKernels(`${tier}-${shared ? 'shared' : 'unshared'}.wasm`);
  if (!WebAssembly.validate(bytes)) {
    throw new FailureError(
      `this runtime cannot run the ${tier} kernels; it needs WebAssembly SIMD${tier === 'simd' ? '' : ' with relaxed operations'}`,
    );
  }
  return WebAssembly.compile(bytes);
}

/** True if the module exports the functions that this library was compiled with. */
function areKernels(exports: WebAssembly.Exports): exports is WebAssembly.Exports & Kernels {
  return Object.entries(KERNEL_PARAMETERS).every(([name, parameters]) => {
    const kernel = exports[name];
    return typeof kernel === 'function' && kernel.length === parameters;
  });
}

export function instantiateKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  const abort = (): never => {
    throw new Error('internal: a kernel aborted');
  };
  const { exports: kernels } = new WebAssembly.Instance(module, { env: { memory, abort } });
  if (!areKernels(kernels)) throw new Error('internal: the kernels are of another version: build them anew');
  if (kernels.heapBase() > FIRST_FREE_BYTE) {
    throw new Error(`internal: the kernels' constants end at ${kernels.heapBase()}, past ${FIRST_FREE_BYTE}`);
  }
  return kernels;
}
