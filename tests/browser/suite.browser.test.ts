/**
 * The engines' own tests, those of streams and of the features of rocket, in Chromium: the files that run in Node, bundled
 * with the built library. On a cross-origin isolated page with worker threads over shared memory, on another one without.
 * Skipped without Chromium.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EXHAUSTIVE } from '../exhaustive.js';
import { describeWith } from '../needing.js';
import { CHROMIUM, launchChromium, openCountingPage, serveFolder } from './chromium.js';
import type { TestResult } from './vitest.js';

/** Test files that need no file and no process. */
const FILES = [
  'engine/conformance.test.ts',
  'engine/determinism.test.ts',
  'inference/stream.test.ts',
  'input/rocket.test.ts',
  ...(EXHAUSTIVE
    ? ['engine/session.test.ts', 'operations/random-programs.test.ts', 'operations/tiers.test.ts']
    : []),
];

const tests = fileURLToPath(new URL('..', import.meta.url));
async function bundleSuite(folder: string): Promise<void> {
  const imports = FILES.map((file) => `import './${file}';`).join('\n');
  await build({
    stdin: {
      contents: `${imports}\nexport { runTests } from './browser/vitest.js';`,
      resolveDir: tests,
      sourcefile: 'suite.ts',
    },
    alias: { vitest: join(tests, 'browser', 'vitest.ts') },
    // package.json says that files have no side effects; those of tests have.
    ignoreAnnotations: true,
    define: { 'process.env': JSON.stringify({ EFT_EXHAUSTIVE: process.env.EFT_EXHAUSTIVE }) },
    bundle: true,
    format: 'esm',
    outfile: join(folder, 'suite.js'),
    logLevel: 'error',
  });
}

describeWith(CHROMIUM, 'the engines in Chromium', () => {
  let browser: Browser;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'eft-suite-'));
    await bundleSuite(folder);
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true });
  });

  it.each([
    ['cross-origin isolated: worker threads', true],
    ['not isolated: one thread', false],
  ])('%s', async (_, isolated) => {
    const server = await serveFolder(folder, isolated);
    const { page, complaints, made } = await openCountingPage(browser, server.url);
    try {
      expect(await page.evaluate('crossOriginIsolated')).toBe(isolated);
      const results: TestResult[] = await page.evaluate(
        `import('/suite.js').then(({ runTests }) => runTests())`,
      );
      const faults = results.filter(({ fault }) => fault !== undefined);
      expect(faults.map(({ name, fault }) => `${name}: ${fault}`).join('\n\n')).toBe('');
      expect(results.length).toBeGreaterThan(EXHAUSTIVE ? 200 : 60);
      expect(complaints).toEqual([]);
      const { workers, sharedMemories, ownMemories } = await made();
      // Sessions with 1, 2 and 3 threads: more workers than memories. Some ask for unshared memory.
      expect(ownMemories).toBeGreaterThan(0);
      if (isolated) expect(workers).toBeGreaterThan(sharedMemories);
      expect(sharedMemories > 0).toBe(isolated);
      expect(workers > 0).toBe(isolated);
    } finally {
      await page.close();
      await server.close();
    }
  });
});
