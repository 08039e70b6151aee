/** Lowers a configuration to a program: the family emits the model, the loss is the same for all. */

import type { EncoderOptions, Unit } from '../input/encoder.js';
import { deriveBackward } from '../program/backward.js';
import { ProgramBuilder } from '../program/builder.js';
import type { Program, TrainingProgram } from '../program/program.js';
import type { ModelConfiguration } from './configuration.js';
import type { CommonConfiguration } from './families/family.js';
import { familyOf } from './families/index.js';
import { linearLayer, ModelBuilder, type ParameterSpecification } from './layers.js';
import { rowNumbers, windowNumbers } from './options.js';

interface LoweredModel {
  readonly program: Program;
  readonly parameters: readonly ParameterSpecification[];
}

/** Rows a sequence can have: n tokens and what the family's encoder adds to them, or the patches of n steps. */
export function tokenCapacity(configuration: ModelConfiguration): number {
  const { sequenceLength, signal }: CommonConfiguration = configuration;
  const rows = signal === undefined ? sequenceLength : Math.max(2, Math.ceil(sequenceLength / signal.patch));
  return familyOf(configuration).shape.capacity?.(configuration) ?? rows;
}

/** What a model asks of its encoder. */
export function encoderOptions(configuration: ModelConfiguration, unit: Unit = 'words'): EncoderOptions {
  return {
    vocabulary: configuration.vocabulary,
    ...familyOf(configuration).encoder?.options?.(configuration, unit),
  };
}

/** The model's logits (→ cross-entropy, of any number of labels binary). */
export function lowerModel(
  configuration: ModelConfiguration,
  { loss, dropout }: { loss: boolean; dropout: boolean },
): LoweredModel {
  const builder = new ProgramBuilder(tokenCapacity(configuration));
  const model = new ModelBuilder(builder, dropout ? configuration : { dropout: 0 });
  const logits = familyOf(configuration).lower(model, configuration);
  const { parameters } = model;
  if (!loss) return { program: builder.finish(logits), parameters };
  const { labelSmoothing: smoothing = 0, multiLabel }: CommonConfiguration = configuration;
  const kind = multiLabel ? 'binaryEntropy' : 'crossEntropy';
  const entropy = builder.emit(kind, { logits }, { smoothing }, 'loss');
  return { program: builder.finish(logits, entropy.loss), parameters };
}

/** What a model that reads block by block pools, a row a token. TypeError for others. */
export function lowerRows(configuration: ModelConfiguration): Program {
  const { blockwise } = familyOf(configuration).capabilities;
  if (blockwise === undefined) throw new TypeError(`internal: ${configuration.model} reads no blocks`);
  const builder = new ProgramBuilder(tokenCapacity(configuration));
  return builder.finish(blockwise.rows(new ModelBuilder(builder, { dropout: 0 }), configuration));
}

/**
 * Logits of every row, for models that say when something happens: [tokens, classes]. The parameters are those of the
 * same model with maximum pooling.
 * @param loss with the loss of the rows, whose targets stand behind their own numbers; `logits` are then the largest
 */
export function lowerFrames(
  configuration: ModelConfiguration,
  { loss, dropout }: { loss: boolean; dropout: boolean },
): Program {
  const { classes, signal }: CommonConfiguration = configuration;
  const { blockwise } = familyOf(configuration).capabilities;
  if (blockwise === undefined || signal === undefined) {
    throw new TypeError(`internal: ${configuration.model} gives no answer a row`);
  }
  const { modes, columns } = blockwise.pooling(configuration);
  if (modes > 0 || (windowNumbers(signal) / rowNumbers(signal)) % 2 !== 1) {
    throw new TypeError(
      'internal: a row answers by itself, without cosines, and its window has an odd number of rows',
    );
  }
  const builder = new ProgramBuilder(tokenCapacity(configuration));
  const model = new ModelBuilder(builder, dropout ? configuration : { dropout: 0 }, loss ? classes : 0);
  const rows = linearLayer(model, 'head', blockwise.rows(model, configuration), columns, classes);
  if (!loss) return builder.finish(rows);
  const first = rowNumbers(signal);
  const entropy = builder.emit('rowEntropy', { x: rows }, { width: first + classes, first }, 'loss');
  return builder.finish(builder.emit('maxPool', { x: rows }, {}, 'largest').y, entropy.loss);
}

/** Training of rows that answer by themselves. */
export function lowerFrameTraining(configuration: ModelConfiguration): TrainingProgram {
  return {
    evaluation: lowerFrames(configuration, { loss: true, dropout: false }),
    training: deriveBackward(lowerFrames(configuration, { loss: true, dropout: true })),
  };
}

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
