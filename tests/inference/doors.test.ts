/** One door: whatever a model was trained to read, every way to it gives the same scores, to the last bit of JSON. */
import { mkdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LabelledInput } from '#eft/data/dataset.js';
import type { RawInput, TextFields } from '#eft/input/reading.js';
import { type Classifier, type TrainOptions, train } from '#eft/node.js';
import { EXHAUSTIVE } from '../exhaustive.js';
import { temporaryFolder } from '../temporary-folder.js';
import {
  asLine,
  asText,
  type Door,
  evaluateByCommand,
  KEPT,
  KEPT_TEXTS,
  LIBRARY,
  type Opened,
  OTHER_FILES,
  scoresOf,
  TEXTS,
  writeTextFiles,
} from './doors.js';

const folder = temporaryFolder();

const WORDS = {
  ham: ['patch', 'für', 'naïve', 'Liste', 'review', 'b', 'p'],
  spam: ['win', 'café', 'crème', 'cruise', 'offer', 'é', 'free'],
} as const;
const BOTH = ['the', 'one', 'that', 'über', '😀', 'for'];
const LABELS = ['ham', 'spam'] as const;

/** Words of a class, and some of both. */
function wordsOf(i: number, length: number): string[] {
  const own = WORDS[LABELS[i % 2]];
  return Array.from({ length }, (_, k) =>
    (i + k) % 3 === 0 ? BOTH[(i * 5 + k) % BOTH.length] : own[(i * 3 + k * 2) % own.length],
  );
}
const textOf = (i: number, length = 4 + (i % 5)): string => wordsOf(i, length).join(' ');

/** The same for a reader of the page: tags with a word of the other class in them, entities. */
const htmlOf = (text: string): string =>
  `<p class="patch win">${text
    .split(' ')
    .map((word, k) =>
      k % 2 === 0 ? `<b>${word}</b>` : word.replaceAll('é', '&eacute;').replaceAll('ü', '&#252;'),
    )
    .join(' ')}<br></p>`;

interface Case {
  readonly name: string;
  readonly options: Omit<TrainOptions, 'data'>;
  /** Inputs of training. */
  readonly make: (text: string, i: number) => RawInput;
  /** Inputs of the doors, which differ from those of training in form alone. */
  readonly vary?: (text: string, i: number) => RawInput;
  /** The text that the model is to read of an input, where it is not one of training. */
  readonly plain?: (text: string, i: number) => RawInput;
  readonly length?: number;
  /** Also by doors that open a model of their own. */
  readonly kept?: true;
}

const LINEAR = { model: 'linear', epochs: 2, threads: 1, seed: 1 } as const;
const DEEP = {
  model: 'elastic-fourier',
  ...{ blocks: 1, channels: 8, hidden: 8, vocabulary: 100 },
  ...{ epochs: 1, threads: 1, seed: 1, learningRate: 0.01, batchSize: 8 },
} as const;
const nfd = (text: string): string => text.normalize('NFD');
const fields = (text: string): TextFields => {
  const words = text.split(' ');
  return { subject: words.slice(0, 2).join(' '), body: words.slice(2).join(' ') };
};
const each =
  (change: (text: string) => string) =>
  (text: string): TextFields => {
    const { subject, body } = fields(text);
    return { subject: change(subject as string), body: change(body as string) };
  };
/** Half of a surrogate pair at the end, in the middle, and of another at the beginning. */
const halved = (text: string): string => `\udc00 ${text.replace(' ', ' \ud83d ')} \ud83d`;

