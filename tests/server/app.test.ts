/** The server's routes: answers, refusals with their codes, limits, counters; no socket. */

import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { InputError } from '#eft/errors.js';
import type { PredictOptions } from '#eft/inference/classifier.js';
import type { Prediction } from '#eft/inference/prediction.js';
import { type AppOptions, createApp } from '#eft/server/app.js';

const ANSWER: Prediction = [
  { label: 'spam', score: 0.75 },
  { label: 'ham', score: 0.25 },
];

/** Answers all texts alike, when `ready` says. */
function classifierOf(ready: Promise<void> = Promise.resolve()): AppOptions['classifier'] {
  const predict = async (
    texts: readonly string[],
    { topK }: { topK?: number } = {},
  ): Promise<Prediction[]> => {
    await ready;
    return texts.map(() => ANSWER.slice(0, topK));
  };
  const configuration = { model: 'bag' };
  return { predict, classes: ['ham', 'spam'], configuration } as unknown as AppOptions['classifier'];
}

const LIMITS = { maxBody: 1, maxItems: 3, maxQueue: 4, timeout: 5, token: undefined };

const appOf = (options: Partial<AppOptions> = {}): ReturnType<typeof createApp> =>
  createApp({
    ...LIMITS,
    classifier: classifierOf(),
    version: '1.2.3',
    ending: new AbortController().signal,
    ...options,
  });

const post = (body: BodyInit, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  body,
  headers: { 'content-type': 'application/json', ...headers },
});

describe('POST /predict', () => {
  it('answers one text and several in one shape', async () => {
    const app = appOf();
    const one = await app.request('/predict', post('{"inputs": "win"}'));
    expect(one.status).toBe(200);
    expect(await one.json()).toEqual([ANSWER]);
    const two = await app.request('/predict', post('{"inputs": ["win", ""], "parameters": {"top_k": 1}}'));
    expect(await two.json()).toEqual([[ANSWER[0]], [ANSWER[0]]]);
  });

  it.each([
    ['no JSON', '{"inputs": ', 400, 'json'],
    ['no UTF-8', new Uint8Array([0x22, 0xff, 0x22]), 400, 'json'],
    ['no inputs', '{"text": "win"}', 422, 'shape'],
    ['a number', '{"inputs": 7}', 422, 'shape'],
    ['no text', '{"inputs": []}', 422, 'shape'],
    ['a number among texts', '{"inputs": ["a", 1]}', 422, 'shape'],
    ['arrays in arrays', `{"inputs": ${'['.repeat(400)}${']'.repeat(400)}}`, 422, 'shape'],
    ['top_k 0', '{"inputs": "a", "parameters": {"top_k": 0}}', 422, 'shape'],
    ['null', 'null', 422, 'shape'],
    ['too many texts', '{"inputs": ["a", "b", "c", "d"]}', 413, 'too-many-texts'],
    ['a body over the limit', JSON.stringify({ inputs: 'x'.repeat(1001) }), 413, 'body-too-large'],
  ])('refuses %s', async (_, body, status, code) => {
    const response = await appOf().request('/predict', post(body));
    expect(response.status).toBe(status);
    const answer = (await response.json()) as { code: string; error: string };
    expect(answer.code).toBe(code);
    expect(answer.error.length).toBeGreaterThan(10);
  });

  it('names the place of a fault', async () => {
    const body = '{"inputs": "a", "parameters": {"top_k": "x"}}';
    const response = await appOf().request('/predict', post(body));
    expect(((await response.json()) as { error: string }).error).toMatch(/^parameters\.top_k: /);
  });

  it('takes JSON alone, so that a page elsewhere cannot ask without asking first', async () => {
    const response = await appOf().request('/predict', {
      method: 'POST',
      body: '{"inputs": "win"}',
      headers: { 'content-type': 'text/plain' },
    });
    expect(response.status).toBe(415);
    expect((await appOf().request('/predict')).status).toBe(405);
  });

  it('measures a body that does not tell its length', async () => {
    const stream = new ReadableStream({
      start(controller) {
        for (let i = 0; i < 20; i++) controller.enqueue(new Uint8Array(100));
        controller.close();
      },
    });
    const init = { ...post(stream), duplex: 'half' } as RequestInit;
    expect((await appOf().request('/predict', init)).status).toBe(413);
  });

  it('refuses more texts than may wait, and takes some again when they are answered', async () => {
    let ready = (): void => {};
    const app = appOf({ classifier: classifierOf(new Promise((resolve) => (ready = resolve))) });
    const first = app.request('/predict', post('{"inputs": ["a", "b", "c"]}'));
    const second = await app.request('/predict', post('{"inputs": ["a", "b"]}'));
    expect(second.status).toBe(429);
    expect(second.headers.get('retry-after')).toBe('1');
    ready();
    expect((await first).status).toBe(200);
    expect((await app.request('/predict', post('{"inputs": ["a", "b"]}'))).status).toBe(200);
  });

  it('gives up after the time limit', async () => {
    const app = appOf({ classifier: classifierOf(new Promise(() => {})), timeout: 0.01 });
    const response = await app.request('/predict', post('{"inputs": "a"}'));
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ code: 'timeout' });
  });

  it('never fails, whatever the body', async () => {
    const app = appOf();
    const body = fc.oneof(
      fc.json(),
      fc.string(),
      fc.uint8Array(),
      fc.record({ inputs: fc.anything(), parameters: fc.anything() }).map((value) => {
        try {
          return JSON.stringify(value);
        } catch {
          return '';
        }
      }),
    );
    await fc.assert(
      fc.asyncProperty(body, async (content) => {
        const response = await app.request('/predict', post(content as BodyInit));
        expect([200, 400, 413, 422]).toContain(response.status);
      }),
      { numRuns: Number(process.env.EFT_FUZZ_RUNS ?? 500), seed: 5 },
    );
  });
});

