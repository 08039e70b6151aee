/**
 * A run folder: one training with everything needed to use, continue or repeat it.
 *
 *   config.json             what was asked for: model, classes, settings, data
 *   tokenizer.json
 *   model.safetensors       weights of the best epoch, float32, the reference's names
 *   checkpoint.safetensors  where training stands; one file, so that it is always of one moment
 *   metrics.jsonl           a line every few steps and every epoch
 */
import { access, appendFile, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../errors.js';
import { tokenizerFromJSON } from '../input/load.js';
import type { Tokenizer } from '../input/tokenizer.js';
import { type ModelConfiguration, modelConfigurationSchema } from '../model/configuration.js';
import { modelParameters } from '../model/parameters.js';
import {
  requireMakeableFolder,
  requireWritableFolder,
  temporaryOf,
  writeWhole,
  writingFault,
} from '../platform/node/whole.js';
import { readSafetensors, requireParameters, type Safetensors, writeSafetensors } from './safetensors.js';

const FORMAT = 'elastic-fourier/run';
/** Raised when a folder of this version can no longer be read by older programs, or theirs by this one. */
const VERSION = 1;

const configSchema = z.object({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  model: modelConfigurationSchema,
  classes: z.array(z.string()).min(2),
  /** Settings of the training, as its own room defines them. */
  training: z.record(z.string(), z.unknown()),
  /** Where the data came from and what they were, for the record and to refuse a resume on others. */
  data: z.record(z.string(), z.unknown()),
});

export type RunConfig = Omit<z.infer<typeof configSchema>, 'format' | 'version'>;

export interface SavedModel {
  readonly config: RunConfig;
  readonly tokenizer: Tokenizer;
  readonly parameters: ReadonlyMap<string, Float32Array>;
  /** Epoch of the weights; 0: untrained, no epoch was finished yet; undefined: the file does not say. */
  readonly epoch: number | undefined;
}

/** The moment that a checkpoint holds. `state` is the training room's own. */
export interface Checkpoint {
  readonly parameters: ReadonlyMap<string, Float32Array>;
  readonly m: ReadonlyMap<string, Float32Array>;
  readonly v: ReadonlyMap<string, Float32Array>;
  readonly best: ReadonlyMap<string, Float32Array>;
  readonly state: unknown;
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new InputError(
      error.code === 'ENOENT' ? `${path}: no such file` : `${path}: cannot be read (${error.message})`,
    );
  });
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(`${path} is not JSON (${(error as Error).message}): the file is damaged`);
  }
}

/** Weights that another program put there do not say. */
function epochOf({ metadata }: Safetensors): number | undefined {
  return /^\d{1,9}$/.test(metadata.epoch ?? '') ? Number(metadata.epoch) : undefined;
}

const SECTIONS = ['parameters', 'm', 'v', 'best'] as const;

