/** Layer norm (Ba et al. 2016). */
import { demand, type Gradients, like, type OperationFamily, perElement } from './definition.js';

export const norm = {
  /** y = (x − mean) · rstd · weight + bias; statistics[t] = [mean, rstd]; ε = 1e-5. */
  layerNorm: {
    inputs: ['x', 'weight', 'bias'],
    rowwise: true,
    infer({ x, weight, bias }) {
      demand(weight.columns === x.columns && bias.columns === x.columns, 'layerNorm', 'weights do not fit');
      return { y: like(x), statistics: { rows: x.rows, columns: 2 } };
    },
    flops: perElement(8),
    backward(g: Gradients<'layerNormBackward'>, { inputs, outputs }) {
      const { x, weight, bias } = inputs;
      const operands = { dy: g.of(outputs.y), x, statistics: outputs.statistics, weight };
      const others = { dweight: g.ofParameter(weight), dbias: g.ofParameter(bias) };
      g.contribute(x, 'layerNormBackward', operands, 'dx', others);
    },
    recompute: {
      output: 'y',
      emit: (g: Gradients<'normalize'>, { inputs, outputs }) =>
        g.emit('normalize', { ...inputs, statistics: outputs.statistics }).y,
    },
  },
  /** Layer norm with statistics that are known already. */
  normalize: {
    inputs: ['x', 'weight', 'bias', 'statistics'],
    rowwise: true,
    infer: ({ x }) => ({ y: like(x) }),
    flops: perElement(4),
    backward: null,
    recomputation: true,
  },
  layerNormBackward: {
    inputs: ['dy', 'x', 'statistics', 'weight'],
    rowwise: true,
    infer: ({ x, weight }) => ({ dx: like(x), dweight: like(weight), dbias: like(weight) }),
    flops: perElement(16),
    backward: null,
    accumulates: true,
  },
} satisfies OperationFamily;
