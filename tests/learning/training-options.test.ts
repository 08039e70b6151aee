/** The options that editors show are those that the schemas check: the compiler says it; and the files are up to date. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, expectTypeOf, it } from 'vitest';
import type * as z from 'zod';
import type { trainRequestSchema } from '#eft/learning/options.js';
import type { TrainingOptions } from '#eft/learning/trainingOptions.js';
import type { readerOptionsSchema } from '#eft/readers/options.js';
import type { ReadOptions } from '#eft/readers/readOptions.js';

it('have the types of the schemas', () => {
  expectTypeOf<TrainingOptions>().toEqualTypeOf<Readonly<z.input<typeof trainRequestSchema>>>();
  expectTypeOf<ReadOptions>().toEqualTypeOf<Readonly<z.input<typeof readerOptionsSchema>>>();
});

it('are written from the schemas as they are', async () => {
  const script = fileURLToPath(new URL('../../scripts/option-types.js', import.meta.url));
  const { stderr } = await promisify(execFile)(process.execPath, [script, '--check']);
  expect(stderr).toBe('');
});
