/** `eft train`: one model on one dataset, into a run folder. */
import { InvalidArgumentError } from 'commander';
import * as z from 'zod';
import type { Example } from '../data/dataset.js';
import { exampleLabels } from '../data/encoded.js';
import type { Engine } from '../engine/engine.js';
import { createWasmEngine } from '../engine/wasm/engine.js';
import { FailureError, InputError, InterruptedError } from '../errors.js';
import { asksDoubt, type Doubt, type DoubtOptions, requireOneRule } from '../evaluation/doubt.js';
import { wilsonInterval } from '../evaluation/wilson.js';
import type { ValidationScore } from '../formats/history.js';
import { MODEL_FOLDER_FILES, RunFolder } from '../formats/runFolder.js';
import { Classifier } from '../inference/classifier.js';
import { cutShareOf } from '../input/long.js';
import { doubtOptions } from '../learning/doubtOptions.js';
import type { FitState } from '../learning/fit.js';
import { KEEP_MODES, type KeepMode, readKept, writeKept } from '../learning/kept.js';
import { type BeforeAfter, beforeAndAfter } from '../learning/learnOn.js';
import {
  AUTO,
  parseTrainOptions,
  requestFor,
  settingDefaults,
  shapeDefaults,
  type TrainRequest,
  threadOptions,
  trainRequestSchema,
} from '../learning/options.js';
import { fullShare, type Prepared, usesUnlabelled } from '../learning/prepare.js';
import { requireNoRun, trainRun } from '../learning/run.js';
import { foreignOptions, MODEL_NAMES, type ModelName } from '../model/configuration.js';
import type { CommonConfiguration } from '../model/families/family.js';
import { DEFAULT_MODEL } from '../model/families/index.js';
import { tokenCapacity } from '../model/lowering.js';
import { countParameters } from '../model/parameters.js';
import { FolderStore } from '../platform/node/folder.js';
import type { ReadOptions } from '../readers/options.js';
import { doubtLines } from '../report/doubtText.js';
import { count, percent, pointsRange } from '../report/format.js';
import { fusionText } from '../report/fusionText.js';
import { otherModelText } from '../report/otherModel.js';
import { fewValidationWarning, type Judges } from '../report/validationText.js';
import { addReaderOptions, byteTokenizerFor, folderPath, readOptionsOf, real, whole } from './arguments.js';
import { CliCommand } from './command.js';
import { warnOfCut } from './cut.js';
import { addOptions, givenOptions } from './options.js';
import { interruptSignal, shellWord, tell, writeOut } from './output.js';
import { requireOutputsApart, runFilesIn } from './outputs.js';
import { trainingProgress } from './progress.js';
import { type Task, type TrainingData, trainingData } from './trainingData.js';

interface Options extends Record<string, unknown> {
  readonly data?: readonly string[];
  readonly validation?: readonly string[];
  readonly unlabelled?: readonly string[];
  readonly events?: readonly string[];
  readonly clips?: readonly string[];
  readonly task?: string;
  readonly out: string;
  readonly cache?: string;
  readonly threads?: number;
  readonly resume?: boolean;
  readonly json?: boolean;
  readonly allowOtherTier?: boolean;
  readonly from?: string;
  readonly oldData?: readonly string[];
  readonly keepData?: KeepMode;
  readonly keepMost?: number;
  /** Of --no-worse: points; true where it is not given. */
  readonly worse?: number | true;
}

