/** The kernels as they were compiled. Written by scripts/kernel-signatures.js; do not edit. */

type f32 = number;
type f64 = number;
type i32 = number;
type u32 = number;
type usize = number;

/** Exports of kernels/*.ts. A usize is a byte offset into the memory; sizes count elements. */
export interface Kernels {
  // activation
  exp(y: usize, x: usize, count: i32): void;
  gelu(y: usize, x: usize, count: i32): void;
  geluWithSlope(y: usize, slope: usize, x: usize, count: i32): void;
  wave(y: usize, x: usize, frequency: usize, rows: i32, columns: i32): void;
  waveBackward(
    dx: usize,
    dfrequency: usize,
    dy: usize,
    x: usize,
    y: usize,
    frequency: usize,
    rows: i32,
    columns: i32,
    accumulate: i32,
  ): void;
  // attention
  attentionBackward(
    dqkv: usize,
    dy: usize,
    y: usize,
    qkv: usize,
    logsumexp: usize,
    work: usize,
    rows: i32,
    columns: i32,
    heads: i32,
  ): void;
  attentionForward(
    y: usize,
    logsumexp: usize,
    qkv: usize,
    work: usize,
    rows: i32,
    columns: i32,
    heads: i32,
  ): void;
  attentionWorkBytes(rows: i32, columns: i32, heads: i32): usize;
  // depthwise
  depthwiseConvolution(
    y: usize,
    x: usize,
    weight: usize,
    bias: usize,
    rows: i32,
    columns: i32,
    taps: i32,
  ): void;
  depthwiseConvolutionBackward(
    dx: usize,
    dweight: usize,
    dbias: usize,
    dy: usize,
    x: usize,
    weight: usize,
    rows: i32,
    columns: i32,
    taps: i32,
  ): void;
  // dropout
  dropWords(
    y: usize,
    ids: usize,
    first: u32,
    count: u32,
    threshold: u32,
    unknown: i32,
    site: u32,
    step: u32,
    sequence: u32,
    seed: u32,
    purpose: u32,
  ): void;
  dropout(
    y: usize,
    x: usize,
    first: u32,
    count: u32,
    threshold: u32,
    scale: f32,
    site: u32,
    step: u32,
    sequence: u32,
    seed: u32,
    purpose: u32,
  ): void;
  // elementwise
  add(y: usize, a: usize, b: usize, count: i32): void;
  clear(y: usize, count: i32): void;
  copy(y: usize, x: usize, count: i32): void;
  copyColumns(y: usize, yWidth: i32, x: usize, xWidth: i32, rows: i32, count: i32): void;
  multiply(y: usize, a: usize, b: usize, count: i32): void;
  // embedding
  embedding(y: usize, ids: usize, token: usize, position: usize, rows: i32, columns: i32): void;
  embeddingBackward(dtoken: usize, dposition: usize, ids: usize, dy: usize, rows: i32, columns: i32): void;
  // filterBank
  maxLinear(
    y: usize,
    place: usize,
    x: usize,
    weight: usize,
    bias: usize,
    work: usize,
    rows: i32,
    depth: i32,
    columns: i32,
    tile: i32,
  ): void;
  maxLinearBackward(
    dx: usize,
    dweight: usize,
    dbias: usize,
    dy: usize,
    place: usize,
    x: usize,
    weight: usize,
    rows: i32,
    depth: i32,
    columns: i32,
    accumulate: i32,
  ): void;
  window(y: usize, x: usize, rows: i32, columns: i32, taps: i32): void;
  windowBackward(dx: usize, dy: usize, rows: i32, columns: i32, taps: i32, accumulate: i32): void;
  // gate
  sigmoidGate(y: usize, a: usize, b: usize, count: i32): void;
  sigmoidGateBackward(da: usize, db: usize, dy: usize, a: usize, b: usize, count: i32): void;
  // gemm
  packPlain(out: usize, weight: usize, outputs: i32, inputs: i32): void;
  packTransposed(out: usize, weight: usize, outputs: i32, inputs: i32): void;
  product(
    y: usize,
    a: usize,
    packed: usize,
    bias: usize,
    residual: usize,
    rows: i32,
    depth: i32,
    outputs: i32,
  ): void;
  // index
  heapBase(): usize;
  // longConvolution
  longConvolution(
    y: usize,
    signal: usize,
    x: usize,
    prepared: usize,
    plan: usize,
    work: usize,
    rows: i32,
    reach: i32,
    blockRows: i32,
    columns: i32,
  ): void;
  longConvolutionBackward(
    dx: usize,
    dprepared: usize,
    dy: usize,
    signal: usize,
    prepared: usize,
    plan: usize,
    work: usize,
    rows: i32,
    reach: i32,
    blockRows: i32,
    columns: i32,
  ): void;
  prepareKernel(prepared: usize, kernel: usize, plan: usize, work: usize, reach: i32, columns: i32): void;
  prepareKernelBackward(
    dkernel: usize,
    dprepared: usize,
    plan: usize,
    work: usize,
    reach: i32,
    columns: i32,
  ): void;
  // longKernel
  longKernel(
    kernel: usize,
    forward: usize,
    backward: usize,
    short: usize,
    taps: i32,
    scales: i32,
    width: i32,
    reach: i32,
    columns: i32,
    decay: f64,
    scale: f64,
  ): void;
  longKernelBackward(
    dforward: usize,
    dbackward: usize,
    dshort: usize,
    dkernel: usize,
    taps: i32,
    scales: i32,
    width: i32,
    reach: i32,
    columns: i32,
    decay: f64,
    scale: f64,
  ): void;
  // loss
  binaryEntropy(
    loss: usize,
    slopes: usize,
    logits: usize,
    targets: usize,
    weights: usize,
    labels: i32,
    smoothing: f64,
  ): void;
  binaryEntropyBackward(dlogits: usize, slopes: usize, labels: i32, scale: f32): void;
  crossEntropy(
    loss: usize,
    probabilities: usize,
    logits: usize,
    label: i32,
    other: i32,
    share: f64,
    classes: i32,
    smoothing: f64,
  ): void;
  crossEntropyBackward(
    dlogits: usize,
    probabilities: usize,
    label: i32,
    other: i32,
    share: f32,
    classes: i32,
    smoothing: f32,
    scale: f32,
  ): void;
  mean(y: usize, x: usize, sums: usize, rows: i32, columns: i32): void;
  meanBackward(dx: usize, dy: usize, rows: i32, tokens: i32, columns: i32): void;
  weightedSum(y: usize, x: usize, weights: usize, sums: usize, rows: i32, columns: i32): void;
  weightedSumBackward(dx: usize, dy: usize, weights: usize, rows: i32, columns: i32): void;
  // magnitude
  magnitude(y: usize, x: usize, rows: i32, columns: i32): void;
  magnitudeBackward(dx: usize, dy: usize, x: usize, y: usize, rows: i32, columns: i32): void;
  // mixer
  mixerBackward(
    dx: usize,
    dreal: usize,
    dimaginary: usize,
    dy: usize,
    spectrum: usize,
    real: usize,
    imaginary: usize,
    plan: usize,
    work: usize,
    rows: i32,
    n: i32,
    columns: i32,
  ): void;
  mixerForward(
    y: usize,
    spectrum: usize,
    x: usize,
    real: usize,
    imaginary: usize,
    plan: usize,
    work: usize,
    rows: i32,
    n: i32,
    columns: i32,
  ): void;
  // normalization
  layerNorm(y: usize, statistics: usize, x: usize, weight: usize, bias: usize, rows: i32, columns: i32): void;
  layerNormBackward(
    dx: usize,
    dweight: usize,
    dbias: usize,
    dy: usize,
    x: usize,
    statistics: usize,
    weight: usize,
    rows: i32,
    columns: i32,
    accumulate: i32,
  ): void;
  normalize(y: usize, x: usize, weight: usize, bias: usize, statistics: usize, rows: i32, columns: i32): void;
  // optimizer
  adamw(
    parameter: usize,
    m: usize,
    v: usize,
    gradient: usize,
    count: i32,
    scale: f32,
    beta1: f32,
    rest1: f32,
    beta2: f32,
    rest2: f32,
    stepSize: f32,
    rootCorrection: f32,
    epsilon: f32,
    decay: f32,
  ): void;
  squaredNorm(gradient: usize, count: i32): f64;
  // pooling
  cosinePool(y: usize, x: usize, work: usize, rows: i32, columns: i32, modes: i32): void;
  cosinePoolBackward(
    dx: usize,
    dy: usize,
    work: usize,
    first: i32,
    rows: i32,
    tokens: i32,
    columns: i32,
    modes: i32,
    accumulate: i32,
  ): void;
  maxPool(y: usize, place: usize, x: usize, first: i32, rows: i32, columns: i32): void;
  maxPoolBackward(
    dx: usize,
    dy: usize,
    place: usize,
    first: i32,
    rows: i32,
    columns: i32,
    accumulate: i32,
  ): void;
  // rowLoss
  rowEntropy(loss: usize, x: usize, targets: usize, stride: i32, rows: i32, columns: i32): void;
  rowEntropyBackward(
    dx: usize,
    x: usize,
    targets: usize,
    stride: i32,
    rows: i32,
    columns: i32,
    scale: f64,
  ): void;
  // weightGradient
  linearWeightGradient(
    dweight: usize,
    dbias: usize,
    dy: usize,
    x: usize,
    rows: i32,
    inputs: i32,
    outputs: i32,
  ): void;
}

