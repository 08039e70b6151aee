import { configDefaults, defineConfig } from 'vitest/config';

/** `npm test` is quick; `npm run test:exhaustive` (--mode exhaustive) runs what takes longer too, with more runs each. */
export default defineConfig(({ mode }) => {
  const exhaustive = mode === 'exhaustive';
  return {
    test: {
      include: ['tests/**/*.test.ts'],
      exclude: [...configDefaults.exclude, ...(exhaustive ? [] : ['tests/**/*.exhaustive.test.ts'])],
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