export function command(): CliCommand {
  const train = new CliCommand('train')
    .description('Train one model on labelled texts, sounds or series.')
    .usage('--data FILE --out FOLDER [options]')
    .under('Data')
    .option('--data <path...>', 'files, folders, patterns, or a built-in set')
    .more(
      'CSV, TSV, JSON, JSONL, text (all also .gz), Parquet, folders of them or of files by class (--input bytes: of any kind), spam-assassin, chirps or pump',
    )
    .alsoCalled('file', 'input-file', 'train', 'dataset', 'train-data', 'files')
    .option('--validation <path...>', 'validation data (default: 10% of the data)')
    .more('without it they are taken from the data by a hash of their content')
    .alsoCalled('val', 'valid', 'dev', 'eval', 'validation-data')
    .option('--events <path...>', 'times of events in the recordings: a model that says what happens when')
    .more(
      'CSV or JSON lines with file, onset, offset and label; Audacity, Praat (TextGrid), Raven; or folders of them',
    )
    .alsoCalled('intervals', 'annotations', 'labels')
    .option('--clips <path...>', 'with --events: folders of clips by class to learn from too')
    .rare()
    .option('--unlabelled <path...>', 'more texts, without labels, from which words are learned too')
    .more(`for ${MODEL_NAMES.filter(usesUnlabelled).join(', ')}`)
    .alsoCalled('unlabeled')
    .rare()
    .option(
      '--from <run>',
      'learn on: from what that run kept of its data, and from these, which may bring new classes',
    )
    .alsoCalled('base', 'update', 'warm-start', 'incremental')
    .option('--old-data <path...>', 'the data of that run, where it has kept none')
    .rare()
    .option(
      '--no-worse <points>',
      'refuse a model that is worse on what the old one knew, by more than so many points',
      real(0, 100),
    )
    .rare()
    .under('Model')
    .option(
      '--task <kind>',
      'what is learned: classify (one answer for an input), or detect (what happens when; of clips by class)',
    )
    .rare()
    .under('Output')
    .option(
      '--keep-data <what>',
      'what the run keeps of its data, to learn on from: none, sums or sample (default: none)',
      keepMode,
    )
    .more(
      'sample: examples; sums: which words are in how many of two texts at a time; both keep a tenth to judge by',
    )
    .option('--keep-most <n>', 'examples that a sample has at most (default: 20,000)', whole(1))
    .rare()
    .requiredOption('--out <folder>', 'folder to write the run to', folderPath)
    .alsoCalled('output', 'output-dir', 'save', 'model-dir', 'dir')
    .option('--resume', 'continue the run in that folder')
    .more('with its own options where none are given')
    .alsoCalled('continue')
    .option('--json', 'what was chosen, and how good it is, as JSON on standard output')
    .under('Advanced')
    .option(
      '--cache <folder>',
      'read the data once into a cache in this folder, which later trainings use too (default: beside the run, for more than 128 MB of text)',
      folderPath,
    )
    .rare()
    .option('--allow-other-tier', 'continue also where the run was begun in another arithmetic')
    .rare();
  addReaderOptions(
    addOptions(
      train,
      { ...trainRequestSchema.shape, ...threadOptions, ...doubtOptions },
      { ...settingDefaults, ...shapeDefaults },
    ),
  );
  return train
    .addHelpText(
      'after',
      `
Examples:
  eft train --data mails.csv --out runs/mails
  eft train --data reviews.csv.gz --text-field review --label-field stars --out runs/reviews
  eft train --data sounds/ --input signal --out runs/sounds`,
    )
    .action(run);
}

/** Options of a training that mean something to a model of events. */
const EVENT_SETTINGS = [
  ...[
    'channels',
    'blocks',
    'taps',
    'scales',
    'dropout',
    'epochs',
    'batchSize',
    'seed',
    'learningRate',
    'weightDecay',
  ],
  ...['clipNorm', 'warmupShare'],
];

/** Whether a model of events is asked for. Throws InputError on options that do not go together. */
function asksForEvents({ task, events, clips, resume }: Options): boolean {
  if (task !== undefined && task !== 'classify' && task !== 'detect') {
    throw new InputError(`--task ${task}: tasks are classify and detect`);
  }
  const asked = events !== undefined || task === 'detect';
  if (task === 'classify' && events !== undefined)
    throw new InputError('--events is for --task detect: leave one of them out');
  if (clips !== undefined && events === undefined)
    throw new InputError('--clips goes with --events; of clips alone: --data CLIPS --task detect');
  if (asked && resume) throw new InputError('a training of events begins anew: leave --resume out');
  return asked;
}

