/** Trains a classifier on labelled examples: the library's `train`. */
import * as z from 'zod/mini';
import {
  applyReading,
  type DataReading,
  expectedOf,
  type ResolvedReading,
  readingOf,
} from '../data/applyReading.js';
import type { Dataset, Example, ExampleSet } from '../data/dataset.js';
import { createWasmEngine } from '../engine/wasm/engine.js';
import { InputError } from '../errors.js';
import type { EpochRecord } from '../formats/history.js';
import { RunFolder } from '../formats/runFolder.js';
import { Classifier, type EngineOptions } from '../inference/classifier.js';
import { threadsSchema } from '../inference/options.js';
import { prepareReading, readText } from '../input/reading.js';
import { foreignOptions, type ModelName } from '../model/configuration.js';
import { parsedOptions } from '../options.js';
import { type ModelLocation, storeOf } from '../platform/place.js';
import { asDataset, type DataInput } from '../readers/asDataset.js';
import type { ReadOptions } from '../readers/options.js';
import { chooseModel } from './choose.js';
import { dataCard } from './dataCard.js';
import type { StepEvent } from './fit.js';
import { KEEP_MODES, type KeepMode, type KeptData, keptOf, readKept, writeKept } from './kept.js';
import { oldAndNew, requireOldClasses } from './learnOn.js';
import { AUTO, parseTrainOptions, requestFor } from './options.js';
import { partsOf, prepare, trainingPart, usesUnlabelled } from './prepare.js';
import { requireNoRun, trainRun } from './run.js';
import type { TrainingOptions } from './trainingOptions.js';

/** What is said of a training besides its settings: where it is kept, and who is told. */
interface RunHooks extends EngineOptions {
  /**
   * More texts, without labels: models that begin with vectors of words (`elastic`, `elastic-fourier`, `standard`) learn
   * words and vectors from them too.
   */
  readonly unlabelled?: readonly string[] | undefined;
  /** An epoch was validated; `best`: better than all before. */
  readonly onEpoch?: ((record: EpochRecord, best: boolean) => void) | undefined;
  readonly onStep?: ((event: StepEvent) => void) | undefined;
  /** Stops the training between two steps; `train` then rejects with InterruptedError. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Where the run is kept while it trains: after each epoch and when it is stopped, and so that `load` opens the best
   * epoch so far. Refused where a run is already, unless `resume` is set. Default: nowhere.
   */
  readonly out?: ModelLocation | undefined;
  /**
   * Learn on: from what the run there kept of its data, and from `data`, which may bring new classes. Its model is trained
   * again, unless another is asked for; the old classes are not forgotten, or it throws InputError.
   */
  readonly from?: ModelLocation | undefined;
  /**
   * What the run in `out` keeps of its data, to learn on from: `sample`, up to 20,000 examples; `sums`, which words are in
   * how many of two texts at a time. A tenth of the data is then held out. Default: none.
   */
  readonly keepData?: KeepMode | undefined;
  /** Go on with the run in `out`, which must be of the same data and settings; the result has the same bits. */
  readonly resume?: boolean | undefined;
}

/** Settings, and what is said of the run besides. */
interface TrainChoices extends TrainingOptions, RunHooks {}

export interface TrainOptions extends TrainChoices {
  /** Labelled data: a path or built-in name (in Node), a File or Blob, a Dataset, or examples. */
  readonly data: DataInput;
  /** What to call the data, in messages and in the model's record. Default: their path, or data. */
  readonly name?: string | undefined;
  /** How data are read: fields, formats, and what is done to inputs before they are encoded, e.g. `{ html: 'keep' }`. */
  readonly read?: ReadOptions | undefined;
  /** Default: 10% of the data, by content hash. */
  readonly validation?: DataInput | undefined;
}

const isStoreOrPath = (value: unknown): boolean =>
  typeof value === 'string' || (typeof value === 'object' && value !== null);

const callback = z.custom<unknown>((value) => typeof value === 'function', {
  error: 'it must be a function',
});

