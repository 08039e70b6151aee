/** What training yields of a linear model, however it was solved. */
import type { TrainedModel } from '../../formats/trainedModel.js';
import type { Encoder } from '../../input/encoder.js';
import type { CompactModel } from '../solvers/linearModel.js';
import type { Trainer, ValidatedModel } from './method.js';

/** Chosen on the validation splits of reviews and of posts of 20 kinds. */
export const SMOOTHING = { presence: 0.75, 'tf-idf': 0.2 } as const;

export interface LinearTrainer extends Trainer {
  /** The model as it stands, and its logits for the examples that judge it, [examples, classes]. */
  validated(): ValidatedModel;
}

/**
 * The model for the family's program: levels in the table, scales and temperature in the head.
 * @param encoder of the kept features alone
 * @param vocabulary rows of the table but one
 * @param factor 1 / temperature
 */
export function savedModel(
  { levels, scales, bias }: CompactModel,
  encoder: Encoder,
  {
    classes,
    vocabulary,
    factor,
    multiLabel = false,
  }: Readonly<Record<'classes' | 'vocabulary' | 'factor', number>> & { readonly multiLabel?: boolean },
): TrainedModel {
  const opposites = classes === 2 && !multiLabel;
  const outputs = scales.length;
  const table = new Float32Array((vocabulary + 1) * outputs);
  table.set(levels, outputs);
  const weight = new Float32Array(classes * outputs);
  const shift = new Float32Array(classes);
  for (let c = 0; c < classes; c++) {
    const k = opposites ? 0 : c;
    const sign = !opposites ? 1 : c === 1 ? 0.5 : -0.5;
    weight[c * outputs + k] = sign * factor * scales[k];
    shift[c] = sign * factor * bias[k];
  }
  const parameters = new Map([
    ['evidence.weight', table],
    ['head.weight', weight],
    ['head.bias', shift],
  ]);
  return { encoder, parameters, temperature: 1 };
}
