/**
 * The vocabulary: every operation's facts in one place: inputs, shapes, FLOPs, whether its rows are independent,
 * and how its backward operations follow from it. Engines implement exactly these kinds.
 *
 * Formulas: x, y are rows of the real tokens, L of them; d… are gradients of the loss. Parameter gradients are
 * always added to (+=), other outputs are overwritten unless the attribute `accumulate` is 1.
 */
import type { Gradients } from './backward.js';
import { type Operation, ProgramError, type Rows, type Tensor } from './program.js';

export interface Extent {
  readonly rows: Rows;
  readonly columns: number;
}

type Tensors = Readonly<Record<string, Tensor>>;
type Attributes = Readonly<Record<string, number>>;

export interface Definition {
  readonly inputs: readonly string[];
  readonly optional?: readonly string[];
  /** Row r of the outputs depends on row r of the inputs alone, so an engine may take rows in tiles. */
  readonly rowwise: boolean;
  /** Shapes of the outputs; throws ProgramError where the inputs do not fit. */
  infer(inputs: Tensors, attributes: Attributes, sequenceLength: number): Record<string, Extent>;
  /** Arithmetic for `rows` real tokens: a multiply-add is 2, exp, tanh, division and so on count as 1. */
  flops(inputs: Tensors, attributes: Attributes, rows: number, sequenceLength: number): number;
  /** Emits the backward operations. Absent: nothing flows back. */
  backward?(gradients: Gradients, operation: Operation): void;
  /** Output that is cheaper to compute again in the backward pass than to keep. */
  recompute?: { readonly output: string; emit(gradients: Gradients, operation: Operation): number };
}

function demand(condition: boolean, kind: string, what: string): void {
  if (!condition) throw new ProgramError(`internal: ${kind}: ${what}`);
}

const like = (tensor: Tensor): Extent => ({ rows: tensor.rows, columns: tensor.columns });

/** Rows that `tensor` holds when the sequence has `tokens` real tokens. */
const rowsOf = (tensor: Tensor, tokens: number): number => (tensor.rows === 'tokens' ? tokens : tensor.rows);

/** 2.5 n log₂ n: a real transform of length n (half of the usual 5 n log₂ n for a complex one). */
const realTransform = (n: number): number => 2.5 * n * Math.log2(n);

/** Channels are transformed in blocks of 16; a spectrum is kept packed that way, in an order of the engine's own. */
export const paddedChannels = (channels: number): number => Math.ceil(channels / 16) * 16;

const elementwise = (flopsPerElement: number) => (inputs: Tensors, _: Attributes, tokens: number) =>
  flopsPerElement * rowsOf(inputs.x, tokens) * inputs.x.columns;

