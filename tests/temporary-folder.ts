/** A temporary folder for the files of a test. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { InputError } from '#eft/errors.js';

export interface TemporaryFolder {
  readonly at: (name: string) => string;
  /** Writes the file, folders above it included; gives its path. */
  readonly write: (name: string, content: string | Uint8Array) => Promise<string>;
}

/** Made before the tests of the file that calls this, removed after them. */
export function temporaryFolder(): TemporaryFolder {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'eft-data-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const at = (name: string): string => join(folder, name);
  return {
    at,
    async write(name, content) {
      await mkdir(dirname(at(name)), { recursive: true });
      await writeFile(at(name), content);
      return at(name);
    },
  };
}

/** Expects an InputError with exactly this message. */
export async function expectRefusal(promise: Promise<unknown>, message: string): Promise<void> {
  const error = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(InputError);
  expect((error as Error).message).toBe(message);
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
