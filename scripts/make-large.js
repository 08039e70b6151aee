/**
 * Large data to try limits with: the mails of spam-assassin again and again, a tenth of the words of each exchanged for
 * words of others, so that no two texts are alike. The same bytes for the same arguments.
 *
 *   node scripts/make-large.js large.jsonl 1e9          JSON lines with text and label, until so many bytes are written
 *   node scripts/make-large.js lines.txt 1e9 --plain    a text a line without labels, for other programs too
 */

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { RandomStream } from '../dist/random.js';
import { loadSpamAssassin } from '../dist/readers/disk/spamAssassin.js';

const CHANGED = 0.1;

const [path, size, form] = process.argv.slice(2);
const most = Number(size);
if (path === undefined || !(most > 0) || (form !== undefined && form !== '--plain')) {
  process.stderr.write('usage: node scripts/make-large.js FILE BYTES [--plain]\n');
  process.exit(2);
}

const examples = await loadSpamAssassin();
const mails = examples.map(({ input, label }) => ({ label, words: input.split(/(?<=\s)(?=\S)/) }));
const pool = mails.flatMap(({ words }) => words.filter((word) => /^[a-z]+ $/.test(word)));
const out = createWriteStream(path);
let written = 0;
for (let i = 0; written < most; i++) {
  const { label, words } = mails[i % mails.length];
  const random = new RandomStream(1, 'test', i);
  const changed = words.map((word) =>
    random.next() < CHANGED ? pool[random.nextInteger(pool.length)] : word,
  );
  const text = `${changed.join('')} ${i}`;
  const line = form === '--plain' ? text.replace(/\s+/g, ' ') : JSON.stringify({ text, label });
  written += Buffer.byteLength(line) + 1;
  if (!out.write(`${line}\n`)) await once(out, 'drain');
}
out.end();
await once(out, 'finish');
