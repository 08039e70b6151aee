/** Gates. */
import { eachElement, type ReferenceOperation } from '../operands.js';

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

/** y = a · b */
export const gate: ReferenceOperation = ({ inputs: { a, b }, outputs: { y } }) => {
  eachElement(y, (_, _c, i) => {
    y.values[i] = a.values[i] * b.values[i];
  });
};

/** y = a · σ(b) */
export const sigmoidGate: ReferenceOperation = ({ inputs: { a, b }, outputs: { y } }) => {
  eachElement(y, (_, _c, i) => {
    y.values[i] = a.values[i] * logistic(b.values[i]);
  });
};

/** With s = σ(b): da = dy · s, db = dy · a · s (1 − s) */
export const sigmoidGateBackward: ReferenceOperation = ({ inputs: { dy, a, b }, outputs: { da, db } }) => {
  eachElement(dy, (_, _c, i) => {
    const s = logistic(b.values[i]);
    da.values[i] = dy.values[i] * s;
    db.values[i] = dy.values[i] * a.values[i] * s * (1 - s);
  });
};