export const OPERATIONS: Readonly<Record<string, Definition>> = {
  /** y[t] = token[id(t)] (+ position[t]). */
  embedding: {
    inputs: ['token'],
    optional: ['position'],
    rowwise: true,
    infer({ token, position }, _, n) {
      if (position !== undefined) {
        demand(
          position.rows === n && position.columns === token.columns,
          'embedding',
          'positions do not fit',
        );
      }
      return { y: { rows: 'tokens', columns: token.columns } };
    },
    flops: ({ token, position }, _, tokens) => (position === undefined ? 0 : tokens * token.columns),
    backward(g, { inputs, outputs }) {
      const { token, position } = inputs;
      const dy = g.of(outputs.y);
      const dtoken = g.ofParameter(token);
      if (position === undefined) g.emitInto('embeddingBackward', { dy, token }, { dtoken });
      else {
        g.emitInto(
          'embeddingBackward',
          { dy, token, position },
          { dtoken, dposition: g.ofParameter(position) },
        );
      }
    },
  },
  embeddingBackward: {
    inputs: ['dy', 'token'],
    optional: ['position'],
    rowwise: true,
    infer: ({ token, position }) => ({
      dtoken: like(token),
      ...(position === undefined ? {} : { dposition: like(position) }),
    }),
    flops: ({ dy, position }, _, tokens) => (position === undefined ? 1 : 2) * tokens * dy.columns,
  },

  /** y = (x − mean) · rstd · weight + bias; statistics[t] = [mean, rstd]; ε = 1e-5 (Ba et al. 2016). */
  layerNorm: {
    inputs: ['x', 'weight', 'bias'],
    rowwise: true,
    infer({ x, weight, bias }) {
      demand(weight.columns === x.columns && bias.columns === x.columns, 'layerNorm', 'weights do not fit');
      return { y: like(x), statistics: { rows: x.rows, columns: 2 } };
    },
    flops: elementwise(8),
    backward(g, { inputs, outputs }) {
      const { x, weight, bias } = inputs;
      g.contribute(
        x,
        'layerNormBackward',
        { dy: g.of(outputs.y), x, statistics: outputs.statistics, weight },
        'dx',
        {
          dweight: g.ofParameter(weight),
          dbias: g.ofParameter(bias),
        },
      );
    },
    recompute: {
      output: 'y',
      emit: (g, { inputs, outputs }) => g.emit('normalize', { ...inputs, statistics: outputs.statistics }).y,
    },
  },
  /** Layer norm with statistics that are known already. */
  normalize: {
    inputs: ['x', 'weight', 'bias', 'statistics'],
    rowwise: true,
    infer: ({ x }) => ({ y: like(x) }),
    flops: elementwise(4),
  },
  layerNormBackward: {
    inputs: ['dy', 'x', 'statistics', 'weight'],
    rowwise: true,
    infer: ({ x, weight }) => ({ dx: like(x), dweight: like(weight), dbias: like(weight) }),
    flops: elementwise(16),
  },

  /** y = x Wᵀ + b (+ residual). weight: [outputs, inputs] as in torch.nn.Linear. */
  linear: {
    inputs: ['x', 'weight', 'bias'],
    optional: ['residual'],
    rowwise: true,
    infer({ x, weight, bias, residual }) {
      const outputs = weight.rows as number;
      demand(
        weight.columns === x.columns,
        'linear',
        `${x.columns} columns into a weight of ${weight.columns}`,
      );
      demand(bias.columns === outputs, 'linear', 'bias does not fit');
      demand(
        residual === undefined || (residual.columns === outputs && residual.rows === x.rows),
        'linear',
        'residual does not fit',
      );
      return { y: { rows: x.rows, columns: outputs } };
    },
    flops: ({ x, weight }, _, tokens) => 2 * rowsOf(x, tokens) * weight.columns * (weight.rows as number),
    backward(g, { inputs, outputs }) {
      const { x, weight, bias, residual } = inputs;
      const dy = g.of(outputs.y);
      g.emitInto(
        'linearWeightGradient',
        { dy, x: g.saved(x), weight },
        { dweight: g.ofParameter(weight), dbias: g.ofParameter(bias) },
      );
      g.contribute(x, 'linearInputGradient', { dy, weight }, 'dx');
      if (residual !== undefined) g.pass(residual, dy);
    },
  },
  linearWeightGradient: {
    inputs: ['dy', 'x', 'weight'],
    rowwise: true,
    infer: ({ weight }) => ({ dweight: like(weight), dbias: { rows: 1, columns: weight.rows as number } }),
    flops: ({ x, weight }, _, tokens) => 2 * rowsOf(x, tokens) * weight.columns * (weight.rows as number),
  },
  linearInputGradient: {
    inputs: ['dy', 'weight'],
    rowwise: true,
    infer: ({ dy, weight }) => ({ dx: { rows: dy.rows, columns: weight.columns } }),
    flops: ({ dy, weight }, _, tokens) => 2 * rowsOf(dy, tokens) * weight.columns * (weight.rows as number),
  },

  /**
   * y = x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³))) (Hendrycks & Gimpel 2016, tanh form). `slope` is dy/dx: it costs
   * little beside y and is kept instead of x; only the backward operation reads it.
   */
  gelu: {
    inputs: ['x'],
    rowwise: true,
    infer: ({ x }) => ({ y: like(x), slope: like(x) }),
    flops: elementwise(9),
    backward(g, { inputs, outputs }) {
      g.contribute(inputs.x, 'geluBackward', { dy: g.of(outputs.y), slope: outputs.slope }, 'dx');
    },
  },
  /** dx = dy · slope. The FLOPs of the slope are counted here, where it is needed. */
  geluBackward: {
    inputs: ['dy', 'slope'],
    rowwise: true,
    infer: ({ slope }) => ({ dx: like(slope) }),
    flops: ({ dy }, _, tokens) => 8 * rowsOf(dy, tokens) * dy.columns,
  },

  /** y = a + b. */
  add: {
    inputs: ['a', 'b'],
    rowwise: true,
    infer({ a, b }) {
      demand(a.rows === b.rows && a.columns === b.columns, 'add', 'shapes differ');
      return { y: like(a) };
    },
    flops: ({ a }, _, tokens) => rowsOf(a, tokens) * a.columns,
    backward(g, { inputs, outputs }) {
      g.pass(inputs.a, g.of(outputs.y));
      g.pass(inputs.b, g.of(outputs.y));
    },
  },
  /** y += x. */
  accumulate: { inputs: ['x'], rowwise: true, infer: ({ x }) => ({ y: like(x) }), flops: elementwise(1) },
  copy: { inputs: ['x'], rowwise: true, infer: ({ x }) => ({ y: like(x) }), flops: () => 0 },

  /**
   * y[:, c] = irfft(rfft(x[:, c]) · (real[:, c] + i imaginary[:, c])), length n, rows ≥ L of x taken as zero.
   * `spectrum` is the transform of x in an order of the engine's own; only the backward operation reads it.
   */
  spectralMixer: {
    inputs: ['x', 'real', 'imaginary'],
    rowwise: false,
    infer({ x, real, imaginary }, _, n) {
      const bins = Math.floor(n / 2) + 1;
      for (const filter of [real, imaginary]) {
        demand(filter.rows === bins && filter.columns === x.columns, 'spectralMixer', 'filter does not fit');
      }
      return { y: like(x), spectrum: { rows: n, columns: paddedChannels(x.columns) } };
    },
    flops: ({ x }, _, _tokens, n) => x.columns * (2 * realTransform(n) + 3 * n),
    backward(g, { inputs, outputs }) {
      const { x, real, imaginary } = inputs;
      g.contribute(
        x,
        'spectralMixerBackward',
        { dy: g.of(outputs.y), spectrum: outputs.spectrum, real, imaginary },
        'dx',
        { dreal: g.ofParameter(real), dimaginary: g.ofParameter(imaginary) },
      );
    },
  },
  spectralMixerBackward: {
    inputs: ['dy', 'spectrum', 'real', 'imaginary'],
    rowwise: false,
    infer: ({ dy, real }) => ({ dx: like(dy), dreal: like(real), dimaginary: like(real) }),
    flops: ({ dy }, _, _tokens, n) => dy.columns * (2 * realTransform(n) + 8 * n),
  },

  /** y = [sin(w x), cos(w x)], one w a unit: the features of the elastic wave unit. */
  wave: {
    inputs: ['x', 'frequency'],
    rowwise: true,
    infer({ x, frequency }) {
      demand(frequency.rows === 1 && frequency.columns === 1, 'wave', 'frequency is one number');
      return { y: { rows: x.rows, columns: 2 * x.columns } };
    },
    flops: elementwise(3),
    backward(g, { inputs, outputs }) {
      const { x, frequency } = inputs;
      g.contribute(x, 'waveBackward', { dy: g.of(outputs.y), x, y: outputs.y, frequency }, 'dx', {
        dfrequency: g.ofParameter(frequency),
      });
    },
  },
  waveBackward: {
    inputs: ['dy', 'x', 'y', 'frequency'],
    rowwise: true,
    infer: ({ x, frequency }) => ({ dx: like(x), dfrequency: like(frequency) }),
    flops: elementwise(7),
  },

  /**
   * softmax(q kᵀ / √(d/heads)) v a head; qkv: [L, 3d] as nn.MultiheadAttention's in_proj gives it (Vaswani et al. 2017).
   * Tiled: no n × n matrix is kept, only the logarithm of each row's sum (Dao et al. 2022).
   */
  attention: {
    inputs: ['qkv'],
    rowwise: false,
    infer({ qkv }, { heads }) {
      demand(qkv.columns % (3 * heads) === 0, 'attention', 'channels are not a multiple of heads');
      return {
        y: { rows: qkv.rows, columns: qkv.columns / 3 },
        logsumexp: { rows: qkv.rows, columns: heads },
      };
    },
    flops: ({ qkv }, { heads }, tokens) => tokens * tokens * (4 * (qkv.columns / 3) + 4 * heads),
    backward(g, { inputs, outputs, attributes }) {
      g.contribute(
        inputs.qkv,
        'attentionBackward',
        { dy: g.of(outputs.y), y: outputs.y, qkv: inputs.qkv, logsumexp: outputs.logsumexp },
        'dqkv',
        {},
        attributes,
      );
    },
  },
  attentionBackward: {
    inputs: ['dy', 'y', 'qkv', 'logsumexp'],
    rowwise: false,
    infer: ({ qkv }) => ({ dqkv: like(qkv) }),
    flops: ({ qkv }, { heads }, tokens) => tokens * tokens * (10 * (qkv.columns / 3) + 4 * heads),
  },

  /** y = mean over the real tokens, [1, d]. */
  mean: {
    inputs: ['x'],
    rowwise: false,
    infer: ({ x }) => ({ y: { rows: 1, columns: x.columns } }),
    flops: elementwise(1),
    backward(g, { inputs, outputs }) {
      g.contribute(inputs.x, 'meanBackward', { dy: g.of(outputs.y) }, 'dx');
    },
  },
  meanBackward: {
    inputs: ['dy'],
    rowwise: true,
    infer: ({ dy }) => ({ dx: { rows: 'tokens', columns: dy.columns } }),
    flops: ({ dy }, _, tokens) => tokens * dy.columns,
  },

  /**
   * Cross-entropy of the sequence's label with label smoothing s: the target is (1 − s) on the label plus s / C on
   * every class (Szegedy et al. 2016).
   */
  crossEntropy: {
    inputs: ['logits'],
    rowwise: false,
    infer: ({ logits }) => ({ loss: { rows: 1, columns: 1 }, probabilities: like(logits) }),
    flops: ({ logits }) => 4 * logits.columns,
    backward(g, { inputs, outputs, attributes }) {
      const { logits } = inputs;
      g.contribute(
        logits,
        'crossEntropyBackward',
        { probabilities: outputs.probabilities },
        'dlogits',
        {},
        attributes,
      );
    },
  },
  /** dlogits = (probabilities − target) / batch size. */
  crossEntropyBackward: {
    inputs: ['probabilities'],
    rowwise: false,
    infer: ({ probabilities }) => ({ dlogits: like(probabilities) }),
    flops: ({ probabilities }) => 2 * probabilities.columns,
  },

  /** y = x · keep / (1 − rate), keep drawn for (seed, site, step, sequence, element) (Srivastava et al. 2014). */
  dropout: {
    inputs: ['x'],
    rowwise: true,
    infer: ({ x }) => ({ y: like(x) }),
    flops: elementwise(1),
    backward(g, { inputs, outputs, attributes }) {
      g.contribute(inputs.x, 'dropoutBackward', { x: g.of(outputs.y) }, 'dx', {}, attributes);
    },
  },
  /** The same mask, drawn again. */
  dropoutBackward: {
    inputs: ['x'],
    rowwise: true,
    infer: ({ x }) => ({ dx: like(x) }),
    flops: elementwise(1),
  },
};

export function definitionOf(kind: string): Definition {
  const definition = OPERATIONS[kind];
  if (definition === undefined) throw new ProgramError(`internal: no operation '${kind}'`);
  return definition;
}
