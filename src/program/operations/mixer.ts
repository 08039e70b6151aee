/** The spectral mixer: a circular convolution along the tokens, by the discrete Fourier transform. */
import { demand, type Gradients, like, type OperationFamily } from './definition.js';

/** 2.5 n log₂ n: a real transform of length n (half of the usual 5 n log₂ n for a complex one). */
const realTransform = (n: number): number => 2.5 * n * Math.log2(n);

export const mixer = {
  /**
   * y[:, c] = irfft(rfft(x[:, c]) · (real[:, c] + i imaginary[:, c])), length n, rows ≥ L of x taken as zero.
   * `spectrum` is the transform of x, n numbers a channel; only the backward operation reads it.
   */
  spectralMixer: {
    inputs: ['x', 'real', 'imaginary'],
    rowwise: false,
    infer({ x, real, imaginary }, _, n) {
      const bins = Math.floor(n / 2) + 1;
      for (const filter of [real, imaginary]) {
        const fits = filter.rows === bins && filter.columns === x.columns;
        demand(fits, 'spectralMixer', 'filter does not fit');
      }
      return { y: like(x), spectrum: { rows: n, columns: x.columns, opaque: true } };
    },
    flops: ({ x }, _, _tokens, n) => x.columns * (2 * realTransform(n) + 3 * n),
    backward(g: Gradients<'spectralMixerBackward'>, { inputs, outputs }) {
      const { x, real, imaginary } = inputs;
      const operands = { dy: g.of(outputs.y), spectrum: outputs.spectrum, real, imaginary };
      const others = { dreal: g.ofParameter(real), dimaginary: g.ofParameter(imaginary) };
      g.contribute(x, 'spectralMixerBackward', operands, 'dx', others);
    },
  },
  spectralMixerBackward: {
    inputs: ['dy', 'spectrum', 'real', 'imaginary'],
    rowwise: false,
    infer: ({ dy, real }) => ({ dx: like(dy), dreal: like(real), dimaginary: like(real) }),
    flops: ({ dy }, _, _tokens, n) => dy.columns * (2 * realTransform(n) + 8 * n),
    backward: null,
  },
} satisfies OperationFamily;
