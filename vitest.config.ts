import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    setupFiles: ['tests/fast-vectors.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two cores: more test files at once only fight over the workers' threads.
    maxWorkers: 2,
  },
});