const hooksSchema = z.strictObject({
  unlabelled: z.optional(z.array(z.string())),
  threads: z.optional(threadsSchema),
  onEpoch: z.optional(callback),
  onStep: z.optional(callback),
  signal: z.optional(z.instanceof(AbortSignal)),
  out: z.optional(z.custom<unknown>(isStoreOrPath, { error: 'it must be a path or a store' })),
  from: z.optional(z.custom<unknown>(isStoreOrPath, { error: 'it must be a path or a store' })),
  keepData: z.optional(z.enum(KEEP_MODES)),
  resume: z.optional(z.boolean()),
} satisfies Readonly<Record<keyof RunHooks, z.ZodMiniType>>);

/** Whether it is no setting of a model or a training. */
const isHook = (key: string): boolean => Object.hasOwn(hooksSchema.shape, key);

const hooksOf = (choices: TrainChoices): Partial<RunHooks> =>
  Object.fromEntries(Object.entries(choices).filter(([key]) => isHook(key)));

/** The settings alone. */
const settingsOf = (choices: TrainChoices): Omit<TrainChoices, keyof RunHooks> =>
  Object.fromEntries(Object.entries(choices).filter(([key]) => !isHook(key)));

/** The library's `train`, which says what it does and throws. */
export async function train(options: TrainOptions): Promise<Classifier> {
  if (typeof options !== 'object' || options === null) {
    throw new InputError('train needs options: train({ data, … })');
  }
  const { data, validation, name, read = {}, ...choices } = options;
  if (name !== undefined && typeof name !== 'string') throw new InputError("train: 'name' must be a text");
  if (typeof read !== 'object' || read === null) {
    throw new InputError("train: 'read' must be an object of reading options");
  }
  parsedOptions(hooksSchema, hooksOf(choices), 'train');
  parseTrainOptions(settingsToCheck(choices));
  const dataset = await asDataset(data, 'data', read);
  const own = validation === undefined ? undefined : await asDataset(validation, 'validation', read);
  return trainOn(dataset, own, choices, name);
}

/** Of `auto`, what any model would take. */
function settingsToCheck(choices: TrainChoices): Parameters<typeof parseTrainOptions>[0] {
  const settings = settingsOf(choices);
  const { model, ...others } = settings;
  return (model === AUTO ? others : settings) as Parameters<typeof parseTrainOptions>[0];
}

/** What of the choices fits one model: without settings that mean nothing to it, what it tells, and where it is kept. */
function choicesFor(choices: TrainChoices, model: ModelName): TrainChoices {
  const { unlabelled, signal, threads } = choices;
  return {
    ...requestFor(settingsOf(choices), model),
    ...(usesUnlabelled(model) ? { unlabelled } : {}),
    signal,
    threads,
  };
}

/** Trains candidates with the same choices. */
export function trainingOf(
  choices: TrainChoices,
  reading: DataReading,
): (part: ExampleSet, model: ModelName) => Promise<Classifier> {
  return (part, model) => trainSet({ set: part, reading }, choicesFor(choices, model));
}

/** Examples that were read, and how. */
interface ReadData extends ResolvedReading {
  readonly set: ExampleSet;
  readonly validation?: ExampleSet | undefined;
}

/** Settles the reading and applies it. */
export async function readForTraining(
  dataset: Dataset,
  validation: Dataset | undefined,
  name = dataset.name,
): Promise<ReadData> {
  const resolved = readingOf(dataset);
  const { reading } = resolved;
  await prepareReading(reading);
  const set = { ...applyReading(dataset, reading), name };
  if (validation === undefined) return { set, ...resolved };
  const expected = expectedOf(dataset.kind, set.examples[0].input);
  return { set, ...resolved, validation: applyReading(validation, reading, expected) };
}