async function runEvents(options: Options): Promise<void> {
  const { data, events, clips, out, threads, json } = options;
  if (data === undefined) throw new InputError("required option '--data <path...>' not specified");
  await requireOutputsApart([out, ...runFilesIn(out)], {
    data: [...data, ...(events ?? []), ...(clips ?? [])],
  });
  const given: Readonly<Record<string, unknown>> = givenOptions(options, trainRequestSchema.shape);
  const { resample } = readOptionsOf(options);
  const settings = Object.fromEntries(Object.entries(given).filter(([key]) => EVENT_SETTINGS.includes(key)));
  for (const key of Object.keys(given)) {
    if (key !== 'model' && !EVENT_SETTINGS.includes(key))
      tell(`note: models of events have no option '${key}': ignored`);
  }
  const { trainEvents } = await import('./trainEvents.js');
  await trainEvents({
    data,
    events,
    clips,
    out,
    threads,
    json,
    resample,
    settings,
    model: given.model as string | undefined,
  });
}

async function run(options: Options): Promise<void> {
  if (asksForEvents(options)) return runEvents(options);
  const folder = new RunFolder(new FolderStore(options.out));
  // Before the data are read, which may take long; the folder is made when training begins.
  await folder.requireMakeable();
  const task = await taskOf(options, folder);
  const { data: named, validation = [], unlabelled = [] } = task;
  await requireOutputsApart(
    [options.out, ...runFilesIn(options.out), ...(options.cache === undefined ? [] : [options.cache])],
    { data: [...named, ...validation, ...unlabelled] },
  );
  const given = givenOptions(options, trainRequestSchema.shape);
  if (task.choose === undefined) {
    for (const key of foreignOptions({ ...given, model: task.settings.model })) {
      tell(`note: ${task.settings.model} has no option '${key}': ignored`);
    }
    if (task.unlabelled !== undefined && !usesUnlabelled(task.settings.model)) {
      tell(`note: ${task.settings.model} cannot use '--unlabelled': ignored`);
    }
  }
  // Before the trainings from which a model is chosen.
  if (!options.resume) await requireNoRun(folder);
  const doubt = await doubtOf(options, folder);
  const data = await trainingData(task, options);
  const { prepared } = data;
  tellPrepared(data);
  if (task.choose === undefined && !options.resume) {
    const kind = prepared.encoder.inputKind === 'signal' ? 'signal' : 'text';
    const tip = otherModelText(prepared.model.model, kind, prepared.folds !== undefined);
    if (tip !== undefined) tell(`tip: ${tip}`);
  }
  const { settings: _, choose: _choose, ...source } = task;
  const { card, kept, oldItems } = data;
  const engine = await createWasmEngine(options.threads === undefined ? {} : { threads: options.threads });
  const progress = trainingProgress(
    prepared.settings,
    Math.ceil(prepared.train.labels.length / prepared.settings.batchSize),
  );
  try {
    const { config, state, best, peakMemoryBytes } = await trainRun({
      engine,
      folder,
      ...prepared,
      reading: { long: prepared.long, ...data.reading },
      data: {
        ...{ name: prepared.name, examples: exampleLabels(prepared.train).length, source },
        ...(card === undefined ? {} : { card }),
      },
      doubt,
      signal: interruptSignal(),
      ...(options.resume ? { resume: true } : {}),
      ...(options.allowOtherTier ? { allowOtherTier: true } : {}),
      onResume: ({ step, epoch }) => tell(`continuing after step ${step} (${epoch} epochs finished)`),
      hooks: progress,
    });
    const validation = state.history[state.bestEpoch - 1]?.validation;
    const judged = judgedBy(validation, prepared);
    if (judged.folds === 0 && best.linear) tell(fusionText(best.linear.fusion));
    if (judged.folds > 0) {
      const kept = best.linear?.model ?? config.model;
      tell(`${count(countParameters(kept))} parameters`);
      if (best.linear !== undefined) tell(DEEP_PATH_LEFT_OUT);
    }
    tellDoubt(config.doubt);
    const few = fewValidationWarning(validation?.accuracy ?? 0, judged);
    if (few !== undefined) tell(`warning: ${few}`);
    if (kept !== undefined) await writeKept(new FolderStore(options.out), kept);
    const change = oldItems && (await changeSince(task.from!, options, oldItems));
    if (options.json)
      writeOut(
        `${JSON.stringify({ ...summaryOf(options.out, data, state, judged), ...(config.doubt ? { doubt: config.doubt } : {}), ...(change === undefined ? {} : { change }) })}\n`,
      );
    tell(
      `${judged.folds > 0 ? '' : `best epoch ${state.bestEpoch}; `}peak memory ${(peakMemoryBytes / 1e6).toFixed(0)} MB, ${threadsOf(engine)}, ${engine.tier}; saved in ${options.out}`,
    );
  } catch (error) {
    if (error instanceof InterruptedError) {
      tell(`continue with: eft train --out ${shellWord(options.out)} --resume`);
    }
    throw error;
  } finally {
    progress.stop();
    await engine.dispose();
    await data.close();
  }
}

