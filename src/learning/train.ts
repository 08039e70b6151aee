/** Trains a classifier on labelled examples: the library's `train`. */
import * as z from 'zod/mini';
import {
  applyReading,
  type DataReading,
  expectedOf,
  type ResolvedReading,
  readingOf,
} from '../data/applyReading.js';
import type { Dataset, ExampleSet } from '../data/dataset.js';
import { createWasmEngine } from '../engine/wasm/engine.js';
import { InputError } from '../errors.js';
import type { DoubtOptions } from '../evaluation/doubt.js';
import { doubtShape } from '../formats/doubt.js';
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
import type { StepEvent } from './fit.js';
import { AUTO, parseTrainOptions, requestFor } from './options.js';
import { partsOf, prepare, trainingPart, usesUnlabelled } from './prepare.js';
import { requireNoRun, trainRun } from './run.js';
import type { TrainingOptions } from './trainingOptions.js';

/** What is said of a training besides its settings: where it is kept, and who is told. */
interface RunHooks extends EngineOptions, DoubtOptions {
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
  ...doubtShape,
  onEpoch: z.optional(callback),
  onStep: z.optional(callback),
  signal: z.optional(z.instanceof(AbortSignal)),
  out: z.optional(z.custom<unknown>(isStoreOrPath, { error: 'it must be a path or a store' })),
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

/** What is asked of the answers. */
const doubtOf = (choices: TrainChoices): DoubtOptions =>
  Object.fromEntries(
    Object.entries(choices).filter(([key, value]) => key in doubtShape && value !== undefined),
  );

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
  const data = await readForTraining(dataset, validation, name);
  if (choices.model !== AUTO) return trainSet(data, choices);
  const { model } = await chooseModel(trainingPart(data.set), trainingOf(choices, data.reading));
  const { onEpoch, onStep, out, resume } = choices;
  const told = { onEpoch, onStep, out, resume, ...doubtOf(choices) };
  return trainSet(data, { ...choicesFor(choices, model), ...told });
}

async function trainSet({ set, validation, reading }: ReadData, choices: TrainChoices): Promise<Classifier> {
  const { threads, onEpoch, onStep, signal, out, resume, unlabelled } = choices;
  const settings = settingsOf(choices);
  const parsed = parseTrainOptions(settings as Parameters<typeof parseTrainOptions>[0]);
  const [foreign] = foreignOptions({ ...settings, model: parsed.model });
  if (foreign !== undefined) throw new InputError(`model '${parsed.model}' has no option '${foreign}'`);
  const usesTexts = unlabelled !== undefined && usesUnlabelled(parsed.model);
  const texts = unlabelled?.map((text) => readText(text, reading));
  const parts = { ...partsOf(set, validation, { ...parsed, unlabelled: usesTexts }), unlabelled: texts };
  const prepared = await prepare(parts, parsed, threads);
  const data = { name: set.name, examples: parts.train.length };
  const engine = await createWasmEngine(threads === undefined ? {} : { threads });
  try {
    const { config, state, best } = await trainRun({
      engine,
      ...prepared,
      reading: { long: prepared.long, ...reading },
      data,
      doubt: doubtOf(choices),
      hooks: {
        onEpoch: (record, isBest) => onEpoch?.(record, isBest),
        onStep: (event) => onStep?.(event),
      },
      ...(signal ? { signal } : {}),
      ...(out === undefined ? {} : { folder: new RunFolder(storeOf(out)), resume: resume === true }),
    });
    return await Classifier.open({ config, ...best, epoch: state.bestEpoch }, engine, {
      history: state.history,
    });
  } catch (error) {
    await engine.dispose();
    throw error;
  }
}
