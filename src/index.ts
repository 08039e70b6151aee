/**
 * The library, in Node and in browsers: train, load, predict, evaluate, save. Node's entry (node.ts) adds files.
 *
 * @module
 */
export {
  Classifier,
  type EngineOptions,
  type Evaluated,
  type LoadOptions,
  type Place,
  type PredictOptions,
  type TrainingRecord,
} from './classifier/classifier.js';
export type { Evidence } from './classifier/explanation.js';
export type { ExportFormat, ExportOptions } from './classifier/export.js';
export { importModel } from './classifier/import.js';
export { type PipelineOptions, pipeline, type TextClassificationPipeline } from './classifier/pipeline.js';
export type { Prediction, Score } from './classifier/prediction.js';
export type { Chunk, InputStream } from './classifier/streaming/inputStream.js';
export type { TrainOptions } from './classifier/train.js';
export type { LabelledInput } from './data/example.js';
export { split } from './data/split.js';
export { type ErrorCode, type FailureCode, FailureError, InputError, InterruptedError } from './errors.js';
export type { ClassMetrics, Evaluation } from './evaluation/metrics.js';
export type { InputReading } from './formats/runFolder.js';
export type { Input, InputKind, Signal } from './input/input.js';
export type { Extent, LongMode } from './input/long.js';
export { resample } from './input/resample.js';
export type { ModelConfiguration, ModelName } from './model/configuration.js';
export { type FileStore, MemoryStore } from './platform/store.js';
export type { EpochRecord, StepEvent } from './training/fit.js';
export type { ValidationScore } from './training/forward.js';
