/**
 * What each operation of a program is in ONNX. Tensors of tokens are [batch, tokens, channels], those of one row
 * [batch, 1, channels]. Beyond a sequence's end values are anything; operations that look across tokens take them as
 * zero, or leave them out.
 */
import { eachKernelShare } from '../../program/kernelShares.js';
import type { BackwardKind, OperationKind } from '../../program/operations/index.js';
import type { Attributes } from '../../program/tensor.js';
import type { OnnxGraph, Value } from './graph.js';

/** What all operations of one sequence share. */
export interface Sequence {
  /** [batch, tokens] of ids, or [batch, tokens, width] of numbers. */
  readonly content: Value;
  /** [batch, tokens]; rows of signals have the id 1. */
  ids(): Value;
  /** [batch, tokens]; of encoders that weight. */
  readonly weights: Value | undefined;
  /** 1 for real tokens, else 0: [batch, tokens, 1] */
  readonly mask: Value;
  /** The same as truth values. */
  readonly valid: Value;
  /** As numbers: [batch, 1, 1] */
  readonly lengths: Value;
  /** Tokens that the input has: [1] */
  readonly tokens: Value;
  /** 0, 1, … as numbers: [1, tokens, 1] */
  readonly positions: Value;
  /** n */
  readonly sequenceLength: number;
}

export interface Parameter {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
}

export interface Site {
  readonly graph: OnnxGraph;
  readonly sequence: Sequence;
  /** The value of an input; parameters as [rows, columns]. */
  input(name: string): Value;
  has(name: string): boolean;
  parameter(name: string): Parameter;
  /** A parameter as a vector. */
  vector(name: string): Value;
  /** Rows of an input or output whose number is fixed. */
  rowsOf(name: string): number;
  /** Columns of an input. */
  columnsOf(name: string): number;
  readonly attributes: Attributes;
}

/** Emits an operation; gives the value of its first output, the others are kept for a backward operation alone. */
type Mapping = (site: Site) => Value;

/** Training's own. */
type TrainingKind =
  | BackwardKind
  | 'dropout'
  | 'crossEntropy'
  | 'binaryEntropy'
  | 'rowEntropy'
  | 'accumulate'
  | 'copy';

/** Kinds that a program for inference has. */
type InferenceKind = Exclude<OperationKind, TrainingKind>;

const LAST = { axis: -1 };
const ACROSS_TOKENS = 1;

const masked = ({ graph, sequence }: Site, x: Value): Value => graph.node('Mul', [x, sequence.mask]);

const sumOverTokens = ({ graph }: Site, x: Value): Value =>
  graph.node('ReduceSum', [x, graph.integers(ACROSS_TOKENS)], { keepdims: 1 });

/** Rows 0 … tokens − 1 of a constant. */
const firstRows = ({ graph, sequence }: Site, x: Value): Value =>
  graph.node('Slice', [x, graph.integers(0), sequence.tokens, graph.integers(0)]);

const largestOverTokens = ({ graph, sequence }: Site, x: Value): Value => {
  const real = graph.node('Where', [sequence.valid, x, graph.scalar(Number.NEGATIVE_INFINITY)]);
  return graph.node('ReduceMax', [real, graph.integers(ACROSS_TOKENS)], { keepdims: 1 });
};

/** `count` rows side by side, the first of them `before` rows back; rows beyond both ends are zero. */
function shiftedRows({ graph, sequence }: Site, x: Value, before: number, count: number): Value {
  const pads = graph.integers(0, before, 0, 0, count - 1 - before, 0);
  const padded = graph.node('Pad', [x, pads, graph.scalar(0)]);
  const shifted = Array.from({ length: count }, (_, j) => {
    const end = graph.node('Add', [sequence.tokens, graph.integers(j)]);
    return graph.node('Slice', [padded, graph.integers(j), end, graph.integers(ACROSS_TOKENS)]);
  });
  return graph.node('Concat', shifted, LAST);
}

/** [batch, tokens, channels] to [batch, channels, tokens], and back. */
const turned = ({ graph }: Site, x: Value): Value => graph.node('Transpose', [x], { perm: [0, 2, 1] });

function linear(site: Site): Value {
  const { graph } = site;
  const { name, rows, columns, values } = site.parameter('weight');
  const transposed = graph.floats(`${name} transposed`, [columns, rows], () => {
    const result = new Float32Array(values.length);
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++) result[c * rows + r] = values[r * columns + c];
    return result;
  });
  const product = graph.node('MatMul', [site.input('x'), transposed]);
  const y = site.has('bias') ? graph.node('Add', [product, site.vector('bias')]) : product;
  return site.has('residual') ? graph.node('Add', [y, site.input('residual')]) : y;
}

/** The same filter a channel along the tokens; `weight` [channels, 1, taps]. */
function convolve(site: Site, weight: Value, pads: readonly [number, number], channels: number): Value {
  const x = turned(site, masked(site, site.input('x')));
  return turned(site, site.graph.node('Conv', [x, weight], { group: channels, pads }));
}

