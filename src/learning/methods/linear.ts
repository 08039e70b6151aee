/** Training of a linear model by its own solver; what it yields is pruned, rounded to bytes and calibrated. */
import type { EncodedDataset } from '../../data/encoded.js';
import { requireMemory } from '../../data/source.js';
import type { Batch } from '../../engine/engine.js';
import { fitTemperature } from '../../evaluation/calibration.js';
import { NgramEncoder } from '../../input/ngrams.js';
import { ViewsEncoder } from '../../input/views.js';
import { Turns } from '../../platform/turns.js';
import { byExample, type DatasetForward } from '../forward.js';
import { type CompactModel, compact, placesOf, scoresOf } from '../solvers/linearModel.js';
import { featureEnergies, LinearSolver, outputsOf, scoreExample } from '../solvers/linearSolver.js';
import { linearByFolds } from './linearByFolds.js';
import { linearLabels } from './linearLabels.js';
import type { TrainingTask, ValidatedModel } from './method.js';
import { type LinearTrainer, SMOOTHING, savedModel } from './savedLinear.js';

/** A few validation examples that are all right would call for certainty; features never do. */
const MOST_TEMPERATURE = 2;

interface CurrentModel extends CompactModel {
  readonly places: Int32Array;
}

export async function linear(task: TrainingTask): Promise<LinearTrainer> {
  const { encoder, model, settings, ...data } = task;
  if (model.multiLabel && encoder instanceof ViewsEncoder) return linearLabels(task, encoder);
  if (data.folds !== undefined && encoder instanceof ViewsEncoder)
    return linearByFolds(task, encoder, data.folds);
  if (!(encoder instanceof NgramEncoder || encoder instanceof ViewsEncoder)) {
    throw new TypeError('internal: a linear model takes n-grams');
  }
  const { weighting } = encoder instanceof ViewsEncoder ? encoder.views[0] : encoder;
  const [train, validation] = [requireMemory(data.train), requireMemory(data.validation)];
  const features = encoder.vocabulary;
  const { classes, vocabulary, dropout } = model;
  const outputs = outputsOf(classes);
  const smoothing = SMOOTHING[weighting];
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

  const validated = (): ValidatedModel => {
    const current = currentModel();
    const forwarded = forward(current, validation, classes, validation.labels);
    const { logits, labels } = byExample(forwarded, validation, classes);
    const temperature = fitTemperature(logits, labels, classes);
    const factor = 1 / Math.min(MOST_TEMPERATURE, Math.max(1 / MOST_TEMPERATURE, temperature));
    const calibratedLogits = forwarded.logits.map((logit) => factor * logit);
    const ordered = byExample({ ...forwarded, logits: calibratedLogits }, validation, classes);
    const own = encoder.select(current.kept.map((row) => row + 1));
    return { model: savedModel(current, own, { classes, vocabulary, factor }), logits: ordered.logits };
  };

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
