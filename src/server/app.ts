/** The server's routes over a classifier: requests checked, inputs of overlapping requests in one batch, limits on all. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { secureHeaders } from 'hono/secure-headers';
import type { FoundEvent } from '../data/timedEvent.js';
import { InputError } from '../errors.js';
import type { Classifier } from '../inference/classifier.js';
import type { SoundChunk } from '../inference/detection/detector.js';
import type { Prediction } from '../inference/prediction.js';
import { type Accepted, NOUNS, TEXTS } from './accepted.js';
import { bodyTooLarge, ENCODINGS, type PredictRequest, readRequest } from './body.js';
import { Metrics } from './metrics.js';
import { openApi } from './openapi.js';
import type { ServerOptions } from './options.js';
import { PAGE_POLICY, renderTryPage } from './page.js';
import { RequestError } from './requestError.js';
import type { ErrorAnswer, HealthAnswer } from './schemas.js';

type Limits = Pick<ServerOptions, 'token' | 'maxBody' | 'maxItems' | 'maxQueue' | 'timeout'>;

export interface AppOptions extends Limits {
  readonly classifier: Pick<Classifier, 'predict' | 'classes' | 'configuration'> &
    Partial<Pick<Classifier, 'detect' | 'findsEvents'>>;
  /** What it reads. Default: texts. */
  readonly accepted?: Accepted | undefined;
  /** Of the program. */
  readonly version: string;
  /** Names a request may give its host; a page elsewhere cannot then reach a loopback server by a name of its own. */
  readonly hosts?: readonly string[] | undefined;
  /** Aborted when the server is ending. */
  readonly ending: AbortSignal;
}

