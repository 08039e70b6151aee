/** Lowers a configuration to a program: the only place that knows how a model is put together. */

import { deriveBackward } from '../program/backward.js';
import { ProgramBuilder } from '../program/builder.js';
import type { Program, TensorId, TrainingProgram } from '../program/program.js';
import type { ModelConfiguration } from './configuration.js';
import {
  attentionBlock,
  elasticFourierBlock,
  embedding,
  linear,
  ModelBuilder,
  type ParameterSpecification,
} from './layers.js';

interface LoweredModel {
  readonly program: Program;
  readonly parameters: readonly ParameterSpecification[];
}

/**
 * Rows a sequence can have: n tokens, and for the bag with hashed n-grams also the n-grams of those tokens.
 */
export function tokenCapacity({ sequenceLength, ngrams }: ModelConfiguration): number {
  return sequenceLength * ngrams;
}

/** embedding → blocks → masked mean → head (→ cross-entropy). */
export function lowerModel(
  configuration: ModelConfiguration,
  { loss, dropout }: { loss: boolean; dropout: boolean },
): LoweredModel {
  const { channels, hidden, heads, blocks, classes } = configuration;
  const capacity = tokenCapacity(configuration);
  const model = new ModelBuilder(new ProgramBuilder(capacity), dropout ? configuration.dropout : 0);
  const positions = configuration.model === 'bag' ? undefined : capacity;
  let x: TensorId = embedding(model, configuration.vocabulary + configuration.buckets, channels, positions);
  x = model.dropout(x);
  for (let block = 0; block < blockCount(configuration, blocks); block++) {
    x =
      configuration.model === 'standard'
        ? attentionBlock(model, `blocks.${block}`, x, channels, hidden, heads)
        : elasticFourierBlock(model, `blocks.${block}`, x, channels, hidden);
  }
  const pooled = model.program.emit('mean', { x }, {}, 'pooled').y;
  const logits = linear(model, 'head', pooled, channels, classes);
  const { parameters } = model;
  if (!loss) return { program: model.program.finish(logits), parameters };
  const entropy = model.program.emit(
    'crossEntropy',
    { logits },
    { smoothing: configuration.labelSmoothing },
    'loss',
  );
  return { program: model.program.finish(logits, entropy.loss), parameters };
}

const blockCount = ({ model }: ModelConfiguration, blocks: number): number => (model === 'bag' ? 0 : blocks);

export function lowerInference(configuration: ModelConfiguration): Program {
  return lowerModel(configuration, { loss: false, dropout: false }).program;
}

/** Inference that also gives the loss. */
export function lowerEvaluation(configuration: ModelConfiguration): Program {
  return lowerModel(configuration, { loss: true, dropout: false }).program;
}

export function lowerTraining(configuration: ModelConfiguration): TrainingProgram {
  return {
    evaluation: lowerEvaluation(configuration),
    training: deriveBackward(lowerModel(configuration, { loss: true, dropout: true }).program),
  };
}