/** The same on datasets, which may come divided. */
async function trainOn(
  dataset: Dataset,
  validation: Dataset | undefined,
  choices: TrainChoices,
  name?: string,
): Promise<Classifier> {
  const { out: kept, resume: goesOn } = choices;
  // Before the data are read, and the trainings from which a model is chosen.
  if (kept !== undefined && !goesOn) await requireNoRun(new RunFolder(storeOf(kept)));
  const fresh = await readForTraining(dataset, validation, name);
  const { from } = choices;
  if (from !== undefined) return trainSet(...(await learningOn(from, fresh, choices)));
  const data = fresh;
  if (choices.model !== AUTO) return trainSet(data, choices);
  const { model } = await chooseModel(trainingPart(data.set), trainingOf(choices, data.reading));
  const { onEpoch, onStep, out, resume } = choices;
  return trainSet(data, { ...choicesFor(choices, model), onEpoch, onStep, out, resume });
}

/** The data of a run and new ones together, and the model of that run where none is named. */
async function learningOn(
  from: ModelLocation,
  data: ReadData,
  choices: TrainChoices,
): Promise<[ReadData & { readonly kept: KeptData; readonly own: OwnParts }, TrainChoices]> {
  const store = storeOf(from);
  const kept = await readKept(store);
  if (kept === undefined) {
    throw new InputError(
      `${store.path} has kept none of its data, without which a model forgets its classes: train it with keepData: 'sample'`,
    );
  }
  const config = await new RunFolder(store).readConfig();
  const { set, validation } = data;
  const {
    train: learned,
    validation: judges,
    own,
  } = oldAndNew(
    kept,
    validation === undefined
      ? set
      : { ...set, splits: { train: set.examples, validation: validation.examples } },
  );
  requireOldClasses(config.classes, learned, store.path);
  const both = {
    ...data,
    set: { name: set.name, examples: learned },
    ...(judges.length === 0 ? {} : { validation: { name: 'validation', examples: judges } }),
    ...{ kept, own },
  };
  return [both, { model: config.model.model, keepData: kept.mode, ...choices }];
}

interface OwnParts {
  readonly train: readonly Example[];
  readonly validation: readonly Example[];
}

async function trainSet(
  {
    set,
    validation,
    reading,
    kept,
    own,
  }: ReadData & { readonly kept?: KeptData | undefined; readonly own?: OwnParts | undefined },
  choices: TrainChoices,
): Promise<Classifier> {
  const { keepData = 'none' } = choices;
  const { threads, onEpoch, onStep, signal, out, resume, unlabelled } = choices;
  const settings = settingsOf(choices);
  const parsed = parseTrainOptions(settings as Parameters<typeof parseTrainOptions>[0]);
  const [foreign] = foreignOptions({ ...settings, model: parsed.model });
  if (foreign !== undefined) throw new InputError(`model '${parsed.model}' has no option '${foreign}'`);
  const usesTexts = unlabelled !== undefined && usesUnlabelled(parsed.model);
  const texts = unlabelled?.map((text) => readText(text, reading));
  const folds = keepData === 'none' ? {} : { folds: 0 };
  const parts = {
    ...partsOf(set, validation, { ...parsed, ...folds, unlabelled: usesTexts }),
    unlabelled: texts,
  };
  const prepared = await prepare(parts, parsed, threads);
  const card = dataCard(parts.train, parts.classes, { leftOut: 0 });
  const data = { name: set.name, examples: parts.train.length, card };
  const engine = await createWasmEngine(threads === undefined ? {} : { threads });
  try {
    const { config, state, best } = await trainRun({
      engine,
      ...prepared,
      reading: { long: prepared.long, ...reading },
      data,
      hooks: {
        onEpoch: (record, isBest) => onEpoch?.(record, isBest),
        onStep: (event) => onStep?.(event),
      },
      ...(signal ? { signal } : {}),
      ...(out === undefined ? {} : { folder: new RunFolder(storeOf(out)), resume: resume === true }),
    });
    if (out !== undefined && keepData !== 'none') {
      await writeKept(storeOf(out), keptOf(own ?? parts, keepData, { before: kept }));
    }
    return await Classifier.open({ config, ...best, epoch: state.bestEpoch }, engine, {
      history: state.history,
    });
  } catch (error) {
    await engine.dispose();
    throw error;
  }
}
