/** The compiled kernels and their signatures. */
/** Exports of kernels/*.ts. Pointers are byte offsets into the memory; sizes count elements. */
export interface Kernels {
  heapBase(): number;
  // gemm
  packTransposed(out: number, weight: number, outputs: number, inputs: number): void;
  packPlain(out: number, weight: number, outputs: number, inputs: number): void;
  product(
    y: number,
    a: number,
    packed: number,
    bias: number,
    residual: number,
    rows: number,
    depth: number,
    outputs: number,
  ): void;
  linearWeightGradient(
    dweight: number,
    dbias: number,
    dy: number,
    x: number,
    rows: number,
    inputs: number,
    outputs: number,
  ): void;
  // normalization
  layerNorm(
    y: number,
    statistics: number,
    x: number,
    weight: number,
    bias: number,
    rows: number,
    columns: number,
  ): void;
  normalize(
    y: number,
    x: number,
    weight: number,
    bias: number,
    statistics: number,
    rows: number,
    columns: number,
  ): void;
  layerNormBackward(
    dx: number,
    dweight: number,
    dbias: number,
    dy: number,
    x: number,
    statistics: number,
    weight: number,
    rows: number,
    columns: number,
    accumulate: number,
  ): void;
  // elementwise
  add(y: number, a: number, b: number, count: number): void;
  multiply(y: number, a: number, b: number, count: number): void;
  copy(y: number, x: number, count: number): void;
  clear(y: number, count: number): void;
  // activation
  gelu(y: number, x: number, count: number): void;
  geluWithSlope(y: number, slope: number, x: number, count: number): void;
  wave(y: number, x: number, frequency: number, rows: number, columns: number): void;
  waveBackward(
    dx: number,
    dfrequency: number,
    dy: number,
    x: number,
    y: number,
    frequency: number,
    rows: number,
    columns: number,
    accumulate: number,
  ): void;
  // mixer
  mixerForward(
    y: number,
    spectrum: number,
    x: number,
    real: number,
    imaginary: number,
    plan: number,
    work: number,
    rows: number,
    n: number,
    columns: number,
  ): void;
  mixerBackward(
    dx: number,
    dreal: number,
    dimaginary: number,
    dy: number,
    spectrum: number,
    real: number,
    imaginary: number,
    plan: number,
    work: number,
    rows: number,
    n: number,
    columns: number,
  ): void;
  // attention
  attentionForward(
    y: number,
    logsumexp: number,
    qkv: number,
    work: number,
    rows: number,
    columns: number,
    heads: number,
  ): void;
  attentionBackward(
    dqkv: number,
    dy: number,
    y: number,
    qkv: number,
    logsumexp: number,
    work: number,
    rows: number,
    columns: number,
    heads: number,
  ): void;
  attentionWorkBytes(rows: number, columns: number, heads: number): number;
  // embedding, loss, dropout
  embedding(y: number, ids: number, token: number, position: number, rows: number, columns: number): void;
  embeddingBackward(
    dtoken: number,
    dposition: number,
    ids: number,
    dy: number,
    rows: number,
    columns: number,
  ): void;
  mean(y: number, x: number, sums: number, rows: number, columns: number): void;
  meanBackward(dx: number, dy: number, rows: number, tokens: number, columns: number): void;
  crossEntropy(
    loss: number,
    probabilities: number,
    logits: number,
    label: number,
    classes: number,
    smoothing: number,
  ): void;
  crossEntropyBackward(
    dlogits: number,
    probabilities: number,
    label: number,
    classes: number,
    smoothing: number,
    scale: number,
  ): void;
  dropout(
    y: number,
    x: number,
    first: number,
    count: number,
    threshold: number,
    scale: number,
    site: number,
    step: number,
    sequence: number,
    seed: number,
    purpose: number,
  ): void;
  // optimizer
  squaredNorm(gradient: number, count: number): number;
  adamw(
    parameter: number,
    m: number,
    v: number,
    gradient: number,
    count: number,
    scale: number,
    beta1: number,
    rest1: number,
    beta2: number,
    rest2: number,
    stepSize: number,
    rootCorrection: number,
    epsilon: number,
    decay: number,
  ): void;
}

/** The kernels' own constants lie below this address; everything else starts here. */
export const FIRST_FREE_BYTE = 65536;

export function instantiateKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  const abort = (): never => {
    throw new Error('internal: a kernel aborted');
  };
  const instance = new WebAssembly.Instance(module, { env: { memory, abort } });
  const kernels = instance.exports as unknown as Kernels;
  if (kernels.heapBase() > FIRST_FREE_BYTE) {
    throw new Error(`internal: the kernels' constants end at ${kernels.heapBase()}, past ${FIRST_FREE_BYTE}`);
  }
  return kernels;
}