export function createApp(options: AppOptions): Hono {
  const { classifier, accepted = TEXTS, version, token, hosts, ending } = options;
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
    app.use('/detect', bearer(token));
    app.use('/metrics', bearer(token));
  }

  app.get('/', (c) => c.html(renderTryPage(token !== undefined, accepted)));
  app.get('/health', (c) => {
    const status = ending.aborted ? 'ending' : 'ok';
    const answer: HealthAnswer = {
      status,
      model: classifier.configuration.model,
      classes: [...classifier.classes],
      input: { ...accepted, fields: accepted.fields && [...accepted.fields] },
    };
    return c.json(answer, ending.aborted ? 503 : 200);
  });
  app.get('/metrics', (c) =>
    c.text(metrics.render(process.memoryUsage.rss()), 200, {
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
    }),
  );
  app.get('/openapi.json', (c) => c.json(openApi(version, token !== undefined, accepted)));

  app.use('/predict', counted(metrics));
  app.use(
    '/predict',
    bodyLimit({
      maxSize: options.maxBody * 1000,
      onError: () => {
        throw bodyTooLarge(options.maxBody);
      },
    }),
  );
  app.post('/predict', async (c) => c.json(await answer(c, options, accepted, metrics)));
  app.all('/predict', (c) => {
    c.header('Allow', 'POST');
    return c.json(errorAnswer('method', `send ${NOUNS[accepted.kind][1]} with POST`), 405);
  });

  if (classifier.findsEvents) {
    app.use('/detect', counted(metrics));
    app.use(
      '/detect',
      bodyLimit({
        maxSize: options.maxBody * 1000,
        onError: () => {
          throw bodyTooLarge(options.maxBody);
        },
      }),
    );
    app.post('/detect', async (c) => c.json(await detected(c, options, accepted, metrics)));
    app.all('/detect', (c) => {
      c.header('Allow', 'POST');
      return c.json(errorAnswer('method', 'send a recording with POST'), 405);
    });
  }

  app.notFound((c) => c.json(errorAnswer('not-found', `there is no ${c.req.path}: POST /predict`), 404));
  app.onError((error, c) => {
    // The client is gone: nobody reads this.
    if (c.req.raw.signal.aborted) return c.json(errorAnswer('body', 'the request broke off'), 400);
    // Of what the model was given: the request's fault, not the server's.
    if (error instanceof InputError) return c.json(errorAnswer(error.code, error.message), 422);
    if (!(error instanceof RequestError)) {
      process.stderr.write(`eft serve: ${error.message}\n`);
      return c.json(errorAnswer('failure', 'the server failed; its log says why'), 500);
    }
    if (error.status === 429) c.header('Retry-After', '1');
    if (error.status === 401) c.header('WWW-Authenticate', 'Bearer');
    if (error.code === 'content-encoding') c.header('Accept-Encoding', ENCODINGS);
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
      const names = [...new Set(hosts)].join(', ');
      const advice = `start it with --allow-host ${hostname}, or with a token`;
      throw new RequestError(
        403,
        'host',
        `this server answers as ${names} only, not as ${hostname}: ${advice}`,
      );
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
      throw new RequestError(401, 'token', 'send the token: "Authorization: Bearer <secret>"');
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

/** Answers, unless the time is up or the client is gone: the work then ends too. */
async function answer(
  c: Context,
  options: AppOptions,
  accepted: Accepted,
  metrics: Metrics,
): Promise<Prediction[]> {
  const request = new AbortController();
  const { signal } = request;
  const onGone = (): void => request.abort(client.reason);
  const client = c.req.raw.signal;
  client.addEventListener('abort', onGone, { once: true });
  const timer = setTimeout(() => {
    const advice = 'send fewer or shorter inputs, or try again later';
    request.abort(new RequestError(503, 'timeout', `no answer within ${options.timeout} s: ${advice}`));
  }, options.timeout * 1000);
  try {
    return await orAborted(
      predict(await readRequest(c, accepted, options), options, accepted, metrics, signal),
      signal,
    );
  } finally {
    clearTimeout(timer);
    client.removeEventListener('abort', onGone);
    // Where one input was refused, the others need no answer.
    request.abort();
  }
}

/** Also behind work that does not heed its signal. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    work.then(resolve, reject);
  });
}

/** The events of the recordings of a request: a list of them, or of one recording its events alone. */
async function detected(
  c: Context,
  options: AppOptions,
  accepted: Accepted,
  metrics: Metrics,
): Promise<FoundEvent[] | FoundEvent[][]> {
  const { inputs } = await readRequest(c, accepted, options);
  if (metrics.waiting + inputs.length > options.maxQueue) {
    throw new RequestError(429, 'busy', `${metrics.waiting} recordings wait already: try again later`);
  }
  metrics.waiting += inputs.length;
  try {
    const signal = AbortSignal.any([c.req.raw.signal, AbortSignal.timeout(options.timeout * 1000)]);
    const found: FoundEvent[][] = [];
    for (const input of inputs) found.push(await options.classifier.detect!(input as SoundChunk, { signal }));
    metrics.answered(inputs.length);
    return found.length === 1 ? found[0] : found;
  } finally {
    metrics.waiting -= inputs.length;
  }
}

async function predict(
  { inputs, topK }: PredictRequest,
  { classifier, maxQueue }: AppOptions,
  accepted: Accepted,
  metrics: Metrics,
  signal: AbortSignal,
): Promise<Prediction[]> {
  const [noun, nouns] = NOUNS[accepted.kind];
  let own = 0;
  /** Takes places in the queue. */
  const wait = (count: number): void => {
    signal.throwIfAborted();
    if (metrics.waiting + count > maxQueue) {
      throw new RequestError(429, 'busy', `${metrics.waiting} ${nouns} wait already: try again later`);
    }
    own += count;
    metrics.waiting += count;
  };
  const onSequences = (count: number): void => {
    // The input itself has a place.
    const more = count - 1;
    if (own + more > maxQueue) {
      throw new RequestError(
        413,
        'too-many-windows',
        `the ${noun} gives ${count} windows, more than may wait (--max-queue ${maxQueue}): send it in parts`,
      );
    }
    if (more > 0) wait(more);
  };
  wait(inputs.length);
  try {
    const predictions = await classifier.predict(inputs, { topK, signal, onSequences });
    metrics.answered(inputs.length);
    return predictions;
  } finally {
    metrics.waiting -= own;
    own = 0;
  }
}
