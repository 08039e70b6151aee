/**
 * Keeps the page's files, so that it opens without a network; and gives the page the two headers of isolation where its
 * host does not: from the second visit on it then has all cores. It asks its own host for its own files, nobody else.
 */
declare const FILES: readonly string[];
declare const VERSION: string;
declare const ISOLATION: Readonly<Record<string, string>>;

/** What a service worker has of its own; TypeScript's library of it cannot stand beside that of pages. */
interface Lasting extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Asked extends Lasting {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface Worker {
  readonly registration: { readonly scope: string };
  readonly clients: { claim(): Promise<void> };
  addEventListener(type: 'install' | 'activate', listener: (event: Lasting) => void): void;
  addEventListener(type: 'fetch', listener: (event: Asked) => void): void;
}
const worker = globalThis as unknown as Worker;

const { scope } = worker.registration;
/** Other pages of this host may keep files too. */
const OURS = `elastic-fourier ${scope} `;
const NAME = OURS + VERSION;
const PAGE = new URL('index.html', scope).href;

/** Names say what a file holds, save the page's. */
const requestFor = (name: string): Request =>
  new Request(new URL(name, scope), { cache: name === 'index.html' ? 'no-cache' : 'default' });

worker.addEventListener('install', (event) => {
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(FILES.map(requestFor))));
});

worker.addEventListener('activate', (event) => {
  const tidy = async (): Promise<void> => {
    const old = (await caches.keys()).filter((name) => name.startsWith(OURS) && name !== NAME);
    await Promise.all(old.map((name) => caches.delete(name)));
    await worker.clients.claim();
  };
  event.waitUntil(tidy());
});

function isolated(response: Response): Response {
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(ISOLATION)) headers.set(name, value);
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}

/** Files beside the page's own that are kept: the sample, in whatever forms it was asked for. */
const MOST_OTHERS = 8;

/** Keeps what was asked for, and of such files the latest alone. A browser without room keeps nothing: no fault. */
async function keep(cache: Cache, request: Request, response: Response): Promise<void> {
  try {
    await cache.put(request, response);
    const own = new Set(FILES.map((name) => new URL(name, scope).href));
    const others = (await cache.keys()).filter(({ url }) => !own.has(url));
    await Promise.all(others.slice(0, -MOST_OTHERS).map((old) => cache.delete(old)));
  } catch {
    // The page works as well without.
  }
}

async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(NAME);
  const { origin, pathname } = new URL(request.url);
  const isPage =
    request.mode === 'navigate' &&
    (request.url.split(/[?#]/)[0] === scope || pathname.endsWith('/index.html'));
  const kept = await cache.match(isPage ? PAGE : request);
  if (kept !== undefined) return isPage ? isolated(kept) : kept;
  const response = await fetch(request);
  // The sample: kept once it was asked for, and whole; a part of a file cannot be kept.
  if (response.status === 200 && origin === new URL(scope).origin)
    await keep(cache, request, response.clone());
  return response;
}

worker.addEventListener('fetch', (event) => {
  const { method, url } = event.request;
  if (method === 'GET' && url.startsWith(scope)) event.respondWith(answer(event.request));
});
