/**
 * Tables as they come: of Excel, Google Sheets, pandas, R, Spark, Kaggle, the hub, fastText and others, each with what
 * is read from it and what is said of that, or with its refusal. The files are small and made for this; what is theirs
 * is how they are written.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ReadOptions } from '#eft/readers/options.js';
import { readWhole } from '../readers/read.js';
import { expectRefusal } from '../temporary-folder.js';

interface Case {
  readonly file: string;
  readonly options?: ReadOptions;
  readonly examples?: readonly (readonly [input: string, label: string])[];
  /** Number of examples in each part. */
  readonly splits?: Readonly<Record<string, number>>;
  readonly said?: string;
  readonly refused?: string;
}

const FILES = join(import.meta.dirname, 'files');
const cases = JSON.parse(readFileSync(join(import.meta.dirname, 'expected.json'), 'utf8')) as Case[];

/** As in the list of cases: names without the folder, and no words of the JSON parser, which differ between versions. */
const plain = (text: string): string =>
  text.replaceAll(join(FILES, '/'), '').replace(/not JSON \(.*\); one object/, 'not JSON (…); one object');

describe('tables', () => {
  test('are at least forty, each with a case', () => {
    const files = readdirSync(FILES);
    expect(files.length).toBeGreaterThanOrEqual(40);
    expect(files.filter((file) => !cases.some((one) => one.file === file))).toEqual([]);
    expect(cases.filter(({ file }) => !existsSync(join(FILES, file)))).toEqual([]);
  });

  test.each(
    cases.map((one) => [`${one.file} ${one.options ? JSON.stringify(one.options) : ''}`, one] as const),
  )('%s', async (_, { file, options = {}, examples, splits, said, refused }) => {
    const read = readWhole(join(FILES, file), options).catch((error: Error) => {
      error.message = plain(error.message);
      throw error;
    });
    if (refused !== undefined) {
      await expectRefusal(read, refused);
      return;
    }
    const result = await read;
    expect(result.examples.map(({ input, label }) => [input, label])).toEqual(examples);
    expect(plain(result.said)).toBe(said);
    const found = Object.entries(result.splits ?? {}).map(([split, { length }]) => [split, length]);
    expect(Object.fromEntries(found)).toEqual(splits ?? {});
  });
});
