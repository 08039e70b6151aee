/** Filters over windows of tokens, of which the largest answer counts. */
import { demand, type Gradients, type OperationFamily, rowsOf } from './definition.js';

export const filterBank = {
  /** y[t] = [x[t − h], …, x[t + h]], h = (taps − 1) / 2, tokens beyond both ends taken as zero, [tokens, taps · d]. */
  window: {
    inputs: ['x'],
    rowwise: false,
    infer({ x }, { taps }) {
      demand(taps % 2 === 1, 'window', 'taps are even');
      return { y: { rows: x.rows, columns: taps * x.columns } };
    },
    flops: () => 0,
    backward(g: Gradients<'windowBackward'>, { inputs, outputs, attributes }) {
      g.contribute(inputs.x, 'windowBackward', { dy: g.of(outputs.y) }, 'dx', {}, attributes);
    },
  },
  /** dx[u] = Σ_j dy[u − j + h] of the j-th token of the window. */
  windowBackward: {
    inputs: ['dy'],
    rowwise: false,
    infer: ({ dy }, { taps }) => ({ dx: { rows: dy.rows, columns: dy.columns / taps } }),
    flops: ({ dy }, _, tokens) => rowsOf(dy, tokens) * dy.columns,
    backward: null,
    accumulates: true,
  },
  /**
   * y[c] = max_t (bias[c] + weight[c] · x[t]), [1, c]; place = the first token that has it. A linear layer and `maxPool`
   * in one: the layer's rows are never kept, and going back costs by the filters, not by the tokens.
   */
  maxLinear: {
    inputs: ['x', 'weight', 'bias'],
    rowwise: false,
    infer({ x, weight, bias }) {
      const fits = weight.columns === x.columns && bias.columns === weight.rows;
      demand(fits, 'maxLinear', 'weights do not fit');
      const columns = bias.columns;
      return { y: { rows: 1, columns }, place: { rows: 1, columns } };
    },
    flops: ({ x, bias }, _, tokens) => (2 * x.columns + 1) * rowsOf(x, tokens) * bias.columns,
    backward(g: Gradients<'maxLinearBackward'>, { inputs: { x, weight, bias }, outputs }) {
      const others = { dweight: g.ofParameter(weight), dbias: g.ofParameter(bias) };
      const given = { dy: g.of(outputs.y), place: outputs.place, x, weight };
      g.contribute(x, 'maxLinearBackward', given, 'dx', others);
    },
  },
  /** At p = place[c]: dx[p] += dy[c] weight[c]; dweight[c] += dy[c] x[p]; dbias += dy. */
  maxLinearBackward: {
    inputs: ['dy', 'place', 'x', 'weight'],
    rowwise: false,
    infer: ({ x, weight, dy }) => ({
      dx: { rows: x.rows, columns: x.columns },
      dweight: { rows: weight.rows, columns: weight.columns },
      dbias: { rows: 1, columns: dy.columns },
    }),
    flops: ({ weight, dy }) => 4 * dy.columns * weight.columns,
    backward: null,
    accumulates: true,
  },
} satisfies OperationFamily;
