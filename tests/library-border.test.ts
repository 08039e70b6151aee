/** The library's border: whatever it is given, it answers or throws one of its errors, which names argument and value. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InputError, InterruptedError } from '#eft/errors.js';
import {
  type Classifier,
  classReportOf,
  compare,
  Dataset,
  importModel,
  inspectFile,
  type LabelledInput,
  load,
  MemoryStore,
  pipeline,
  readDataset,
  resample,
  split,
  train,
} from '#eft/node.js';
import { temporaryFolder } from './temporary-folder.js';

const folder = temporaryFolder();

const mails = Array.from({ length: 40 }, (_, i) => ({
  text: i % 2 === 0 ? `win a free cruise ${i}` : `review the patch ${i}`,
  label: i % 2 === 0 ? 'spam' : 'ham',
}));
const waves = Array.from({ length: 40 }, (_, i) => ({
  signal: { channels: 2, values: Array.from({ length: 60 }, (_, t) => Math.sin(t * (1 + (i % 2)) + i)) },
  label: i % 2 === 0 ? 'slow' : 'fast',
}));
const SMALL = { model: 'linear', epochs: 1, threads: 1 } as const;

let texts: Classifier;
let signals: Classifier;
let disposed: Classifier;
let store: MemoryStore;
beforeAll(async () => {
  texts = await train({ ...SMALL, data: mails });
  signals = await train({ model: 'rocket', threads: 1, data: waves });
  store = new MemoryStore('model');
  await texts.save(store);
  disposed = await load(store, { threads: 1 });
  await disposed.dispose();
});
afterAll(() => Promise.all([texts?.dispose(), signals?.dispose()]));

/** Whatever a program without types may pass. */
// biome-ignore lint/suspicious/noExplicitAny: the border is what is tried
type Wrong = any;

const thrownBy = async (act: () => unknown): Promise<unknown> => {
  try {
    await act();
  } catch (error) {
    return error;
  }
  return undefined;
};