/** How many parameters each takes. */
export const KERNEL_PARAMETERS: Readonly<Record<keyof Kernels, number>> = {
  exp: 3,
  gelu: 3,
  geluWithSlope: 4,
  wave: 5,
  waveBackward: 9,
  attentionBackward: 9,
  attentionForward: 7,
  attentionWorkBytes: 3,
  depthwiseConvolution: 7,
  depthwiseConvolutionBackward: 9,
  dropWords: 11,
  dropout: 11,
  add: 4,
  clear: 2,
  copy: 3,
  copyColumns: 6,
  multiply: 4,
  embedding: 6,
  embeddingBackward: 6,
  maxLinear: 10,
  maxLinearBackward: 11,
  window: 5,
  windowBackward: 6,
  sigmoidGate: 4,
  sigmoidGateBackward: 6,
  packPlain: 4,
  packTransposed: 4,
  product: 8,
  heapBase: 0,
  longConvolution: 10,
  longConvolutionBackward: 11,
  prepareKernel: 6,
  prepareKernelBackward: 6,
  longKernel: 11,
  longKernelBackward: 11,
  binaryEntropy: 7,
  binaryEntropyBackward: 4,
  crossEntropy: 8,
  crossEntropyBackward: 8,
  mean: 5,
  meanBackward: 5,
  weightedSum: 6,
  weightedSumBackward: 5,
  magnitude: 4,
  magnitudeBackward: 6,
  mixerBackward: 12,
  mixerForward: 10,
  layerNorm: 7,
  layerNormBackward: 10,
  normalize: 7,
  adamw: 14,
  squaredNorm: 2,
  cosinePool: 6,
  cosinePoolBackward: 9,
  maxPool: 6,
  maxPoolBackward: 7,
  rowEntropy: 6,
  rowEntropyBackward: 7,
  linearWeightGradient: 7,
};
