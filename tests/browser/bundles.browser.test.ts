/**
 * An application with the wasm engine, in Chromium as bundlers make it without any configuration, and without a
 * bundler: finds kernels and workers, trains with the bits of Node, and stays small. Skipped without Chromium.
 */
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build as bundleWithEsbuild } from 'esbuild';
import type { Browser } from 'playwright-core';
import { build as bundleWithVite } from 'vite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../needing.js';
import { train } from './app/training.js';
import { CHROMIUM, launchChromium, openCountingPage, serveFolder } from './chromium.js';

const app = fileURLToPath(new URL('app', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));

async function esbuild(folder: string, splitting: boolean): Promise<void> {
  await bundleWithEsbuild({
    entryPoints: [join(app, 'app.js')],
    bundle: true,
    minify: true,
    format: 'esm',
    splitting,
    outdir: folder,
    logLevel: 'error',
  });
  await cp(join(app, 'index.html'), join(folder, 'index.html'));
}

/** An import map stands for what Node reads in package.json; files are served as they are. */
async function withoutBundler(folder: string): Promise<void> {
  for (const name of ['dist', 'node_modules']) await symlink(join(root, name), join(folder, name));
  await cp(app, join(folder, 'app'), { recursive: true });
  const imports = {
    '#platform': '/dist/platform/browser/platform.js',
    '#eft/': '/dist/',
    'zod/': '/node_modules/zod/',
    'zod/mini': '/node_modules/zod/mini/index.js',
    '@noble/hashes/': '/node_modules/@noble/hashes/',
  };
  await writeFile(
    join(folder, 'index.html'),
    `<!doctype html><link rel="icon" href="data:,"><script type="importmap">${JSON.stringify({ imports })}</script>
    <script type="module" src="/app/app.js"></script>`,
  );
}

const KINDS: Readonly<Record<string, (folder: string) => Promise<unknown>>> = {
  'vite build': (folder) =>
    bundleWithVite({
      root: app,
      configFile: false,
      logLevel: 'error',
      build: { outDir: folder, emptyOutDir: true },
    }),
  'esbuild, one file': (folder) => esbuild(folder, false),
  'esbuild --splitting': (folder) => esbuild(folder, true),
  'no bundler': withoutBundler,
};

describeWith(CHROMIUM, 'an application in Chromium', () => {
  let browser: Browser;
  let folder: string;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());

  it.each(Object.keys(KINDS))('%s', async (kind) => {
    folder = await mkdtemp(join(tmpdir(), 'eft-app-'));
    await KINDS[kind](folder);
    const server = await serveFolder(folder, true);
    const { page, complaints, made } = await openCountingPage(browser, 'about:blank');
    const paths: string[] = [];
    page.on('request', (request) => {
      if (request.url().startsWith(server.url)) paths.push(new URL(request.url()).pathname);
    });
    try {
      await page.goto(server.url);
      const [chosen, simd] = await page.evaluate<Awaited<ReturnType<typeof train>>[]>('outcome');
      expect(complaints).toEqual([]);
      expect(chosen).toMatchObject({ threads: 2, tier: 'relaxed-simd' });
      expect(await made()).toMatchObject({ workers: 4, sharedMemories: 2 });
      expect(simd.bytes).toBe((await train('simd')).bytes);
      expect(chosen.bytes).toBe((await train('relaxed-simd')).bytes);
      if (kind !== 'no bundler') {
        const files = await Promise.all(
          paths.filter((path) => path !== '/').map((path) => readFile(join(folder, path))),
        );
        const bytes = files.reduce((sum, file) => sum + gzipSync(file).length, 0);
        // With zod, and the two tiers that were loaded; one file carries all three, of 32 kB each.
        const limit = kind === 'esbuild, one file' ? 182_000 : 150_000;
        expect(bytes, `${files.length} files`).toBeLessThan(limit);
      }
    } finally {
      await page.close();
      await server.close();
      await rm(folder, { recursive: true });
    }
  });

  it('a content security policy that forbids the workers is named in the error', async () => {
    folder = await mkdtemp(join(tmpdir(), 'eft-app-'));
    await esbuild(folder, false);
    const html = await readFile(join(app, 'index.html'), 'utf8');
    const policy = `<meta http-equiv="Content-Security-Policy" content="worker-src 'self'">`;
    await writeFile(join(folder, 'index.html'), html.replace('<title>', `${policy}<title>`));
    const server = await serveFolder(folder, true);
    const page = await browser.newPage();
    try {
      await page.goto(server.url);
      const message = await page.evaluate('outcome.catch(({ message }) => message)');
      expect(message).toContain("needs 'worker-src blob:'");
    } finally {
      await page.close();
      await server.close();
      await rm(folder, { recursive: true });
    }
  });
});
