/**
 * What a training yields, to and from named arrays: weights, an encoder's arrays, and those of a linear path.
 */
import * as z from 'zod/mini';
import { InputError } from '../errors.js';
import type { LeftOut } from '../evaluation/leftOut.js';
import type { Encoder } from '../input/encoder.js';
import { encoderFromJSON } from '../input/index.js';
import { type ModelConfiguration, modelConfigurationSchema } from '../model/configuration.js';
import type { CommonConfiguration } from '../model/families/family.js';
import type { StoredType } from '../model/layers.js';
import { encoderOptions } from '../model/lowering.js';
import { modelParameters } from '../model/parameters.js';
import { toFloat16 } from './float16.js';
import { jsonOrUndefined } from './json.js';
import { type NamedArray, requireParameters, type Safetensors } from './safetensors.js';

export const fusionSchema = z.object({
  /** What the logits of each path were multiplied by; `deep` 0: that path was left out. */
  linear: z.number().check(z.nonnegative()),
  deep: z.number().check(z.nonnegative()),
  /** Validation loss of the linear path alone less that of both, cross-validated, and its standard error. */
  gain: z.number(),
  error: z.number().check(z.nonnegative()),
});

export type FusionRecord = z.infer<typeof fusionSchema>;

/** When a model of several labels answers each of them. */
export interface DecisionRecord {
  /** Probability of each label from which on it is answered. */
  readonly thresholds: readonly number[];
  /** What they were settled for: f1, precision=… or recall=…. */
  readonly for: string;
}

const decisionSchema = z.strictObject({
  thresholds: z.array(z.number().check(z.gt(0), z.lt(1))),
  for: z.string(),
});

/** What a training yields: weights, and the encoder whose ids they are for. */
export interface TrainedModel {
  readonly encoder: Encoder;
  /** Empty where the linear path alone is left. */
  readonly parameters: ReadonlyMap<string, Float32Array>;
  readonly linear?: LinearPath;
  /** Its configuration, where training has settled more than was asked; absent: as asked. */
  readonly model?: ModelConfiguration;
  /** By which logits are divided before they become scores; absent: 1. */
  readonly temperature?: number | undefined;
  /** What it says of examples that it did not learn from; files have it apart. */
  readonly leftOut?: LeftOut | undefined;
  /** Of a model of several labels. */
  readonly decision?: DecisionRecord | undefined;
}

/** A linear model whose logits are added to the model's own; the factors of both are in their heads. */
export interface LinearPath {
  readonly model: ModelConfiguration;
  readonly encoder: Encoder;
  readonly parameters: ReadonlyMap<string, Float32Array>;
  readonly fusion: FusionRecord;
}

const linearPathSchema = z.strictObject({
  model: modelConfigurationSchema,
  encoder: z.unknown(),
  fusion: fusionSchema,
});

/** Names that begin so are the encoder's. */
const ENCODER = 'encoder.';
/** Names that begin so are the linear path's. */
const LINEAR = 'linear.';

/** A model's tensors, as files hold them. */
export function* tensorsOf(
  asked: ModelConfiguration,
  { encoder, parameters, linear, model = asked }: TrainedModel,
): Generator<[string, NamedArray]> {
  for (const { name, shape, stored } of modelParameters(model)) {
    const values = parameters.get(name);
    if (values !== undefined) yield [name, { shape, data: storedValues(values, stored) }];
  }
  for (const [name, data] of encoder.arrays ?? []) yield [ENCODER + name, { shape: [data.length], data }];
  if (linear === undefined) return;
  for (const [name, tensor] of tensorsOf(linear.model, linear)) yield [LINEAR + name, tensor];
}

function storedValues(values: Float32Array, stored: StoredType | undefined): NamedArray['data'] {
  if (stored === 'I8') return Int8Array.from(values);
  return stored === 'F16' ? toFloat16(values) : values;
}

/** What the tensors do not say of a model. */
export function descriptionOf({
  linear,
  model,
  temperature,
  decision,
}: TrainedModel): Record<string, string> {
  const described: Record<string, string> = {};
  if (temperature !== undefined) described.temperature = String(temperature);
  if (decision !== undefined) described.decision = JSON.stringify(decision);
  if (model !== undefined) described.model = JSON.stringify(model);
  if (linear === undefined) return described;
  const { model: shape, encoder, fusion } = linear;
  return { ...described, linear: JSON.stringify({ model: shape, encoder, fusion }) };
}

/** The configuration that training has settled, if it has. Throws InputError on one that is none. */
function settledModel(
  asked: ModelConfiguration,
  { metadata }: Safetensors,
  path: string,
): ModelConfiguration | undefined {
  if (metadata.model === undefined) return undefined;
  const { success, data } = modelConfigurationSchema.safeParse(jsonOrUndefined(metadata.model));
  if (success && data.model === asked.model && data.classes === asked.classes) return data;
  throw new InputError(`${path}: the model is described wrongly`);
}

/** Throws InputError on one that is no positive number. */
function temperatureOf({ metadata: { temperature } }: Safetensors, path: string): { temperature?: number } {
  if (temperature === undefined) return {};
  const value = Number(temperature);
  if (Number.isFinite(value) && value > 0) return { temperature: value };
  throw new InputError(`${path} is damaged: its temperature is ${JSON.stringify(temperature)}`);
}

