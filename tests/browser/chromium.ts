/** Headless Chromium on pages that a server on loopback serves, cross-origin isolated or not. */
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { lookFor } from '../needing.js';
import { PATIENCE_MS } from '../patience.js';

/** Tests that need it are skipped where it is missing. */
export const CHROMIUM = lookFor('chromium');

export const launchChromium = (): Promise<Browser> =>
  chromium.launch({
    ...(CHROMIUM.command === undefined ? {} : { executablePath: CHROMIUM.command }),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.html': 'text/html',
  '.css': 'text/css',
};

/** Headers that give a page SharedArrayBuffer. */
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export interface FolderServer {
  readonly url: string;
  /** Names of the files that were asked for so far. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/** Serves the files of a folder; `/` is an empty page if it has no index.html. */
export async function serveFolder(folder: string, isolated: boolean): Promise<FolderServer> {
  const asked: string[] = [];
  const server: Server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://host').pathname);
    const name = path === '/' ? 'index.html' : path;
    asked.push(name);
    const content = await readFile(join(folder, name)).catch(() =>
      path === '/' ? '<!doctype html><title>test</title><link rel="icon" href="data:,">' : undefined,
    );
    const headers = { 'Content-Type': TYPES[extname(name)] ?? 'application/octet-stream' };
    response.writeHead(content === undefined ? 404 : 200, isolated ? { ...headers, ...ISOLATION } : headers);
    response.end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** What a page has made so far: workers, and memories by kind. */
export interface Made {
  readonly workers: number;
  readonly sharedMemories: number;
  readonly ownMemories: number;
}

export interface CountingPage {
  readonly page: Page;
  /** What the console and failed requests said. */
  readonly complaints: readonly string[];
  made(): Promise<Made>;
}

/** A page that counts the workers and memories it makes. */
export async function openCountingPage(browser: Browser, url: string): Promise<CountingPage> {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.stack ?? error.message));
  await page.addInitScript(() => {
    const made = { workers: 0, sharedMemories: 0, ownMemories: 0 };
    const { Worker: PlainWorker } = globalThis;
    const PlainMemory = WebAssembly.Memory;
    globalThis.Worker = class extends PlainWorker {
      constructor(...options: ConstructorParameters<typeof Worker>) {
        super(...options);
        made.workers++;
      }
    };
    // Not a subclass: what is made must be a plain memory, which can be sent to a worker.
    WebAssembly.Memory = new Proxy(PlainMemory, {
      construct(target, options) {
        const memory = new target(options[0]);
        const shared =
          typeof SharedArrayBuffer === 'function' && (memory.buffer as unknown) instanceof SharedArrayBuffer;
        made[shared ? 'sharedMemories' : 'ownMemories']++;
        return memory;
      },
    });
    Object.assign(globalThis, { made });
  });
  await page.goto(url);
  return { page, complaints, made: () => page.evaluate('made') };
}
