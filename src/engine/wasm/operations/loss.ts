/** Binds the losses to their kernels. */
import type { WasmFamily } from '../bindings.js';

export const loss = {
  crossEntropy: {
    bind({ inputs, outputs, attributes }, { kernels, situation, place, tensor }) {
      const [loss, probabilities] = [place(outputs.loss).base, place(outputs.probabilities).base];
      const logits = place(inputs.logits).base;
      const { columns } = tensor(inputs.logits);
      return () =>
        kernels.crossEntropy(
          loss,
          probabilities,
          logits,
          situation.label,
          situation.mixedLabel,
          situation.mixedShare,
          columns,
          attributes.smoothing,
        );
    },
  },
  crossEntropyBackward: {
    bind({ inputs, outputs, attributes }, { kernels, situation, place, tensor }) {
      const [dlogits, probabilities] = [place(outputs.dlogits).base, place(inputs.probabilities).base];
      const { columns } = tensor(outputs.dlogits);
      return () =>
        kernels.crossEntropyBackward(
          dlogits,
          probabilities,
          situation.label,
          situation.mixedLabel,
          situation.mixedShare,
          columns,
          attributes.smoothing,
          situation.scale * situation.lossWeight,
        );
    },
  },
  binaryEntropy: {
    targets: ({ logits }, { tensor }) => tensor(logits).columns,
    bind({ inputs, outputs, attributes }, { kernels, situation, place, tensor }) {
      const [loss, slopes, logits] = [outputs.loss, outputs.slopes, inputs.logits].map(
        (id) => place(id).base,
      );
      const { columns } = tensor(inputs.logits);
      return () =>
        kernels.binaryEntropy(
          loss,
          slopes,
          logits,
          situation.targets,
          situation.targetWeights,
          columns,
          attributes.smoothing ?? 0,
        );
    },
  },
  binaryEntropyBackward: {
    bind({ inputs, outputs }, { kernels, situation, place, tensor }) {
      const [dlogits, slopes] = [place(outputs.dlogits).base, place(inputs.slopes).base];
      const { columns } = tensor(outputs.dlogits);
      return () =>
        kernels.binaryEntropyBackward(
          dlogits,
          slopes,
          columns,
          (situation.scale * situation.lossWeight) / columns,
        );
    },
  },
} satisfies WasmFamily;
