/**
 * A run folder: one training with everything needed to use, continue or repeat it.
 *
 *   config.json             what was asked for: model, classes, settings, data; and the hub's fields
 *   encoder.json            from inputs to token ids
 *   tokenizer.json          the same for Hugging Face's tokenizers, with tokenizer_config.json, where they can
 *   model.safetensors       weights of the best epoch, the reference's names, and the encoder's arrays if it has any; with
 *                           `linear.` before them, those of a linear path, whose description its metadata hold
 *   checkpoint.safetensors  where training stands; one file, so that it is always of one moment
 *   metrics.jsonl           a line every few steps and every epoch
 */
import * as z from 'zod';
import { InputError } from '../errors.js';
import type { Encoder } from '../input/encoder.js';
import { tokenizerOf } from '../input/index.js';
import { LONG_MODES, type LongMode } from '../input/long.js';
import { type ModelConfiguration, modelConfigurationSchema } from '../model/configuration.js';
import type { FileStore } from '../platform/store.js';
import type { ParameterShape } from '../program/program.js';
import { hubFields, tokenizerFiles } from './hub.js';
import { jsonOrUndefined } from './json.js';
import {
  decodeSafetensors,
  encodeSafetensors,
  type NamedArray,
  requireParameters,
  type Safetensors,
} from './safetensors.js';
import {
  decodeTrained,
  descriptionOf,
  fusionSchema,
  partition,
  type TrainedModel,
  tensorsOf,
} from './trainedModel.js';

/** Names of all files of a run, and of an exported model. */
export const MODEL_FOLDER_FILES: readonly string[] = [
  ...['config.json', 'encoder.json', 'tokenizer.json', 'tokenizer_config.json', 'model.safetensors'],
  ...['checkpoint.safetensors', 'metrics.jsonl', 'README.md', 'modeling_eft.py', 'onnx/model.onnx'],
];

const FORMAT = 'elastic-fourier/run';
/** Raised when a folder of this version can no longer be read by older programs, or theirs by this one. */
const VERSION = 2;
/** Its encoder is in tokenizer.json. */
const OLDER = 1;

/** How a model reads its inputs. */
export interface InputReading {
  readonly long: LongMode;
  /** What training did with HTML; absent where its texts came from no files. */
  readonly html?: 'keep' | 'strip' | undefined;
  /** The rate that training brought sounds to, samples a second; absent where it took them as they were. */
  readonly resample?: number | undefined;
  /** Its inputs were whole files, taken as bytes. */
  readonly wholeFiles?: true | undefined;
}

const readingSchema: z.ZodType<InputReading> = z.object({
  long: z.enum(LONG_MODES).default('head'),
  html: z.enum(['keep', 'strip']).optional(),
  resample: z.number().int().positive().optional(),
  wholeFiles: z.literal(true).optional(),
});

const configSchema = z.object({
  format: z.literal(FORMAT),
  version: z.literal([VERSION, OLDER]),
  model: modelConfigurationSchema,
  classes: z.array(z.string()).min(2),
  /** Settings of the training, as its own room defines them. */
  training: z.record(z.string(), z.unknown()),
  /** What validation said of a model of two paths, once it is trained. */
  fusion: fusionSchema.optional(),
  /** Of the engine that trains it: a training goes on with the same one. Older runs do not say. */
  arithmetic: z.string().optional(),
  /** How inputs are read, unless prediction is asked to read them otherwise. Older runs read the head of them. */
  reading: readingSchema.default({ long: 'head' }),
  /** Where the data came from and what they were, for the record and to refuse a resume on others. */
  data: z.record(z.string(), z.unknown()),
});

export type RunConfig = Omit<z.infer<typeof configSchema>, 'format' | 'version'>;

export interface SavedModel extends TrainedModel {
  readonly config: RunConfig;
  /** Epoch of the weights; 0: untrained, no epoch was finished yet; undefined: the file does not say. */
  readonly epoch: number | undefined;
}

/** The moment that a checkpoint holds. */
export interface Checkpoint {
  /** What the training's method needs to continue, by names of its own. */
  readonly kept: ReadonlyMap<string, Float32Array>;
  readonly best: TrainedModel;
  /** The training room's own. */
  readonly state: unknown;
}

/** In a checkpoint, the best epoch's model. */
const BEST = 'best.';

/** Weights that another program put there do not say. */
function epochOf({ metadata }: Safetensors): number | undefined {
  return /^\d{1,9}$/.test(metadata.epoch ?? '') ? Number(metadata.epoch) : undefined;
}

