/** What a method of training is to the run: it makes trainers, which train in steps and yield models. */
import type { Sequences } from '../../data/encoded.js';
import type { DataSource } from '../../data/source.js';
import type { Folds } from '../../data/split.js';
import type { Engine } from '../../engine/engine.js';
import type { TrainedModel } from '../../formats/trainedModel.js';
import type { Encoder } from '../../input/encoder.js';
import type { ModelConfiguration } from '../../model/configuration.js';
import type { TrainingSettings } from '../../model/trainingSettings.js';
import type { ParameterShape } from '../../program/program.js';
import type { Trainable } from '../fit.js';

/** All that the result of a training follows from, bit by bit. */
export interface TrainingTask {
  readonly engine: Engine;
  readonly model: ModelConfiguration;
  readonly encoder: Encoder;
  readonly settings: TrainingSettings;
  readonly train: DataSource;
  readonly validation: DataSource;
  /** The validation examples were kept apart from those to train on: a last fit may learn from them too. */
  readonly keptApart?: boolean;
  /** Instead of validation examples: how the training examples are left out in turn. */
  readonly folds?: Folds | undefined;
  /** Texts without labels, of which vectors of words are made besides. */
  readonly unlabelled?: Sequences | undefined;
  /** What the path beside it may be, for a model that has one: the best of these is. */
  readonly shallow?: readonly ShallowPathTask[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

export type ShallowPathTask = Pick<
  TrainingTask,
  'model' | 'encoder' | 'settings' | 'train' | 'validation' | 'folds' | 'keptApart'
> & { readonly method: Method };

/** A model as it stands, and its logits for the examples that judge it, [examples, classes]. */
export interface ValidatedModel {
  readonly model: TrainedModel;
  readonly logits: Float64Array;
}

export interface Trainer extends Trainable {
  /** Arrays that it needs to continue. */
  readonly shapes: readonly ParameterShape[];
  kept(): Promise<ReadonlyMap<string, Float32Array>>;
  /** Continues from what another one kept after `step` steps. */
  restore(kept: ReadonlyMap<string, Float32Array>, step: number): Promise<void>;
  /** The model as it stands. */
  model(): Promise<TrainedModel>;
  /** The same at once; absent where `forward` says what it makes of the examples. */
  validated?(): ValidatedModel;
  dispose(): Promise<void>;
}

/** A trainer at its beginning. */
export type Method = (task: TrainingTask) => Promise<Trainer>;
