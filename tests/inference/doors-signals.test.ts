/** One door for signals and whole files: every way to a model gives the same scores. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RawSignal } from '#eft/input/reading.js';
import { type Classifier, load, resample, type TrainOptions, train } from '#eft/node.js';
import { wavOf } from '../readers/signals/sounds.js';
import { temporaryFolder } from '../temporary-folder.js';
import {
  answersOf,
  type Door,
  KEPT,
  LIBRARY,
  type Opened,
  postToServer,
  predictByCommand,
  predictByServer,
  scoresOf,
} from './doors.js';

const folder = temporaryFolder();
const LABELS = ['high', 'low'] as const;
const RATE = 8000;

/** Steps of one channel, whole numbers of 1/1024: exact in every format. */
const wave = (i: number, channel = 0, steps = 64): number[] =>
  Array.from({ length: steps }, (_, t) => {
    const period = (i % 2 === 0 ? 5 : 17) + channel;
    return Math.round(700 * Math.sin((2 * Math.PI * (t + i)) / period) + 40 * ((i * t) % 7)) / 1024;
  });

const interleaved = (channels: readonly (readonly number[])[]): number[] =>
  channels[0].flatMap((_, t) => channels.map((channel) => channel[t]));

const mean = (channels: readonly (readonly number[])[]): number[] =>
  channels[0].map((_, t) => channels.reduce((sum, channel) => sum + channel[t], 0) / channels.length);

/** Two values missing inside, one at the end: what straight lines make of them is exact too. */
const gappy = (values: readonly number[]): number[] =>
  values.map((value, t) => (t === 8 || t === 20 || t === values.length - 1 ? Number.NaN : value));
const filled = (values: readonly number[]): number[] =>
  values.map((value, t) =>
    t === values.length - 1
      ? values[t - 1]
      : t === 8 || t === 20
        ? Math.fround((values[t - 1] + values[t + 1]) / 2)
        : value,
  );

interface Case {
  readonly name: string;
  readonly options: Omit<TrainOptions, 'data'>;
  /** Numbers of each channel, and their rate, as they come. */
  readonly channels: (i: number) => number[][];
  readonly rate?: number;
  /** What the model is to read of them. */
  readonly plain?: (i: number) => RawSignal;
  /** Files that can hold them. */
  readonly files: readonly ('wav' | 'jsonl')[];
}

const ROCKET = { model: 'rocket', threads: 1, seed: 1 } as const;
const DEEP = {
  model: 'elastic-fourier',
  ...{ blocks: 1, channels: 8, hidden: 8, sequenceLength: 64, epochs: 1 },
  ...{ threads: 1, seed: 1, learningRate: 0.01, batchSize: 8 },
} as const;

const CASES: Case[] = [
  { name: 'series', options: ROCKET, channels: (i) => [wave(i)], files: ['jsonl'] },
  { name: 'sounds', options: ROCKET, channels: (i) => [wave(i)], rate: RATE, files: ['wav', 'jsonl'] },
  {
    name: 'several channels',
    options: DEEP,
    channels: (i) => [wave(i), wave(i, 3)],
    files: ['wav', 'jsonl'],
  },
  {
    name: 'mono',
    options: { ...ROCKET, read: { mono: true } },
    channels: (i) => [wave(i), wave(i, 3)],
    rate: RATE,
    plain: (i) => ({ values: mean([wave(i), wave(i, 3)]), rate: RATE }),
    files: ['wav', 'jsonl'],
  },
  {
    name: 'resampled',
    options: { ...ROCKET, read: { resample: 4000 } },
    channels: (i) => [wave(i)],
    rate: RATE,
    plain: (i) => resample({ channels: 1, values: Float32Array.from(wave(i)), rate: RATE }, 4000),
    files: ['wav'],
  },
  {
    name: 'missing values',
    options: { ...ROCKET, read: { missing: 'interpolate' } },
    channels: (i) => [gappy(wave(i))],
    plain: (i) => ({ values: filled(wave(i)) }),
    files: ['jsonl'],
  },
  {
    name: 'missing values of stereo, resampled',
    options: { ...DEEP, read: { missing: 'interpolate', mono: true, resample: 4000 } },
    channels: (i) => [gappy(wave(i)), wave(i, 3)],
    rate: RATE,
    plain: (i) =>
      resample(
        { channels: 1, values: Float32Array.from(mean([filled(wave(i)), wave(i, 3)])), rate: RATE },
        4000,
      ),
    files: [],
  },
  ...(['head', 'tail', 'head-tail', 'windows'] as const).map(
    (long): Case => ({
      name: `long sounds, ${long}`,
      options: { ...DEEP, long, sequenceLength: 24 },
      channels: (i) => [wave(i)],
      rate: RATE,
      files: ['jsonl'],
    }),
  ),
];