function tellDoubt(doubt: Doubt | undefined): void {
  for (const { text, warning } of doubt ? doubtLines(doubt) : []) tell(warning ? `warning: ${text}` : text);
}

/** What the new model answers otherwise than the old one, of what that knew. Throws FailureError where it may not be so. */
async function changeSince(
  from: string,
  { out, threads, worse }: Options,
  items: readonly Example[],
): Promise<BeforeAfter | undefined> {
  const how = threads === undefined ? {} : { threads };
  const old = await Classifier.load(from, how);
  const fresh = await Classifier.load(out, how);
  const change = await beforeAndAfter(old, fresh, items).finally(() =>
    Promise.all([old.dispose(), fresh.dispose()]),
  );
  if (change === undefined) {
    tell(`warning: ${from} has no items by which to tell whether something was lost`);
    return undefined;
  }
  const { before, after, difference, interval, pValue } = change;
  const shown = pValue < 0.05 ? (difference < 0 ? 'worse' : 'better') : 'no difference is shown';
  tell(
    `on ${count(change.items)} items of the old classes: before ${percent(before, 1)}, now ${percent(after, 1)} (${pointsRange(interval)} points): ${shown}`,
  );
  for (const { label, before: was, after: is, items: all } of change.worse.slice(0, 3)) {
    if (was - is > 0.1)
      tell(
        `warning: of ${count(all)} items of '${label}' ${percent(was, 0)} were right, now ${percent(is, 0)}`,
      );
  }
  if (typeof worse === 'number' && 100 * (before - after) > worse) {
    const store = new FolderStore(out);
    // config.json first: without it the folder is no run.
    for (const name of MODEL_FOLDER_FILES) await store.remove(name);
    throw new FailureError(
      `refused: the new model is ${(100 * (before - after)).toFixed(1)} points worse on what ${from} knew, and --no-worse allows ${worse}; ${out} is empty again`,
    );
  }
  return change;
}

const DEEP_PATH_LEFT_OUT =
  'the deep path is not trained: with so few examples it would add nothing (--folds 0 holds a tenth of them out and trains it too)';

/** By how many examples the model that is kept was judged; in 0 folds: examples held out, or given. */
function judgedBy(validation: ValidationScore | undefined, prepared: Prepared): Judges {
  const { folds = 0, examples = exampleLabels(prepared.validation).length } =
    validation?.crossValidation ?? {};
  return { folds, examples };
}

/** What scripts may want to know of a training: the answer of `--json`. */
function summaryOf(
  out: string,
  { prepared }: TrainingData,
  { history, bestEpoch }: FitState,
  { folds, examples }: Judges,
): object {
  const { model, classes, train } = prepared;
  const record = history[bestEpoch - 1];
  const { accuracy = 0, macroF1, microF1, loss, crossValidation } = record?.validation ?? {};
  const interval = wilsonInterval(Math.round(accuracy * examples), examples);
  const ofSets = microF1 === undefined ? {} : { subsetAccuracy: accuracy, microF1 };
  const score = { accuracy, interval, ...ofSets, macroF1, loss, examples };
  return {
    chosen: crossValidation?.chosen ?? model.model,
    model: model.model,
    ...(folds > 0 ? { crossValidated: { ...score, folds } } : { validated: { ...score, bestEpoch } }),
    ...(crossValidation?.candidates ? { candidates: crossValidation.candidates } : {}),
    classes: classes.length,
    examples: exampleLabels(train).length,
    seconds: history.reduce((sum, { seconds }) => sum + seconds, 0),
    out,
  };
}

const threadsOf = ({ threads }: Engine): string => `${threads} thread${threads === 1 ? '' : 's'}`;

