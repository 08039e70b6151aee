/** Training of a linear model by its own solver; what it yields is pruned, rounded to bytes and calibrated. */
import type { EncodedDataset } from '../../data/encoded.js';
import { requireMemory } from '../../data/source.js';
import type { Batch } from '../../engine/engine.js';
import { fitTemperature } from '../../evaluation/calibration.js';
import type { TrainedModel } from '../../formats/trainedModel.js';
import { NgramEncoder } from '../../input/ngrams.js';
import { Turns } from '../../platform/turns.js';
import { byExample, type DatasetForward } from '../forward.js';
import { type CompactModel, compact, placesOf, scoresOf } from '../solvers/linearModel.js';
import { featureEnergies, LinearSolver, outputsOf, scoreExample } from '../solvers/linearSolver.js';
import type { Trainer, TrainingTask } from './method.js';

/** A few validation examples that are all right would call for certainty; features never do. */
const MOST_TEMPERATURE = 2;

/** Chosen on the validation splits of reviews and of posts of 20 kinds. */
const SMOOTHING = { presence: 0.75, 'tf-idf': 0.2 } as const;

interface CurrentModel extends CompactModel {
  readonly places: Int32Array;
}

export interface LinearTrainer extends Trainer {
  /** The model as it stands, and its logits for the validation examples, [examples, classes]. */
  validated(): ValidatedModel;
}

export interface ValidatedModel {
  readonly model: TrainedModel;
  readonly logits: Float64Array;
}

export async function linear({ encoder, model, settings, ...data }: TrainingTask): Promise<LinearTrainer> {
  if (!(encoder instanceof NgramEncoder)) throw new TypeError('internal: a linear model takes n-grams');
  const [train, validation] = [requireMemory(data.train), requireMemory(data.validation)];
  const features = encoder.vocabulary;
  const { classes, vocabulary, dropout } = model;
  const outputs = outputsOf(classes);
  const smoothing = SMOOTHING[encoder.weighting];
  const solver = new LinearSolver({ train, features, classes, smoothing, dropout, settings });
  const energies = featureEnergies(train, features);
  let step = 0;
  let current: CurrentModel | undefined;
  const turns = new Turns();

  /** As the model is kept: what validation judges. */
  const currentModel = (): CurrentModel => {
    if (current !== undefined) return current;
    const weights = { evidence: solver.evidence(step), bias: solver.bias.weights, outputs };
    const found = compact(weights, energies, vocabulary);
    current = { ...found, places: placesOf(found.kept, features) };
    return current;
  };

  const validated = (): ValidatedModel =>
    calibrated(currentModel(), encoder, validation, classes, vocabulary);

  const arrays = new Map<string, Float32Array>();
  for (const [name, { weights, m, v, last }] of Object.entries({
    features: solver.adam,
    bias: solver.bias,
  })) {
    for (const [kind, values] of Object.entries({ weights, m, v, last }))
      arrays.set(`${name}.${kind}`, values);
  }
  return {
    shapes: Array.from(arrays, ([name, { length }]) => ({ name, shape: [length] })),
    async step(batch, key) {
      await turns.give();
      current = undefined;
      const result = solver.step(batch, key);
      step = key.step + 1;
      return result;
    },
    forward: async (batch) => forward(currentModel(), batch, classes, batch.labels),
    kept: async () => arrays,
    async restore(kept, at) {
      for (const [name, values] of kept) arrays.get(name)!.set(values);
      step = at;
      current = undefined;
    },
    model: async () => validated().model,
    validated,
    async dispose() {},
  };
}

/** Logits and losses of examples. */
function forward(
  current: CurrentModel,
  { tokens, offsets, weights }: Pick<Batch, 'tokens' | 'weights'> & Pick<EncodedDataset, 'offsets'>,
  classes: number,
  labels: Int32Array,
): DatasetForward {
  const count = labels.length;
  const logits = new Float64Array(count * classes);
  const losses = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const [start, end] = [offsets[i], offsets[i + 1]];
    const scores = scoresOf(
      current,
      current.places,
      tokens.subarray(start, end),
      weights!.subarray(start, end),
    );
    logits.set(classes === 2 ? [-scores[0] / 2, scores[0] / 2] : scores, i * classes);
    losses[i] = scoreExample(scores, classes, labels[i]).loss;
  }
  return { logits, losses };
}

/**
 * The model for the family's program: levels in the table, scales and temperature in the head.
 * @param vocabulary rows of the table but one
 */
function calibrated(
  current: CurrentModel,
  encoder: NgramEncoder,
  validation: EncodedDataset,
  classes: number,
  vocabulary: number,
): ValidatedModel {
  const { kept, levels, scales, bias } = current;
  const outputs = scales.length;
  const forwarded = forward(current, validation, classes, validation.labels);
  const { logits, labels } = byExample(forwarded, validation, classes);
  const temperature = fitTemperature(logits, labels, classes);
  const factor = 1 / Math.min(MOST_TEMPERATURE, Math.max(1 / MOST_TEMPERATURE, temperature));
  const table = new Float32Array((vocabulary + 1) * outputs);
  table.set(levels, outputs);
  const weight = new Float32Array(classes * outputs);
  const shift = new Float32Array(classes);
  for (let c = 0; c < classes; c++) {
    const k = classes === 2 ? 0 : c;
    const sign = classes !== 2 ? 1 : c === 1 ? 0.5 : -0.5;
    weight[c * outputs + k] = sign * factor * scales[k];
    shift[c] = sign * factor * bias[k];
  }
  const parameters = new Map([
    ['evidence.weight', table],
    ['head.weight', weight],
    ['head.bias', shift],
  ]);
  const trained = { encoder: encoder.select(kept.map((row) => row + 1)), parameters, temperature: 1 };
  const calibratedLogits = forwarded.logits.map((logit) => factor * logit);
  const ordered = byExample({ ...forwarded, logits: calibratedLogits }, validation, classes);
  return { model: trained, logits: ordered.logits };
}
