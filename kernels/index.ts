// What the engine may call.
export * from './gemm';
