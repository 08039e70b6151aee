/** Token and position embeddings. */
import { PURPOSE, philox } from '../../../random.js';
import { eachElement, type ReferenceOperands, type ReferenceOperation } from '../operands.js';

/**
 * The ids after word dropout: row t has `unknown` if its random word is below ⌊rate · 2³²⌋. The word is number t mod 4 of
 * the Philox block with counter (⌊t/4⌋, site, step, place of the sequence in the batch) and key (seed, PURPOSE.dropout).
 */
function idsOf({ sequence, attributes: { rate = 0, site, unknown } }: ReferenceOperands): Int32Array {
  const { tokens, key, index } = sequence;
  if (rate === 0) return tokens;
  const threshold = Math.floor(rate * 2 ** 32);
  const words = new Uint32Array(4);
  return tokens.map((id, t) => {
    philox(t >>> 2, site, key.step >>> 0, index, key.seed >>> 0, PURPOSE.dropout, words);
    return words[t % 4] < threshold ? unknown : id;
  });
}

/** y[t] = token[id(t)] (+ position[t]) */
export const embedding: ReferenceOperation = (operands) => {
  const { token, position } = operands.inputs;
  const { y } = operands.outputs;
  const ids = idsOf(operands);
  eachElement(y, (t, c, i) => {
    const place = position === undefined ? 0 : position.values[t * position.columns + c];
    y.values[i] = (ids[t] === 0 ? 0 : token.values[ids[t] * token.columns + c]) + place;
  });
};

/** dtoken[id(t)] += dy[t] but for id 0; dposition[t] += dy[t] */
export const embeddingBackward: ReferenceOperation = (operands) => {
  const { dy } = operands.inputs;
  const { dtoken, dposition } = operands.outputs;
  const ids = idsOf(operands);
  eachElement(dy, (t, c, i) => {
    if (ids[t] !== 0) dtoken.values[ids[t] * dtoken.columns + c] += dy.values[i];
    if (dposition !== undefined) dposition.values[t * dposition.columns + c] += dy.values[i];
  });
};
