/** The data of a training: in memory, or, where they may be too large for it, by way of a cache. */
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { InputError } from '../errors.js';
import { chooseModel } from '../learning/choose.js';
import { parseTrainOptions, requestFor, type TrainRequest, type TrainSettings } from '../learning/options.js';
import {
  type DividedDataset,
  type Parts,
  type Prepared,
  partsOf,
  prepare,
  takesUnlabelled,
  trainingPart,
  unknownShare,
} from '../learning/prepare.js';
import { type CachedSource, prepareCached, whyNotCached } from '../learning/prepareCached.js';
import { trainingOf } from '../learning/train.js';
import { FolderStore } from '../platform/node/folder.js';
import { readFiles } from '../readers/files.js';
import { type Inventory, inventoryOf, requireRoom } from '../readers/inventory.js';
import {
  countClasses,
  nameOf,
  type Reading,
  type ReadOptions,
  readDataset,
  readExamples,
  readTexts,
} from '../readers/read.js';
import { holdFiles, holdSignals } from '../readers/readInputs.js';
import { readSignals } from '../readers/signals/read.js';
import { count, percent } from '../report/format.js';
import { tell } from './output.js';
import { createProgress } from './progress.js';
import { tellFiles, tellReading, tellSignals } from './reading.js';

/** What is to be trained on what. */
export interface Task {
  readonly data: readonly string[];
  readonly validation?: readonly string[];
  /** Files of texts without labels. */
  readonly unlabelled?: readonly string[];
  readonly read: ReadOptions;
  readonly settings: TrainSettings;
  /** What is asked of a model that is still to be chosen. */
  readonly choose?: TrainRequest;
}

export interface TrainingDataOptions {
  readonly out: string;
  /** A folder: through a cache there, however small they are. */
  readonly cache?: string;
  readonly threads?: number;
}

export interface TrainingData {
  readonly prepared: Prepared;
  /** Mean share of a validation text's tokens that the vocabulary misses. */
  readonly unknownShare: number;
  /** What was done with HTML. */
  readonly html?: Reading['html'];
  /** The rate that sounds were brought to. */
  readonly resample?: number | undefined;
  /** Its inputs are whole files. */
  readonly wholeFiles?: true;
  close(): Promise<void>;
}

/** Larger data, in bytes of text, are not held in memory. */
const MOST_IN_MEMORY = 2 ** 27;

/** Beside the run, so that other runs beside it find it. */
const cacheBeside = (out: string): string => join(dirname(out), '.eft-cache');

/** Reads the data and tells what was read. */
export async function trainingData(
  task: Task,
  { out, cache, threads }: TrainingDataOptions,
): Promise<TrainingData> {
  if (holdSignals(task.data, task.read)) return signalsInMemory(task, cache, threads);
  if (await holdFiles(task.data, task.read)) return filesInMemory(task, cache, threads);
  if (task.choose !== undefined) {
    if (cache !== undefined) throw new InputError('--cache does not serve: a model is chosen in memory');
    return inMemory(task, threads);
  }
  const data = await inventoryOf(task.data);
  const refusal =
    task.unlabelled === undefined
      ? whyNotCached(task.settings)
      : 'texts without labels are held in memory with the others';
  if (cache !== undefined && refusal !== undefined)
    throw new InputError(`--cache does not serve: ${refusal}`);
  const large = data.bytes > MOST_IN_MEMORY && task.read.limit === undefined;
  if (cache === undefined && (!large || refusal !== undefined)) {
    if (large) requireRoom(nameOf(task.data), data.bytes, `${refusal}: take another model, `);
    return inMemory(task, threads);
  }
  return cached(task, data, cache ?? cacheBeside(out));
}

/** Reads all of the data, says what they are, and prepares them. */
async function hold<D extends DividedDataset>(
  task: Task,
  threads: number | undefined,
  readAll: (paths: readonly string[], read: ReadOptions) => Promise<D>,
  tellWhole: (whole: D) => void,
): Promise<{ whole: D; parts: Parts; prepared: Prepared }> {
  const { data, validation, read } = task;
  const whole = await readAll(data, read);
  const given = validation === undefined ? undefined : await readAll(validation, read);
  tellWhole(whole);
  const unlabelled = await textsWithoutLabels(task, whole.html);
  const settings = await settled(task, whole, unlabelled, threads);
  const parts = { ...partsOf(whole, given), ...(takesUnlabelled(settings.model) ? { unlabelled } : {}) };
  return { whole, parts, prepared: prepare(parts, settings) };
}