describe('a token', () => {
  const app = appOf({ token: 'open sesame' });
  it.each([
    [{}, 401],
    [{ authorization: 'Bearer open' }, 401],
    [{ authorization: 'open sesame' }, 401],
    [{ authorization: 'Bearer open sesame' }, 200],
  ])('%o gives %i', async (headers, status) => {
    expect((await app.request('/predict', post('{"inputs": "a"}', headers))).status).toBe(status);
    expect((await app.request('/metrics', { headers })).status).toBe(status);
  });
  it('is not asked for where nothing is told', async () => {
    expect((await app.request('/health')).status).toBe(200);
    expect(await (await app.request('/')).text()).toContain('type="password"');
  });
});

it('answers under its own names only, and says how to allow another', async () => {
  const app = appOf({ hosts: ['127.0.0.1', 'localhost', '127.0.0.1', 'api.example'] });
  expect((await app.request('http://localhost/health')).status).toBe(200);
  expect((await app.request('http://api.example:8443/health')).status).toBe(200);
  const refused = await app.request('http://evil.example/health');
  expect(refused.status).toBe(403);
  const { error } = (await refused.json()) as { error: string };
  expect(error).toContain('answers as 127.0.0.1, localhost, api.example only, not as evil.example');
  expect(error).toContain('--allow-host evil.example');
});

describe('what the model is not given to read', () => {
  const failing = (error: Error): AppOptions['classifier'] =>
    ({ ...classifierOf(), predict: () => Promise.reject(error) }) as unknown as AppOptions['classifier'];

  it("is the request's fault where the classifier says so", async () => {
    const app = appOf({ classifier: failing(new InputError("inputs[0] has no field 'subject'")) });
    const response = await app.request('/predict', post('{"inputs": {"body": "a"}}'));
    expect(response.status).toBe(422);
    expect(await response.json()).toEqual({ error: "inputs[0] has no field 'subject'", code: 'input' });
  });

  it("is the server's fault otherwise, and logged", async () => {
    const log = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    try {
      const app = appOf({ classifier: failing(new Error('the engine broke')) });
      expect((await app.request('/predict', post('{"inputs": "a"}'))).status).toBe(500);
      expect(log.mock.calls).toEqual([['eft serve: the engine broke\n']]);
    } finally {
      log.mockRestore();
    }
  });
});

describe('a client that is gone', () => {
  it('is no failure of the server, ends its work and frees its places', async () => {
    const log = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    try {
      let heard: AbortSignal | undefined;
      // Fails as work does whose request has gone.
      const predict = (_: readonly string[], { signal }: { signal: AbortSignal }): Promise<Prediction[]> => {
        heard = signal;
        return new Promise((__, reject) => {
          signal.addEventListener('abort', () => reject(new Error('the work was dropped')));
        });
      };
      const classifier = { ...classifierOf(), predict } as unknown as AppOptions['classifier'];
      const app = appOf({ classifier });
      const client = new AbortController();
      const answer = app.request('/predict', { ...post('{"inputs": ["a", "b"]}'), signal: client.signal });
      while (heard === undefined) await new Promise((resolve) => setTimeout(resolve, 1));
      expect(await (await app.request('/metrics')).text()).toContain('eft_waiting_texts 2');
      client.abort();
      expect((await answer).status).toBe(400);
      expect(heard.aborted).toBe(true);
      expect(log).not.toHaveBeenCalled();
      const metrics = await (await app.request('/metrics')).text();
      expect(metrics).toContain('eft_waiting_texts 0');
      expect(metrics).not.toContain('status="500"');
    } finally {
      log.mockRestore();
    }
  });
});

