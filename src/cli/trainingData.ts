/** The data of a training: in memory, or, where they may be too large for it, by way of a cache. */
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { type DataReading, type ResolvedReading, readStream } from '../data/applyReading.js';
import type { Example, ExampleSet } from '../data/dataset.js';
import {
  classesWithoutExamples,
  missingClassWarnings,
  type Overlap,
  overlapOf,
  overlapWarnings,
} from '../data/overlap.js';
import { InputError } from '../errors.js';
import type { DataCard } from '../formats/dataCard.js';
import { RunFolder } from '../formats/runFolder.js';
import { readText } from '../input/reading.js';
import { chooseModel } from '../learning/choose.js';
import { dataCard } from '../learning/dataCard.js';
import { type KeepMode, type KeptData, keptOf, readKept } from '../learning/kept.js';
import { oldAndNew, requireOldClasses } from '../learning/learnOn.js';
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
  /** What was asked for, as it was given: who learns on from this run asks for the same. */
  readonly asked?: TrainRequest;
  /** Another run, of whose data and of these a model is to be made. */
  readonly from?: string;
  /** The data of that run, where it has kept none. */
  readonly oldData?: readonly string[];
  /** What is to be kept of the data, for who learns on from this run; at most so many examples. */
  readonly keepData?: KeepMode;
  readonly keepMost?: number;
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
  /** What the model was trained on. */
  readonly card?: DataCard;
  /** What the run is to keep of its data. */
  readonly kept?: KeptData;
  /** Validation items of the run that it learns on from. */
  readonly oldItems?: readonly Example[];
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
    (groupField ?? groupFrom ?? timeField ?? task.from ?? task.keepData) !== undefined
      ? 'groups, times and what a run keeps are settled in memory'
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

/** What is there of the old data, and of which kind it is; nothing where a training begins. */
async function oldDataOf({
  from,
  oldData,
  read,
}: Task): Promise<(Omit<KeptData, 'mode'> & { mode: KeptData['mode'] | 'data' }) | undefined> {
  if (from === undefined) return undefined;
  if (oldData !== undefined) {
    const { set } = await readForTraining(await readDataset(oldData, read), undefined);
    return { mode: 'data', ...oldAndNew({ train: [], validation: [] }, set).own };
  }
  const kept = await readKept(new FolderStore(from));
  if (kept === undefined) {
    throw new InputError(
      `${from} has kept none of its data, without which a model forgets its classes: give them with --old-data, or train it again with --keep-data sample (or sums)`,
    );
  }
  return kept;
}

/** Reads all of the data, says what they are, and prepares them. */
async function inMemory(task: Task, threads: number | undefined): Promise<TrainingData> {
  const { data, validation, read, from, keepData = 'none', keepMost } = task;
  const old = await oldDataOf(task);
  const dataset = await readDataset(data, read);
  const given = validation === undefined ? undefined : await readDataset(validation, read);
  const { set: fresh, validation: freshOwn, ...resolved } = await readForTraining(dataset, given);
  const { reading } = resolved;
  tellDataset(dataset, resolved);
  const both =
    old &&
    oldAndNew(
      old,
      freshOwn === undefined
        ? fresh
        : { ...fresh, splits: { train: fresh.examples, validation: freshOwn.examples } },
    );
  const set = both === undefined ? fresh : { name: fresh.name, examples: both.train };
  const own =
    both === undefined || both.validation.length === 0
      ? freshOwn
      : { name: 'validation', examples: both.validation };
  if (old !== undefined) {
    requireOldClasses(
      (await new RunFolder(new FolderStore(from!)).readConfig()).classes,
      set.examples,
      from!,
    );
    const what =
      old.mode === 'sums' ? 'sums of words stand for the old data' : 'old examples are learned from again';
    tell(
      `learning on from ${from}: ${count(old.train.length)} ${what}, ${count(old.validation.length)} judge`,
    );
  }
  const unlabelled = await textsWithoutLabels(task, reading);
  const settings = await chosenModel(task, set, reading, unlabelled, threads);
  const parts: Parts = {
    ...partsOf(set, own, {
      ...settings,
      // Who is to be learned on from needs items that no model has learned from.
      ...(keepData === 'none' ? {} : { folds: 0 }),
      unlabelled: unlabelled !== undefined && usesUnlabelled(settings.model),
    }),
    ...(usesUnlabelled(settings.model) ? { unlabelled } : {}),
  };
  const overlap = overlapOf(parts.train, parts.validation);
  warnOfParts(parts, overlap);
  const prepared = await prepare(parts, settings, threads);
  const kept =
    keepData === 'none'
      ? undefined
      : keptOf(both?.own ?? parts, keepData, {
          most: keepMost,
          ...(old === undefined ? {} : { before: { ...old, mode: keepData } }),
        });
  const shared = overlap.identical + overlap.similar;
  const card = dataCard(parts.train, parts.classes, {
    leftOut: dataset.skipped?.count ?? 0,
    ...(old === undefined ? {} : { from: { run: from!, kept: old.mode, examples: old.train.length } }),
    ...(shared > 0 ? { sharedWithValidation: shared } : {}),
  });
  return {
    prepared,
    card,
    ...(kept === undefined ? {} : { kept }),
    ...(old === undefined ? {} : { oldItems: old.validation }),
    unknownShare: dataset.kind === 'text' ? unknownShare(parts.validation, prepared) : 0,
    reading,
    async close() {},
  };
}

/** Warns of validation examples that training has too, and of classes that it has not. */
function warnOfParts({ classes, train }: Parts, overlap: Overlap): void {
  const warnings = [
    ...missingClassWarnings(classesWithoutExamples(classes, train)),
    ...overlapWarnings(overlap, 'validation'),
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