async function expectInputError(act: () => unknown, message: RegExp, code = 'input'): Promise<void> {
  const error = await thrownBy(act);
  expect(error).toBeInstanceOf(InputError);
  expect(error).toMatchObject({ code });
  expect((error as Error).message).toMatch(message);
  expect((error as Error).message).not.toMatch(/internal|undefined \(|\[object Object\]|Cannot read/);
}

const WRONG: readonly Wrong[] = [undefined, null, 7, true, Number.NaN, {}, () => 1, Symbol('x'), 7n];

type Attempt = [name: string, act: () => unknown, message: RegExp];
const withData = (data: Wrong, more: Wrong = {}) => train({ ...SMALL, ...more, data });
const changed = (example: Wrong): Wrong[] => [...mails.slice(0, 3), example, ...mails.slice(3)];

describe('examples', () => {
  const attempts: Attempt[] = [
    ['none', () => withData([]), /^data is empty/],
    ['null among them', () => withData(changed(null)), /^data\[3\] is null/],
    ['a number among them', () => withData(changed(7)), /^data\[3\] is number|^data\[3\] is a number/],
    ['no text', () => withData(changed({ label: 'ham' })), /^data\[3\] has no text/],
    ['a text that is null', () => withData(changed({ text: null, label: 'ham' })), /^data\[3\]/],
    [
      'a text that is a number',
      () => withData(changed({ text: 7, label: 'ham' })),
      /^data\[3\]\.text is .*number/,
    ],
    ['an array as text', () => withData(changed({ text: ['a'], label: 'ham' })), /^data\[3\]\.text/],
    ['a signal among texts', () => withData(changed(waves[0])), /^data\[3\] is a signal/],
    ['no label', () => withData(changed({ text: 'a' })), /^data\[3\]\.label is missing/],
    [
      'a label that is null',
      () => withData(changed({ text: 'a', label: null })),
      /^data\[3\]\.label is missing/,
    ],
    [
      'a label that is NaN',
      () => withData(changed({ text: 'a', label: Number.NaN })),
      /^data\[3\]\.label is NaN/,
    ],
    [
      'a label that is empty',
      () => withData(changed({ text: 'a', label: ' ' })),
      /^data\[3\]\.label is empty/,
    ],
    [
      'a label that is an object',
      () => withData(changed({ text: 'a', label: {} })),
      /^data\[3\]\.label .*object/,
    ],
    [
      'a label that is an array',
      () => withData(changed({ text: 'a', label: ['a'] })),
      /^data\[3\]\.label .*array/,
    ],
    ['labels for evaluate', () => texts.evaluate([{ text: 'a' }] as Wrong), /^data\[0\]\.label is missing/],
    ['null for evaluate', () => texts.evaluate([null] as Wrong), /^data\[0\] is null/],
    ['none for evaluate', () => texts.evaluate([]), /^data is empty/],
    ['null for split', () => split([null] as Wrong, [0.5, 0.5]), /examples\[0\] is null/],
    [
      'a label for classReportOf',
      () => classReportOf([{ text: 'a', label: Number.NaN }]),
      /^data\[0\]\.label is NaN/,
    ],
    [
      'validation',
      () => withData(mails, { validation: [{ text: 'a' }] }),
      /^validation\[0\]\.label is missing/,
    ],
    [
      'fields of which one is missing',
      () =>
        withData([
          { text: { a: 'x', b: 'y' }, label: 'n' },
          { text: { a: 'x' }, label: 'm' },
        ]),
      /^data\[1\].*no field 'b'/,
    ],
    ['an object for a model of texts', () => texts.predict({ subject: 'a' } as Wrong), /^input is an object/],
  ];
  test.each(attempts)('%s', (_, act, message) => expectInputError(act, message));

  test.each([
    ['numbers', [1, 2]],
    ['booleans', [true, false]],
    ['large integers', [2n ** 60n, 2n ** 60n + 1n]],
  ])('labels that are %s are taken as text', async (_, [a, b]) => {
    const data = mails.map(({ text, label }) => ({ text, label: label === 'spam' ? a : b }));
    const model = await train({ ...SMALL, data });
    expect([...model.classes].sort()).toEqual([String(a), String(b)].sort());
    expect((await model.evaluate(data)).accuracy).toBe(1);
    await model.dispose();
  });
});

describe('data of another type', () => {
  const calls: [string, (value: Wrong) => unknown][] = [
    ['train', (value) => train({ ...SMALL, data: value })],
    ['train, validation', (value) => train({ ...SMALL, data: mails, validation: value ?? null })],
    ['compare', (value) => compare({ data: value, models: ['linear'] })],
    ['readDataset', (value) => readDataset(value)],
    ['classReportOf', (value) => classReportOf(value)],
    ['inspectFile', (value) => inspectFile(value)],
    ['split', (value) => split(value, [0.5, 0.5])],
    ['evaluate', (value) => texts.evaluate(value)],
    ['load', (value) => load(value)],
    ['pipeline', (value) => pipeline('text-classification', value)],
    ['importModel', (value) => importModel(value, new MemoryStore('to'))],
    ['importModel, to', (value) => importModel(store, value)],
    ['save', (value) => texts.save(value)],
    ['export', (value) => texts.export(value, { format: 'hub' })],
    ['predict', (value) => texts.predict(value)],
    ['predict of an array', (value) => texts.predict([value])],
    ['predict, signals', (value) => signals.predict(value)],
    ['explain', (value) => texts.explain(value)],
    ['knownShare', (value) => texts.knownShare(value)],
    ['hasKnownTokens', (value) => texts.hasKnownTokens(value)],
    ['extentOf', (value) => texts.extentOf(value)],
    ['cutShare', (value) => texts.cutShare(value)],
    [
      'predictStream',
      async (value) => {
        for await (const _ of texts.predictStream(value)) break;
      },
    ],
    [
      'predictStream of such',
      async (value) => {
        for await (const _ of texts.predictStream(
          (async function* () {
            yield value;
          })(),
        ))
          break;
      },
    ],
    ['stream, push', (value) => texts.stream().push(value)],
    ['stream of signals, push', (value) => signals.stream().push(value)],
    ['resample', (value) => resample(value, 8000)],
    [
      'resample, rate',
      (value) => resample({ channels: 1, values: new Float32Array(9), rate: 100 }, value === 7 ? 0 : value),
    ],
    ['split, shares', (value) => split(mails, value)],
    ['train, options', (value) => train(value)],
    ['compare, options', (value) => compare(value)],
    ['new Dataset', (value) => new Dataset(value)],
  ];
  test.each(calls)('%s', async (_, call) => {
    for (const value of WRONG) {
      const error = await thrownBy(() => call(value));
      expect(error, `${typeof value} ${String(value)}: ${String((error as Error)?.stack)}`).toBeInstanceOf(
        InputError,
      );
      expect((error as Error).message).not.toMatch(
        /internal|\[object Object\]|Cannot read|is not a function/,
      );
    }
  });
});

describe('signals', () => {
  const values = Array.from({ length: 60 }, (_, t) => Math.sin(t));
  const at = (i: number, value: Wrong): Wrong[] => values.map((own, t) => (t === i ? value : own));
  const attempts: [string, Wrong, RegExp][] = [
    ['NaN', { channels: 2, values: at(3, Number.NaN) }, /step 2 of channel 2 is missing/],
    ['null', { channels: 2, values: at(3, null) }, /step 2 of channel 2 is missing/],
    ['infinity', { channels: 2, values: at(4, Number.POSITIVE_INFINITY) }, /step 3 of channel 1 is Infinity/],
    ['beyond 32 bits', { channels: 2, values: at(4, 3e39) }, /step 3 of channel 1 is 3e\+39/],
    ['a text', { channels: 2, values: at(4, '1.5') }, /'1.5'.* not a number/],
    ['undefined', { channels: 2, values: at(4, undefined) }, /step \d.* not a number|missing/],
    ['no steps', { channels: 2, values: [] }, /no steps/],
    ['an empty Float32Array', new Float32Array(), /no steps/],
    ['no whole steps', { channels: 2, values: values.slice(1) }, /59 numbers/],
    ['rows of unequal length', { values: [[1, 2], [3]] }, /step 2 has 1/],
    ['rows and numbers', { values: [[1, 2], 3] }, /step 2/],
    ['other channels', { channels: 3, values }, /3 channels; 2 are needed/],
    ['no channels', { channels: 0, values }, /channels is 0/],
    ['half a channel', { channels: 1.5, values }, /channels is 1.5/],
    ['channels as text', { channels: '2', values }, /channels is '?2/],
    ['no rate', { channels: 2, values, rate: 0 }, /rate is 0/],
    ['a rate that is NaN', { channels: 2, values, rate: Number.NaN }, /rate is NaN/],
    ['values that are none', { channels: 2, values: {} }, /values/],
    ['values as a text', { channels: 2, values: '1,2,3' }, /values|signal/],
    ['big integers', { channels: 2, values: new BigInt64Array(60) }, /values|number/],
    ['a DataView', { channels: 2, values: new DataView(new ArrayBuffer(8)) }, /values/],
    ['a text', 'a text', /a text; this model takes a signal/],
    ['bytes', new Uint8Array(8), /bytes; this model takes a signal/],
  ];
  test.each(attempts)('%s, predict', async (_, value, message) => {
    await expectInputError(() => signals.predict(value), message);
    await expectInputError(() => signals.predict([waves[0].signal, value]), message);
    await expectInputError(() => signals.predict([waves[0].signal, value]), /^inputs\[1\]/);
  });
  test.each(attempts.slice(0, -2))('%s, train', async (name, value, message) => {
    const data = [...waves.slice(0, 2), { signal: value, label: 'slow' }, ...waves.slice(2)] as Wrong;
    const own = name === 'other channels' ? /channels/ : message;
    await expectInputError(() => train({ model: 'rocket', threads: 1, data }), own);
    await expectInputError(() => train({ model: 'rocket', threads: 1, data }), /^data\[2\]/);
    await expectInputError(
      () => signals.evaluate([waves[0], { signal: value, label: 'slow' }] as Wrong),
      /^data\[1\]/,
    );
  });
  test('that are too short, or hold no change, are named or answered', async () => {
    for (const values of [[1, 2], new Array(60).fill(3)]) {
      const error = await thrownBy(() => signals.predict({ channels: 2, values }));
      expect(error === undefined || error instanceof InputError).toBe(true);
    }
  });
});

describe('options', () => {
  const wrongTopK: [Wrong][] = [
    [-1],
    [0],
    [1.5],
    [Number.NaN],
    ['1'],
    [Number.POSITIVE_INFINITY],
    [null],
    [true],
  ];
  test.each(wrongTopK)('topK %s', async (topK) => {
    await expectInputError(() => texts.predict('a', { topK }), /topK/);
    await expectInputError(() => texts.predict(['a'], { topK }), /topK/);
    await expectInputError(() => texts.stream({ topK }), /topK/);
    await expectInputError(() => texts.predictStream((async function* () {})(), { topK }), /topK/);
  });
  test('topK of a pipeline', async () => {
    const classify = await pipeline('text-classification', store, { threads: 1 });
    for (const top_k of [-1, 0, 1.5, Number.NaN, '1'] as Wrong[]) {
      await expectInputError(() => classify('a', { top_k }), /top_?[kK]/);
    }
    await expectInputError(() => classify(undefined as Wrong), /is undefined/);
    await expectInputError(() => classify([null] as Wrong), /\[0\] is null/);
    expect(await classify([])).toEqual([]);
    await classify.dispose();
  });

  const attempts: Attempt[] = [
    ['train, a typo', () => withData(mails, { epoch: 3 }), /'?epoch'?.*did you mean '?epochs/is],
    [
      'train, another',
      () => withData(mails, { learningrate: 3 }),
      /learningrate.*did you mean '?learningRate/is,
    ],
    ['train, unknown', () => withData(mails, { colour: 3 }), /colour/],
    ['train, epochs', () => withData(mails, { epochs: 0 }), /epochs/],
    ['train, epochs as text', () => withData(mails, { epochs: '3' }), /epochs/],
    ['train, a model', () => withData(mails, { model: 'bert' }), /model.*linear|model/s],
    ['train, threads', () => withData(mails, { threads: 0 }), /threads/],
    ['train, onEpoch', () => withData(mails, { onEpoch: 3 }), /onEpoch/],
    ['train, signal', () => withData(mails, { signal: 3 }), /signal/],
    ['train, out', () => withData(mails, { out: 3 }), /out/],
    ['train, name', () => withData(mails, { name: 3 }), /name/],
    ['train, unlabelled', () => withData(mails, { unlabelled: ['a', 3] }), /unlabelled\[1\]/],
    ['train, read', () => withData(mails, { read: 3 }), /read/],
    ['train, read.html', () => withData(mails, { read: { html: 'no' } }), /html/],
    ['train, read, a typo', () => withData(mails, { read: { labelfield: 'x' } }), /labelfield.*labelField/s],
    ['load, unknown', () => load(store, { thread: 1 } as Wrong), /thread\b.*did you mean '?threads/is],
    ['load, threads', () => load(store, { threads: 99 }), /threads.*99/s],
    ['load, sequenceLength', () => load(store, { sequenceLength: -1 }), /sequenceLength.*-1/s],
    ['load, long', () => load(store, { long: 'middle' } as Wrong), /long.*middle/s],
    ['load, reading', () => load(store, { reading: { html: 'no' } } as Wrong), /html/],
    ['load, options', () => load(store, 7 as Wrong), /options/],
    ['predict, options', () => texts.predict('a', 7 as Wrong), /options/],
    ['predict, signal', () => texts.predict('a', { signal: 7 } as Wrong), /signal/],
    ['predict, a typo', () => texts.predict('a', { topk: 1 } as Wrong), /topk.*did you mean '?topK/is],
    ['evaluate, options', () => texts.evaluate(mails, 7 as Wrong), /options/],
    ['evaluate, a typo', () => texts.evaluate(mails, { reads: {} } as Wrong), /reads.*did you mean '?read/is],
    ['evaluate, onProgress', () => texts.evaluate(mails, { onProgress: 7 } as Wrong), /onProgress/],
    ['evaluate, signal', () => texts.evaluate(mails, { signal: 7 } as Wrong), /signal/],
    ['evaluate, read', () => texts.evaluate(mails, { read: { html: 7 } } as Wrong), /html/],
    [
      'export, format',
      () => texts.export(new MemoryStore('x'), { format: 'gguf' } as Wrong),
      /format.*hub.*gguf/s,
    ],
    ['export, no options', () => texts.export(new MemoryStore('x'), undefined as Wrong), /format|options/],
    ['compare, no models', () => compare({ data: mails, models: [] }), /models/],
    ['compare, models', () => compare({ data: mails, models: 'linear' } as Wrong), /models/],
    [
      'compare, a model',
      () => compare({ data: mails, models: ['linear', 'bert'] } as Wrong),
      /models\[1\].*bert/s,
    ],
    ['compare, twice', () => compare({ data: mails, models: ['linear', 'linear'] }), /models\[1\].*linear/s],
    ['compare, seeds 0', () => compare({ data: mails, models: ['linear'], seeds: 0 }), /seeds.*0/s],
    ['compare, seeds 1.5', () => compare({ data: mails, models: ['linear'], seeds: 1.5 }), /seeds.*1\.5/s],
    [
      'compare, shares',
      () => compare({ data: mails, models: ['linear'], shares: [0.5, 0.1, 0.1] }),
      /shares.*sum|shares/s,
    ],
    [
      'compare, two shares',
      () => compare({ data: mails, models: ['linear'], shares: [0.5, 0.5] } as Wrong),
      /shares/,
    ],
    ['compare, threads', () => compare({ data: mails, models: ['linear'], threads: 0 }), /threads/],
    [
      'compare, onProgress',
      () => compare({ data: mails, models: ['linear'], onProgress: 7 } as Wrong),
      /onProgress/,
    ],
    ['compare, signal', () => compare({ data: mails, models: ['linear'], signal: 7 } as Wrong), /signal/],
    [
      'compare, a typo',
      () => compare({ data: mails, models: ['linear'], seed: 3 } as Wrong),
      /seed\b.*did you mean '?seeds/is,
    ],
    ['compare, epochs', () => compare({ data: mails, models: ['linear'], epochs: 0 }), /epochs/],
    ['split, a sum', () => split(mails, [0.3, 0.2]), /share/],
    ['split, above 1', () => split(mails, [8, 2]), /share/],
    ['split, negative', () => split(mails, [1.5, -0.5]), /share/],
    ['split, NaN', () => split(mails, [Number.NaN, 1]), /share/],
    ['split, none', () => split(mails, []), /share/],
    ['split, a seed', () => split(mails, [0.5, 0.5], -1), /seed/],
    ['pipeline, a task', () => pipeline('translation' as Wrong, store), /translation/],
    ['readDataset, a typo', () => readDataset(mails, { labelfield: 'x' } as Wrong), /labelfield/],
    ['readDataset, options', () => readDataset(mails, 7 as Wrong), /options|read/],
    ['readDataset, limit', () => readDataset(mails, { limit: 0 }), /limit/],
    ['readDataset, keep', () => readDataset(mails, { keep: 7 } as Wrong), /keep/],
    ['inspectFile, html', () => inspectFile(new File(['a'], 'a.csv'), { html: 7 } as Wrong), /html/],
    [
      'resample, a rate',
      () => resample({ channels: 1, values: new Float32Array(9), rate: 100 }, 1.5),
      /1\.5/,
    ],
    [
      'resample, channels',
      () => resample({ channels: 2, values: new Float32Array(9), rate: 100 }, 50),
      /9 numbers/,
    ],
    [
      'resample, values',
      () => resample({ channels: 1, values: [1, Number.NaN], rate: 100 } as Wrong, 50),
      /step 2/,
    ],
  ];
  test.each(attempts)('%s', (_, act, message) => expectInputError(act, message));
});

describe('after dispose', () => {
  const calls: [string, () => unknown][] = [
    ['predict', () => disposed.predict('a')],
    ['predict of an array', () => disposed.predict(['a'])],
    ['predict of none', () => disposed.predict([])],
    ['predict of a file', () => disposed.predict(new File(['text\na\n'], 'a.csv'))],
    ['evaluate', () => disposed.evaluate(mails)],
    ['explain', () => disposed.explain('a')],
    ['predictStream', () => disposed.predictStream((async function* () {})())],
    ['stream', () => disposed.stream()],
    ['knownShare', () => disposed.knownShare('a')],
    ['hasKnownTokens', () => disposed.hasKnownTokens('a')],
    ['extentOf', () => disposed.extentOf('a')],
    ['cutShare', () => disposed.cutShare(['a'])],
    ['cutShare of none', () => disposed.cutShare([])],
  ];
  test.each(calls)('%s', (_, act) => expectInputError(act, /disposed/, 'disposed'));

  test('a stream and a portion that were begun before', async () => {
    const model = await load(store, { threads: 1 });
    const stream = model.stream();
    await stream.push('a');
    const answers = model.predictStream(
      (async function* () {
        yield 'a';
      })(),
    );
    const first = model.predict('win a cruise');
    await model.dispose();
    expect((await first)[0]).toHaveProperty('label');
    await expectInputError(() => stream.end(), /disposed/, 'disposed');
    await expectInputError(() => answers.next(), /disposed/, 'disposed');
    await model.dispose();
  });

  test('its properties may still be read', () => {
    expect(disposed.classes).toEqual(['ham', 'spam']);
    expect(disposed.configuration.model).toBe('linear');
  });
});

describe('abort', () => {
  const aborted = AbortSignal.abort();
  const because = AbortSignal.abort(new Error('because'));
  const endless = async function* () {
    for (;;) yield 'a';
  };
  const calls: [string, (signal: AbortSignal) => unknown][] = [
    ['train', (signal) => withData(mails, { signal })],
    ['train, deep', (signal) => withData(mails, { signal, model: 'bag', sequenceLength: 8 })],
    ['train, auto', (signal) => withData(mails, { signal, model: 'auto' })],
    ['compare', (signal) => compare({ data: mails, models: ['linear'], signal })],
    ['predict', (signal) => texts.predict('a', { signal })],
    ['predict of an array', (signal) => texts.predict(['a', 'b'], { signal })],
    ['predict, signals', (signal) => signals.predict(waves[0].signal, { signal })],
    ['evaluate', (signal) => texts.evaluate(mails, { signal })],
    [
      'predictStream',
      async (signal) => {
        for await (const _ of texts.predictStream(endless(), { signal }));
      },
    ],
  ];
  test.each(calls)('%s, before', async (_, call) => {
    for (const signal of [aborted, because]) {
      expect(await thrownBy(() => call(signal))).toBeInstanceOf(InterruptedError);
    }
  });
  test.each(calls.slice(-2))('%s, meanwhile', async (_, call) => {
    const controller = new AbortController();
    const error = thrownBy(() => call(controller.signal));
    setTimeout(() => controller.abort(), 5);
    const ended = await error;
    expect(ended === undefined || ended instanceof InterruptedError).toBe(true);
  });
  test('a source that is waiting', async () => {
    const controller = new AbortController();
    const silent = (async function* () {
      yield 'a';
      await new Promise(() => {});
    })();
    const answers = texts.predictStream(silent, { signal: controller.signal });
    expect((await answers.next()).done).toBe(false);
    const next = thrownBy(() => answers.next());
    controller.abort();
    expect(await next).toBeInstanceOf(InterruptedError);
  });
});

test('predictStream ends on break where the source never yields again', async () => {
  let returned = false;
  const source: AsyncIterable<string> = {
    [Symbol.asyncIterator]() {
      let count = 0;
      return {
        next: () => (count++ < 2 ? Promise.resolve({ done: false, value: 'a' }) : new Promise(() => {})),
        return: async () => {
          returned = true;
          return { done: true, value: undefined };
        },
      };
    },
  };
  let answers = 0;
  for await (const _ of texts.predictStream(source)) if (++answers === 2) break;
  expect(answers).toBe(2);
  expect(returned).toBe(true);
});

test('one bad input among overlapping calls leaves the others alone', async () => {
  const bad: Wrong[] = [new Float32Array(), { channels: 2, values: [Number.NaN, 1] }, null, 'a text'];
  const calls = waves
    .slice(0, 8)
    .flatMap(({ signal }, i) => [
      signals.predict(signal),
      ...(i < bad.length ? [signals.predict(bad[i])] : []),
    ]);
  const outcomes = await Promise.allSettled(calls);
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(8);
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(InputError);
  }
});

test('what is right is left alone', async () => {
  expect(await texts.predict([])).toEqual([]);
  expect(texts.cutShare([])).toBe(0);
  expect(await texts.predict('', { topK: 99 })).toHaveLength(2);
  expect(await texts.predict('a', { topK: undefined, signal: undefined })).toHaveLength(2);
  expect(split(mails as LabelledInput[], [0.8, 0.2]).flat()).toHaveLength(40);
  await folder.write('a.csv', 'text,label\nwin a cruise,spam\nreview,ham\n');
  expect((await texts.evaluate(folder.at('a.csv'))).examples).toBe(2);
  await using again = await load(store, { threads: 1 });
  expect(again.classes).toEqual(texts.classes);
});
