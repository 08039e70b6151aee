/**
 * The library, in Node and in browsers: train, load, predict, evaluate, save. Node's entry (node.ts) adds files.
 *
 * @module
 */

export type { LabelledInput } from './data/example.js';
export { split } from './data/split.js';
export { type ErrorCode, type FailureCode, FailureError, InputError, InterruptedError } from './errors.js';
export type { ClassMetrics, Evaluation } from './evaluation/metrics.js';
export type { ExportFormat, ExportOptions } from './formats/exportModel.js';
export type { EpochRecord, ValidationScore } from './formats/history.js';
export { importModel } from './formats/importModel.js';
export type { InputReading } from './formats/runFolder.js';
export {
  Classifier,
  type EngineOptions,
  type Evaluated,
  type LoadOptions,
  type PredictOptions,
  type TrainingRecord,
} from './inference/classifier.js';
export type { Evidence } from './inference/explanation.js';
export { type PipelineOptions, pipeline, type TextClassificationPipeline } from './inference/pipeline.js';
export type { Prediction, Score } from './inference/prediction.js';
export type { Chunk, InputStream } from './inference/streaming/inputStream.js';
export type { Input, InputKind, Signal } from './input/input.js';
export type { Extent, LongMode } from './input/long.js';
export { resample } from './input/resample.js';
export type { StepEvent } from './learning/fit.js';
export type { TrainOptions } from './learning/train.js';
export type { ModelConfiguration, ModelName } from './model/configuration.js';
export type { Place } from './platform/place.js';
export { type FileStore, MemoryStore } from './platform/store.js';
