// What the engine may call.
export * from './activation';
export * from './attention';
export * from './depthwise';
export * from './dropout';
export * from './elementwise';
export * from './embedding';
export * from './filterBank';
export { packPlain, packTransposed, product } from './gemm';
export * from './gate';
export * from './longConvolution';
export * from './longKernel';
export * from './loss';
export * from './magnitude';
export * from './mixer';
export * from './normalization';
export { adamw, squaredNorm } from './optimizer';
export * from './pooling';
export * from './rowLoss';
export { linearWeightGradient } from './weightGradient';

/** Where the kernels' own constants end. */
export function heapBase(): usize {
  return __heap_base;
}
