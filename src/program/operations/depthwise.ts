/** Short convolutions along the tokens, one filter a channel. */
import { demand, type Gradients, like, type OperationFamily, rowsOf } from './definition.js';

const half = (taps: number): number => (taps - 1) / 2;

export const depthwise = {
  /**
   * y[t] = bias + Σ_j weight[j] · x[t + j − h] a channel, h = (taps − 1) / 2, tokens beyond both ends taken as zero:
   * torch.nn.Conv1d with as many groups as channels and padding h. weight: [taps, channels].
   */
  depthwiseConvolution: {
    inputs: ['x', 'weight', 'bias'],
    rowwise: false,
    infer({ x, weight, bias }) {
      const fits = weight.columns === x.columns && bias.columns === x.columns;
      demand(fits, 'depthwiseConvolution', 'weights do not fit');
      demand(Number.isInteger(half(weight.rows as number)), 'depthwiseConvolution', 'taps are even');
      return { y: like(x) };
    },
    flops: ({ x, weight }, _, tokens) => 2 * (weight.rows as number) * rowsOf(x, tokens) * x.columns,
    backward(g: Gradients<'depthwiseConvolutionBackward'>, { inputs, outputs }) {
      const { x, weight, bias } = inputs;
      const others = { dweight: g.ofParameter(weight), dbias: g.ofParameter(bias) };
      g.contribute(x, 'depthwiseConvolutionBackward', { dy: g.of(outputs.y), x, weight }, 'dx', others);
    },
  },
  /** dx[u] = Σ_j weight[j] · dy[u − j + h]; dweight[j] += Σ_t dy[t] · x[t + j − h]; dbias += Σ dy. */
  depthwiseConvolutionBackward: {
    inputs: ['dy', 'x', 'weight'],
    rowwise: false,
    infer: ({ x, weight }) => ({
      dx: like(x),
      dweight: like(weight),
      dbias: { rows: 1, columns: x.columns },
    }),
    flops: ({ x, weight }, _, tokens) => 4 * (weight.rows as number) * rowsOf(x, tokens) * x.columns,
    backward: null,
  },
} satisfies OperationFamily;
