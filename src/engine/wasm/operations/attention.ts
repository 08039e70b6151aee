/** Binds attention to its kernels. */
import type { Operands } from '../../../program/tensor.js';
import type { ProgramContext, WasmFamily } from '../bindings.js';

const TILE_QUERIES = 48;
const TILE_KEYS = 64;

/**
 * Bytes of scratch for `rows` tokens of `columns` channels, O(rows · columns / heads): the same formula as
 * attentionWorkBytes in kernels/attention.ts.
 */
export function attentionWorkBytes(rows: number, columns: number, heads: number): number {
  const padded = Math.ceil(columns / heads / 8) * 8;
  const whole = (rows + 7) * padded;
  return 4 * (10 * whole + 2 * (rows + 7) + 2 * TILE_QUERIES * TILE_KEYS + 6 * (padded + 17));
}

const scratchBytes = ({ inputs, attributes }: Operands, { sequenceLength, tensor }: ProgramContext): number =>
  attentionWorkBytes(sequenceLength, tensor(inputs.qkv).columns / 3, attributes.heads);

export const attention = {
  attention: {
    scratchBytes,
    bind({ inputs, outputs, attributes }, { kernels, place, tensor, scratch }) {
      const [y, logsumexp, qkv] = [
        place(outputs.y).base,
        place(outputs.logsumexp).base,
        place(inputs.qkv).base,
      ];
      const { columns } = tensor(outputs.y);
      return (_, rows) =>
        kernels.attentionForward(y, logsumexp, qkv, scratch, rows, columns, attributes.heads);
    },
  },
  attentionBackward: {
    scratchBytes,
    bind({ inputs, outputs, attributes }, { kernels, place, tensor, scratch }) {
      const [dqkv, dy, y] = [place(outputs.dqkv).base, place(inputs.dy).base, place(inputs.y).base];
      const [qkv, logsumexp] = [place(inputs.qkv).base, place(inputs.logsumexp).base];
      const { columns } = tensor(inputs.y);
      return (_, rows) =>
        kernels.attentionBackward(dqkv, dy, y, qkv, logsumexp, scratch, rows, columns, attributes.heads);
    },
  },
} satisfies WasmFamily;
