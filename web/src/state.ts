/** Everything that the page shows, and what its buttons do. */
import { signal } from '@preact/signals';
import { proxy, type Remote } from 'comlink';
import type { ModelName, Runtime, Verdict } from 'elastic-fourier';
import type {
  Answer,
  DataSummary,
  EpochReport,
  Looked,
  ModelSummary,
  Predicted,
  Reading,
  Settings,
  StepReport,
  Workshop,
} from './api.ts';
import { connect } from './client.ts';

export interface Machine extends Runtime {
  readonly kept: boolean;
}

/** Undefined until the worker has all it needs. */
export const machine = signal<Machine | undefined>(undefined);

/** What is being done that cannot be done twice at once. */
export type Busy = 'reading' | 'training' | 'comparing' | 'predicting' | 'opening';
export const busy = signal<Busy | undefined>(undefined);

/** What went wrong, and where on the page it is to be said. */
export type Place = 'page' | 'data' | 'training' | 'comparison' | 'model' | 'prediction';
export const fault = signal<{ readonly place: Place; readonly message: string } | undefined>(undefined);

/** The file that was chosen; undefined: the sample. */
export interface Source {
  readonly file: File | undefined;
  readonly looked: Looked | undefined;
  readonly reading: Reading;
}
export const source = signal<Source | undefined>(undefined);
export const data = signal<DataSummary | undefined>(undefined);

export const settings = signal<Settings>({
  model: 'elastic',
  sequenceLength: 256,
  epochs: undefined,
  seed: 0,
});

export interface Training {
  readonly settings: Settings;
  readonly state: 'running' | 'stopped' | 'done';
  readonly steps: readonly StepReport[];
  readonly epochs: readonly EpochReport[];
}
export const training = signal<Training | undefined>(undefined);
/** Its summary, and the data it was trained on here: wrong texts are of these. */
export const model = signal<ModelSummary | undefined>(undefined);

export const question = signal('');
export const answer = signal<Answer | undefined>(undefined);

export interface Comparing {
  readonly share: number;
  readonly note: string;
}
export const comparing = signal<Comparing | undefined>(undefined);
export const comparison = signal<Verdict | undefined>(undefined);

export interface Prediction {
  readonly source: Source;
  readonly done: number;
  readonly result: Predicted | undefined;
}
export const prediction = signal<Prediction | undefined>(undefined);

/** Said to screen readers when it changes. */
export const announcement = signal('');

let workshop: Promise<Remote<Workshop>> | undefined;

/** Runs a task as the page's one; what it throws is said at its place. */
async function work<T>(
  kind: Busy,
  place: Place,
  task: (shop: Remote<Workshop>) => Promise<T>,
): Promise<T | undefined> {
  if (busy.value !== undefined || workshop === undefined) return undefined;
  busy.value = kind;
  fault.value = undefined;
  try {
    return await task(await workshop);
  } catch (error) {
    const { message } = error as Error;
    fault.value = { place, message };
    return undefined;
  } finally {
    busy.value = undefined;
  }
}

export function start(): void {
  const failed = (message: string): void => {
    fault.value = { place: 'page', message: `This page cannot work here: ${message}` };
  };
  const client = connect(failed);
  workshop = client.then((connected) => connected.workshop);
  client
    .then(async ({ workshop: shop, kept }) => {
      const found = await shop.prepare();
      machine.value = { ...found, kept };
    })
    .catch((error: Error) => failed(error.message));
}

const isModel = (file: File): boolean => /\.zip$/i.test(file.name);

/** A file was dropped or chosen: data, or a model. */
export async function choose(file: File): Promise<void> {
  if (isModel(file)) return open(file);
  await work('reading', 'data', async (shop) => {
    data.value = undefined;
    source.value = { file, looked: undefined, reading: {} };
    await look(shop, file, {});
  });
  await readIfKnown();
}

async function look(shop: Remote<Workshop>, file: File, reading: Reading): Promise<void> {
  const looked = await shop.look(file, reading);
  const known = {
    ...reading,
    ...(looked.text === undefined ? {} : { textField: reading.textField ?? looked.text }),
    ...(looked.label === undefined ? {} : { labelField: reading.labelField ?? looked.label }),
  };
  source.value = { file, looked, reading: known };
}

/** Reads the data as soon as it is said or guessed which columns are meant. */
async function readIfKnown(): Promise<void> {
  const chosen = source.value;
  if (chosen === undefined || fault.value !== undefined) return;
  const { file, reading } = chosen;
  if (file !== undefined && (reading.textField === undefined || reading.labelField === undefined)) return;
  await work('reading', 'data', async (shop) => {
    data.value = undefined;
    const found = await shop.read(file, reading);
    data.value = found;
    settings.value = { ...settings.value, sequenceLength: found.suggestedLength };
    training.value = undefined;
    comparison.value = undefined;
    announcement.value = `${found.count} texts read, ${found.classes.length} classes`;
  });
}

export async function takeSample(): Promise<void> {
  if (busy.value !== undefined) return;
  fault.value = undefined;
  source.value = { file: undefined, looked: undefined, reading: {} };
  await readIfKnown();
}

