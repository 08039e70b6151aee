import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    setupFiles: ['tests/fast-vectors.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
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
});
