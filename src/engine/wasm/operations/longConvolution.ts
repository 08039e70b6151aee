/** Binds long kernels and the convolution with them: transforms of a length that the engine chooses (../convolutionPlan). */
import type { Operands, TensorId } from '../../../program/tensor.js';
import type { BindingContext, ProgramContext, Table, WasmFamily, WasmOperation } from '../bindings.js';
import { type ConvolutionPlan, planConvolution } from '../convolutionPlan.js';
import { blockWorkBytes, transformTable } from '../transform.js';

/** Channels are transformed in blocks of 16, and a spectrum is kept packed that way. */
const BLOCK = 16;

interface Convolution extends ConvolutionPlan {
  readonly reach: number;
  readonly columns: number;
}

/** The convolution with a kernel, prepared or not: [2 · reach, columns]. */
function convolutionOf(kernel: TensorId, { sequenceLength, tensor }: ProgramContext): Convolution {
  const { rows, columns } = tensor(kernel);
  const reach = (rows as number) / 2;
  return { ...planConvolution(sequenceLength, reach), reach, columns };
}

/** Numbers of one spectrum. */
const spectrumElements = ({ length, columns }: Convolution): number =>
  length * BLOCK * Math.ceil(columns / BLOCK);

/** @param kernel name of the operand that has the kernel's shape */
function transforming(
  kernel: string,
  bind: (
    operation: Operands,
    context: BindingContext,
    convolution: Convolution & { plan: number },
  ) => ReturnType<WasmOperation['bind']>,
): Pick<WasmOperation, 'bind' | 'scratchBytes' | 'table'> {
  const of = ({ inputs }: Operands, around: ProgramContext): Convolution =>
    convolutionOf(inputs[kernel], around);
  return {
    scratchBytes: (operation, around) => blockWorkBytes(of(operation, around).length),
    table: (operation, around): Table => transformTable(of(operation, around).length),
    bind(operation, context) {
      const convolution = of(operation, context);
      return bind(operation, context, {
        ...convolution,
        plan: context.table(transformTable(convolution.length).name),
      });
    },
  };
}

export const longConvolution = {
  longKernel: {
    bind({ inputs, outputs, attributes }, { kernels, place, tensor }) {
      const [kernel, forward, backward] = [outputs.kernel, inputs.forward, inputs.backward].map(
        (id) => place(id).base,
      );
      const [short, taps] =
        inputs.short === undefined ? [0, 0] : [place(inputs.short).base, tensor(inputs.short).rows as number];
      const { width, decay, scale } = attributes;
      const scales = (tensor(inputs.forward).rows as number) / width;
      const { rows, columns } = tensor(outputs.kernel);
      const reach = (rows as number) / 2;
      return () =>
        kernels.longKernel(
          kernel,
          forward,
          backward,
          short,
          taps,
          scales,
          width,
          reach,
          columns,
          decay,
          scale,
        );
    },
  },
  longKernelBackward: {
    bind({ inputs, outputs, attributes }, { kernels, situation, place, tensor }) {
      const [dforward, dbackward] = [place(outputs.dforward).base, place(outputs.dbackward).base];
      const dkernel = place(inputs.dkernel).base;
      const [dshort, taps] =
        outputs.dshort === undefined
          ? [0, 0]
          : [place(outputs.dshort).base, tensor(inputs.short).rows as number];
      const { width, decay, scale } = attributes;
      const scales = (tensor(inputs.forward).rows as number) / width;
      const { rows, columns } = tensor(inputs.dkernel);
      const reach = (rows as number) / 2;
      return () =>
        kernels.longKernelBackward(
          situation.gradients + dforward,
          situation.gradients + dbackward,
          situation.gradients + dshort,
          dkernel,
          taps,
          scales,
          width,
          reach,
          columns,
          decay,
          scale,
        );
    },
  },
  preparedKernel: {
    opaque: {
      prepared: ({ inputs }, around) => spectrumElements(convolutionOf(inputs.kernel, around)),
    },
    ...transforming(
      'kernel',
      ({ inputs, outputs }, { kernels, place, scratch }, { plan, reach, columns }) => {
        const [prepared, kernel] = [place(outputs.prepared).base, place(inputs.kernel).base];
        return () => kernels.prepareKernel(prepared, kernel, plan, scratch, reach, columns);
      },
    ),
  },
  preparedKernelBackward: transforming(
    'dprepared',
    ({ inputs, outputs }, { kernels, place, scratch }, { plan, reach, columns }) => {
      const [dkernel, dprepared] = [place(outputs.dkernel).base, place(inputs.dprepared).base];
      return () => kernels.prepareKernelBackward(dkernel, dprepared, plan, scratch, reach, columns);
    },
  ),
  longConvolution: {
    opaque: {
      signal({ inputs }, around) {
        const convolution = convolutionOf(inputs.kernel, around);
        return convolution.blocks * spectrumElements(convolution);
      },
    },
    ...transforming('kernel', ({ inputs, outputs }, { kernels, place, scratch, isRead }, convolution) => {
      const { plan, reach, blockRows, columns } = convolution;
      const [y, x, kernel] = [outputs.y, inputs.x, inputs.kernel].map((id) => place(id).base);
      const signal = isRead(outputs.signal) ? place(outputs.signal).base : 0;
      return (_, rows) =>
        kernels.longConvolution(y, signal, x, kernel, plan, scratch, rows, reach, blockRows, columns);
    }),
  },
  longConvolutionBackward: transforming(
    'kernel',
    ({ inputs, outputs }, { kernels, situation, place, scratch }, { plan, reach, blockRows, columns }) => {
      const [dx, dkernel] = [place(outputs.dx).base, place(outputs.dkernel).base];
      const [dy, signal, kernel] = [inputs.dy, inputs.signal, inputs.kernel].map((id) => place(id).base);
      return (_, rows) =>
        kernels.longConvolutionBackward(
          dx,
          situation.gradients + dkernel,
          dy,
          signal,
          kernel,
          plan,
          scratch,
          rows,
          reach,
          blockRows,
          columns,
        );
    },
  ),
} satisfies WasmFamily;
