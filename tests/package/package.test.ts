/** The packed package in an empty project: what it holds, its types, its size, what it loads, and that it works. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Application, createApplication, installedPackages } from './application.js';

const MINUTES = 60_000;

/** Bytes on the disk, as `du` counts them. */
async function diskUsage(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true });
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).blocks * 512));
  return sizes.reduce((sum, size) => sum + size, 0);
}

describe('the packed package', () => {
  let application: Application;
  beforeAll(async () => {
    application = await createApplication();
  }, 5 * MINUTES);
  afterAll(() => application?.dispose());

  it('holds the built library, and neither sources, tests nor source maps', () => {
    const { packed } = application;
    expect(packed).toEqual(
      expect.arrayContaining(['dist/node.js', 'dist/browser.js', 'dist/engine.js', 'dist/cli/main.js']),
    );
    const expected = /^(dist\/.*\.(js|d\.ts)|LICENSE|\w+\.md|package\.json)$/;
    expect(packed.filter((path) => !expected.test(path))).toEqual([]);
  });

  it('takes at most 40 MB with all that it needs, and no package runs anything when installed', async () => {
    const modules = join(application.folder, 'node_modules');
    expect(await diskUsage(modules)).toBeLessThan(40e6);
    const packages = await installedPackages(modules);
    expect(packages.length).toBeGreaterThan(5);
    const scripted = [];
    for (const folder of packages) {
      const { scripts = {} } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
      if (scripts.preinstall ?? scripts.install ?? scripts.postinstall) scripted.push(folder);
    }
    expect(scripted).toEqual([]);
  });

  it('type-checks strictly under Node’s and bundlers’ resolution, and for browsers without Node’s types', async () => {
    for (const kind of ['node', 'bundler', 'browser']) {
      expect(await application.compile(kind)).toEqual({ code: 0, stdout: '', stderr: '' });
    }
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
    expect(loaded).toContain('/dist/classifier/');
    expect(loaded).not.toMatch(/\/dist\/(cli|experiment|readers|report)\//);
  });

  it('has the command line, of the same version', async () => {
    const { version } = JSON.parse(
      await readFile(join(application.folder, 'node_modules', 'elastic-fourier', 'package.json'), 'utf8'),
    );
    const bin = join('node_modules', '.bin', 'eft');
    expect((await application.node(bin, '--version')).stdout.trim()).toBe(version);
    const { stdout, code } = await application.node(bin, 'predict', 'run', 'a free cruise', '--json');
    expect(code).toBe(0);
    expect(stdout).toContain('spam');
  });

  /** The packages of which modules were loaded by the last traced run. */
  async function loadedPackages(): Promise<string[]> {
    const loaded = await readFile(join(application.folder, 'loaded.txt'), 'utf8');
    const names = [...loaded.matchAll(/\/node_modules\/((?:@[^/]+\/)?[^/\n]+)\/(?!.*\/node_modules\/)/g)];
    return [...new Set(names.map(([, name]) => name))].sort();
  }
});
