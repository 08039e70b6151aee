/** Binds the embeddings to their kernels. */

import type { Operands } from '../../../program/tensor.js';
import { PURPOSE } from '../../../random.js';
import { type BindingContext, NOWHERE, type ProgramContext, type WasmFamily } from '../bindings.js';

/** Room for the ids after word dropout. */
const scratchBytes = ({ attributes }: Operands, { sequenceLength }: ProgramContext): number =>
  attributes.rate === undefined ? 0 : 4 * sequenceLength;

/** Gives the address of the ids of rows row … row + rows − 1, after word dropout where there is some. */
function idsOf(
  { attributes }: Operands,
  { kernels, situation, scratch }: BindingContext,
): (row: number, rows: number) => number {
  const { rate, site, unknown } = attributes;
  if (rate === undefined) return (row) => situation.ids + 4 * row;
  const threshold = Math.floor(rate * 4294967296);
  return (row, rows) => {
    kernels.dropWords(
      scratch,
      situation.ids + 4 * row,
      row,
      rows,
      threshold,
      unknown,
      site,
      situation.step,
      situation.sequence,
      situation.seed,
      PURPOSE.dropout,
    );
    return scratch;
  };
}

export const embedding = {
  embedding: {
    scratchBytes,
    bind(operation, context) {
      const { inputs, outputs } = operation;
      const { kernels, place, tensor } = context;
      const ids = idsOf(operation, context);
      const y = place(outputs.y);
      const token = place(inputs.token).base;
      const position = inputs.position === undefined ? NOWHERE : place(inputs.position);
      const { columns } = tensor(outputs.y);
      return (row, rows) =>
        kernels.embedding(
          y.base + row * y.stride,
          ids(row, rows),
          token,
          position.base + row * position.stride,
          rows,
          columns,
        );
    },
  },
  embeddingBackward: {
    scratchBytes,
    bind(operation, context) {
      const { inputs, outputs } = operation;
      const { kernels, situation, place, tensor } = context;
      const ids = idsOf(operation, context);
      const dy = place(inputs.dy);
      const dtoken = place(outputs.dtoken).base;
      const { columns } = tensor(inputs.dy);
      const dposition = outputs.dposition === undefined ? undefined : place(outputs.dposition);
      return (row, rows) =>
        kernels.embeddingBackward(
          situation.gradients + dtoken,
          dposition === undefined ? 0 : situation.gradients + dposition.base + row * dposition.stride,
          ids(row, rows),
          dy.base + row * dy.stride,
          rows,
          columns,
        );
    },
  },
} satisfies WasmFamily;
