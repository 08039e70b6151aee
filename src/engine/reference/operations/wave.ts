/** The elastic wave's features. */
import { beginSum, eachElement, type ReferenceOperation } from '../operands.js';

/** y = [sin(w x), cos(w x)], sines in the first half of the columns */
export const wave: ReferenceOperation = ({ inputs: { x, frequency }, outputs: { y } }) => {
  const w = frequency.values[0];
  eachElement(x, (t, c, i) => {
    y.values[t * y.columns + c] = Math.sin(w * x.values[i]);
    y.values[t * y.columns + x.columns + c] = Math.cos(w * x.values[i]);
  });
};

/** With g = dsin · cos(w x) − dcos · sin(w x): dx = w g, dw += x g */
export const waveBackward: ReferenceOperation = ({
  inputs: { dy, x, y, frequency },
  outputs,
  attributes,
}) => {
  const w = frequency.values[0];
  const dx = beginSum(outputs.dx, attributes);
  eachElement(x, (t, c, i) => {
    const sine = t * y.columns + c;
    const cosine = sine + x.columns;
    const g = dy.values[sine] * y.values[cosine] - dy.values[cosine] * y.values[sine];
    dx[i] += w * g;
    outputs.dfrequency.values[0] += x.values[i] * g;
  });
};