export class RunFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Whether a run was begun here. */
  hasRun(): Promise<boolean> {
    return exists(this.#file('config.json'));
  }

  hasCheckpoint(): Promise<boolean> {
    return exists(this.#file('checkpoint.safetensors'));
  }

  /** Throws FailureError if the folder can surely not be written; changes nothing. */
  requireMakeable(): Promise<void> {
    return requireMakeableFolder(this.path);
  }

  /** Makes the folder and clears away what killed processes left; throws FailureError if it cannot be written. */
  async prepare(): Promise<void> {
    await requireWritableFolder(this.path);
    for (const name of await readdir(this.path)) {
      const pid = temporaryOf(name);
      if (pid !== undefined && !isRunning(pid)) await rm(this.#file(name), { force: true });
    }
  }

  /** Writes what stays the same; `config.json` last: it makes the folder a run. */
  async begin(
    config: RunConfig,
    tokenizer: Tokenizer,
    initial: ReadonlyMap<string, Float32Array>,
  ): Promise<void> {
    await writeWhole(this.#file('tokenizer.json'), `${JSON.stringify(tokenizer)}\n`);
    await this.writeModel(config.model, initial, 0);
    await writeWhole(this.#file('metrics.jsonl'), '');
    const content = { format: FORMAT, version: VERSION, ...config };
    await writeWhole(this.#file('config.json'), `${JSON.stringify(content, null, 2)}\n`);
  }

  /** Throws InputError if this is no run folder, or one of another version. */
  async readConfig(): Promise<RunConfig> {
    const path = this.#file('config.json');
    if (!(await exists(this.path))) throw new InputError(`${this.path}: no such folder`);
    if (!(await exists(path)))
      throw new InputError(`${this.path} is not a run folder: it has no config.json`);
    const json = await readJson(path);
    const { format, version } = (json ?? {}) as { format?: unknown; version?: unknown };
    if (format !== FORMAT)
      throw new InputError(`${path} is not the configuration of a run (no "format": "${FORMAT}")`);
    if (version !== VERSION) {
      throw new InputError(
        `${path} is of version ${JSON.stringify(version)}, this program reads version ${VERSION}: use the eft that wrote it, or train again`,
      );
    }
    const parsed = configSchema.safeParse(json);
    if (!parsed.success) throw new InputError(`${path} is damaged:\n${z.prettifyError(parsed.error)}`);
    const { model, classes, training, data } = parsed.data;
    if (classes.length !== model.classes) {
      throw new InputError(`${path}: ${classes.length} classes are named, the model has ${model.classes}`);
    }
    return { model, classes, training, data };
  }

  async readTokenizer({ vocabulary, buckets }: ModelConfiguration): Promise<Tokenizer> {
    const path = this.#file('tokenizer.json');
    const tokenizer = tokenizerFromJSON(await readJson(path), path);
    if (tokenizer.vocabulary !== vocabulary || tokenizer.buckets !== buckets) {
      throw new InputError(
        `${path} is of another model: ${tokenizer.vocabulary} + ${tokenizer.buckets} token ids, the model has ${vocabulary} + ${buckets}`,
      );
    }
    return tokenizer;
  }

  /** The trained model; throws InputError on anything damaged, foreign or of another version. */
  async readModel(): Promise<SavedModel> {
    const config = await this.readConfig();
    const tokenizer = await this.readTokenizer(config.model);
    const path = this.#file('model.safetensors');
    const file = await readSafetensors(path);
    const parameters = requireParameters(file, '', modelParameters(config.model), path);
    return { config, tokenizer, parameters, epoch: epochOf(file) };
  }

  async writeModel(
    model: ModelConfiguration,
    parameters: ReadonlyMap<string, Float32Array>,
    epoch: number | undefined,
  ): Promise<void> {
    const tensors = new Map(
      modelParameters(model).map(({ name, shape }) => [name, { shape, data: parameters.get(name)! }]),
    );
    const metadata: Record<string, string> = epoch === undefined ? {} : { epoch: String(epoch) };
    await writeSafetensors(this.#file('model.safetensors'), { tensors, metadata });
  }

  async writeCheckpoint(model: ModelConfiguration, checkpoint: Checkpoint): Promise<void> {
    const parameters = modelParameters(model);
    const tensors = new Map(
      SECTIONS.flatMap((section) =>
        parameters.map(
          ({ name, shape }) =>
            [`${section}.${name}`, { shape, data: checkpoint[section].get(name)! }] as const,
        ),
      ),
    );
    const metadata = { state: JSON.stringify(checkpoint.state) };
    await writeSafetensors(this.#file('checkpoint.safetensors'), { tensors, metadata });
  }

  async readCheckpoint(model: ModelConfiguration): Promise<Checkpoint> {
    const path = this.#file('checkpoint.safetensors');
    const file = await readSafetensors(path);
    const parameters = modelParameters(model);
    const [weights, m, v, best] = SECTIONS.map((section) =>
      requireParameters(file, `${section}.`, parameters, path),
    );
    let state: unknown;
    try {
      state = JSON.parse(file.metadata.state);
    } catch {
      throw new InputError(
        `${path} does not say where training stood: it is not a checkpoint of this program`,
      );
    }
    return { parameters: weights, m, v, best, state };
  }

  async appendMetrics(records: readonly object[]): Promise<void> {
    if (records.length === 0) return;
    const path = this.#file('metrics.jsonl');
    const lines = records.map((record) => `${JSON.stringify(record)}\n`).join('');
    await appendFile(path, lines).catch((error: NodeJS.ErrnoException) => {
      throw writingFault(path, error);
    });
  }

  /** Keeps the lines up to a step: those behind it are of a time that a checkpoint does not know. */
  async truncateMetrics(lastStep: number): Promise<void> {
    const path = this.#file('metrics.jsonl');
    const text = await readFile(path, 'utf8').catch(() => '');
    const kept = text.split('\n').filter((line) => {
      try {
        return (JSON.parse(line) as { step: number }).step <= lastStep;
      } catch {
        return false; // the last line, cut off
      }
    });
    await writeWhole(path, kept.map((line) => `${line}\n`).join(''));
  }

  #file(name: string): string {
    return join(this.path, name);
  }
}
