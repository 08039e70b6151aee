/** Dropout (Srivastava et al. 2014) by a counter-based generator. */
import { PURPOSE, philox } from '../../../random.js';
import { eachElement, type ReferenceOperation } from '../operands.js';

/**
 * y = x · keep / (1 − rate). Element e = row · columns + column is kept if its random word is at least
 * ⌊rate · 2³²⌋. The word is number e mod 4 of the Philox block with counter (⌊e/4⌋, site, step, place of the
 * sequence in the batch) and key (seed, PURPOSE.dropout).
 */
export const dropout: ReferenceOperation = ({
  inputs: { x },
  outputs,
  attributes: { rate, site },
  sequence,
}) => {
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
export const dropoutBackward: ReferenceOperation = dropout;