/**
 * The discrete Fourier transform as a product with constants: exact for any n, and for most n faster in ONNX Runtime
 * than its own. Rows of `forward`: real parts of the half spectrum, then imaginary ones; columns of `inverse` alike.
 */
function transforms({ graph, sequence: { sequenceLength: n } }: Site): { forward: Value; inverse: Value } {
  const bins = Math.floor(n / 2) + 1;
  const isReal = (k: number): boolean => k === 0 || 2 * k === n;
  const filled =
    (at: (k: number, imaginary: boolean, t: number) => number, byTime: boolean) => (): Float32Array => {
      const values = new Float32Array(2 * bins * n);
      for (let row = 0; row < 2 * bins; row++) {
        for (let t = 0; t < n; t++) {
          values[byTime ? t * 2 * bins + row : row * n + t] = at(row % bins, row >= bins, t);
        }
      }
      return values;
    };
  // k t is taken modulo n first: the angle stays small, and exact.
  const wave = (k: number, imaginary: boolean, t: number): number => {
    const angle = (2 * Math.PI * ((k * t) % n)) / n;
    if (!imaginary) return Math.cos(angle);
    return isReal(k) ? 0 : -Math.sin(angle);
  };
  const forward = graph.floats(`transform of ${n}`, [2 * bins, n], filled(wave, false));
  const inverse = graph.floats(
    `inverse transform of ${n}`,
    [n, 2 * bins],
    filled((k, imaginary, t) => ((isReal(k) ? 1 : 2) / n) * wave(k, imaginary, t), true),
  );
  return { forward, inverse };
}

/** A kernel of 2R rows is a product of constants with its numbers; row i here is its row 2R − 1 − i, as Conv wants it. */
function reversedKernelShares(
  numbers: number,
  taps: number,
  rows: number,
  attributes: Attributes,
): Float32Array {
  const columns = 2 * numbers + taps;
  const shares = new Float32Array(rows * columns);
  const firstOf = { forward: 0, backward: numbers, short: 2 * numbers };
  eachKernelShare({ numbers, taps, reach: rows / 2 }, attributes, (row, part, number, weight) => {
    shares[(rows - 1 - row) * columns + firstOf[part] + number] += weight;
  });
  return shares;
}

