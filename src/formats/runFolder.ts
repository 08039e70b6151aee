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
 *   left-out.json           what the best epoch's model said of examples that it had not learned from
 *   kept.jsonl              what it keeps of its examples, to learn on from, where that was asked for
 */
import * as z from 'zod/mini';
import { InputError } from '../errors.js';
import type { LeftOut } from '../evaluation/leftOut.js';
import type { Encoder } from '../input/encoder.js';
import { tokenizerOf } from '../input/index.js';
import { LONG_MODES } from '../input/long.js';
import { MISSING_MODES, type Reading } from '../input/reading.js';
import { type ModelConfiguration, modelConfigurationSchema } from '../model/configuration.js';
import { eventDecisionSchema } from '../model/eventDecision.js';
import { modelParameters } from '../model/parameters.js';
import { trainingSettingsSchema } from '../model/trainingSettings.js';
import type { FileStore } from '../platform/store.js';
import { elementCount, type ParameterShape } from '../program/program.js';
import { dataCardSchema } from './dataCard.js';
import { doubtSchema, leftOutJson, parseLeftOut } from './doubt.js';
import { type EpochRecord, epochRecordSchema } from './history.js';
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
  ...[
    'checkpoint.safetensors',
    'metrics.jsonl',
    'left-out.json',
    'kept.jsonl',
    'README.md',
    'modeling_eft.py',
    'onnx/model.onnx',
  ],
];

const FORMAT = 'elastic-fourier/run';
/** Raised when a folder of this version can no longer be read by older programs, or theirs by this one. */
const VERSION = 2;
/** Its encoder is in tokenizer.json. */
const OLDER = 1;

const readingSchema: z.ZodMiniType<Reading> = z.object({
  long: z._default(z.enum(LONG_MODES), 'head'),
  html: z.optional(z.enum(['keep', 'strip'])),
  unicode: z.optional(z.literal('nfc')),
  fields: z.optional(z.array(z.string().check(z.minLength(1))).check(z.minLength(1))),
  resample: z.optional(z.int().check(z.positive())),
  mono: z.optional(z.literal(true)),
  missing: z.optional(z.enum(MISSING_MODES)),
  wholeFiles: z.optional(z.literal(true)),
});

/** What a run says of the data that it was trained on; plain JSON. */
const dataRecordSchema = z.looseObject({
  /** Where they came from. */
  name: z.optional(z.string()),
  /** Training examples, and validation examples. */
  examples: z.optional(z.number()),
  validationExamples: z.optional(z.number()),
  /** Share of the training tokens that was not read, 0 … 1. */
  cutShare: z.optional(z.number()),
  /** Paths and options of the command that trained it, to go on with them. */
  source: z.optional(z.unknown()),
  /** Hashes of the encoded data: whether two trainings saw the same. */
  train: z.optional(z.string()),
  validation: z.optional(z.string()),
  unlabelled: z.optional(z.string()),
  /** What it was trained on. */
  card: z.optional(dataCardSchema),
  /** Another program trained it further. */
  trainedElsewhere: z.optional(z.boolean()),
});
export type DataRecord = z.infer<typeof dataRecordSchema>;

