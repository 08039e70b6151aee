/** Gates: one tensor lets through what another holds (Dauphin et al. 2017). */

import type { Tensors } from './definition.js';
import { demand, type Gradients, like, type OperationFamily, rowsOf } from './definition.js';

function alike(kind: string, { a, b }: Tensors): void {
  demand(a.rows === b.rows && a.columns === b.columns, kind, 'shapes differ');
}

export const gate = {
  /** y = a · b. */
  gate: {
    inputs: ['a', 'b'],
    rowwise: true,
    infer(inputs) {
      alike('gate', inputs);
      return { y: like(inputs.a) };
    },
    flops: ({ a }, _, tokens) => rowsOf(a, tokens) * a.columns,
    /** da = dy · b, db = dy · a. */
    backward(g: Gradients<'gate'>, { inputs: { a, b }, outputs }) {
      const dy = g.of(outputs.y);
      g.contribute(a, 'gate', { a: dy, b }, 'y');
      g.contribute(b, 'gate', { a: dy, b: a }, 'y');
    },
  },
  /** y = a · σ(b), σ the logistic function: the gated linear unit. */
  sigmoidGate: {
    inputs: ['a', 'b'],
    rowwise: true,
    infer(inputs) {
      alike('sigmoidGate', inputs);
      return { y: like(inputs.a) };
    },
    flops: ({ a }, _, tokens) => 4 * rowsOf(a, tokens) * a.columns,
    backward(g: Gradients<'sigmoidGateBackward'>, { inputs: { a, b }, outputs }) {
      const { da, db } = g.emit('sigmoidGateBackward', { dy: g.of(outputs.y), a, b });
      g.pass(a, da);
      g.pass(b, db);
    },
  },
  /** With s = σ(b): da = dy · s, db = dy · a · s (1 − s). */
  sigmoidGateBackward: {
    inputs: ['dy', 'a', 'b'],
    rowwise: true,
    infer: ({ a, b }) => ({ da: like(a), db: like(b) }),
    flops: ({ a }, _, tokens) => 5 * rowsOf(a, tokens) * a.columns,
    backward: null,
  },
} satisfies OperationFamily;
