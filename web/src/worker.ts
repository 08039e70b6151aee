/** All the work, in a thread of its own: the page stays free. */
import { expose } from 'comlink';
import {
  type Classifier,
  type ClassReport,
  classReportOf,
  compare,
  type Dataset,
  InputError,
  InterruptedError,
  inspectFile,
  load,
  MemoryStore,
  preload,
  readDataset,
  runtime,
  type StepEvent,
  split,
  train,
} from 'elastic-fourier';
import type {
  Answer,
  DataSummary,
  EpochReport,
  Looked,
  ModelSummary,
  Outcome,
  Reading,
  Settings,
  StepReport,
  Workshop,
  WrongText,
} from './api.ts';
import { packed, unpacked } from './archive.ts';
import { csvLine } from './csv.ts';
import { Clock, Pace } from './pace.ts';

interface Data {
  readonly file: Dataset;
  readonly classes: ClassReport;
  readonly train: Dataset;
  readonly validation: Dataset;
  /** What no training sees: results are measured on it. */
  readonly test: Dataset;
}

/** Of training, validation and test. */
const SHARES = [0.7, 0.1, 0.2] as const;
/** Rows that do not serve are left out and counted, up to so many. */
const MOST_BAD = 10_000;
/** Characters of a value that are shown. */
const SHOWN = 400;
/** Wrong texts that are shown, and rows of an answer. */
const MOST_WRONG = 8;
const MOST_FIRST = 5;
/** Words that an answer names. */
const MOST_EVIDENCE = 8;
/** Texts that are predicted at once. */
const PORTION = 64;

let data: Data | undefined;
let classifier: Classifier | undefined;
/** The run that goes on when it was stopped. */
let out = new MemoryStore('the model');
/** Measured when its training ended. */
let summary: ModelSummary | undefined;
let stopper = new AbortController();

const short = (value: unknown): string => {
  const text = typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '');
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
};

async function sampleFile(): Promise<File> {
  const { default: base64 } = await import('virtual:sample');
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return new File([bytes], 'sample-mails.jsonl.gz');
}

async function look(file: File, reading: Reading): Promise<Looked> {
  const { fields, text, label, rows } = await inspectFile(file, reading);
  const examples = rows
    .slice(0, 3)
    .map((row) => Object.fromEntries(fields.map((name) => [name, short(row[name])])));
  return { fields, text, label, examples };
}

const words = (text: string): number => text.match(/\S+/g)?.length ?? 0;

/** Tokens to a word, about: punctuation stands for itself. */
const TOKENS_A_WORD = 1.3;

function summaryOf({ file, classes, train: { length: trained }, validation, test }: Data): DataSummary {
  const lengths = file.examples.map(({ input }) => words(String(input))).sort((a, b) => a - b);
  const at = (share: number): number =>
    lengths[Math.min(lengths.length - 1, Math.floor(share * lengths.length))];
  const wanted = 2 ** Math.ceil(Math.log2(Math.max(1, TOKENS_A_WORD * at(0.9))));
  return {
    name: file.name,
    description: file.description,
    count: file.examples.length,
    classes: classes.classes,
    warnings: classes.warnings,
    lengths: { median: at(0.5), most: at(0.9), longest: at(1) },
    suggestedLength: Math.min(512, Math.max(32, wanted)),
    parts: { train: trained, validation: validation.length, test: test.length },
  };
}

async function read(given: File | undefined, reading: Reading): Promise<DataSummary> {
  const file = await readDataset(given ?? (await sampleFile()), {
    ...reading,
    labels: 'one',
    skipBad: MOST_BAD,
  });
  const report = await classReportOf(file);
  const { classes } = report;
  if (classes.length < 2) {
    throw new InputError(
      `${file.name}: only the label '${classes[0].name}' in ${file.examples.length} texts; a classifier needs at least two classes`,
    );
  }
  const [train, validation, test] = split(file, SHARES);
  if (Math.min(train.length, validation.length, test.length) === 0) {
    throw new InputError(
      `${file.name}: ${file.examples.length} texts are too few to learn from some and to test on others; a hundred are a beginning`,
    );
  }
  data = { file, classes: report, train, validation, test };
  return summaryOf(data);
}

function requireData(): Data {
  if (data === undefined) throw new Error('there are no data yet');
  return data;
}

function requireClassifier(): Classifier {
  if (classifier === undefined) throw new Error('there is no model yet');
  return classifier;
}

async function take(next: Classifier): Promise<void> {
  await classifier?.dispose();
  classifier = next;
}

/** Reports of a training's steps, a few a second. */
function steps(onStep: (report: StepReport) => void): (event: StepEvent) => void {
  const pace = new Pace();
  const clock = new Clock();
  let loss = 0;
  let accuracy = 0;
  let count = 0;
  return (event) => {
    const { step, totalSteps, epoch, batches } = event;
    loss += event.loss;
    accuracy += event.accuracy;
    count++;
    const left = clock.left(step, totalSteps);
    if (!pace.due(step === totalSteps)) return;
    const epochs = totalSteps / batches;
    onStep({
      step,
      totalSteps,
      epoch,
      epochs,
      at: step / batches,
      loss: loss / count,
      accuracy: accuracy / count,
      left,
    });
    loss = 0;
    accuracy = 0;
    count = 0;
  };
}