/** What answers are to do where they may be wrong; with --resume, as the folder's run was begun where nothing is given. */
async function doubtOf(options: Options, folder: RunFolder): Promise<DoubtOptions> {
  const given: DoubtOptions = givenOptions(options, doubtOptions);
  requireOneRule(given);
  if (asksDoubt(given) || !options.resume || !(await folder.hasRun())) return given;
  return (await folder.readConfig()).doubt?.asked ?? {};
}

/** Older runs name one path. */
const paths = z.union([z.string().transform((path) => [path]), z.array(z.string()).min(1)]);

const sourceSchema = z.object({
  data: paths,
  validation: paths.optional(),
  unlabelled: paths.optional(),
  read: z.record(z.string(), z.unknown()),
  asked: z.record(z.string(), z.unknown()).optional(),
  from: z.string().optional(),
  oldData: paths.optional(),
  keepData: z.enum(KEEP_MODES).optional(),
  keepMost: z.number().optional(),
});

/** One of what a run may keep. */
function keepMode(text: string): KeepMode {
  const found = KEEP_MODES.find((mode) => mode === text);
  if (found === undefined) throw new InvalidArgumentError(`It must be one of ${KEEP_MODES.join(', ')}.`);
  return found;
}

/** What of the options or of the run that goes on says how it learns on, and what it keeps. */
function keepingOf(options: Options, old: Partial<z.output<typeof sourceSchema>> = {}): Partial<Task> {
  const {
    from = old.from,
    oldData = old.oldData,
    keepData = old.keepData,
    keepMost = old.keepMost,
  } = options;
  return {
    ...(from === undefined ? {} : { from }),
    ...(oldData === undefined ? {} : { oldData }),
    ...(keepData === undefined || keepData === 'none' ? {} : { keepData }),
    ...(keepMost === undefined ? {} : { keepMost }),
  };
}

/** What the run was asked for from which another learns on: its model, and how its data were read. */
async function askedOf(from: string): Promise<{ readonly asked: TrainRequest; readonly read: ReadOptions }> {
  const { model, reading, data } = await new RunFolder(new FolderStore(from)).readConfig();
  const source = sourceSchema.safeParse(data.source).data;
  const { limit: _, ...read } = (source?.read ?? {}) as ReadOptions;
  const { html } = reading;
  return {
    asked: { ...(source?.asked as TrainRequest | undefined), model: model.model },
    read: { ...read, ...(html === undefined ? {} : { html }) },
  };
}

/** A run that kept something passes that on. */
const keepModeOf = async (from: string): Promise<KeepMode> =>
  (await readKept(new FolderStore(from)))?.mode ?? 'none';

/** The task as given; with --resume, what is not given is what the folder's run was begun with. */
async function taskOf(options: Options, folder: RunFolder): Promise<Task> {
  const requested = givenOptions(options, trainRequestSchema.shape);
  const read = readOptionsOf(options);
  const given = { ...requested, ...byteTokenizerFor(read, requested.tokenizer) };
  const { data, validation, unlabelled } = options;
  if (options.resume && (await folder.hasRun())) {
    const { model, training, reading, data: record } = await folder.readConfig();
    const source = sourceSchema.safeParse(record.source);
    if (data === undefined && !source.success) {
      throw new InputError(`${folder.path} does not say where its data are: give them with --data`);
    }
    const { classes: _, signal, ...shape }: CommonConfiguration = model;
    const { channels: _channels, ...frames } = signal ?? {};
    const input = { tokenizer: await folder.readTokenizer(), long: reading.long, ...frames };
    const chosen = given.model === undefined || given.model === AUTO ? model.model : given.model;
    const begun = { ...shape, ...training, ...input } as unknown as TrainRequest;
    const settings = parseTrainOptions({ ...begun, ...requestFor(given, chosen), model: chosen });
    const old = source.data ?? { data: [], read: {} };
    const validated = validation ?? old.validation;
    const more = unlabelled ?? old.unlabelled;
    return {
      data: data ?? old.data,
      ...(validated === undefined ? {} : { validation: validated }),
      ...(more === undefined ? {} : { unlabelled: more }),
      read: { ...(old.read as ReadOptions), ...read },
      ...keepingOf(options, source.data),
      ...(source.data?.asked === undefined ? {} : { asked: source.data.asked as TrainRequest }),
      settings,
    };
  }
  if (data === undefined) throw new InputError("required option '--data <path...>' not specified");
  if (options.from !== undefined) {
    const before = await askedOf(options.from);
    const asked = { ...before.asked, ...given } as TrainRequest;
    if (asked.model === AUTO)
      throw new InputError('--from goes on with the model of that run: leave --model auto out');
    return {
      data,
      ...(validation === undefined ? {} : { validation }),
      read: { ...before.read, ...read },
      ...keepingOf({ ...options, keepData: options.keepData ?? (await keepModeOf(options.from)) }),
      asked,
      settings: parseTrainOptions(requestFor(asked, modelOf(asked.model))),
    };
  }
  if (options.oldData !== undefined || typeof options.worse === 'number') {
    throw new InputError('--old-data and --no-worse are for --from RUN, which learns on');
  }
  return {
    data,
    ...keepingOf(options),
    asked: given as TrainRequest,
    ...(validation === undefined ? {} : { validation }),
    ...(unlabelled === undefined ? {} : { unlabelled }),
    read,
    ...(given.model === AUTO ? { choose: given } : {}),
    settings: parseTrainOptions(requestFor(given, modelOf(given.model))),
  };
}

