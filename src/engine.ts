/**
 * The low-level entry, `elastic-fourier/engine`: models as programs, and the engines that run them. For measuring, for
 * training loops of one's own and for testing an engine; most people want `train` and `load` of the main entry.
 *
 * ```ts
 * import { configureModel, createWasmEngine, initialise, lowerTraining } from 'elastic-fourier/engine';
 *
 * const configuration = configureModel({ model: 'elastic-fourier', sequenceLength: 256 });
 * const engine = await createWasmEngine({ threads: 2 });
 * const session = await engine.createTraining(lowerTraining(configuration), { maxBatch: 32 });
 * for (const [name, values] of initialise(configuration, 1)) await session.setParameter(name, values);
 * await session.step(batch, { seed: 1, step: 0 }, optimizer);
 * ```
 *
 * It may change with any release before 1.0.
 *
 * @module
 */
export type * from './engine/engine.js';
export { createReferenceEngine, type ReferenceOptions } from './engine/reference/engine.js';
export type { Storing } from './engine/reference/operands.js';
export { createWasmEngine, type WasmEngineOptions } from './engine/wasm/engine.js';
export type { Tier } from './engine/wasm/tier.js';
export { configureModel, type ModelConfiguration, type ModelOptions } from './model/configuration.js';
export type { Initial, ParameterSpecification } from './model/layers.js';
export { lowerEvaluation, lowerInference, lowerTraining } from './model/lowering.js';
export { countParameters, initialise, modelParameters } from './model/parameters.js';
export type { Operation, ParameterShape, Program, TrainingProgram } from './program/program.js';
export type { Attributes, Ids, Operands, Rows, Tensor, TensorId } from './program/tensor.js';