/** JSON has no NaN. */
const jsonOf = (channels: readonly (readonly number[])[]): unknown =>
  channels.length === 1 ? channels[0] : channels;

/** The numbers of each step. */
const stepsOf = (channels: readonly (readonly number[])[]): unknown =>
  channels.length === 1 ? channels[0] : channels[0].map((_, t) => channels.map((channel) => channel[t]));

const FILE_DOORS: Readonly<Record<'wav' | 'jsonl', Readonly<Record<string, Door>>>> = {
  jsonl: {
    'predict of a Blob, JSON lines': async ({ model, at }) =>
      model.predict(new File([await readFile(at('data.jsonl'))], 'data.jsonl')),
    'evaluate of a Blob, JSON lines': async ({ model, at }) =>
      answersOf(
        await model.evaluate(new File([await readFile(at('data.jsonl'))], 'data.jsonl')),
        model.classes,
      ),
    'evaluate of a path, JSON lines': async ({ model, at }) =>
      answersOf(await model.evaluate(at('data.jsonl')), model.classes),
    'eft predict --data data.jsonl': ({ run, at }) => predictByCommand(run, '--data', at('data.jsonl')),
  },
  wav: {
    'predict of a Blob, WAV': async ({ model, at, inputs }) =>
      (
        await Promise.all(
          inputs.map(async (_, i) =>
            model.predict(new File([await readFile(at(`flat/${i}.wav`))], `${i}.wav`)),
          ),
        )
      ).flat(),
    'eft serve, WAV': async ({ model, at, inputs }) =>
      (
        await Promise.all(
          inputs.map(async (_, i) =>
            postToServer(model, 'audio/wav', new Uint8Array(await readFile(at(`flat/${i}.wav`)))),
          ),
        )
      ).flat(),
    'eft predict --data flat': ({ run, at }) => predictByCommand(run, '--data', at('flat')),
    'evaluate of folders by class': async ({ model, at, labels }) => {
      const answers = answersOf(await model.evaluate(at('classes')), model.classes);
      // Class by class, each in the order of its names.
      const order = labels.map((_, i) => i).sort((a, b) => (labels[a] < labels[b] ? -1 : 1) || a - b);
      const sorted: (typeof answers)[number][] = [];
      for (const [place, i] of order.entries()) sorted[i] = answers[place];
      return sorted;
    },
  },
};

/** Numbers in chunks of so many steps; where the model resamples, at its rate. */
const inChunks =
  (steps: number, plain: (i: number) => RawSignal): Door =>
  ({ model, inputs }) =>
    Promise.all(
      inputs.map(async (_, i) => {
        const { channels = 1, rate, values } = plain(i);
        const numbers = Float32Array.from(values as ArrayLike<number>);
        const stream = model.stream();
        for (let at = 0; at < numbers.length; at += steps * channels) {
          const chunk = { channels, values: numbers.slice(at, at + steps * channels) };
          await stream.push(rate === undefined ? chunk : { ...chunk, rate });
        }
        return stream.end();
      }),
    );