/** Until one is chosen, any. */
const modelOf = (requested: ModelName | typeof AUTO | undefined): ModelName =>
  requested === undefined || requested === AUTO ? DEFAULT_MODEL : requested;

/** What cross-validation is still to choose has no size yet. */
function shallowText({ shallow = [], folds }: Prepared): string {
  if (shallow.length === 0 || folds !== undefined) return '';
  const paths = shallow.map(({ model }) => `${model.model} of ${count(countParameters(model))}`);
  return `, beside ${paths.join(' or ')}`;
}

const cutOf = ({ extent }: Prepared['train']): number => (extent === undefined ? 0 : cutShareOf(extent));

/** What was made of the data, before the training that may take long. */
function tellPrepared({ prepared, unknownShare, reading: { wholeFiles } }: TrainingData): void {
  const { encoder, model, train, validation, long } = prepared;
  const { sequenceLength } = model;
  const inputs = encoder.inputKind === 'signal' ? 'signals' : wholeFiles ? 'files' : 'texts';
  const unit = encoder.inputKind === 'signal' ? 'steps' : encoder.inputKind === 'bytes' ? 'bytes' : 'tokens';
  const share = cutOf(train);
  const learned = count(exampleLabels(train).length);
  tell(
    prepared.folds === undefined
      ? `${learned} training and ${count(exampleLabels(validation).length)} validation examples`
      : `${learned} examples, all of them to learn from`,
  );
  const fit =
    long === 'windows'
      ? `read in ${count(train.labels.length)} windows`
      : `${percent(fullShare(train, model), 1)} of the ${inputs} fill the length or are cut to it, which leaves out ${percent(share, 1)} of ${inputs === 'texts' ? `the ${unit}` : 'them'}`;
  // How many features are kept, cross-validation is still to say.
  const parameters =
    prepared.folds !== undefined && (encoder.inputKind !== 'signal' || (prepared.shallow ?? []).length > 0)
      ? 'features to be chosen'
      : `${count(countParameters(model))} parameters`;
  const size = `${model.model}, ${count(sequenceLength)}`;
  if (encoder.kind === 'signal') {
    tell(
      `${size} steps in ${count(tokenCapacity(model))} frames: ${parameters}${shallowText(prepared)}; ${fit}`,
    );
  } else if (encoder.inputKind === 'signal') tell(`${size} steps: ${parameters}`);
  else {
    tell(
      `${size} ${unit}: ${parameters}${shallowText(prepared)}; ${fit}${unit === 'bytes' || prepared.folds !== undefined ? '' : `; the vocabulary misses ${percent(unknownShare, 1)} of the validation tokens`}`,
    );
  }
  // A linear path has a length of its own, which few texts fill.
  const unread = Math.min(share, ...(prepared.shallow ?? []).map((path) => cutOf(path.train)));
  warnOfCut(
    `the training ${inputs}`,
    { share: unread, sequenceLength, long, unit },
    'a greater --seq-len reads more',
  );
}
