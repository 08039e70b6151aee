/** The compiled kernels, checked and instantiated. */
import { KERNEL_PARAMETERS, type Kernels } from './kernels.generated.js';

export type { Kernels } from './kernels.generated.js';

/** The kernels' own constants lie below this address; everything else starts here. */
export const FIRST_FREE_BYTE = 65536;

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