export const MAPPINGS = {
  embedding(site) {
    const { graph, sequence } = site;
    const tokens = graph.node('Gather', [site.input('token'), sequence.ids()], { axis: 0 });
    return site.has('position')
      ? graph.node('Add', [tokens, firstRows(site, site.input('position'))])
      : tokens;
  },
  frames(site) {
    const { graph, attributes } = site;
    const { width, window: numbers } = attributes;
    const rows = shiftedRows(site, masked(site, site.sequence.content), 0, Math.ceil(numbers / width));
    return graph.node('Slice', [rows, graph.integers(0), graph.integers(numbers), graph.integers(2)]);
  },
  magnitude({ graph, input }) {
    const parts = graph.nodes('Split', [input('x')], 2, { axis: -1, num_outputs: 2 });
    const [a, b] = parts.map((part) => graph.node('Mul', [part, part]));
    const square = graph.node('Add', [graph.node('Add', [a, b]), graph.scalar(1e-4)]);
    return graph.node('Sqrt', [graph.node('Sqrt', [square])]);
  },
  layerNorm: (site) =>
    site.graph.node('LayerNormalization', [site.input('x'), site.vector('weight'), site.vector('bias')], {
      axis: -1,
      epsilon: { float: 1e-5 },
    }),
  linear,
  gelu: ({ graph, input }) => graph.node('Gelu', [input('x')], { approximate: 'tanh' }),
  exp: ({ graph, input }) => graph.node('Exp', [input('x')]),
  add: ({ graph, input }) => graph.node('Add', [input('a'), input('b')]),
  sigmoidGate: ({ graph, input }) => graph.node('Mul', [input('a'), graph.node('Sigmoid', [input('b')])]),
  concat: ({ graph, input }) => graph.node('Concat', [input('a'), input('b')], LAST),
  wave(site) {
    const { graph } = site;
    const angle = graph.node('Mul', [site.input('x'), site.vector('frequency')]);
    return graph.node('Concat', [graph.node('Sin', [angle]), graph.node('Cos', [angle])], LAST);
  },
  attention(site) {
    const { graph, sequence, attributes } = site;
    const { heads } = attributes;
    // [batch, tokens, 3, heads, width] to [3, batch, heads, tokens, width]
    const parts = graph.node('Reshape', [site.input('qkv'), graph.integers(0, 0, 3, heads, -1)]);
    const split = graph.nodes('Split', [graph.node('Transpose', [parts], { perm: [2, 0, 3, 1, 4] })], 3, {
      axis: 0,
      num_outputs: 3,
    });
    const [q, k, v] = split.map((part) => graph.node('Squeeze', [part, graph.integers(0)]));
    const width = graph.node('Cast', [graph.node('Shape', [q], { start: 3 })], { to: 1 });
    const scores = graph.node('Div', [
      graph.node('MatMul', [q, graph.node('Transpose', [k], { perm: [0, 1, 3, 2] })]),
      graph.node('Sqrt', [width]),
    ]);
    // [batch, tokens, 1] to [batch, 1, 1, tokens]
    const valid = graph.node('Unsqueeze', [turned(site, sequence.valid), graph.integers(1)]);
    const real = graph.node('Where', [valid, scores, graph.scalar(Number.NEGATIVE_INFINITY)]);
    const mixed = graph.node('MatMul', [graph.node('Softmax', [real], LAST), v]);
    const rows = graph.node('Transpose', [mixed], { perm: [0, 2, 1, 3] });
    return graph.node('Reshape', [rows, graph.integers(0, 0, -1)]);
  },
  spectralMixer(site) {
    const { graph, sequence } = site;
    const { forward, inverse } = transforms(site);
    const columns = graph.node('Slice', [forward, graph.integers(0), sequence.tokens, graph.integers(1)]);
    const spectrum = graph.node('MatMul', [columns, masked(site, site.input('x'))]);
    const [a, b] = graph.nodes('Split', [spectrum], 2, { axis: 1, num_outputs: 2 });
    const [real, imaginary] = [site.input('real'), site.input('imaginary')];
    const times = (x: Value, y: Value): Value => graph.node('Mul', [x, y]);
    const filtered = graph.node(
      'Concat',
      [
        graph.node('Sub', [times(a, real), times(b, imaginary)]),
        graph.node('Add', [times(a, imaginary), times(b, real)]),
      ],
      { axis: 1 },
    );
    return graph.node('MatMul', [firstRows(site, inverse), filtered]);
  },
  longKernel(site) {
    const { graph } = site;
    const forward = site.parameter('forward');
    const taps = site.has('short') ? site.parameter('short').rows : 0;
    const rows = site.rowsOf('kernel');
    const shares = graph.floats(
      `kernel of ${rows} from ${forward.rows} and ${taps}: ${Object.values(site.attributes).join(' ')}`,
      [rows, 2 * forward.rows + taps],
      () => reversedKernelShares(forward.rows, taps, rows, site.attributes),
    );
    const names = ['forward', 'backward', ...(taps > 0 ? ['short'] : [])];
    const numbers = graph.node('Concat', names.map(site.input), { axis: 0 });
    const kernel = graph.node('Transpose', [graph.node('MatMul', [shares, numbers])], { perm: [1, 0] });
    return graph.node('Unsqueeze', [kernel, graph.integers(1)]);
  },
  preparedKernel: ({ input }) => input('kernel'),
  longConvolution(site) {
    const reach = site.rowsOf('kernel') / 2;
    return convolve(site, site.input('kernel'), [reach - 1, reach], site.columnsOf('x'));
  },
  depthwiseConvolution(site) {
    const { graph } = site;
    const { rows: taps, columns: channels } = site.parameter('weight');
    const filters = graph.node('Transpose', [site.input('weight')], { perm: [1, 0] });
    const weight = graph.node('Unsqueeze', [filters, graph.integers(1)]);
    const half = (taps - 1) / 2;
    return graph.node('Add', [convolve(site, weight, [half, half], channels), site.vector('bias')]);
  },
  window(site) {
    const { taps } = site.attributes;
    return shiftedRows(site, masked(site, site.input('x')), (taps - 1) / 2, taps);
  },
  maxLinear: (site) => largestOverTokens(site, linear(site)),
  maxPool: (site) => largestOverTokens(site, site.input('x')),
  mean: (site) =>
    site.graph.node('Div', [sumOverTokens(site, masked(site, site.input('x'))), site.sequence.lengths]),
  weightedSum(site) {
    const { graph, sequence } = site;
    const x = masked(site, site.input('x'));
    if (sequence.weights === undefined) return sumOverTokens(site, x);
    const weights = graph.node('Unsqueeze', [sequence.weights, graph.integers(2)]);
    return sumOverTokens(site, graph.node('Mul', [x, weights]));
  },
  cosinePool(site) {
    const { graph, sequence, attributes } = site;
    const x = masked(site, site.input('x'));
    const centre = graph.node('Add', [sequence.positions, graph.scalar(0.5)]);
    const turn = graph.node('Div', [centre, sequence.lengths]);
    const modes = Array.from({ length: attributes.modes }, (_, k) => {
      const cosine = graph.node('Cos', [graph.node('Mul', [turn, graph.scalar(Math.PI * k)])]);
      const sum = sumOverTokens(site, graph.node('Mul', [x, cosine]));
      return graph.node('Div', [sum, sequence.lengths]);
    });
    return graph.node('Concat', modes, LAST);
  },
} satisfies Readonly<Record<InferenceKind, Mapping>>;
