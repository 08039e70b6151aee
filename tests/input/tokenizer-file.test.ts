/** What is wrong with a tokenizer.json is said exactly (round trip: tokenizers.test.ts). */
import { describe, expect, test } from 'vitest';
import { InputError } from '#eft/errors.js';
import { ByteEncoder } from '#eft/input/bytes.js';
import { encoderFromJSON } from '#eft/input/index.js';

const PLACE = 'run/tokenizer.json';

test('bytes come back', () => {
  const json = JSON.parse(JSON.stringify(new ByteEncoder()));
  expect(encoderFromJSON(json, PLACE)).toBeInstanceOf(ByteEncoder);
});

describe('refused, naming the place', () => {
  const good = {
    format: 'elastic-fourier/words',
    version: 1,
    vocabulary: 4,
    ngrams: 1,
    buckets: 0,
    words: ['a', 'b'],
  };
  const { words: _, ...wordless } = good;
  const cases: [string, unknown, RegExp][] = [
    ['no object', null, /not a tokenizer of this version.*expected object/s],
    ['no format', {}, /not a tokenizer of this version.*at format/s],
    ['another format', { ...good, format: 'WordLevel' }, /elastic-fourier\/words.*at format/s],
    ['another version', { ...good, version: 2 }, /not a tokenizer of this version.*expected 1.*at version/s],
    ['no words', wordless, /at words/],
    ['words that are no strings', { ...good, words: ['a', 2] }, /at words\[1\]/],
    ['more words than ids', { ...good, words: ['a', 'b', 'c', 'd'] }, /4 words do not fit a vocabulary of 4/],
    ['a word twice', { ...good, words: ['a', 'a'] }, /the same word appears twice/],
    ['a vocabulary that is no whole number', { ...good, vocabulary: 2.5 }, /at vocabulary/],
    ['an unknown member', { ...good, case: 'kept' }, /"case"/],
  ];
  test.each(cases)('%s', (_, json, message) => {
    const read = () => encoderFromJSON(json, PLACE);
    expect(read).toThrow(InputError);
    expect(read).toThrow(PLACE);
    expect(read).toThrow(message);
  });
});
