import { readFileSync } from 'node:fs';
import { globSync } from 'tinyglobby';
import { defineConfig } from 'vitest/config';

const NAMED = '.exhaustive.test.ts';
/** What tries more where there is time, by the modules that say so. */
const TRIES_MORE = /from '\.{1,2}\/(?:[\w-]+\/)*(?:exhaustive|conformance|conformance-engines|here)\.js'/;

/** Files that `npm test` leaves out, or runs with less. */
const fuller = (): string[] => [
  ...globSync('tests/**/*.test.ts').filter(
    (file) => file.endsWith(NAMED) || TRIES_MORE.test(readFileSync(file, 'utf8')),
  ),
  // Each command a process of its own.
  'tests/cli/errors.test.ts',
];

/** Tests of modules that keep nothing: one process loads them once for many files. Others have a process each. */
const PLAIN = /^tests\/(?:data|evaluation|formats|input|model|operations|program|readers|report)\//;
const isPlain = (file: string): boolean => PLAIN.test(file) && !file.includes('.browser.');

/** `npm test` is quick; `npm run test:exhaustive` (--mode exhaustive) runs what takes longer, and more of what can be tried more. */
export default defineConfig(({ mode }) => {
  const exhaustive = mode === 'exhaustive';
  const files = exhaustive
    ? fuller()
    : globSync('tests/**/*.test.ts').filter((file) => !file.endsWith(NAMED));
  return {
    test: {
      projects: [
        {
          extends: true,
          test: { name: 'modules', include: files.filter(isPlain), isolate: false },
        },
        {
          extends: true,
          test: { name: 'programs', include: files.filter((file) => !isPlain(file)) },
        },
      ],
      env: exhaustive ? { EFT_EXHAUSTIVE: '1' } : {},
      // The built code as Node loads it, not transformed once more.
      server: { deps: { external: [/\/dist\//] } },
      setupFiles: ['tests/fast-vectors.ts'],
      reporters: ['default', './tests/skipped-reporter.ts'],
      // Only to end what hangs: no test asserts a time, and a busy machine may be many times as slow.
      testTimeout: 600_000,
      hookTimeout: 600_000,
      // Two cores: more test files at once only fight over the workers' threads.
      maxWorkers: 2,
      // Of what runs in the tests' own processes: commands, worker threads and pages are tested, but not seen here.
      coverage: {
        provider: 'v8',
        include: ['dist/**/*.js'],
        exclude: ['dist/engine/wasm/kernels/**', 'dist/platform/browser/**'],
        reporter: ['text-summary', 'html'],
      },
    },
  };
});