/** Throws InputError on thresholds that are none, or not one a label. */
function decisionOf(
  { classes, multiLabel }: CommonConfiguration,
  { metadata }: Safetensors,
  path: string,
): { decision?: DecisionRecord } {
  if (metadata.decision === undefined || !multiLabel) return {};
  const { success, data } = decisionSchema.safeParse(jsonOrUndefined(metadata.decision));
  if (success && data.thresholds.length === classes) return { decision: data };
  throw new InputError(`${path} is damaged: its thresholds are described wrongly`);
}

/** The tensors whose names begin with `prefix`, by the names behind it; and the others. */
export function partition(
  { tensors, metadata }: Safetensors,
  prefix: string,
): [Map<string, NamedArray>, Safetensors] {
  const inside = new Map<string, NamedArray>();
  const others = new Map<string, NamedArray>();
  for (const [name, tensor] of tensors) {
    if (name.startsWith(prefix)) inside.set(name.slice(prefix.length), tensor);
    else others.set(name, tensor);
  }
  return [inside, { tensors: others, metadata }];
}

/** The linear path that a file's metadata describe; undefined where they describe none. */
function describedPath(model: ModelConfiguration, { metadata }: Safetensors, path: string) {
  if (metadata.linear === undefined) return undefined;
  const described = linearPathSchema.safeParse(jsonOrUndefined(metadata.linear));
  if (described.success && described.data.model.classes === model.classes) return described.data;
  throw new InputError(`${path}: the linear path is described wrongly`);
}

/** Names and shapes of the weights that a file must hold; the encoders' arrays are not among them. */
export function weightsOf(
  model: ModelConfiguration,
  file: Safetensors,
  path: string,
): ReadonlyMap<string, readonly number[]> {
  const linear = describedPath(model, file, path);
  const own = linear?.fusion.deep === 0 ? [] : modelParameters(settledModel(model, file, path) ?? model);
  const beside = linear === undefined ? [] : modelParameters(linear.model);
  return new Map([
    ...own.map(({ name, shape }) => [name, shape] as const),
    ...beside.map(({ name, shape }) => [LINEAR + name, shape] as const),
  ]);
}

/** Whether a tensor is an encoder's. */
export const isEncoders = (name: string): boolean =>
  name.startsWith(ENCODER) || name.startsWith(LINEAR + ENCODER);

export interface TrainedModelSource {
  /** What the file calls the model, for messages. */
  readonly prefix: string;
  readonly path: string;
  readonly tokenizer: { readonly json: unknown; readonly place: string };
}

/** @param dropped its weights were left out */
function decodePath(
  model: ModelConfiguration,
  file: Safetensors,
  { prefix, path, tokenizer }: TrainedModelSource,
  dropped = false,
): TrainedModel {
  const [tensors, weights] = partition(file, ENCODER);
  const arrays = new Map(Array.from(tensors, ([name, { data }]) => [name, data]));
  const encoder = encoderFromJSON(tokenizer.json, tokenizer.place, arrays);
  const { buckets = 0 } = encoderOptions(model);
  if (encoder.vocabulary !== model.vocabulary || encoder.buckets !== buckets) {
    throw new InputError(
      `${tokenizer.place} is of another model: ${encoder.vocabulary} + ${encoder.buckets} token ids, the model has ${model.vocabulary} + ${buckets}`,
    );
  }
  const { signal }: CommonConfiguration = model;
  if (encoder.rowWidth !== undefined && encoder.rowWidth !== (signal?.features ?? encoder.rowWidth)) {
    throw new InputError(
      `${tokenizer.place} is of another model: it makes rows of ${encoder.rowWidth} numbers, the model takes ${signal?.features}`,
    );
  }
  for (const name of tensors.keys()) {
    if (encoder.arrays?.has(name)) continue;
    throw new InputError(`${path}: the tensor '${prefix}${ENCODER}${name}' does not belong to this model`);
  }
  const shapes = dropped ? [] : modelParameters(model);
  return { encoder, parameters: requireParameters(weights, '', shapes, path) };
}

/**
 * A trained model from a file that holds nothing else. Throws InputError on anything that does not fit.
 */
export function decodeTrained(
  asked: ModelConfiguration,
  file: Safetensors,
  source: TrainedModelSource,
): TrainedModel {
  const { prefix, path } = source;
  const settled = settledModel(asked, file, path);
  const model = settled ?? asked;
  const temperature = { ...temperatureOf(file, path), ...decisionOf(model, file, path) };
  const described = describedPath(model, file, path);
  if (described === undefined) {
    const own = settled === undefined ? {} : { model: settled };
    return { ...decodePath(model, file, source), ...own, ...temperature };
  }
  const [own, others] = partition(file, LINEAR);
  const { model: shape, encoder, fusion } = described;
  const linear = decodePath(
    shape,
    { tensors: own, metadata: {} },
    { prefix: prefix + LINEAR, path, tokenizer: { json: encoder, place: path } },
  );
  const deep = decodePath(model, others, source, fusion.deep === 0);
  return { ...deep, ...temperature, linear: { model: shape, ...linear, fusion } };
}