const configSchema = z.object({
  format: z.literal(FORMAT),
  version: z.literal([VERSION, OLDER]),
  model: modelConfigurationSchema,
  classes: z.array(z.string()).check(z.minLength(2)),
  /** Settings of the training, as its own room defines them. */
  training: z.object(trainingSettingsSchema.shape),
  /** What validation said of a model of two paths, once it is trained. */
  fusion: z.optional(fusionSchema),
  /** What its answers do where they may be wrong, as asked; and settled, once it is trained. */
  doubt: z.optional(doubtSchema),
  /** Of the engine that trains it: a training goes on with the same one. Older runs do not say. */
  arithmetic: z.optional(z.string()),
  /** How inputs are read, unless prediction is asked to read them otherwise. Older runs read the head of them. */
  reading: z._default(readingSchema, { long: 'head' }),
  /** Of a model whose rows answer: how events follow from their scores. The first class is then `background`. */
  events: z.optional(eventDecisionSchema),
  /** Where the data came from and what they were, for the record and to refuse a resume on others. */
  data: dataRecordSchema,
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

/** Largest files that are read, bytes; weights have a limit that follows from the configuration. */
const LARGEST = {
  'config.json': 2 ** 26,
  encoder: 2 ** 29,
  'metrics.jsonl': 2 ** 30,
  'left-out.json': 2 ** 22,
} as const;
/** Features that an encoder or a linear path may have, more than any model has. */
const MOST_FEATURES = 2 ** 22;
/** Bytes of the widest number that a file may hold. */
const WIDEST = 8;

/** Bytes that the weights of a model and of its linear path can take in a file; more could not be run. */
function largestWeights(model: ModelConfiguration): number {
  const own = modelParameters(model).reduce((sum, { shape }) => sum + elementCount(shape), 0);
  return Math.min(2 ** 33, 2 ** 26 + WIDEST * (own + MOST_FEATURES * (model.classes + 4)));
}

/** How files begin that stand for others, which Git keeps elsewhere. */
const LFS_POINTER = 'version https://git-lfs.github.com/spec/';

function isLfsPointer(bytes: Uint8Array): boolean {
  return new TextDecoder().decode(bytes.subarray(0, LFS_POINTER.length)) === LFS_POINTER;
}

/** Files of an encoder; not every encoder has all of them. */
const TOKENIZER_FILES = ['encoder.json', 'tokenizer.json', 'tokenizer_config.json'];
/** What makes a configuration ours. */
const OURS = { format: FORMAT, version: VERSION };

/** What `config.json` says. */
export interface OpenedRun {
  readonly config: RunConfig;
  /** Of the folder's layout. */
  readonly version: number;
}

export interface RunSaveOptions {
  /** Epoch of the weights; undefined where that is not known. */
  readonly epoch: number | undefined;
  /** What training said of each epoch. */
  readonly history?: readonly EpochRecord[];
  /** Whether a run of another model that lies there may be replaced. Default: false. */
  readonly overwrite?: boolean | undefined;
}

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
    const content = {
      ...hubFields(config.classes, config.model.multiLabel),
      format: FORMAT,
      version,
      ...config,
    };
    await this.#store.write('config.json', `${JSON.stringify(content, null, 2)}\n`);
  }

  /**
   * A trained model with its history as a run of its own. One of the same model that lies there is written again, and
   * keeps its checkpoint and metrics. Throws InputError where the place holds another run and `overwrite` is not set, or
   * is in use; FailureError if it cannot be written.
   */
  async save(
    config: RunConfig,
    trained: TrainedModel,
    { epoch, history = [], overwrite = false }: RunSaveOptions,
  ): Promise<void> {
    const unlock = await this.lock();
    try {
      await this.prepare();
      const same = await this.#holds(config);
      if (same === false) {
        if (!overwrite) {
          throw new InputError(
            `${this.path} already holds another run: choose another folder, or replace it with { overwrite: true }`,
          );
        }
        // config.json first: without it the folder is no run.
        for (const name of ['config.json', 'checkpoint.safetensors', 'left-out.json', ...TOKENIZER_FILES]) {
          await this.#store.remove(name);
        }
      }
      await this.writeEncoder(trained.encoder, config);
      await this.writeModel(config.model, trained, epoch);
      if (same !== true) await this.writeHistory(history);
      await this.writeConfig(config);
    } finally {
      await unlock();
    }
  }

  /** Whether the run that lies here is of this configuration; undefined where none does. */
  async #holds(config: RunConfig): Promise<boolean | undefined> {
    if (!(await this.hasRun())) return undefined;
    const plain = (value: RunConfig): string => JSON.stringify(configSchema.parse({ ...value, ...OURS }));
    try {
      return plain(await this.readConfig()) === plain(config);
    } catch (error) {
      if (error instanceof InputError) return false;
      throw error;
    }
  }

  /** Throws InputError if this is no run folder, or one of another version. */
  async readConfig(): Promise<RunConfig> {
    return (await this.open()).config;
  }

  /** Reads `config.json`, once. Throws InputError if this is no run folder, or one of another version. */
  async open(): Promise<OpenedRun> {
    const path = this.#store.pathOf('config.json');
    const bytes = await this.#read('config.json', LARGEST['config.json']);
    if (bytes === undefined) {
      if (!(await this.#store.exists())) throw new InputError(`${this.path}: no such folder`);
      throw new InputError(`${this.path} is not a run folder: it has no config.json`);
    }
    const json = this.#parseJson('config.json', bytes);
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
    if (config.events !== undefined && config.events.classes.length !== classes.length) {
      throw new InputError(
        `${path} is damaged: events of ${config.events.classes.length} classes, the model has ${classes.length}`,
      );
    }
    const twice = classes.find((name, i) => classes.indexOf(name) < i);
    if (twice !== undefined) {
      throw new InputError(
        `${path}: two classes are named ${JSON.stringify(twice)}; each needs a name of its own`,
      );
    }
    return { config, version };
  }

  /** The name of its tokenizer, without opening the model; undefined where the model brings its own encoder. */
  async readTokenizer(): Promise<string | undefined> {
    return tokenizerOf(await this.#readEncoder(encoderFile(await this.open())));
  }

  /**
   * The trained model; throws InputError on anything damaged, foreign or of another version.
   * @param amend looks at the file of weights before they are believed
   */
  async readModel(
    amend: (file: Safetensors, model: ModelConfiguration, path: string) => Safetensors = (file) => file,
  ): Promise<SavedModel> {
    const opened = await this.open();
    const { config } = opened;
    const name = encoderFile(opened);
    const path = this.#store.pathOf('model.safetensors');
    const limit = largestWeights(config.model);
    const [json, read] = await Promise.all([
      this.#readEncoder(name),
      this.#readTensors('model.safetensors', limit),
    ]);
    const file = amend(read, config.model, path);
    const tokenizer = { json, place: this.#store.pathOf(name) };
    const trained = decodeTrained(config.model, file, { prefix: '', path, tokenizer });
    const { model = config.model } = trained;
    return { config: { ...config, model }, ...trained, epoch: epochOf(file) };
  }

  async writeModel(
    model: ModelConfiguration,
    trained: TrainedModel,
    epoch: number | undefined,
  ): Promise<void> {
    const tensors = new Map(tensorsOf(model, trained));
    const metadata = { ...descriptionOf(trained), ...(epoch === undefined ? {} : { epoch: String(epoch) }) };
    await this.#store.write('model.safetensors', encodeSafetensors({ tensors, metadata }));
    if (trained.leftOut !== undefined) await this.#store.write('left-out.json', leftOutJson(trained.leftOut));
  }

  /** Undefined where the run has none: it is older, or came from elsewhere. */
  async readLeftOut(): Promise<LeftOut | undefined> {
    const bytes = await this.#read('left-out.json', LARGEST['left-out.json']);
    if (bytes === undefined) return undefined;
    const leftOut = parseLeftOut(this.#parseJson('left-out.json', bytes));
    if (leftOut !== undefined) return leftOut;
    throw new InputError(`${this.#store.pathOf('left-out.json')} is damaged: train the model again`);
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
    const name = encoderFile(await this.open());
    const keptCount = shapes.reduce((sum, { shape }) => sum + elementCount(shape), 0);
    const limit = largestWeights(model) + WIDEST * keptCount;
    const [json, file] = await Promise.all([
      this.#readEncoder(name),
      this.#readTensors('checkpoint.safetensors', limit),
    ]);
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
    const tokenizer = { json, place: this.#store.pathOf(name) };
    const trained = decodeTrained(model, { tensors: best, metadata }, { prefix: BEST, path, tokenizer });
    return { kept, best: trained, state };
  }

  async appendMetrics(records: readonly object[]): Promise<void> {
    if (records.length === 0) return;
    await this.#store.append(
      'metrics.jsonl',
      records.map((record) => `${JSON.stringify(record)}\n`).join(''),
    );
  }

  /** The epochs that metrics.jsonl tells of, in order; of one that was trained twice the later. */
  async readHistory(): Promise<EpochRecord[]> {
    const bytes = (await this.#read('metrics.jsonl', LARGEST['metrics.jsonl'])) ?? new Uint8Array();
    const epochs = new Map<number, EpochRecord>();
    for (const line of new TextDecoder().decode(bytes).split('\n')) {
      const json = jsonOrUndefined(line) as { type?: unknown } | null | undefined;
      const parsed = json?.type === 'epoch' ? epochRecordSchema.safeParse(json) : undefined;
      if (parsed?.success) epochs.set(parsed.data.epoch, parsed.data);
    }
    return [...epochs.values()].sort((a, b) => a.epoch - b.epoch);
  }

  /** Instead of what metrics.jsonl told before. */
  async writeHistory(history: readonly EpochRecord[]): Promise<void> {
    const lines = history.map((record) => `${JSON.stringify({ type: 'epoch', ...record })}\n`);
    await this.#store.write('metrics.jsonl', lines.join(''));
  }

  /** Accuracy on the validation split after an epoch; undefined where it is not recorded. */
  async readAccuracy(epoch: number): Promise<number | undefined> {
    const record = (await this.readHistory()).find((one) => one.epoch === epoch);
    return record?.validation.accuracy;
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

  /** Throws InputError on one that is too large, or that only stands for the file. */
  async #read(name: string, maxBytes: number): Promise<Uint8Array | undefined> {
    const bytes = await this.#store.read(name, maxBytes);
    if (bytes === undefined || !isLfsPointer(bytes)) return bytes;
    throw new InputError(
      `${this.#store.pathOf(name)} is a Git LFS pointer, not the file itself: run git lfs pull where it was cloned`,
    );
  }

  /** Throws InputError if the file is missing. */
  async #require(name: string, maxBytes: number): Promise<Uint8Array> {
    const bytes = await this.#read(name, maxBytes);
    if (bytes === undefined) throw new InputError(`${this.#store.pathOf(name)}: no such file`);
    return bytes;
  }

  async #readEncoder(name: string): Promise<unknown> {
    return this.#parseJson(name, await this.#require(name, LARGEST.encoder));
  }

  #parseJson(name: string, bytes: Uint8Array): unknown {
    try {
      return JSON.parse(new TextDecoder().decode(bytes));
    } catch (error) {
      throw new InputError(
        `${this.#store.pathOf(name)} is not JSON (${(error as Error).message}): the file is damaged`,
      );
    }
  }

  async #readTensors(name: string, maxBytes: number): Promise<Safetensors> {
    return decodeSafetensors(await this.#require(name, maxBytes), this.#store.pathOf(name));
  }
}

const encoderFile = ({ version }: OpenedRun): string =>
  version === OLDER ? 'tokenizer.json' : 'encoder.json';
