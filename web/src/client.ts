/** The page's side of its worker, and of the service worker that keeps the page's files. */
import { type Remote, wrap } from 'comlink';
import type { Workshop } from './api.ts';
import address from './worker.ts?worker&url';

/**
 * From a blob, which has the page's own content security policy; a worker from an address would have whatever its host
 * sends, on most hosts none.
 */
function startWorker(): Worker {
  const script = `import ${JSON.stringify(new URL(address, document.baseURI).href)};`;
  const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  return new Worker(url, { type: 'module' });
}

/** Milliseconds to wait for the service worker; without it the page works as well, but not without a network. */
const PATIENCE_MS = 20_000;

/** Resolves when the page's files are kept and come from there; to false where a browser keeps none. */
async function keepFiles(): Promise<boolean> {
  // A page that is not from https or localhost has none.
  const { serviceWorker } = navigator;
  if (!KEEPS_FILES || serviceWorker === undefined) return false;
  try {
    await serviceWorker.register(new URL('sw.js', document.baseURI));
    await serviceWorker.ready;
    if (serviceWorker.controller === null) {
      await new Promise((resolve) =>
        serviceWorker.addEventListener('controllerchange', resolve, { once: true }),
      );
    }
    return true;
  } catch {
    return false;
  }
}

export interface Client {
  readonly workshop: Remote<Workshop>;
  /** Whether the page opens without a network from now on. */
  readonly kept: boolean;
}

/** @param failed told when the worker cannot run at all */
export async function connect(failed: (message: string) => void): Promise<Client> {
  const patience = new Promise<boolean>((resolve) => setTimeout(resolve, PATIENCE_MS, false));
  // First, so that what the worker loads comes from there and is fetched once.
  const kept = await Promise.race([keepFiles(), patience]);
  const worker = startWorker();
  worker.addEventListener('error', (event) => failed(event.message || 'its worker could not be started'));
  return { workshop: wrap<Workshop>(worker), kept };
}
