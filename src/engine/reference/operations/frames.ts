/** Frames of a signal, and the magnitude of pairs of filters. */
import { eachElement, type ReferenceOperation } from '../operands.js';

/** y[t] = `window` numbers from the first one of row t on, zeros behind the end */
export const frames: ReferenceOperation = ({
  outputs: { y },
  attributes: { width },
  sequence: { frames: numbers },
}) => {
  if (numbers?.length !== y.rows * width) throw new RangeError('internal: a sequence without its frames');
  eachElement(y, (t, c, i) => {
    y.values[i] = numbers[t * width + c] ?? 0;
  });
};

/** y[c] = (x[c]² + x[d + c]² + 10⁻⁴)^¼ */
export const magnitude: ReferenceOperation = ({ inputs: { x }, outputs: { y } }) => {
  eachElement(y, (t, c, i) => {
    const [a, b] = [x.values[t * x.columns + c], x.values[t * x.columns + y.columns + c]];
    y.values[i] = (a * a + b * b + 1e-4) ** 0.25;
  });
};

/** dx[c] = x[c] dy[c] / (2 y[c]³), dx[d + c] likewise */
export const magnitudeBackward: ReferenceOperation = ({ inputs: { dy, x, y }, outputs: { dx } }) => {
  eachElement(x, (t, c, i) => {
    const pair = t * y.columns + (c % y.columns);
    dx.values[i] = (x.values[i] * dy.values[pair]) / (2 * y.values[pair] ** 3);
  });
};
