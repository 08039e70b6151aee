/** The server's routes over a classifier: requests checked, texts of overlapping requests in one batch, limits on all. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { secureHeaders } from 'hono/secure-headers';
import * as z from 'zod';
import type { Classifier } from '../inference/classifier.js';
import type { Prediction } from '../inference/prediction.js';
import { Metrics } from './metrics.js';
import { openApi } from './openapi.js';
import type { ServerOptions } from './options.js';
import { PAGE_POLICY, renderTryPage } from './page.js';
import { type ErrorAnswer, type HealthAnswer, predictRequestSchema } from './schemas.js';

type Limits = Pick<ServerOptions, 'token' | 'maxBody' | 'maxItems' | 'maxQueue' | 'timeout'>;

export interface AppOptions extends Limits {
  readonly classifier: Pick<Classifier, 'predict' | 'classes' | 'configuration'>;
  /** Of the program. */
  readonly version: string;
  /** Names a request may give its host; a page elsewhere cannot then reach a loopback server by a name of its own. */
  readonly hosts?: readonly string[] | undefined;
  /** Aborted when the server is ending. */
  readonly ending: AbortSignal;
}

/** A refusal, with the status it has. */
class Refusal extends Error {
  readonly status: 400 | 401 | 403 | 413 | 415 | 422 | 429 | 503;
  readonly code: string;

  constructor(status: Refusal['status'], code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export function createApp(options: AppOptions): Hono {
  const { classifier, version, token, hosts, ending } = options;
  const metrics = new Metrics();
  const app = new Hono();

  app.use(secureHeaders({ contentSecurityPolicy: PAGE_POLICY }));
  app.use(async (c, next) => {
    await next();
    if (ending.aborted) c.header('Connection', 'close');
  });
  if (hosts !== undefined) app.use(knownHost(hosts));
  if (token !== undefined) {
    app.use('/predict', bearer(token));
    app.use('/metrics', bearer(token));
  }

  app.get('/', (c) => c.html(renderTryPage(token !== undefined)));
  app.get('/health', (c) => {
    const status = ending.aborted ? 'ending' : 'ok';
    const answer: HealthAnswer = {
      status,
      model: classifier.configuration.model,
      classes: [...classifier.classes],
    };
    return c.json(answer, ending.aborted ? 503 : 200);
  });
  app.get('/metrics', (c) =>
    c.text(metrics.render(process.memoryUsage.rss()), 200, {
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
    }),
  );
  app.get('/openapi.json', (c) => c.json(openApi(version, token !== undefined)));

  app.use('/predict', counted(metrics));
  app.use(
    '/predict',
    bodyLimit({
      maxSize: options.maxBody * 1000,
      onError: () => {
        throw new Refusal(
          413,
          'body-too-large',
          `the body is over ${options.maxBody} kB: send fewer or shorter texts`,
        );
      },
    }),
  );
  app.post('/predict', async (c) => {
    const { inputs, parameters } = await requestOf(c);
    const texts = typeof inputs === 'string' ? [inputs] : inputs;
    return c.json(await answer(texts, parameters?.top_k, options, metrics));
  });
  app.all('/predict', (c) => {
    c.header('Allow', 'POST');
    return c.json(errorAnswer('method', 'send texts with POST'), 405);
  });

  app.notFound((c) => c.json(errorAnswer('not-found', `there is no ${c.req.path}: POST /predict`), 404));
  app.onError((error, c) => {
    // The client is gone: nobody reads this.
    if (c.req.raw.signal.aborted) return c.json(errorAnswer('body', 'the request broke off'), 400);
    if (!(error instanceof Refusal)) {
      process.stderr.write(`eft serve: ${error.message}\n`);
      return c.json(errorAnswer('failure', 'the server failed; its log says why'), 500);
    }
    if (error.status === 429) c.header('Retry-After', '1');
    if (error.status === 401) c.header('WWW-Authenticate', 'Bearer');
    return c.json(errorAnswer(error.code, error.message), error.status);
  });
  return app;
}

const errorAnswer = (code: string, error: string): ErrorAnswer => ({ error, code });

/** Refuses requests for hosts of other names: those come from pages that made a name of theirs point here. */
function knownHost(hosts: readonly string[]): MiddlewareHandler {
  return async (c, next) => {
    const { hostname } = new URL(c.req.url);
    if (!hosts.includes(hostname)) {
      throw new Refusal(403, 'host', `this server answers as ${hosts.join(', ')} only, not as ${hostname}`);
    }
    await next();
  };
}

/** Compared by digests in constant time: how much of a guess was right does not show. */
function bearer(token: string): MiddlewareHandler {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const expected = digest(`Bearer ${token}`);
  return async (c, next) => {
    if (!timingSafeEqual(digest(c.req.header('authorization') ?? ''), expected)) {
      throw new Refusal(401, 'token', 'send the token: "Authorization: Bearer <secret>"');
    }
    await next();
  };
}

function counted(metrics: Metrics): MiddlewareHandler {
  return async (c, next) => {
    const start = performance.now();
    await next();
    metrics.request(c.res.status, (performance.now() - start) / 1000);
  };
}

async function requestOf(c: Context): Promise<z.infer<typeof predictRequestSchema>> {
  // A page elsewhere can send other types without asking first.
  if (!/^application\/json\s*(;|$)/i.test(c.req.header('content-type') ?? '')) {
    throw new Refusal(415, 'content-type', 'send "Content-Type: application/json"');
  }
  const parsed = predictRequestSchema.safeParse(await jsonOf(c));
  if (parsed.success) return parsed.data;
  const [fault] = parsed.error.issues;
  const place = z.core.toDotPath(fault.path);
  const where = place === '' ? 'the body' : place;
  throw new Refusal(422, 'shape', `${where}: ${fault.message}; send {"inputs": "a text"} or {"inputs": […]}`);
}

async function jsonOf(c: Context): Promise<unknown> {
  let bytes: ArrayBuffer;
  try {
    bytes = await c.req.arrayBuffer();
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(400, 'body', 'the body broke off');
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new Refusal(400, 'json', `the body is no JSON in UTF-8: ${(error as Error).message}`);
  }
}

async function answer(
  texts: readonly string[],
  topK: number | undefined,
  { classifier, maxItems, maxQueue, timeout }: AppOptions,
  metrics: Metrics,
): Promise<Prediction[]> {
  if (texts.length > maxItems) {
    throw new Refusal(413, 'too-many-texts', `${texts.length} texts: send at most ${maxItems} at a time`);
  }
  if (metrics.waiting + texts.length > maxQueue) {
    throw new Refusal(429, 'busy', `${metrics.waiting} texts wait already: try again later`);
  }
  metrics.waiting += texts.length;
  // Also behind a request that has timed out: its texts are still at work.
  const work = classifier.predict(texts, { topK }).finally(() => {
    metrics.waiting -= texts.length;
  });
  const predictions = await within(timeout, work);
  metrics.answered(texts.length);
  return predictions;
}

async function within<T>(seconds: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new Refusal(503, 'timeout', `no answer within ${seconds} s: send fewer texts, or try again later`),
      );
    }, seconds * 1000);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