/** Says how many there are. @param html what is done with HTML in the texts with labels */
async function textsWithoutLabels(
  { unlabelled, read, settings, choose }: Task,
  html = read.html,
): Promise<readonly string[] | undefined> {
  if (unlabelled === undefined || (choose === undefined && !takesUnlabelled(settings.model)))
    return undefined;
  const texts: string[] = [];
  for await (const { text } of readTexts(unlabelled, { ...read, html, limit: undefined })) texts.push(text);
  tell(`${nameOf(unlabelled)}: ${count(texts.length)} texts without labels, for words and their vectors`);
  return texts;
}

async function inMemory(task: Task, threads: number | undefined): Promise<TrainingData> {
  const { whole, parts, prepared } = await hold(task, threads, readDataset, (read) =>
    tellReading(read.name, read, countClasses(read.examples)),
  );
  return {
    prepared,
    unknownShare: unknownShare(parts.validation, prepared),
    html: whole.html,
    async close() {},
  };
}

async function signalsInMemory(
  task: Task,
  cache: string | undefined,
  threads: number | undefined,
): Promise<TrainingData> {
  if (cache !== undefined) throw new InputError('--cache does not serve: signals are read into memory');
  const { whole, prepared } = await hold(task, threads, readSignals, tellSignals);
  return { prepared, unknownShare: 0, resample: whole.resample, async close() {} };
}

async function filesInMemory(
  task: Task,
  cache: string | undefined,
  threads: number | undefined,
): Promise<TrainingData> {
  if (cache !== undefined) throw new InputError('--cache does not serve: files are read into memory');
  const { prepared } = await hold(task, threads, readFiles, tellFiles);
  return { prepared, unknownShare: 0, wholeFiles: true, async close() {} };
}

/** The settings, of a chosen model where one was to be chosen; says which, and why. */
async function settled(
  { choose, settings }: Task,
  whole: DividedDataset,
  unlabelled: readonly string[] | undefined,
  threads: number | undefined,
): Promise<TrainSettings> {
  if (choose === undefined) return settings;
  const progress = createProgress({ label: 'cross-validation: trainings done' });
  const { model, judged, examples } = await chooseModel(
    trainingPart(whole),
    trainingOf({ ...choose, unlabelled, threads }),
    (done) => progress.update(done),
  ).finally(progress.stop);
  const scores = judged.map((one) => `${one.model} ${percent(one.accuracy)} (loss ${one.loss.toFixed(3)})`);
  tell(`${model} is chosen by cross-validation on ${count(examples)} examples: ${scores.join(', ')}`);
  return parseTrainOptions(requestFor(choose, model));
}

/** What a cache keeps of how the data were read: what this program wrote. */
const readingSchema = z.object({
  reading: z.custom<Reading>((value) => typeof value === 'object' && value !== null),
  classes: z.array(z.tuple([z.string(), z.number()])),
});

async function cached(task: Task, data: Inventory, folder: string): Promise<TrainingData> {
  const { validation, read, settings } = task;
  const given = validation === undefined ? undefined : await inventoryOf(validation);
  const source: CachedSource = {
    name: nameOf(task.data),
    identity: [data.files, given?.files, read],
    read() {
      const examples = readExamples(task.data, read);
      return {
        examples,
        validation:
          validation === undefined
            ? undefined
            : { name: nameOf(validation), examples: readExamples(validation, read) },
        reading: () => ({ reading: examples.reading, classes: [...examples.classCounts] }),
      };
    },
  };
  const cache = await prepareCached(new FolderStore(folder), source, settings, (path) =>
    tell(`reading once, into the cache ${path}`),
  );
  const { path, bytes, reused, prepared, close } = cache;
  tell(
    `cache: ${path}, ${(bytes / 1e6).toFixed(0)} MB${reused ? ', used again' : '; the next training on these data begins with it; delete it when you like'}`,
  );
  const { reading, classes } = readingSchema.parse(cache.reading);
  tellReading(prepared.name, reading, new Map(classes));
  return { prepared, unknownShare: cache.unknownShare, html: reading.html, close };
}
