/** Frames of a signal: numbers instead of token ids; and what filters find in them. */
import { demand, type Gradients, like, type OperationFamily, rowsOf } from './definition.js';

export const frames = {
  /**
   * y[t] = `window` numbers of the sequence from the first one of row t on, zeros behind its end. A row has `width`
   * numbers (both attributes): windows overlap where they are wider than a row.
   */
  frames: {
    inputs: [],
    rowwise: true,
    readsSequence: true,
    infer: (_, { window }) => ({ y: { rows: 'tokens', columns: window } }),
    flops: () => 0,
    /** They are data: nothing is learned of them. */
    backward(_: Gradients<never>) {},
  },
  /**
   * How strongly pairs of filters answer, whatever the phase: y[c] = (x[c]² + x[d + c]² + 10⁻⁴)^¼ for x of 2 d columns.
   * The root does what a logarithm does to loudness, without its infinity.
   */
  magnitude: {
    inputs: ['x'],
    rowwise: true,
    infer({ x }) {
      demand(x.columns % 2 === 0, 'magnitude', 'an odd number of columns');
      return { y: { rows: x.rows, columns: x.columns / 2 } };
    },
    flops: ({ x }, _, tokens) => 3 * rowsOf(x, tokens) * x.columns,
    backward(g: Gradients<'magnitudeBackward'>, { inputs: { x }, outputs: { y } }) {
      g.contribute(x, 'magnitudeBackward', { dy: g.of(y), x, y }, 'dx');
    },
  },
  /** dx[c] = x[c] dy[c] / (2 y[c]³), dx[d + c] = x[d + c] dy[c] / (2 y[c]³). */
  magnitudeBackward: {
    inputs: ['dy', 'x', 'y'],
    rowwise: true,
    infer: ({ x }) => ({ dx: like(x) }),
    flops: ({ x }, _, tokens) => 3 * rowsOf(x, tokens) * x.columns,
    backward: null,
  },
} satisfies OperationFamily;
