/** Words found ahead are those found on the spot, and others have the thread meanwhile. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findWords, withWords } from '#eft/input/segmentation.js';
import { countTokens, tokensOf } from '#eft/input/tokens.js';
import { WordKeys } from '#eft/input/wordKeys.js';
import { WordEncoder } from '#eft/input/words.js';

const HAN = '我们今天去北京的大学图书馆看书然后回家吃饭';
const SCRIPTS = {
  Han: HAN,
  kana: 'ひらがなとカタカナでかかれたぶんしょうです',
  Thai: 'ภาษาไทยเป็นภาษาที่มีระดับเสียงของคำแน่นอน',
  Lao: 'ພາສາລາວເປັນພາສາທີ່ມີສຽງ',
  Khmer: 'ភាសាខ្មែរជាភាសាផ្លូវការរបស់ប្រទេសកម្ពុជា',
  Myanmar: 'မြန်မာဘာသာစကားသည်မြန်မာနိုင်ငံ',
  'Han beyond the basic plane': '𠀀𠀁我',
};
const ALL = Number.POSITIVE_INFINITY;

test.each(Object.entries(SCRIPTS))('%s: the same words, wherever the search ended', async (_, letters) => {
  const text = `A, ${letters.repeat(Math.ceil(20_000 / letters.length))} B'c ${letters}. ${letters}`;
  const expected = [...tokensOf(text)];
  for (const most of [1, 100, expected.length - 3, ALL]) {
    const words = await findWords(text, most);
    expect(words?.text).toBe(text);
    expect(withWords(words, () => [...tokensOf(text)])).toEqual(expected);
    expect(withWords(words, () => countTokens(text))).toBe(expected.length);
  }
});

test('the same words in texts of any pieces, as strings and as keys', async () => {
  const piece = fc.oneof(
    fc.constantFrom(...Object.values(SCRIPTS), "don't", ' ', '。', '\n', 'é', '\ud840'),
    fc.string({ unit: 'binary', maxLength: 5 }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 12 }),
      fc.integer({ min: 0, max: 400 }),
      async (pieces, most) => {
        const text = `${HAN.repeat(400)}${pieces.join('')}`;
        const words = await findWords(text, most * 20);
        const expected = [...tokensOf(text)];
        const found = withWords(words, () => {
          const keys = new WordKeys();
          keys.read(text, ALL);
          return Array.from({ length: keys.count }, (_, i) => keys.word(i));
        });
        expect(found).toEqual(expected);
        // Of another text nothing was found.
        expect(withWords(words, () => [...tokensOf(HAN)])).toEqual([...tokensOf(HAN)]);
      },
    ),
    { numRuns: 6 },
  );
});

test('short texts, and those with spaces, are not searched', async () => {
  expect(await findWords(HAN, ALL)).toBeUndefined();
  expect(await findWords('a word '.repeat(10_000), ALL)).toBeUndefined();
});

test('a short search that begins later ends first, and timers run in between', async () => {
  const ended: string[] = [];
  const long = findWords(HAN.repeat(10_000), ALL).then(() => ended.push('long'));
  const short = findWords(HAN.repeat(500), ALL).then(() => ended.push('short'));
  const timer = new Promise<void>((resolve) => setTimeout(resolve, 0)).then(() => ended.push('timer'));
  await Promise.all([long, short, timer]);
  expect(ended.at(-1)).toBe('long');
});

test('a search ends with its signal', async () => {
  const controller = new AbortController();
  const search = findWords(HAN.repeat(10_000), ALL, {}, controller.signal);
  const reason = new Error('nobody waits');
  controller.abort(reason);
  await expect(search).rejects.toBe(reason);
});

test('an encoder without dictionaries counts what it reads', () => {
  const encoder = WordEncoder.learn(['win free money']);
  expect(encoder.usesDictionaries).toBe(false);
  expect(encoder.count(`win ${HAN} money`)).toBe(3);
  expect(encoder.encode(`win ${HAN} money`, ALL).ids).toHaveLength(3);
});
