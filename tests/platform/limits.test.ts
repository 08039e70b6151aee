/** Limits of the process and the machine, in words. */
import { expect, test } from 'vitest';
import { withoutSecrets } from '#eft/platform/address.js';
import { limitOf } from '#eft/platform/node/faults.js';
import { platform, withinLimit } from '#eft/platform/node/platform.js';

test('a container may have less memory than its machine', async () => {
  expect(withinLimit(8e9, 2e9, 5e8)).toBe(1.5e9);
  expect(withinLimit(1e9, 2e9, 5e8)).toBe(1e9);
  expect(withinLimit(8e9, 1e9, 2e9)).toBe(0);
  // No limit, as versions of Node say it.
  for (const none of [undefined, 0, 2 ** 64]) expect(withinLimit(8e9, none, 1e9)).toBe(8e9);
  expect(await platform.availableMemory()).toBeGreaterThan(0);
});

test('says which limit was met and what to do', () => {
  const fault = (code: string): Error => Object.assign(new Error(`${code}: x, open 'dist/a.js'`), { code });
  expect(limitOf(fault('EMFILE'))).toMatch(
    /this process has too many files open: raise the limit \(ulimit -n\)/,
  );
  expect(limitOf(fault('ENFILE'))).toMatch(/the system has too many files open/);
  expect(limitOf(new RangeError('Array buffer allocation failed'))).toMatch(/^not enough memory/);
  for (const other of [fault('EACCES'), new RangeError('Invalid count value: -1'), undefined, 'text']) {
    expect(limitOf(other)).toBeUndefined();
  }
});

test.each([
  ['GET https://me:secret@host/a/b: no', 'GET https://host/a/b: no'],
  ['https://host/a@1.0/model?token=secret&x=1: refused', 'https://host/a@1.0/model?…: refused'],
  ["'https://host/?sig=secret' and http://secret@host", "'https://host/?…' and http://host"],
  ['redis://:se@cret@host:1/0', 'redis://host:1/0'],
  ['read http://127.0.0.1:80/model, then stop.', 'read http://127.0.0.1:80/model, then stop.'],
])('%s', (text, shown) => {
  expect(withoutSecrets(text)).toBe(shown);
});
