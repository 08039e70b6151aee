/** Binds the embeddings to their kernels. */
import { NOWHERE, type WasmFamily } from '../bindings.js';

export const embedding = {
  embedding: {
    bind({ inputs, outputs }, { kernels, situation, place, tensor }) {
      const y = place(outputs.y);
      const token = place(inputs.token).base;
      const position = inputs.position === undefined ? NOWHERE : place(inputs.position);
      const { columns } = tensor(outputs.y);
      return (row, rows) =>
        kernels.embedding(
          y.base + row * y.stride,
          situation.ids + 4 * row,
          token,
          position.base + row * position.stride,
          rows,
          columns,
        );
    },
  },
  embeddingBackward: {
    bind({ inputs, outputs }, { kernels, situation, place, tensor }) {
      const dy = place(inputs.dy);
      const dtoken = place(outputs.dtoken).base;
      const { columns } = tensor(inputs.dy);
      const dposition = outputs.dposition === undefined ? undefined : place(outputs.dposition);
      return (row, rows) =>
        kernels.embeddingBackward(
          situation.gradients + dtoken,
          dposition === undefined ? 0 : situation.gradients + dposition.base + row * dposition.stride,
          situation.ids + 4 * row,
          dy.base + row * dy.stride,
          rows,
          columns,
        );
    },
  },
} satisfies WasmFamily;
