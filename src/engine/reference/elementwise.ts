/** Operations that take each element by itself: GELU, the elastic wave's features, dropout, sums and copies. */
import { PURPOSE, philox } from '../../random.js';
import { beginSum, eachElement, type Run } from './operands.js';

const ROOT_2_OVER_PI = Math.sqrt(2 / Math.PI);
const CUBIC = 0.044715;

/** y = x/2 · (1 + tanh u), slope = dy/dx, u = √(2/π) (x + 0.044715 x³) */
export const gelu: Run = ({ inputs: { x }, outputs: { y, slope } }) => {
  eachElement(x, (_, _c, i) => {
    const v = x.values[i];
    const tanh = Math.tanh(ROOT_2_OVER_PI * (v + CUBIC * v ** 3));
    y.values[i] = (v / 2) * (1 + tanh);
    const change = ROOT_2_OVER_PI * (1 + 3 * CUBIC * v ** 2);
    slope.values[i] = (1 + tanh) / 2 + (v / 2) * (1 - tanh ** 2) * change;
  });
};

export const geluBackward: Run = ({ inputs: { dy, slope }, outputs: { dx } }) => {
  eachElement(slope, (_, _c, i) => {
    dx.values[i] = dy.values[i] * slope.values[i];
  });
};

/** y = [sin(w x), cos(w x)], sines in the first half of the columns */
export const wave: Run = ({ inputs: { x, frequency }, outputs: { y } }) => {
  const w = frequency.values[0];
  eachElement(x, (t, c, i) => {
    y.values[t * y.columns + c] = Math.sin(w * x.values[i]);
    y.values[t * y.columns + x.columns + c] = Math.cos(w * x.values[i]);
  });
};

/** With g = dsin · cos(w x) − dcos · sin(w x): dx = w g, dw += x g */
export const waveBackward: Run = ({ inputs: { dy, x, y, frequency }, outputs, attributes }) => {
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

/**
 * y = x · keep / (1 − rate). Element e = row · columns + column is kept if its random word is at least
 * ⌊rate · 2³²⌋. The word is number e mod 4 of the Philox block with counter (⌊e/4⌋, site, step, place of the
 * sequence in the batch) and key (seed, PURPOSE.dropout).
 */
export const dropout: Run = ({ inputs: { x }, outputs, attributes: { rate, site }, sequence }) => {
  const y = outputs.y ?? outputs.dx;
  const { seed, step } = sequence.key;
  const threshold = Math.floor(rate * 2 ** 32);
  const words = new Uint32Array(4);
  eachElement(x, (_, _c, e) => {
    philox(e >>> 2, site, step >>> 0, sequence.index, seed >>> 0, PURPOSE.dropout, words);
    y.values[e] = words[e % 4] >= threshold ? x.values[e] / (1 - rate) : 0;
  });
};

/** The same mask on the gradient. */
export const dropoutBackward: Run = dropout;

/** y = a + b */
export const add: Run = ({ inputs: { a, b }, outputs: { y } }) => {
  eachElement(y, (_, _c, i) => {
    y.values[i] = a.values[i] + b.values[i];
  });
};

/** y += x */
export const accumulate: Run = ({ inputs: { x }, outputs: { y } }) => {
  eachElement(y, (_, _c, i) => {
    y.values[i] += x.values[i];
  });
};

export const copy: Run = ({ inputs: { x }, outputs: { y } }) => y.values.set(x.values);