const CASES: Case[] = [
  { name: 'HTML', options: LINEAR, make: htmlOf, plain: (text) => text },
  {
    name: 'HTML that is kept',
    options: { ...LINEAR, read: { html: 'keep' } },
    make: htmlOf,
    plain: (text) => htmlOf(text),
  },
  { name: 'decomposed Unicode', options: LINEAR, make: (text) => text, vary: nfd, plain: (text) => text },
  {
    name: 'decomposed Unicode in training',
    options: LINEAR,
    make: nfd,
    vary: (text) => text,
    plain: nfd,
  },
  {
    name: 'half surrogates',
    options: LINEAR,
    make: (text) => text,
    vary: halved,
    plain: (text) => halved(text).toWellFormed(),
  },
  {
    name: 'joined fields',
    options: { ...LINEAR, read: { textField: 'subject,body' } },
    make: fields,
    plain: (text) => asText(fields(text)),
  },
  {
    name: 'HTML, decomposed, with half surrogates',
    options: LINEAR,
    make: htmlOf,
    vary: (text) => `\udc00 ${nfd(htmlOf(text))} \ud83d`,
    plain: (text) => `\ufffd ${text} \ufffd`,
    kept: true,
  },
  {
    name: 'joined fields of HTML, decomposed',
    kept: true,
    options: { ...LINEAR, read: { textField: 'subject,body' } },
    make: each(htmlOf),
    vary: each((text) => nfd(htmlOf(text))),
    plain: (text) => asText(fields(text)),
  },
  {
    name: 'bytes of HTML, decomposed, in windows',
    options: { ...DEEP, tokenizer: 'bytes', sequenceLength: 24, long: 'windows' },
    make: htmlOf,
    vary: (text) => nfd(htmlOf(text)),
    // A line break leaves a space.
    plain: (text) => `${text} `,
    kept: true,
  },
  {
    name: 'bytes of half surrogates',
    options: { ...DEEP, tokenizer: 'bytes', sequenceLength: 48 },
    make: (text) => text,
    vary: halved,
    plain: (text) => halved(text).toWellFormed(),
  },
  ...(['head', 'tail', 'head-tail', 'windows'] as const).flatMap((long): Case[] => [
    {
      name: `words of long HTML, ${long}`,
      options: { ...DEEP, sequenceLength: 8, long },
      make: htmlOf,
      plain: (text) => text,
      length: 23,
    },
    {
      name: `bytes of long texts, decomposed, ${long}`,
      options: { ...DEEP, tokenizer: 'bytes', sequenceLength: 16, long },
      make: (text) => text,
      vary: nfd,
      plain: (text) => text,
      length: 9,
    },
  ]),
];

/** Files that `eft evaluate` reads. */
const EVALUATED = ['data.csv', 'data.jsonl', 'data.json', 'data.parquet', 'classes'];

describe.each(CASES)('$name', ({ name, options, make, vary = make, plain = make, length, kept }) => {
  let opened: Opened;
  let expected: number[][];
  let model: Classifier;
  beforeAll(async () => {
    const data = Array.from({ length: 60 }, (_, i) => ({
      input: make(textOf(i, length), i),
      label: LABELS[i % 2],
    }));
    model = await train({ ...options, data: data as LabelledInput[] });
    const at = (file: string): string => folder.at(`${name}/${file}`);
    await mkdir(at('.'), { recursive: true });
    if (kept) {
      await model.save(at('run'));
      await model.export(at('hub'), { format: 'hub', version: '0' });
    }
    const numbers = [0, 1, 2, 3, 4, 5, 6, 7];
    opened = {
      ...{ model, at, run: at('run'), hub: at('hub') },
      inputs: numbers.map((i) => vary(textOf(i, length), i)),
      labels: numbers.map((i) => LABELS[i % 2]),
    };
    await writeTextFiles(opened);
    const texts = numbers.map((i) => plain(textOf(i, length), i));
    expected = scoresOf(await model.predict(texts));
    // Not all alike: it learned something.
    expect(new Set(expected.map(([score]) => score)).size).toBeGreaterThan(4);
  });
  afterAll(() => model?.dispose());

  test.runIf(kept).each(EVALUATED)('eft evaluate --data %s', async (file) => {
    const { inputs, labels, at, run } = opened;
    const texts = inputs.map((_, i) => plain(textOf(i, length), i));
    const own = await model.evaluate(labels.map((label, i) => ({ input: texts[i], label })));
    const said = await evaluateByCommand(run, at(file));
    expect(said).toMatchObject({ examples: own.examples, accuracy: own.accuracy });
    expect(said.loss).toBeCloseTo(own.loss, 9);
  });

  const doors = {
    ...{ ...LIBRARY, ...TEXTS },
    ...(kept || EXHAUSTIVE ? OTHER_FILES : {}),
    ...(kept ? { ...KEPT, ...KEPT_TEXTS } : {}),
  };
  test.each(Object.entries(doors))('%s', async (door, answers: Door) => {
    const scores = scoresOf(await answers(opened));
    expect(scores).toHaveLength(door === 'eft predict TEXT' ? 2 : expected.length);
    for (const [i, all] of scores.entries()) {
      for (const [c, score] of all.entries()) {
        expect(Math.abs(score - expected[i][c]), `input ${i}: ${asLine(opened.inputs[i])}`).toBeLessThan(
          1e-9,
        );
      }
    }
  });
});
