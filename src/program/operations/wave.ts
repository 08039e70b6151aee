/** The elastic wave's features. */
import { demand, type Gradients, like, type OperationFamily, perElement } from './definition.js';

export const wave = {
  /** y = [sin(w x), cos(w x)], one w a unit: the features of the elastic wave unit. */
  wave: {
    inputs: ['x', 'frequency'],
    rowwise: true,
    infer({ x, frequency }) {
      demand(frequency.rows === 1 && frequency.columns === 1, 'wave', 'frequency is one number');
      return { y: { rows: x.rows, columns: 2 * x.columns } };
    },
    flops: perElement(3),
    backward(g: Gradients<'waveBackward'>, { inputs, outputs }) {
      const { x, frequency } = inputs;
      const operands = { dy: g.of(outputs.y), x, y: outputs.y, frequency };
      g.contribute(x, 'waveBackward', operands, 'dx', { dfrequency: g.ofParameter(frequency) });
    },
  },
  waveBackward: {
    inputs: ['dy', 'x', 'y', 'frequency'],
    rowwise: true,
    infer: ({ x, frequency }) => ({ dx: like(x), dfrequency: like(frequency) }),
    flops: perElement(7),
    backward: null,
    accumulates: true,
  },
} satisfies OperationFamily;