/** Another column, or another way to read the file. */
export async function correct(change: Partial<Reading>): Promise<void> {
  const chosen = source.value;
  if (chosen === undefined || busy.value !== undefined) return;
  const { file } = chosen;
  const reading = { ...chosen.reading, ...change };
  source.value = { ...chosen, reading };
  fault.value = undefined;
  const anew = 'encoding' in change || 'noHeader' in change;
  if (file !== undefined && anew) {
    // Other columns, perhaps.
    const { textField: _, labelField: __, ...others } = reading;
    await work('reading', 'data', (shop) => look(shop, file, others));
  }
  await readIfKnown();
}

/** Reports of a long training are drawn again with each new one: of old ones every other is dropped now and then. */
const MOST_STEPS = 1000;
const thinned = (steps: readonly StepReport[]): readonly StepReport[] =>
  steps.length < MOST_STEPS ? steps : steps.filter((_, i) => i % 2 === 0);

async function run(resume: boolean, wanted: Settings): Promise<void> {
  const earlier = resume ? training.value : undefined;
  training.value = {
    settings: wanted,
    state: 'running',
    steps: earlier?.steps ?? [],
    epochs: earlier?.epochs ?? [],
  };
  const change = (next: (now: Training) => Partial<Training>): void => {
    const now = training.value;
    if (now !== undefined) training.value = { ...now, ...next(now) };
  };
  const outcome = await work('training', 'training', (shop) =>
    shop.train(
      wanted,
      resume,
      proxy((report) => change(({ steps }) => ({ steps: [...thinned(steps), report] }))),
      proxy((report) => {
        change(({ epochs }) => ({ epochs: [...epochs, report] }));
        announcement.value = `Epoch ${report.epoch} done, ${(100 * report.accuracy).toFixed(1)} percent right on validation`;
      }),
    ),
  );
  change(() => ({ state: outcome === undefined || outcome.stopped ? 'stopped' : 'done' }));
  if (outcome?.model === undefined) return;
  show(outcome.model);
  announcement.value = outcome.stopped ? 'Training stopped' : 'Training done';
}

function show(next: ModelSummary): void {
  model.value = next;
  answer.value = undefined;
  prediction.value = undefined;
  void ask(question.value);
}

export const train = (): Promise<void> => run(false, settings.value);

/** Goes on with a training that was stopped, or beyond the end of one: by so many epochs more. */
export function goOn(more = 0): Promise<void> {
  const now = training.value;
  if (now === undefined) return Promise.resolve();
  const { settings: old, steps } = now;
  const epochs = more === 0 ? old.epochs : (steps.at(-1)?.epochs ?? 0) + more;
  return run(true, { ...old, epochs });
}

export async function stop(): Promise<void> {
  await (await workshop)?.stop();
}

let asked = 0;
/** A newer question makes older answers void. */
export async function ask(text: string): Promise<void> {
  question.value = text;
  const own = ++asked;
  // What was wrong with the last one is not wrong with this.
  if (fault.value?.place === 'model') fault.value = undefined;
  if (model.value === undefined || workshop === undefined || text.trim() === '') {
    answer.value = undefined;
    return;
  }
  try {
    const found = await (await workshop).ask(text);
    if (own === asked) answer.value = found;
  } catch (error) {
    if (own === asked) fault.value = { place: 'model', message: (error as Error).message };
  }
}

export async function compare(models: readonly ModelName[], seeds: number): Promise<void> {
  comparison.value = undefined;
  comparing.value = { share: 0, note: 'reading' };
  const { sequenceLength, epochs } = settings.value;
  const found = await work('comparing', 'comparison', (shop) =>
    shop.compare(
      models,
      { sequenceLength, epochs },
      seeds,
      proxy((share, note) => {
        comparing.value = { share, note };
      }),
    ),
  );
  comparing.value = undefined;
  comparison.value = found;
  if (found !== undefined) announcement.value = found.advice.join(' ');
}

export async function open(file: File): Promise<void> {
  const opened = await work('opening', 'model', (shop) => shop.open(file));
  if (opened === undefined) return;
  training.value = undefined;
  show(opened);
  announcement.value = `Model ${file.name} opened`;
}

/** The model as a file, for the browser to save. */
export async function download(): Promise<void> {
  const family = model.value?.family;
  try {
    const zip = await (await workshop)?.download();
    if (zip !== undefined) save(zip, `model-${family}.zip`);
  } catch (error) {
    fault.value = { place: 'model', message: (error as Error).message };
  }
}

export function save(content: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** A file of texts to label. */
export async function choosePrediction(file: File): Promise<void> {
  const looked = await work('reading', 'prediction', (shop) => shop.look(file, {}));
  if (looked === undefined) return;
  // The column that training read, where the file has it.
  const trained = source.value?.reading.textField;
  const textField = trained !== undefined && looked.fields.includes(trained) ? trained : looked.text;
  prediction.value = {
    source: { file, looked, reading: textField === undefined ? {} : { textField } },
    done: 0,
    result: undefined,
  };
  if (textField !== undefined) await predict();
}

export async function predict(textField?: string): Promise<void> {
  const now = prediction.value;
  if (now?.source.file === undefined) return;
  const { file } = now.source;
  const reading = textField === undefined ? now.source.reading : { ...now.source.reading, textField };
  const begun = { source: { ...now.source, reading }, done: 0, result: undefined };
  prediction.value = begun;
  const result = await work('predicting', 'prediction', (shop) =>
    shop.predictFile(
      file,
      reading,
      proxy((done) => {
        prediction.value = { ...begun, done };
      }),
    ),
  );
  prediction.value = { ...begun, result };
  if (result !== undefined) announcement.value = `${result.count} texts labelled`;
}
