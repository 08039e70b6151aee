/** The data of a training: in memory, or, where they may be too large for it, by way of a cache. */
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { type DataReading, type ResolvedReading, readStream } from '../data/applyReading.js';
import type { ExampleSet } from '../data/dataset.js';
import { classesWithoutExamples, missingClassWarnings, overlapOf, overlapWarnings } from '../data/overlap.js';
import { InputError } from '../errors.js';
import { readText } from '../input/reading.js';
import { chooseModel } from '../learning/choose.js';
import { parseTrainOptions, requestFor, type TrainRequest, type TrainSettings } from '../learning/options.js';
import {
  type Parts,
  type Prepared,
  partsOf,
  prepare,
  trainingPart,
  unknownShare,
  usesUnlabelled,
} from '../learning/prepare.js';
import { type CachedSource, prepareCached, whyNotCached } from '../learning/prepareCached.js';
import { readForTraining, trainingOf } from '../learning/train.js';
import { FolderStore } from '../platform/node/folder.js';
import { kindOf, nameOf, openItems, readDataset } from '../readers/dataset.js';
import { type DataNotes, describeData, describeReading } from '../readers/describe.js';
import { type Inventory, inventoryOf, requireRoom } from '../readers/disk/inventory.js';
import type { ReadOptions } from '../readers/options.js';
import { count, percent } from '../report/format.js';
import { tell } from './output.js';
import { createProgress } from './progress.js';
import { tellData, tellDataset, tellSkipped } from './reading.js';

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
  /** What is done to inputs before they are encoded. */
  readonly reading: DataReading;
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
  const kind = await kindOf(task.data, task.read);
  if (kind !== 'text') {
    if (cache !== undefined) {
      throw new InputError(
        `--cache cannot be used: ${kind === 'signal' ? 'signals' : 'files'} are read into memory`,
      );
    }
    return inMemory(task, threads);
  }
  if (task.choose !== undefined) {
    if (cache !== undefined) throw new InputError('--cache cannot be used: a model is chosen in memory');
    return inMemory(task, threads);
  }
  const data = await inventoryOf(task.data);
  const { groupField, groupFrom, timeField } = task.read;
  const refusal =
    (groupField ?? groupFrom ?? timeField) !== undefined
      ? 'groups and times are settled in memory'
      : task.unlabelled === undefined
        ? whyNotCached(task.settings)
        : 'texts without labels are held in memory with the others';
  if (cache !== undefined && refusal !== undefined)
    throw new InputError(`--cache cannot be used: ${refusal}`);
  const large = data.bytes > MOST_IN_MEMORY && task.read.limit === undefined;
  if (cache === undefined && (!large || refusal !== undefined)) {
    if (large) requireRoom(nameOf(task.data), data.bytes, `${refusal}: take another model, `);
    return inMemory(task, threads);
  }
  return cached(task, data, cache ?? cacheBeside(out));
}

/** Texts without labels, read as those with labels; says how many there are. */
async function textsWithoutLabels(
  { unlabelled, read, settings, choose }: Task,
  reading: DataReading,
): Promise<readonly string[] | undefined> {
  if (unlabelled === undefined || (choose === undefined && !usesUnlabelled(settings.model))) return undefined;
  const texts: string[] = [];
  const { limit: _, ...how } = read;
  const files = await openItems(unlabelled, { ...how, input: 'text', labelled: false });
  for await (const { input } of files) texts.push(readText(input as string, reading));
  tell(`${nameOf(unlabelled)}: ${count(texts.length)} texts without labels, for words and their vectors`);
  tellSkipped(files.skipped.result);
  return texts;
}

