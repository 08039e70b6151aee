/** Token and position embeddings. */
import { eachElement, type Run } from '../operands.js';

/** y[t] = token[id(t)] (+ position[t]) */
export const embedding: Run = ({ inputs: { token, position }, outputs: { y }, sequence }) => {
  eachElement(y, (t, c, i) => {
    const place = position === undefined ? 0 : position.values[t * position.columns + c];
    y.values[i] = token.values[sequence.tokens[t] * token.columns + c] + place;
  });
};

/** dtoken[id(t)] += dy[t]; dposition[t] += dy[t] */
export const embeddingBackward: Run = ({ inputs: { dy }, outputs: { dtoken, dposition }, sequence }) => {
  eachElement(dy, (t, c, i) => {
    dtoken.values[sequence.tokens[t] * dtoken.columns + c] += dy.values[i];
    if (dposition !== undefined) dposition.values[t * dposition.columns + c] += dy.values[i];
  });
};
