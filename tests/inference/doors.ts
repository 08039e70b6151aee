/** Every door by which inputs reach a trained model: each gives the scores of all inputs, in order. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { vi } from 'vitest';
import { command as evaluateCommand } from '#eft/cli/evaluate.js';
import { command as predictCommand } from '#eft/cli/predict.js';
import type { LabelledInput } from '#eft/data/dataset.js';
import { openAndPredictPart, type PartRequest } from '#eft/inference/batch/predictPart.js';
import type { Evaluated } from '#eft/inference/evaluate.js';
import { type Prediction, predictionOf } from '#eft/inference/prediction.js';
import { joinTexts, type RawInput, type TextFields } from '#eft/input/reading.js';
import { type PartJob, parseJob } from '#eft/jobs/queue/contract.js';
import { type Classifier, load, pipeline, readDataset } from '#eft/node.js';
import { acceptedBy } from '#eft/server/accepted.js';
import { createApp } from '#eft/server/app.js';
import { runCommand } from '../cli/in-process.js';

/** A trained model, and the inputs that go through every door. */
export interface Opened {
  readonly model: Classifier;
  /** Where it was saved, and exported for hubs. */
  readonly run: string;
  readonly hub: string;
  readonly inputs: readonly RawInput[];
  readonly labels: readonly string[];
  /** A folder for the files of this model. */
  readonly at: (name: string) => string;
}

export type Answers = readonly Prediction[];
export type Door = (opened: Opened) => Promise<Answers>;

/** Probabilities in the order of the classes' names. */
export const scoresOf = (answers: Answers): number[][] =>
  answers.map((scores) => [...scores].sort((a, b) => (a.label < b.label ? -1 : 1)).map(({ score }) => score));

export const labelled = ({ inputs, labels }: Pick<Opened, 'inputs' | 'labels'>): LabelledInput[] =>
  inputs.map((input, i) => ({ input, label: labels[i] }));

export const answersOf = ({ logits, labels }: Evaluated, classes: readonly string[]): Prediction[] =>
  Array.from({ length: labels.length }, (_, i) =>
    predictionOf(logits.subarray(i * classes.length, (i + 1) * classes.length), classes),
  );

export async function collected(answers: AsyncIterable<Prediction>): Promise<Prediction[]> {
  const all: Prediction[] = [];
  for await (const answer of answers) all.push(answer);
  return all;
}

async function* streamed<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}

const withModel = async <T>(place: string, work: (model: Classifier) => Promise<T>): Promise<T> => {
  const model = await load(place, { threads: 1 });
  try {
    return await work(model);
  } finally {
    await model.dispose();
  }
};

/** Answers of JSON lines. */
const parsedLines = (lines: string): Prediction[] =>
  lines
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).scores);

export async function predictByCommand(...args: readonly string[]): Promise<Prediction[]> {
  const { stdout } = await runCommand(predictCommand(), ...args, '--threads', '1');
  return parsedLines(stdout);
}

/** With these bytes on standard input. */
export async function predictFromPipe(
  content: string | Uint8Array,
  ...args: string[]
): Promise<Prediction[]> {
  const pipe = Readable.from([Buffer.from(content)]);
  const spy = vi.spyOn(process, 'stdin', 'get').mockReturnValue(pipe as unknown as typeof process.stdin);
  try {
    return await predictByCommand(...args);
  } finally {
    spy.mockRestore();
  }
}

export async function evaluateByCommand(run: string, data: string): Promise<Record<string, unknown>> {
  const { stdout } = await runCommand(evaluateCommand(), run, '--data', data, '--json', '--threads', '1');
  return JSON.parse(stdout);
}

export const predictByServer = (model: Classifier, inputs: unknown): Promise<Prediction[]> =>
  postToServer(model, 'application/json', JSON.stringify({ inputs }));

/** One body, as a client sends it. */
export async function postToServer(
  model: Classifier,
  type: string,
  body: string | Uint8Array<ArrayBuffer>,
): Promise<Prediction[]> {
  const app = createApp({
    ...{ maxBody: 100_000, maxItems: 100, maxQueue: 100, timeout: 60, token: undefined },
    classifier: model,
    accepted: acceptedBy(model),
    version: '0',
    ending: new AbortController().signal,
  });
  const response = await app.request('/predict', {
    method: 'POST',
    headers: { 'content-type': type },
    body,
  });
  const answer = await response.json();
  if (response.status !== 200) throw new Error(`${response.status}: ${JSON.stringify(answer)}`);
  return answer as Prediction[];
}

