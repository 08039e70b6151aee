/** What models of signals, bytes and fields take over the wire. */
import { describe, expect, it } from 'vitest';
import type { Signal } from '#eft/input/input.js';
import type { RawInput } from '#eft/input/reading.js';
import type { Accepted } from '#eft/server/accepted.js';
import { createApp } from '#eft/server/app.js';
import { inputsOf } from '#eft/server/inputs.js';

const MONO: Accepted = { kind: 'signal', channels: 1, rate: 8000 };
const STEREO: Accepted = { kind: 'signal', channels: 2 };
const BYTES: Accepted = { kind: 'bytes' };
const MAILS: Accepted = { kind: 'text', fields: ['subject', 'body'] };

/** An app whose classifier keeps what it is given. */
function appOf(accepted: Accepted): {
  app: ReturnType<typeof createApp>;
  given: RawInput[];
  topK: unknown[];
} {
  const given: RawInput[] = [];
  const topK: unknown[] = [];
  const predict = async (inputs: readonly RawInput[], options: { topK?: number }): Promise<unknown> => {
    given.push(...inputs);
    topK.push(options.topK);
    return inputs.map(() => [{ label: 'dog', score: 1 }]);
  };
  const app = createApp({
    ...{ maxBody: 100, maxItems: 3, maxQueue: 8, timeout: 60, token: undefined, accepted },
    classifier: { predict, classes: ['dog'], configuration: { model: 'elastic' } } as never,
    version: '1.2.3',
    ending: new AbortController().signal,
  });
  return { app, given, topK };
}

const post = (body: BodyInit, type = 'application/json'): RequestInit => ({
  method: 'POST',
  body,
  headers: { 'content-type': type },
});

const plain = (inputs: readonly RawInput[]): unknown =>
  inputs.map((input) => ({ ...(input as Signal), values: [...(input as Signal).values] }));

/** A WAV file of 16-bit samples, [steps × channels]. */
function wavOf(samples: readonly number[], channels: number, rate: number): Uint8Array<ArrayBuffer> {
  const bytes = Buffer.alloc(44 + 2 * samples.length);
  bytes.write('RIFF', 0).valueOf();
  bytes.writeUInt32LE(36 + 2 * samples.length, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(channels, 22);
  bytes.writeUInt32LE(rate, 24);
  bytes.writeUInt32LE(rate * channels * 2, 28);
  bytes.writeUInt16LE(channels * 2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(2 * samples.length, 40);
  for (const [i, sample] of samples.entries()) bytes.writeInt16LE(sample, 44 + 2 * i);
  return Uint8Array.from(bytes);
}

describe('signals as numbers', () => {
  it.each([
    ['steps of one channel', MONO, [0.5, 1, -2], [{ channels: 1, values: [0.5, 1, -2] }]],
    ['rows of one number', MONO, [[0.5], [1]], [{ channels: 1, values: [0.5, 1] }]],
    [
      'several of one channel',
      MONO,
      [
        [1, 2],
        [3, 4, 5],
      ],
      [
        { channels: 1, values: [1, 2] },
        { channels: 1, values: [3, 4, 5] },
      ],
    ],
    [
      'several in rows',
      MONO,
      [[[1], [2]], [[3]]],
      [
        { channels: 1, values: [1, 2] },
        { channels: 1, values: [3] },
      ],
    ],
    [
      'steps of two channels',
      STEREO,
      [
        [1, 2],
        [3, 4],
      ],
      [{ channels: 2, values: [1, 2, 3, 4] }],
    ],
    [
      'several of two channels',
      STEREO,
      [[[1, 2]], [[3, 4]]],
      [
        { channels: 2, values: [1, 2] },
        { channels: 2, values: [3, 4] },
      ],
    ],
    ['an object', MONO, { values: [1, 2], rate: 8000 }, [{ channels: 1, values: [1, 2], rate: 8000 }]],
    ['an object in rows', STEREO, { values: [[1, 2]] }, [{ channels: 2, values: [1, 2] }]],
    [
      'an object with channels',
      STEREO,
      { values: [1, 2, 3, 4], channels: 2 },
      [{ channels: 2, values: [1, 2, 3, 4] }],
    ],
    [
      'objects',
      MONO,
      [{ values: [1] }, { values: [2], rate: 5 }],
      [
        { channels: 1, values: [1] },
        { channels: 1, values: [2], rate: 5 },
      ],
    ],
    ['a missing value', MONO, [1, null], [{ channels: 1, values: [1, Number.NaN] }]],
  ])('%s', (_, accepted, inputs, expected) => {
    expect(plain(inputsOf(inputs, accepted, { maxItems: 3 }))).toEqual(expected);
  });

  it.each([
    ['a text', '"a"', 'inputs is a string'],
    ['nothing', '[]', 'inputs is empty'],
    ['a word among numbers', '[1, "x"]', 'inputs[1] is a string'],
    ['a number beyond 32 bits', '[1, 1e39]', 'inputs[1] is beyond'],
    ['infinity', '[1e999]', 'inputs[0] is beyond'],
    ['ragged rows', '[[[1], [2, 3]]]', 'inputs[0][1] has 2 numbers, inputs[0][0] has 1'],
    ['values that are none', '{"values": "1,2"}', 'inputs.values is a string'],
    ['no values', '{"channels": 2}', 'inputs.values is missing'],
    ['channels that are none', '{"values": [1], "channels": 0}', 'inputs.channels'],
    ['half a step', '{"values": [1, 2, 3], "channels": 2}', 'inputs.values has 3 numbers'],
    ['rows of another width', '{"values": [[1, 2, 3]], "channels": 2}', 'inputs.values[0] has 3 numbers'],
    ['a rate that is none', '{"values": [1], "rate": -1}', 'inputs.rate'],
    ['arrays too deep', '[[[[1]]]]', 'is an array, not a number'],
    ['an object among numbers', '[1, {}]', 'inputs[1] is an object'],
  ])('refuses %s and names the place', async (_, inputs, message) => {
    const { app, given } = appOf(MONO);
    const response = await app.request('/predict', post(`{"inputs": ${inputs}}`));
    expect(response.status).toBe(422);
    const { error, code } = (await response.json()) as { error: string; code: string };
    expect(code).toBe('shape');
    expect(error).toContain(message);
    expect(given).toEqual([]);
  });

  it('counts signals, not their steps', async () => {
    const { app } = appOf(MONO);
    const steps = JSON.stringify(Array.from({ length: 1000 }, (_, i) => i));
    expect((await app.request('/predict', post(`{"inputs": ${steps}}`))).status).toBe(200);
    const response = await app.request('/predict', post('{"inputs": [[1,2],[1,2],[1,2],[1,2]]}'));
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ code: 'too-many-signals' });
  });
});