/** Reads all of the data, says what they are, and prepares them. */
async function inMemory(task: Task, threads: number | undefined): Promise<TrainingData> {
  const { data, validation, read } = task;
  const dataset = await readDataset(data, read);
  const given = validation === undefined ? undefined : await readDataset(validation, read);
  const { set, validation: own, ...resolved } = await readForTraining(dataset, given);
  const { reading } = resolved;
  tellDataset(dataset, resolved);
  const unlabelled = await textsWithoutLabels(task, reading);
  const settings = await chosenModel(task, set, reading, unlabelled, threads);
  const parts: Parts = {
    ...partsOf(set, own, {
      ...settings,
      unlabelled: unlabelled !== undefined && usesUnlabelled(settings.model),
    }),
    ...(usesUnlabelled(settings.model) ? { unlabelled } : {}),
  };
  warnOfParts(parts);
  const prepared = await prepare(parts, settings, threads);
  return {
    prepared,
    unknownShare: dataset.kind === 'text' ? unknownShare(parts.validation, prepared) : 0,
    reading,
    async close() {},
  };
}

/** Warns of validation examples that training has too, and of classes that it has not. */
function warnOfParts({ classes, train, validation }: Parts): void {
  const warnings = [
    ...missingClassWarnings(classesWithoutExamples(classes, train)),
    ...overlapWarnings(overlapOf(train, validation), 'validation'),
  ];
  for (const warning of warnings) tell(`warning: ${warning}`);
}

/** The settings, of a chosen model where one was to be chosen; says which, and why. */
async function chosenModel(
  { choose, settings }: Task,
  set: ExampleSet,
  reading: DataReading,
  unlabelled: readonly string[] | undefined,
  threads: number | undefined,
): Promise<TrainSettings> {
  if (choose === undefined) return settings;
  const progress = createProgress({ label: 'cross-validation: trainings done' });
  const { model, scores, examples } = await chooseModel(
    trainingPart(set),
    trainingOf({ ...choose, unlabelled, threads }, reading),
    (done) => progress.update(done),
  ).finally(progress.stop);
  const shown = scores.map((one) => `${one.model} ${percent(one.accuracy)} (loss ${one.loss.toFixed(3)})`);
  tell(`${model} is chosen by cross-validation on ${count(examples)} examples: ${shown.join(', ')}`);
  return parseTrainOptions(requestFor(choose, model));
}

/** What a cache keeps of how the data were read: what this program wrote. */
const keptSchema = z.object({
  notes: z.custom<DataNotes>((value) => typeof value === 'object' && value !== null),
  settled: z.custom<ResolvedReading>((value) => typeof value === 'object' && value !== null),
  classes: z.array(z.tuple([z.string(), z.number()])),
});

/** The texts of files one after the other, read as the first of them suggest. */
async function textsOf(paths: readonly string[], read: ReadOptions) {
  const stream = await openItems(paths, read);
  let settled: ResolvedReading | undefined;
  const examples = async function* () {
    for await (const { input, label, split } of readStream(stream, (found) => {
      settled = found;
    })) {
      if (label === undefined) {
        throw new InputError(
          `${nameOf(paths)}: examples with several labels are held in memory, and these data are too large for it: take a part of them with --limit`,
        );
      }
      yield { text: input as string, label, ...(split === undefined ? {} : { split }) };
    }
  };
  return {
    examples: examples(),
    kept: () => ({ notes: stream.notes, settled, classes: [...stream.classCounts] }),
    html: () => settled?.reading.html,
  };
}

async function cached(task: Task, data: Inventory, folder: string): Promise<TrainingData> {
  const { validation, read, settings } = task;
  const given = validation === undefined ? undefined : await inventoryOf(validation);
  const source: CachedSource = {
    name: nameOf(task.data),
    identity: [data.files, given?.files, read],
    async read() {
      const own = await textsOf(task.data, read);
      const validated = async function* (paths: readonly string[]) {
        // Read when the training data are: as those.
        const html = own.html();
        const others = await textsOf(paths, { ...read, ...(html === undefined ? {} : { html }) });
        yield* others.examples;
      };
      return {
        examples: own.examples,
        validation:
          validation === undefined
            ? undefined
            : { name: nameOf(validation), examples: validated(validation) },
        reading: own.kept,
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
  const { notes, settled, classes } = keptSchema.parse(cache.reading);
  const how = [describeData(notes), describeReading(settled.reading, settled.htmlShare)];
  tellData(prepared.name, how, notes.skipped, new Map(classes));
  return { prepared, unknownShare: cache.unknownShare, reading: settled.reading, close };
}
