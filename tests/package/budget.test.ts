/** What the whole browser entry weighs in a bundle, compressed: all of its exports, and the one tier that a page uses. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, type Metafile } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const BUDGET = 150_000;
const root = fileURLToPath(new URL('../..', import.meta.url));

describe('the browser entry', () => {
  let folder: string;
  let outputs: Metafile['outputs'];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'eft-budget-'));
    const { metafile } = await build({
      stdin: { contents: `export * from './dist/browser.js';`, resolveDir: root, sourcefile: 'entry.js' },
      absWorkingDir: root,
      bundle: true,
      minify: true,
      splitting: true,
      format: 'esm',
      outdir: folder,
      metafile: true,
      logLevel: 'error',
    });
    outputs = metafile.outputs;
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** A file with all that it imports at once. */
  function closure(path: string, seen = new Set<string>()): Set<string> {
    if (seen.has(path)) return seen;
    seen.add(path);
    for (const { kind, path: other } of outputs[path].imports) {
      if (kind === 'import-statement') closure(other, seen);
    }
    return seen;
  }
  const sizeOf = async (path: string): Promise<number> =>
    gzipSync(await readFile(resolve(root, path))).length;
  const chunkOf = (source: string): string => {
    const found = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint?.endsWith(source));
    if (found === undefined) throw new Error(`no chunk of ${source}`);
    return found[0];
  };

  it('takes 150 kB with all its exports, the worker and the largest tier; the other tiers are files of their own', async () => {
    const tiers = ['simd', 'relaxed-simd', 'simd-256'].map((tier) => chunkOf(`/kernels/${tier}.js`));
    const atOnce = closure(chunkOf('entry.js'));
    expect(tiers.filter((tier) => atOnce.has(tier))).toEqual([]);
    const worker = closure(chunkOf('/workerSource.js'));
    const fixed = await Promise.all([...new Set([...atOnce, ...worker])].map(sizeOf));
    const largest = Math.max(...(await Promise.all(tiers.map(sizeOf))));
    const total = fixed.reduce((sum, size) => sum + size, largest);
    expect(total).toBeLessThan(BUDGET);
    // Kernels do not compress away: a bundle without them would be no measure.
    expect(largest).toBeGreaterThan(20_000);
  });

  it('leaves readers, comparisons and ONNX for when they are asked for', () => {
    const inputs = [...closure(chunkOf('entry.js'))].flatMap((path) => Object.keys(outputs[path].inputs));
    expect(
      inputs.filter((name) => /hyparquet|onnx-buf|simple-statistics|\/readers\/file|\/report\//.test(name)),
    ).toEqual([]);
  });
});