describe('windows of long inputs', () => {
  /** Tells of so many windows, then answers when `ready` says. */
  const windowed = (count: number, ready: Promise<void>): AppOptions['classifier'] =>
    ({
      ...classifierOf(),
      predict: async (texts: readonly string[], { onSequences }: PredictOptions) => {
        for (const text of texts) onSequences?.(text === 'long' ? count : 1);
        await ready;
        return texts.map(() => ANSWER);
      },
    }) as unknown as AppOptions['classifier'];

  it('have places in the queue while they wait', async () => {
    let ready = (): void => {};
    const app = appOf({ classifier: windowed(3, new Promise((resolve) => (ready = resolve))) });
    const first = app.request('/predict', post('{"inputs": "long"}'));
    while (!(await (await app.request('/metrics')).text()).includes('eft_waiting_texts 3')) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect((await app.request('/predict', post('{"inputs": "long"}'))).status).toBe(429);
    expect((await app.request('/predict', post('{"inputs": ["a", "b"]}'))).status).toBe(429);
    const second = app.request('/predict', post('{"inputs": "a"}'));
    ready();
    expect((await first).status).toBe(200);
    expect((await second).status).toBe(200);
    expect(await (await app.request('/metrics')).text()).toContain('eft_waiting_texts 0');
  });

  it('are refused for good where a text has more than may ever wait', async () => {
    const app = appOf({ classifier: windowed(5, Promise.resolve()) });
    const response = await app.request('/predict', post('{"inputs": "long"}'));
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ code: 'too-many-windows' });
    expect((await app.request('/predict', post('{"inputs": ["a", "b", "c"]}'))).status).toBe(200);
  });
});

describe('compressed bodies', () => {
  it('are read within the limit of what they become', async () => {
    const gzip = { 'content-encoding': 'gzip' };
    const app = appOf();
    expect((await app.request('/predict', post(gzipSync('{"inputs": "win"}'), gzip))).status).toBe(200);
    expect(
      (await app.request('/predict', post(gzipSync('{"inputs": "win"}'), { 'content-encoding': 'X-GZIP' })))
        .status,
    ).toBe(200);
    const bomb = await app.request(
      '/predict',
      post(gzipSync(JSON.stringify({ inputs: 'x'.repeat(100_000) })), gzip),
    );
    expect(bomb.status).toBe(413);
    const cut = await app.request('/predict', post(gzipSync('{"inputs": "win"}').subarray(0, 20), gzip));
    expect(cut.status).toBe(400);
    expect(await cut.json()).toMatchObject({ code: 'gzip' });
    expect((await app.request('/predict', post('{"inputs": "win"}', gzip))).status).toBe(400);
    expect(
      (await app.request('/predict', post('{"inputs": "win"}', { 'content-encoding': 'identity' }))).status,
    ).toBe(200);
  });

  it.each(['br', 'deflate', 'zstd', 'gzip, gzip'])(
    'are refused as %s, with what is accepted',
    async (encoding) => {
      const response = await appOf().request(
        '/predict',
        post('{"inputs": "win"}', { 'content-encoding': encoding }),
      );
      expect(response.status).toBe(415);
      expect(response.headers.get('accept-encoding')).toBe('gzip');
      expect(await response.json()).toMatchObject({ code: 'content-encoding' });
    },
  );
});

it('says that it is ending, and asks for connections to be closed', async () => {
  const controller = new AbortController();
  const app = appOf({ ending: controller.signal });
  controller.abort();
  const health = await app.request('/health');
  expect(health.status).toBe(503);
  expect(await health.json()).toMatchObject({ status: 'ending' });
  const late = await app.request('/predict', post('{"inputs": "a"}'));
  expect(late.status).toBe(200);
  expect(late.headers.get('connection')).toBe('close');
});

it('counts what it did', async () => {
  const app = appOf();
  await app.request('/predict', post('{"inputs": ["a", "b"]}'));
  await app.request('/predict', post('{'));
  const response = await app.request('/metrics');
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const lines = (await response.text()).split('\n');
  expect(lines).toContain('eft_requests_total{status="200"} 1');
  expect(lines).toContain('eft_requests_total{status="400"} 1');
  expect(lines).toContain('eft_texts_total 2');
  expect(lines).toContain('eft_waiting_texts 0');
  expect(lines).toContain('eft_request_seconds_bucket{le="+Inf"} 2');
});

it('describes itself from the schemas it checks by', async () => {
  const description = (await (await appOf().request('/openapi.json')).json()) as {
    info: { version: string };
    paths: Record<string, { post?: { responses: object; requestBody: { content: object } } }>;
  };
  expect(description.info.version).toBe('1.2.3');
  const { responses, requestBody } = description.paths['/predict'].post!;
  expect(Object.keys(responses)).toEqual(['200', '400', '413', '415', '422', '429', '503']);
  expect(requestBody.content).toMatchObject({
    'application/json': { schema: { required: ['inputs'], properties: { inputs: { anyOf: [{}, {}] } } } },
  });
});