describe.each(CASES)('$name', ({ name, options, channels, rate, files, plain }) => {
  const raw = (i: number): RawSignal => {
    const all = channels(i);
    return { channels: all.length, values: interleaved(all), ...(rate === undefined ? {} : { rate }) };
  };
  const read = plain ?? raw;
  let opened: Opened;
  let expected: number[][];
  let model: Classifier;
  beforeAll(async () => {
    const data = Array.from({ length: 40 }, (_, i) => ({ signal: raw(i), label: LABELS[i % 2] }));
    model = await train({ ...options, data });
    const at = (file: string): string => folder.at(`${name}/${file}`);
    await mkdir(at('flat'), { recursive: true });
    await model.save(at('run'));
    await model.export(at('hub'), { format: 'hub', version: '0' });
    const numbers = [0, 1, 2, 3, 4, 5];
    const labels = numbers.map((i) => LABELS[i % 2]);
    opened = { model, at, run: at('run'), hub: at('hub'), inputs: numbers.map(raw), labels };
    const lines = numbers.map((i) => JSON.stringify({ label: labels[i], values: jsonOf(channels(i)) }));
    await writeFile(at('data.jsonl'), `${lines.join('\n')}\n`);
    if (files.includes('wav')) {
      for (const i of numbers) {
        const wav = wavOf(channels(i), { bits: 32, float: true, ...(rate === undefined ? {} : { rate }) });
        await writeFile(at(`flat/${i}.wav`), wav);
        await mkdir(at(join('classes', labels[i])), { recursive: true });
        await writeFile(at(join('classes', labels[i], `${i}.wav`)), wav);
      }
    }
    expected = scoresOf(await model.predict(numbers.map(read)));
    expect(new Set(expected.map(([score]) => score)).size).toBeGreaterThan(3);
  });
  afterAll(() => model?.dispose());

  // What reads the plain form gives the same again only where the reading changes nothing of it.
  const doors: Record<string, Door> = {
    ...LIBRARY,
    'loaded again': KEPT['loaded again'],
    'exported for hubs and loaded': KEPT['exported for hubs and loaded'],
    'stream in one chunk': inChunks(1e9, read),
    'stream in chunks of 7': inChunks(7, read),
    'eft serve, objects': ({ model, inputs }) => predictByServer(model, inputs),
    // Numbers alone have no rate to be brought to another from.
    ...(options.read?.resample === undefined
      ? {
          'eft serve, numbers alone': ({ model, inputs }: Opened) =>
            predictByServer(
              model,
              inputs.map((_, i) => stepsOf(channels(i))),
            ),
        }
      : {}),
    ...Object.assign({}, ...files.map((file) => FILE_DOORS[file])),
  };
  test.each(Object.entries(doors))('%s', async (door, answers) => {
    const scores = scoresOf(await answers(opened));
    expect(scores).toHaveLength(expected.length);
    // Blocks of a stream are added up in another order.
    const most = door.startsWith('stream') ? 1e-5 : 1e-9;
    for (const [i, all] of scores.entries()) {
      for (const [c, score] of all.entries()) {
        expect(Math.abs(score - expected[i][c]), `input ${i}`).toBeLessThan(most);
      }
    }
  });
});

test('a model of sounds takes several signals without a rate, and one of series several with one', async () => {
  const data = (rate?: number) =>
    Array.from({ length: 40 }, (_, i) => ({
      signal: { values: wave(i), ...(rate === undefined ? {} : { rate }) },
      label: LABELS[i % 2],
    }));
  for (const [own, other] of [
    [RATE, undefined],
    [undefined, RATE],
  ]) {
    const model = await train({ ...ROCKET, data: data(own) });
    const given = data(other).slice(0, 4);
    const answers = scoresOf(await model.predict(given.map(({ signal }) => signal)));
    expect(scoresOf(answersOf(await model.evaluate(given), model.classes))).toEqual(answers);
    await model.dispose();
  }
});

test('whole files', async () => {
  const fileOf = (i: number): Uint8Array =>
    Uint8Array.from({ length: 60 }, (_, k) => (i % 2 === 0 ? 65 + ((k * i) % 26) : (k * 37 + i * 11) % 256));
  const data = Array.from({ length: 60 }, (_, i) => ({ bytes: fileOf(i), label: LABELS[i % 2] }));
  const { at } = folder;
  for (const [i, { bytes, label }] of data.entries()) {
    await folder.write(`train/${label}/${i}.bin`, bytes);
  }
  const numbers = [3, 4, 5, 6, 7, 8];
  for (const i of numbers) await folder.write(`new/${i}.bin`, fileOf(i));
  const options = { ...DEEP, tokenizer: 'bytes', sequenceLength: 32 } as const;
  const model = await train({ ...options, data: at('train'), read: { input: 'bytes' } });
  await model.save(at('files'));
  const inputs = numbers.map(fileOf);
  const expected = scoresOf(await model.predict(inputs));
  expect(scoresOf(await Promise.all(inputs.map((input) => model.predict(input))))).toEqual(expected);
  expect(scoresOf(await predictByCommand(at('files'), '--data', at('new')))).toEqual(expected);
  const again = await load(at('files'), { threads: 1 });
  const posted = inputs.map((file) => postToServer(model, 'application/octet-stream', new Uint8Array(file)));
  expect(scoresOf((await Promise.all(posted)).flat())).toEqual(expected);
  const blobs = numbers.map((i) => new File([new Uint8Array(fileOf(i))], `${i}.bin`));
  const answers = (await Promise.all(blobs.map((blob) => again.predict(blob)))).flat();
  expect(scoresOf(answers)).toEqual(expected);
  const given = numbers.map((i) => ({ bytes: fileOf(i), label: LABELS[i % 2] }));
  expect(scoresOf(answersOf(await again.evaluate(given), again.classes))).toEqual(expected);
  await again.dispose();
  await model.dispose();
});
