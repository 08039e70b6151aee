/**
 * Convolutions along the tokens with kernels as long as a text, built from few numbers (SGConv: Li et al. 2022,
 * arXiv 2210.09298). A kernel follows from parameters alone: it is built, and brought into the form in which the engine
 * convolves with it, once a step.
 */
import { demand, type Gradients, like, type OperationFamily, rowsOf } from './definition.js';

/** Lags in each direction: what the scales cover (and the short taps), but none that no two tokens are apart. */
function kernelReach(scales: number, width: number, shortTaps: number, n: number): number {
  const covered = width * (2 ** scales - 1);
  return Math.min(n, Math.max(covered, (shortTaps + 1) / 2));
}

/** What convolving L tokens costs: directly, or by three real transforms of L + reach (two there, one back). */
function convolutionFlops(tokens: number, reach: number): number {
  const length = tokens + reach;
  const transforms = 2 * 2.5 * length * Math.log2(length) + 3 * length;
  return Math.min(2 * tokens * 2 * reach, transforms);
}

export const longConvolution = {
  /**
   * Kernel of lags −R … R − 1 from `scales` times `width` numbers a channel and direction: scale s covers width · 2^s lags
   * with its `width` numbers interpolated linearly (as torch.nn.functional.interpolate does, align_corners = False),
   * times scale · decay^s; the scales follow one another from lag 0 on (`forward`) and from lag −1 on, backwards
   * (`backward`). `short`, an odd number of centred taps, is added as depthwiseConvolution has them. Row R + l is lag l;
   * R is what the scales cover, at most n. The number of parameters does not depend on n.
   */
  longKernel: {
    inputs: ['forward', 'backward'],
    optional: ['short'],
    rowwise: false,
    infer({ forward, backward, short }, { width }, n) {
      const rows = forward.rows as number;
      demand(rows % width === 0 && rows > 0, 'longKernel', 'rows are not whole scales');
      const same = backward.rows === rows && backward.columns === forward.columns;
      demand(same, 'longKernel', 'directions differ');
      const taps = (short?.rows ?? 1) as number;
      const fits = short === undefined || short.columns === forward.columns;
      demand(fits && taps % 2 === 1, 'longKernel', 'short taps do not fit');
      const reach = kernelReach(rows / width, width, taps, n);
      return { kernel: { rows: 2 * reach, columns: forward.columns } };
    },
    flops: ({ forward }, { width }, _, n) =>
      2 * 4 * forward.columns * kernelReach((forward.rows as number) / width, width, 1, n),
    backward(g: Gradients<'longKernelBackward'>, { inputs, outputs, attributes }) {
      const { forward, backward, short } = inputs;
      const others = { dforward: g.ofParameter(forward), dbackward: g.ofParameter(backward) };
      const both = short === undefined ? others : { ...others, dshort: g.ofParameter(short) };
      g.emitInto('longKernelBackward', { dkernel: g.of(outputs.kernel), ...inputs }, both, attributes);
    },
  },
  /** The transpose: every number gathers the gradients of the lags that it shapes. */
  longKernelBackward: {
    inputs: ['dkernel', 'forward', 'backward'],
    optional: ['short'],
    rowwise: false,
    infer: ({ forward, backward, short }) => ({
      dforward: like(forward),
      dbackward: like(backward),
      ...(short === undefined ? {} : { dshort: like(short) }),
    }),
    flops: ({ dkernel }) => 4 * (dkernel.rows as number) * dkernel.columns,
    backward: null,
  },
  /** The kernel as the engine's convolution takes it. */
  preparedKernel: {
    inputs: ['kernel'],
    rowwise: false,
    infer: ({ kernel }) => ({ prepared: { ...like(kernel), opaque: true } }),
    flops: () => 0,
    backward(g: Gradients<'preparedKernelBackward'>, { inputs, outputs }) {
      g.contribute(inputs.kernel, 'preparedKernelBackward', { dprepared: g.of(outputs.prepared) }, 'dkernel');
    },
  },
  preparedKernelBackward: {
    inputs: ['dprepared'],
    rowwise: false,
    infer: ({ dprepared }) => ({ dkernel: like(dprepared) }),
    flops: () => 0,
    backward: null,
  },
  /**
   * y[t] = Σ_l kernel[l] · x[t − l] a channel, over the real tokens: nothing wraps around. `signal` is x as the backward
   * operation takes it.
   */
  longConvolution: {
    inputs: ['x', 'kernel'],
    rowwise: false,
    infer({ x, kernel }) {
      demand(kernel.columns === x.columns, 'longConvolution', 'kernel does not fit');
      demand(kernel.opaque === true, 'longConvolution', 'the kernel is not prepared');
      return { y: like(x), signal: { ...like(x), opaque: true } };
    },
    flops: ({ x, kernel }, _, tokens) =>
      x.columns * convolutionFlops(rowsOf(x, tokens), (kernel.rows as number) / 2),
    backward(g: Gradients<'longConvolutionBackward'>, { inputs, outputs }) {
      const { x, kernel } = inputs;
      const operands = { dy: g.of(outputs.y), signal: outputs.signal, kernel };
      g.contribute(x, 'longConvolutionBackward', operands, 'dx', { dkernel: g.ofParameter(kernel) });
    },
  },
  /** dx[u] = Σ_l kernel[l] · dy[u + l]; dkernel[l] += Σ_t dy[t] · x[t − l]. */
  longConvolutionBackward: {
    inputs: ['dy', 'signal', 'kernel'],
    rowwise: false,
    infer: ({ dy, kernel }) => ({ dx: like(dy), dkernel: like(kernel) }),
    flops: ({ dy, kernel }, _, tokens) =>
      2 * dy.columns * convolutionFlops(rowsOf(dy, tokens), (kernel.rows as number) / 2),
    backward: null,
  },
} satisfies OperationFamily;
