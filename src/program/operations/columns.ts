/** Columns side by side, and apart. */
import { demand, type Gradients, type OperationFamily } from './definition.js';

export const columns = {
  /** y = [a, b]: the columns of b behind those of a. */
  concat: {
    inputs: ['a', 'b'],
    rowwise: true,
    infer({ a, b }) {
      demand(a.rows === b.rows, 'concat', 'rows differ');
      return { y: { rows: a.rows, columns: a.columns + b.columns } };
    },
    flops: () => 0,
    backward(g: Gradients<'columnSlice'>, { inputs: { a, b }, outputs }) {
      const x = g.of(outputs.y);
      g.contribute(a, 'columnSlice', { x, like: a }, 'y', {}, { last: 0 });
      g.contribute(b, 'columnSlice', { x, like: b }, 'y', {}, { last: 1 });
    },
  },
  /** y = the first columns of x, or the last, as many as `like` has. */
  columnSlice: {
    inputs: ['x', 'like'],
    rowwise: true,
    infer({ x, like }) {
      demand(like.columns <= x.columns, 'columnSlice', 'too few columns');
      return { y: { rows: x.rows, columns: like.columns } };
    },
    flops: () => 0,
    backward: null,
  },
} satisfies OperationFamily;
