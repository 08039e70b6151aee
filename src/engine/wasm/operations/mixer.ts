/** Binds the spectral mixer to its kernels: they take a plan of the transform, shared by all workers. */
import type { ProgramContext, Table, WasmFamily } from '../bindings.js';
import { transformTable, transformWorkBytes } from '../transform.js';

/** Channels are transformed in blocks of 16, and a spectrum is kept packed that way. */
const BLOCK = 16;

/** The plan of the transform for the program's length. */
const transformPlan = (_: unknown, { sequenceLength }: ProgramContext): Table =>
  transformTable(sequenceLength);

export const mixer = {
  spectralMixer: {
    scratchBytes: ({ inputs }, { sequenceLength, tensor }) =>
      transformWorkBytes(sequenceLength, tensor(inputs.x).columns),
    table: transformPlan,
    opaque: {
      spectrum: ({ inputs }, { sequenceLength, tensor }) =>
        sequenceLength * BLOCK * Math.ceil(tensor(inputs.x).columns / BLOCK),
    },
    bind({ inputs, outputs }, { kernels, place, tensor, table, scratch, isRead, sequenceLength }) {
      const y = place(outputs.y).base;
      const spectrum = isRead(outputs.spectrum) ? place(outputs.spectrum).base : 0;
      const [x, real, imaginary] = [
        place(inputs.x).base,
        place(inputs.real).base,
        place(inputs.imaginary).base,
      ];
      const plan = table(transformTable(sequenceLength).name);
      const { columns } = tensor(inputs.x);
      return (_, rows) =>
        kernels.mixerForward(y, spectrum, x, real, imaginary, plan, scratch, rows, sequenceLength, columns);
    },
  },
  spectralMixerBackward: {
    scratchBytes: ({ inputs }, { sequenceLength, tensor }) =>
      transformWorkBytes(sequenceLength, tensor(inputs.dy).columns),
    table: transformPlan,
    bind({ inputs, outputs }, { kernels, situation, place, tensor, table, scratch, sequenceLength }) {
      const [dx, dreal, dimaginary] = [outputs.dx, outputs.dreal, outputs.dimaginary].map(
        (id) => place(id).base,
      );
      const [dy, spectrum] = [place(inputs.dy).base, place(inputs.spectrum).base];
      const [real, imaginary] = [place(inputs.real).base, place(inputs.imaginary).base];
      const plan = table(transformTable(sequenceLength).name);
      const { columns } = tensor(inputs.dy);
      return (_, rows) =>
        kernels.mixerBackward(
          dx,
          situation.gradients + dreal,
          situation.gradients + dimaginary,
          dy,
          spectrum,
          real,
          imaginary,
          plan,
          scratch,
          rows,
          sequenceLength,
          columns,
        );
    },
  },
} satisfies WasmFamily;
