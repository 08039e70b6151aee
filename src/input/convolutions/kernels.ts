/** The compiled kernels of random convolutions (kernels/convolutions.ts): a small module. */
import { module } from './module.js';

/** Exports of the module. Places are byte offsets into its memory; sizes count elements. */
export interface ConvolutionKernels {
  miniRocketSums(sums: number, x: number, steps: number, dilation: number): void;
  miniRocketAnswers(
    answers: number,
    tripled: number,
    tripledStride: number,
    sums: number,
    sumsStride: number,
    steps: number,
    a: number,
    b: number,
    c: number,
    chosen: number,
    channels: number,
  ): void;
  miniRocketShares(
    shares: number,
    answers: number,
    from: number,
    to: number,
    biases: number,
    count: number,
  ): void;
  hydraCounts(
    soft: number,
    hard: number,
    x: number,
    steps: number,
    dilation: number,
    weights: number,
    scratch: number,
  ): void;
  heapBase(): number;
}

let compiled: Promise<WebAssembly.Module> | undefined;
let loaded: WebAssembly.Module | undefined;

/** Compiles them once; `convolutionModule` has them then. */
export async function loadConvolutions(): Promise<void> {
  compiled ??= compile();
  loaded = await compiled;
}

async function compile(): Promise<WebAssembly.Module> {
  return WebAssembly.compile(Uint8Array.from(atob(module), (character) => character.charCodeAt(0)));
}

export function convolutionModule(): WebAssembly.Module {
  if (loaded === undefined)
    throw new Error('the kernels of convolutions were not compiled: loadConvolutions does');
  return loaded;
}

export interface Instance {
  readonly kernels: ConvolutionKernels;
  readonly memory: WebAssembly.Memory;
}

const MOST_PAGES = 65_536;

export function instantiate(module: WebAssembly.Module): Instance {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: MOST_PAGES });
  const abort = (): never => {
    throw new Error('internal: a kernel aborted');
  };
  const { exports } = new WebAssembly.Instance(module, { env: { memory, abort } });
  return { kernels: exports as unknown as ConvolutionKernels, memory };
}