/** Doors of the library that take inputs of any kind, to a model in memory. */
export const LIBRARY: Readonly<Record<string, Door>> = {
  'predict of one': ({ model, inputs }) => Promise.all(inputs.map((input) => model.predict(input))),
  'predict of an array': ({ model, inputs }) => model.predict(inputs),
  'predict of a Dataset': async ({ model, ...given }) =>
    model.predict(await readDataset(labelled(given), { labelled: false })),
  predictStream: ({ model, inputs }) => collected(model.predictStream(streamed(inputs))),
  'evaluate of an array': async ({ model, ...given }) =>
    answersOf(await model.evaluate(labelled(given)), model.classes),
  'evaluate of a Dataset': async ({ model, ...given }) =>
    answersOf(await model.evaluate(await readDataset(labelled(given))), model.classes),
};

/** The same to one that was kept. */
export const KEPT: Readonly<Record<string, Door>> = {
  'loaded again': ({ run, inputs }) => withModel(run, (model) => model.predict(inputs)),
  'exported for hubs and loaded': ({ hub, inputs }) => withModel(hub, (model) => model.predict(inputs)),
  'loaded, saved and loaded': async ({ run, at, inputs }) => {
    await withModel(run, (model) => model.save(at('again')));
    return withModel(at('again'), (model) => model.predict(inputs));
  },
};

export const asText = (input: RawInput): string =>
  typeof input === 'string' ? input : joinTexts(Object.values(input as TextFields).map(String));

/** The text of a line: fields with a space between them. */
export const asLine = (input: RawInput): string => asText(input).replaceAll('\n', ' ');

const rowOf = (input: RawInput): Readonly<Record<string, unknown>> =>
  typeof input === 'string' ? { text: input } : (input as TextFields);

const quoted = (value: unknown): string => `"${String(value).replaceAll('"', '""')}"`;

export const csvOf = ({ inputs, labels }: Pick<Opened, 'inputs' | 'labels'>): string => {
  const names = Object.keys(rowOf(inputs[0]));
  const rows = inputs.map((input, i) =>
    [...names.map((name) => rowOf(input)[name]), labels[i]].map(quoted).join(','),
  );
  return `${[...names, 'label'].join(',')}\n${rows.join('\n')}\n`;
};

export const jsonLinesOf = ({ inputs, labels }: Pick<Opened, 'inputs' | 'labels'>): string =>
  inputs.map((input, i) => `${JSON.stringify({ ...rowOf(input), label: labels[i] })}\n`).join('');

const columnsOf = ({ inputs, labels }: Pick<Opened, 'inputs' | 'labels'>) => [
  ...Object.keys(rowOf(inputs[0])).map((name) => ({
    name,
    data: inputs.map((input) => String(rowOf(input)[name]).toWellFormed()),
    type: 'STRING' as const,
  })),
  { name: 'label', data: [...labels], type: 'STRING' as const },
];

/** Writes what the doors of files read. */
export async function writeTextFiles(opened: Omit<Opened, 'model' | 'run' | 'hub'>): Promise<void> {
  const { at, inputs, labels } = opened;
  await mkdir(at('flat'), { recursive: true });
  await writeFile(at('data.csv'), csvOf(opened));
  await writeFile(at('data.jsonl'), jsonLinesOf(opened));
  await writeFile(at('data.json'), `[${jsonLinesOf(opened).trimEnd().replaceAll('\n', ',\n')}]`);
  await writeFile(at('data.parquet'), Buffer.from(parquetWriteBuffer({ columnData: columnsOf(opened) })));
  await writeFile(at('lines.txt'), inputs.map((input) => `${asLine(input)}\n`).join(''));
  for (const [i, input] of inputs.entries()) {
    await writeFile(at(join('flat', `${i}.txt`)), asText(input));
    await mkdir(at(join('classes', labels[i])), { recursive: true });
    await writeFile(at(join('classes', labels[i], `${i}.txt`)), asText(input));
  }
}

const blobOf = async ({ at }: Opened, name: string): Promise<File> =>
  new File([new Uint8Array(await readFile(at(name)))], name);

