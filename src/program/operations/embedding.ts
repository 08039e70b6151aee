/** Token and position embeddings. */
import { demand, type Gradients, like, type OperationFamily } from './definition.js';

export const embedding = {
  /**
   * y[t] = token[id(t)] (+ position[t]). With word dropout (attributes `rate`, `site`, `unknown`) the id of row t is
   * `unknown` instead with probability `rate`, drawn for (seed, site, step, sequence, t); an id of 0 is a row of zeros.
   */
  embedding: {
    inputs: ['token'],
    optional: ['position'],
    rowwise: true,
    readsSequence: true,
    infer({ token, position }, _, n) {
      if (position !== undefined) {
        const fits = position.rows === n && position.columns === token.columns;
        demand(fits, 'embedding', 'positions do not fit');
      }
      return { y: { rows: 'tokens', columns: token.columns } };
    },
    flops: ({ token, position }, _, tokens) => (position === undefined ? 0 : tokens * token.columns),
    backward(g: Gradients<'embeddingBackward'>, { inputs, outputs, attributes }) {
      const { token, position } = inputs;
      const dy = g.of(outputs.y);
      const dtoken = g.ofParameter(token);
      if (position === undefined) g.emitInto('embeddingBackward', { dy, token }, { dtoken }, attributes);
      else {
        const dposition = g.ofParameter(position);
        g.emitInto('embeddingBackward', { dy, token, position }, { dtoken, dposition }, attributes);
      }
    },
  },
  /** dtoken[id(t)] += dy[t] (but for id 0); dposition[t] += dy[t]. */
  embeddingBackward: {
    inputs: ['dy', 'token'],
    optional: ['position'],
    rowwise: true,
    infer: ({ token, position }) => ({
      dtoken: like(token),
      ...(position === undefined ? {} : { dposition: like(position) }),
    }),
    flops: ({ dy, position }, _, tokens) => (position === undefined ? 1 : 2) * tokens * dy.columns,
    backward: null,
  },
} satisfies OperationFamily;