describe('bodies that are one input', () => {
  it.each(['audio/wav', 'audio/x-wav', 'Audio/WAV; codecs=1'])('a sound as %s', async (type) => {
    const { app, given, topK } = appOf(STEREO);
    const body = wavOf([16384, -16384, 0, 8192], 2, 8000);
    const response = await app.request('/predict?top_k=1', post(body, type));
    expect(response.status).toBe(200);
    expect(plain(given)).toEqual([{ channels: 2, rate: 8000, values: [0.5, -0.5, 0, 0.25] }]);
    expect(topK).toEqual([1]);
  });

  it('a sound that is none', async () => {
    const response = await appOf(MONO).app.request('/predict', post('not a sound', 'audio/wav'));
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ code: 'input', error: expect.stringContaining('WAV') });
  });

  it('bytes', async () => {
    const { app, given } = appOf(BYTES);
    const body = Uint8Array.from([0, 255, 13]);
    expect((await app.request('/predict', post(body, 'application/octet-stream'))).status).toBe(200);
    expect((await app.request('/predict', post('{"inputs": ["é", ""]}'))).status).toBe(200);
    expect(given.map((input) => (typeof input === 'string' ? input : [...(input as Uint8Array)]))).toEqual([
      [0, 255, 13],
      'é',
      '',
    ]);
  });

  it('with a top_k that is none', async () => {
    for (const topK of ['0', 'x', '1.5', '']) {
      const request = post(Uint8Array.of(1), 'application/octet-stream');
      const response = await appOf(BYTES).app.request(`/predict?top_k=${topK}`, request);
      expect(response.status).toBe(422);
    }
  });

  it('only where the model takes them', async () => {
    for (const [accepted, type] of [
      [MAILS, 'application/octet-stream'],
      [MAILS, 'audio/wav'],
      [BYTES, 'audio/wav'],
      [MONO, 'application/octet-stream'],
      [BYTES, 'text/plain'],
    ] as const) {
      expect((await appOf(accepted).app.request('/predict', post('x', type))).status).toBe(415);
    }
  });
});

it('texts in fields are passed on', async () => {
  const { app, given } = appOf(MAILS);
  const body = { inputs: [{ subject: 'win', body: 'now' }, 'plain'] };
  expect((await app.request('/predict', post(JSON.stringify(body)))).status).toBe(200);
  expect(given).toEqual(body.inputs);
});

it('one item too many is refused before any is looked at', () => {
  const items = new Proxy([1, 1, 1, 1], {
    get(target, key, receiver) {
      if (key === '3') throw new Error('was looked at');
      return Reflect.get(target, key, receiver);
    },
  });
  expect(() => inputsOf(items, BYTES, { maxItems: 3 })).toThrow('4 inputs: send at most 3 at a time');
});

describe.each([MONO, STEREO, BYTES, MAILS])('a model of %o', (accepted) => {
  it('says what it takes', async () => {
    const { app } = appOf(accepted);
    const health = await (await app.request('/health')).json();
    expect(health).toMatchObject({ status: 'ok', model: 'elastic', input: accepted });
    const description = (await (await app.request('/openapi.json')).json()) as {
      paths: { '/predict': { post: { requestBody: { content: object } } } };
    };
    const { content } = description.paths['/predict'].post.requestBody;
    const expected = { signal: 'audio/wav', bytes: 'application/octet-stream', text: undefined }[
      accepted.kind
    ];
    expect(Object.keys(content)[0]).toBe('application/json');
    expect(Object.keys(content)[1]).toBe(expected);
    const page = await (await app.request('/')).text();
    expect(page.includes('type="file"')).toBe(accepted.kind !== 'text');
    expect(page.includes('data-field="subject"')).toBe(accepted.fields !== undefined);
  });
});
