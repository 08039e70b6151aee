/** Builds the page into web/dist/: static files that any host serves. `npm run build:web`, `npm run web`. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { defineConfig } from 'vite';
import { ISOLATION, POLICY } from './headers.js';
import { sampleModule } from './sample.js';

const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));

/** @returns {import('vite').Plugin} the sample mails as a module, made from the data's package when it is asked for */
const sample = () => ({
  name: 'sample',
  resolveId: (id) => (id === 'virtual:sample' ? '\0sample' : undefined),
  load: (id) => (id === '\0sample' ? sampleModule() : undefined),
});

/** @param {boolean} built the development server's own client needs more @returns {import('vite').Plugin} */
const policy = (built) => ({
  name: 'policy',
  transformIndexHtml: (html) => html.replace('%CSP%', built ? POLICY : "object-src 'none'"),
});

/**
 * What is not fetched beforehand: the sample; the kernels, of which the page loads one build and keeps it then; formats
 * that the page does not write; readers and trainings of signals.
 */
const LATER =
  /^assets\/(_sample|simd|relaxed-simd|simd-256|model|source|formats|kernel|ridge|miniRocket|convolutionWorkerSource)-/;

/**
 * Writes sw.js when all else is written: it keeps the page's files, by their contents.
 * @returns {import('vite').Plugin}
 */
const serviceWorker = () => ({
  name: 'service-worker',
  apply: 'build',
  async writeBundle({ dir = '' }) {
    const files = readdirSync(dir, { recursive: true, encoding: 'utf8', withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.endsWith('.map') && entry.name !== 'sw.js')
      .map(({ parentPath, name }) =>
        join(parentPath, name)
          .slice(dir.length + 1)
          .replaceAll('\\', '/'),
      )
      .filter((name) => !LATER.test(name))
      .sort();
    const hash = createHash('sha256');
    for (const name of files) hash.update(name).update(readFileSync(join(dir, name)));
    await build({
      entryPoints: [here('./src/serviceWorker.ts')],
      outfile: join(dir, 'sw.js'),
      bundle: true,
      minify: true,
      target: 'es2022',
      define: {
        FILES: JSON.stringify(files),
        VERSION: JSON.stringify(hash.digest('hex').slice(0, 16)),
        ISOLATION: JSON.stringify(ISOLATION),
      },
    });
  },
});

const { version } = JSON.parse(readFileSync(here('../package.json'), 'utf8'));

export default defineConfig(({ command }) => ({
  root: here('.'),
  base: './',
  resolve: { alias: { 'elastic-fourier': here('../dist/browser.js') } },
  define: {
    LIBRARY_VERSION: JSON.stringify(version),
    // Not while it is being developed: what a service worker keeps is old.
    KEEPS_FILES: JSON.stringify(command === 'build'),
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  worker: { format: 'es', plugins: () => [sample()] },
  plugins: [sample(), policy(command === 'build'), serviceWorker()],
  server: { headers: ISOLATION },
  // The page's policy stands in the page: sent with sw.js it would keep that from its own files.
  preview: { headers: { ...ISOLATION, 'Content-Security-Policy': "frame-ancestors 'none'" } },
}));