/** A line of metrics.jsonl for an epoch. */
const epochLineSchema = z.object({
  type: z.literal('epoch'),
  epoch: z.number(),
  validation: z.object({ accuracy: z.number().min(0).max(1) }),
});

export class RunFolder {
  readonly #store: FileStore;

  constructor(store: FileStore) {
    this.#store = store;
  }

  /** What to call it in messages. */
  get path(): string {
    return this.#store.path;
  }

  /** Whether a run was begun here. */
  hasRun(): Promise<boolean> {
    return this.#store.has('config.json');
  }

  hasCheckpoint(): Promise<boolean> {
    return this.#store.has('checkpoint.safetensors');
  }

  /** Throws FailureError if the folder can surely not be written; changes nothing. */
  requireMakeable(): Promise<void> {
    return this.#store.requireMakeable();
  }

  /** Makes the folder and clears away what killed processes left; throws FailureError if it cannot be written. */
  prepare(): Promise<void> {
    return this.#store.prepare();
  }

  /** Keeps other programs out until the returned function is called. Throws InputError where one is in. */
  lock(): Promise<() => Promise<void>> {
    return this.#store.lock();
  }

  /** Writes what stays the same; `config.json` last: it makes the folder a run. */
  async begin(config: RunConfig, initial: TrainedModel): Promise<void> {
    await this.writeEncoder(initial.encoder, config);
    await this.writeModel(config.model, initial, 0);
    await this.#store.write('metrics.jsonl', '');
    await this.writeConfig(config);
  }

  async writeEncoder(encoder: Encoder, config: Pick<RunConfig, 'model' | 'reading'>): Promise<void> {
    await this.#store.write('encoder.json', `${JSON.stringify(encoder)}\n`);
    for (const [name, text] of tokenizerFiles(encoder, config)) await this.#store.write(name, text);
  }

