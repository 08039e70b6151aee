/** The server's routes: answers, refusals with their codes, limits, counters; no socket. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
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
  }, 120_000);
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

it('answers under its own names only', async () => {
  const app = appOf({ hosts: ['localhost'] });
  expect((await app.request('http://localhost/health')).status).toBe(200);
  expect((await app.request('http://evil.example/health')).status).toBe(403);
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
