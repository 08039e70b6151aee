/** Linear layers. */
import { demand, type Gradients, like, type OperationFamily, rowsOf } from './definition.js';

export const linear = {
  /** y = x Wᵀ + b (+ residual). weight: [outputs, inputs] as in torch.nn.Linear. */
  linear: {
    inputs: ['x', 'weight', 'bias'],
    optional: ['residual'],
    rowwise: true,
    infer({ x, weight, bias, residual }) {
      const outputs = weight.rows as number;
      const misfit = `${x.columns} columns into a weight of ${weight.columns}`;
      demand(weight.columns === x.columns, 'linear', misfit);
      demand(bias.columns === outputs, 'linear', 'bias does not fit');
      const onto = residual === undefined || (residual.columns === outputs && residual.rows === x.rows);
      demand(onto, 'linear', 'residual does not fit');
      return { y: { rows: x.rows, columns: outputs } };
    },
    flops: ({ x, weight }, _, tokens) => 2 * rowsOf(x, tokens) * weight.columns * (weight.rows as number),
    backward(g: Gradients<'linearWeightGradient' | 'linearInputGradient'>, { inputs, outputs }) {
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
  /** dweight += dyᵀ x; dbias += Σ dy. */
  linearWeightGradient: {
    inputs: ['dy', 'x', 'weight'],
    rowwise: true,
    infer: ({ weight }) => ({ dweight: like(weight), dbias: { rows: 1, columns: weight.rows as number } }),
    flops: ({ x, weight }, _, tokens) => 2 * rowsOf(x, tokens) * weight.columns * (weight.rows as number),
    backward: null,
  },
  /** dx = dy W. */
  linearInputGradient: {
    inputs: ['dy', 'weight'],
    rowwise: true,
    infer: ({ dy, weight }) => ({ dx: { rows: dy.rows, columns: weight.columns } }),
    flops: ({ dy, weight }, _, tokens) => 2 * rowsOf(dy, tokens) * weight.columns * (weight.rows as number),
    backward: null,
    accumulates: true,
  },
} satisfies OperationFamily;