  async writeConfig(config: RunConfig): Promise<void> {
    // An older run that goes on stays what it is.
    const version = (await this.#store.has('encoder.json')) ? VERSION : OLDER;
    const content = { ...hubFields(config.classes), format: FORMAT, version, ...config };
    await this.#store.write('config.json', `${JSON.stringify(content, null, 2)}\n`);
  }

  /** Throws InputError if this is no run folder, or one of another version. */
  async readConfig(): Promise<RunConfig> {
    const path = this.#store.pathOf('config.json');
    if (!(await this.#store.exists())) throw new InputError(`${this.path}: no such folder`);
    if (!(await this.hasRun()))
      throw new InputError(`${this.path} is not a run folder: it has no config.json`);
    const json = await this.#readJson('config.json');
    const { format, version } = (json ?? {}) as { format?: unknown; version?: unknown };
    if (format !== FORMAT)
      throw new InputError(`${path} is not the configuration of a run (no "format": "${FORMAT}")`);
    if (version !== VERSION && version !== OLDER) {
      throw new InputError(
        `${path} is of version ${JSON.stringify(version)}, this program reads versions ${OLDER} and ${VERSION}: use the eft that wrote it, or train again`,
      );
    }
    const parsed = configSchema.safeParse(json);
    if (!parsed.success) throw new InputError(`${path} is damaged:\n${z.prettifyError(parsed.error)}`);
    const { format: _format, version: _version, ...config } = parsed.data;
    const { model, classes } = config;
    if (classes.length !== model.classes) {
      throw new InputError(`${path}: ${classes.length} classes are named, the model has ${model.classes}`);
    }
    return config;
  }

  /** The name of its tokenizer, without opening the model; undefined where the model brings its own encoder. */
  async readTokenizer(): Promise<string | undefined> {
    return tokenizerOf(await this.#readJson(await this.#encoderFile()));
  }

  /**
   * The trained model; throws InputError on anything damaged, foreign or of another version.
   * @param amend looks at the file of weights before they are believed
   */
  async readModel(
    amend: (file: Safetensors, model: ModelConfiguration, path: string) => Safetensors = (file) => file,
  ): Promise<SavedModel> {
    const config = await this.readConfig();
    const path = this.#store.pathOf('model.safetensors');
    const file = amend(await this.#readTensors('model.safetensors'), config.model, path);
    return { config, ...(await this.#readTrained(config.model, file, '', path)), epoch: epochOf(file) };
  }

  async writeModel(
    model: ModelConfiguration,
    trained: TrainedModel,
    epoch: number | undefined,
  ): Promise<void> {
    const tensors = new Map(tensorsOf(model, trained));
    const metadata = { ...descriptionOf(trained), ...(epoch === undefined ? {} : { epoch: String(epoch) }) };
    await this.#store.write('model.safetensors', encodeSafetensors({ tensors, metadata }));
  }

  /** @param shapes of what the method keeps */
  async writeCheckpoint(
    model: ModelConfiguration,
    shapes: readonly ParameterShape[],
    { kept, best, state }: Checkpoint,
  ): Promise<void> {
    const tensors = new Map<string, NamedArray>();
    for (const { name, shape } of shapes) tensors.set(name, { shape, data: kept.get(name)! });
    for (const [name, tensor] of tensorsOf(model, best)) tensors.set(BEST + name, tensor);
    const metadata = { ...descriptionOf(best), state: JSON.stringify(state) };
    await this.#store.write('checkpoint.safetensors', encodeSafetensors({ tensors, metadata }));
  }

  /** @param shapes of what the method keeps */
  async readCheckpoint(model: ModelConfiguration, shapes: readonly ParameterShape[]): Promise<Checkpoint> {
    const path = this.#store.pathOf('checkpoint.safetensors');
    const file = await this.#readTensors('checkpoint.safetensors');
    const [best, others] = partition(file, BEST);
    const kept = requireParameters(others, '', shapes, path);
    let state: unknown;
    try {
      state = JSON.parse(file.metadata.state);
    } catch {
      throw new InputError(
        `${path} does not say where training stood: it is not a checkpoint of this program`,
      );
    }
    const { metadata } = file;
    return { kept, best: await this.#readTrained(model, { tensors: best, metadata }, BEST, path), state };
  }

  /** @param prefix what the file calls the model, for messages */
  async #readTrained(
    model: ModelConfiguration,
    file: Safetensors,
    prefix: string,
    path: string,
  ): Promise<TrainedModel> {
    const name = await this.#encoderFile();
    const tokenizer = { json: await this.#readJson(name), place: this.#store.pathOf(name) };
    return decodeTrained(model, file, { prefix, path, tokenizer });
  }

  async #encoderFile(): Promise<string> {
    const { version } = (await this.#readJson('config.json')) as { version?: unknown };
    return version === OLDER ? 'tokenizer.json' : 'encoder.json';
  }

  async appendMetrics(records: readonly object[]): Promise<void> {
    if (records.length === 0) return;
    await this.#store.append(
      'metrics.jsonl',
      records.map((record) => `${JSON.stringify(record)}\n`).join(''),
    );
  }

  /** Accuracy on the validation split after an epoch; undefined where it is not recorded. */
  async readAccuracy(epoch: number): Promise<number | undefined> {
    const text = new TextDecoder().decode((await this.#store.read('metrics.jsonl')) ?? new Uint8Array());
    for (const line of text.split('\n')) {
      const parsed = epochLineSchema.safeParse(jsonOrUndefined(line));
      if (parsed.success && parsed.data.epoch === epoch) return parsed.data.validation.accuracy;
    }
    return undefined;
  }

  /** Keeps the lines up to a step: those behind it are of a time that a checkpoint does not know. */
  async truncateMetrics(lastStep: number): Promise<void> {
    const text = new TextDecoder().decode(await this.#store.read('metrics.jsonl'));
    const kept = text
      .split('\n')
      .filter(
        (line) => Number((jsonOrUndefined(line) as { step?: number } | null | undefined)?.step) <= lastStep,
      );
    await this.#store.write('metrics.jsonl', kept.map((line) => `${line}\n`).join(''));
  }

  /** Throws InputError if the file is missing. */
  async #require(name: string): Promise<Uint8Array> {
    const bytes = await this.#store.read(name);
    if (bytes === undefined) throw new InputError(`${this.#store.pathOf(name)}: no such file`);
    return bytes;
  }

  async #readJson(name: string): Promise<unknown> {
    const text = new TextDecoder().decode(await this.#require(name));
    try {
      return JSON.parse(text);
    } catch (error) {
      throw new InputError(
        `${this.#store.pathOf(name)} is not JSON (${(error as Error).message}): the file is damaged`,
      );
    }
  }

  async #readTensors(name: string): Promise<Safetensors> {
    return decodeSafetensors(await this.#require(name), this.#store.pathOf(name));
  }
}