/** A part as a queue's worker gets it: plain JSON, of which its schema keeps what it knows. */
async function part({ run, at }: Opened, name: string): Promise<Prediction[]> {
  const size = (await readFile(at(name))).length;
  const job = parseJob(
    {
      ...{ kind: 'part', version: '0', base: '', out: 'out', token: '0'.repeat(32) },
      ...{ run, model: '0'.repeat(64), input: at(name), size, sample: '0'.repeat(64), output: name },
      ...{ load: {}, read: {}, answers: { format: 'jsonl', topK: 99, keep: [] } },
    },
    '0',
  ) as PartJob;
  const request = {
    run: job.run,
    load: { threads: 1, ...job.load },
    part: { input: job.input, size, sample: job.sample, output: job.output },
    name,
    output: at(`${name}.answers`),
    temporary: at(`${name}.answers.tmp`),
    read: job.read,
    answers: job.answers,
  } as PartRequest;
  await openAndPredictPart(request, () => {});
  return parsedLines(await readFile(at(`${name}.answers`), 'utf8'));
}

const FILES = ['data.csv', 'data.jsonl', 'data.json', 'data.parquet', 'lines.txt', 'flat'] as const;

/** What `stream()` says of texts in chunks of so many UTF-16 units. */
export const inChunks =
  (size: number): Door =>
  ({ model, inputs }) =>
    Promise.all(
      inputs.map(async (input) => {
        const stream = model.stream();
        const text = asText(input);
        for (let at = 0; at < text.length; at += size) await stream.push(text.slice(at, at + size));
        return stream.end();
      }),
    );

/** Doors of texts, to a model that was kept. */
export const KEPT_TEXTS: Readonly<Record<string, Door>> = {
  // Of some: each is a program.
  'eft predict TEXT': async ({ run, inputs }) => {
    const answers: Prediction[] = [];
    for (const input of inputs.slice(0, 2)) answers.push(...(await predictByCommand(run, asText(input))));
    return answers;
  },
  'eft predict < lines': async ({ run, at }) => predictFromPipe(await readFile(at('lines.txt')), run),
  'eft predict < JSON lines': async ({ run, at }) =>
    predictFromPipe(await readFile(at('data.jsonl')), run, '--format', 'jsonl'),
  ...Object.fromEntries(
    FILES.map((name) => [
      `eft predict --data ${name}`,
      ({ run, at }: Opened) => predictByCommand(run, '--data', at(name)),
    ]),
  ),
  'eft predict --out FILE': async ({ run, at }) => {
    await runCommand(
      predictCommand(),
      ...[run, '--data', at('data.jsonl'), '--out', at('out.jsonl'), '--threads', '1'],
    );
    return parsedLines(await readFile(at('out.jsonl'), 'utf8'));
  },
  'eft predict --out FOLDER': async ({ run, at }) => {
    await runCommand(
      predictCommand(),
      ...[run, '--data', at('data.jsonl'), '--out', `${at('out')}/`, '--threads', '1'],
    );
    return parsedLines(await readFile(at('out/data.jsonl.predictions.jsonl'), 'utf8'));
  },
  'a part of a queue, CSV': (opened) => part(opened, 'data.csv'),
  'a part of a queue, JSON lines': (opened) => part(opened, 'data.jsonl'),
  pipeline: async ({ run, inputs }) => {
    const classify = await pipeline('text-classification', run, { threads: 1 });
    try {
      return (await classify(inputs as readonly string[], { top_k: null })) as Prediction[];
    } finally {
      await classify.dispose();
    }
  },
};

/** Files of every format by the library's doors, to a model in memory. */
const filesOf = (names: readonly string[]): Readonly<Record<string, Door>> =>
  Object.fromEntries(
    names.flatMap((name) => [
      [
        `predict of a Blob, ${name}`,
        async (opened: Opened) => opened.model.predict(await blobOf(opened, name)),
      ],
      [
        `evaluate of a Blob, ${name}`,
        async (opened: Opened) =>
          answersOf(await opened.model.evaluate(await blobOf(opened, name)), opened.model.classes),
      ],
      [
        `evaluate of a path, ${name}`,
        async ({ model, at }: Opened) => answersOf(await model.evaluate(at(name)), model.classes),
      ],
    ]),
  );

/** What other formats than these two are read by is the same for every model. */
export const OTHER_FILES = filesOf(['data.json', 'data.parquet']);

/** Doors of texts, to a model in memory. */
export const TEXTS: Readonly<Record<string, Door>> = {
  ...filesOf(['data.csv', 'data.jsonl']),
  'eft serve': ({ model, inputs }) => predictByServer(model, inputs),
  'eft serve, one text': async ({ model, inputs }) =>
    (await Promise.all(inputs.map((input) => predictByServer(model, input)))).flat(),
  'stream in one chunk': inChunks(1e9),
  'stream in chunks of 1': inChunks(1),
  'stream in chunks of 3': inChunks(3),
};