async function trained(
  settings: Settings,
  resume: boolean,
  onStep: (report: StepReport) => void,
  onEpoch: (report: EpochReport) => void,
): Promise<Outcome> {
  const { file, train: examples, validation } = requireData();
  stopper = new AbortController();
  if (!resume) out = new MemoryStore('the model');
  const { epochs, ...others } = settings;
  try {
    const next = await train({
      ...others,
      ...(epochs === undefined ? {} : { epochs }),
      data: examples,
      validation,
      name: file.name,
      out,
      resume,
      signal: stopper.signal,
      onStep: steps(onStep),
      onEpoch: ({ epoch, validation: { loss, accuracy } }, best) => onEpoch({ epoch, best, loss, accuracy }),
    });
    await take(next);
    return { stopped: false, model: await described(next) };
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
    const half = await load(out);
    if (half.epoch === 0) {
      await half.dispose();
      return { stopped: true, model: undefined };
    }
    await take(half);
    return { stopped: true, model: await described(half) };
  }
}

/** Facts of a model; those of one that was trained here with its test. */
async function described(model: Classifier, tested = true): Promise<ModelSummary> {
  const { training, data: record } = model.training;
  summary = {
    family: model.configuration.model,
    classes: model.classes,
    sequenceLength: model.configuration.sequenceLength,
    epoch: model.epoch,
    epochs: training.epochs,
    dataName: record.name ?? 'unknown data',
    warnings: model.warnings,
    test: tested ? await test(model) : undefined,
  };
  return summary;
}

async function test(model: Classifier): Promise<ModelSummary['test']> {
  const known = new Set(model.classes);
  const { test: apart } = requireData();
  const examples = apart.examples.filter(({ label }) => label !== undefined && known.has(label));
  if (examples.length === 0) return undefined;
  const { logits, ...scores } = await model.evaluate(apart.with(examples));
  const count = model.classes.length;
  const wrong = examples.flatMap(({ input, label = '' }, i): WrongText[] => {
    const own = logits.subarray(i * count, (i + 1) * count);
    const most = Math.max(...own);
    const predicted = model.classes[own.indexOf(most)];
    if (predicted === label) return [];
    const confidence = 1 / own.reduce((sum, logit) => sum + Math.exp(logit - most), 0);
    return [{ text: short(input), label, predicted, confidence }];
  });
  return {
    accuracy: scores.accuracy,
    interval: scores.accuracyInterval,
    macroF1: scores.macroF1,
    examples: examples.length,
    confusion: scores.confusion,
    wrong: wrong.sort((a, b) => b.confidence - a.confidence).slice(0, MOST_WRONG),
    cutShare: scores.cutShare,
  };
}

async function ask(text: string): Promise<Answer> {
  const model = requireClassifier();
  const scores = await model.predict(text);
  return { scores, known: model.knownShare(text), evidence: await evidenceOf(model, text, scores[0].label) };
}

async function evidenceOf(model: Classifier, text: string, label: string): Promise<Answer['evidence']> {
  const of = model.classes.indexOf(label);
  // A family whose answers are no sums over words cannot say.
  const pieces = await model.explain(text).catch(() => undefined);
  return pieces?.slice(0, MOST_EVIDENCE).map((piece) => ({ text: piece.text, weight: piece.evidence[of] }));
}

async function download(): Promise<Blob> {
  const store = new MemoryStore('model');
  await requireClassifier().export(store, { format: 'hub', version: LIBRARY_VERSION });
  return packed(store.files);
}

async function open(file: File): Promise<ModelSummary> {
  const store = await unpacked(file);
  const next = await load(store);
  await take(next);
  return described(next, false);
}

/** Columns of the answer; the input's own come first. */
const ANSWER = ['predicted_label', 'predicted_score'];

const predictFile: Workshop['predictFile'] = async (file, reading, onProgress) => {
  const model = requireClassifier();
  stopper = new AbortController();
  const { signal } = stopper;
  const { fields } = await inspectFile(file, reading);
  const keep = fields.filter((name) => !name.includes('.'));
  const lines = [csvLine([...keep, ...ANSWER])];
  const first: { text: string; best: Answer['scores'][number] }[] = [];
  const pace = new Pace();
  // What the model was trained to read, unless another field is chosen.
  const textField = reading.textField ?? model.reading.fields?.join(',');
  const { html: _, ...how } = reading;
  const { examples } = await readDataset(file, {
    ...how,
    ...(textField === undefined ? {} : { textField }),
    labelled: false,
    keep,
  });
  for (let from = 0; from < examples.length; from += PORTION) {
    const portion = examples.slice(from, from + PORTION);
    const answers = await model.predict(
      portion.map(({ input }) => input),
      { topK: 1 },
    );
    answers.forEach(([best], i) => {
      const { input, kept = {} } = portion[i];
      lines.push(csvLine([...keep.map((name) => kept[name]), best.label, best.score.toFixed(6)]));
      if (first.length < MOST_FIRST) first.push({ text: short(input), best });
    });
    if (pace.due(false)) onProgress(from + portion.length);
    // A message to stop may be waiting.
    await new Promise((resolve) => setTimeout(resolve));
    if (signal.aborted) return undefined;
  }
  return { csv: new Blob(lines, { type: 'text/csv' }), count: examples.length, first };
};

const compared: Workshop['compare'] = async (models, { sequenceLength, epochs }, seeds, onProgress) => {
  stopper = new AbortController();
  const pace = new Pace();
  try {
    const { verdict } = await compare({
      data: requireData().file,
      models,
      seeds,
      sequenceLength,
      shares: SHARES,
      ...(epochs === undefined ? {} : { epochs }),
      signal: stopper.signal,
      onProgress: ({ share, note, name }) => {
        if (pace.due(share === 1)) onProgress(share, `${name.replace(/-\d+$/, '')}, ${note}`);
      },
    });
    return verdict;
  } catch (error) {
    if (error instanceof InterruptedError) return undefined;
    throw error;
  }
};

const workshop: Workshop = {
  async prepare() {
    await preload({ signals: false });
    return runtime();
  },
  look,
  read,
  train: trained,
  compare: compared,
  stop: () => stopper.abort(),
  ask,
  download,
  open,
  predictFile,
};
expose(workshop);
