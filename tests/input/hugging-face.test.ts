/** tokenizer.json in Hugging Face's own library gives the ids that our encoders give. */
import { Tokenizer } from '@huggingface/tokenizers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tokenizerFiles } from '#eft/formats/hub.js';
import { ByteEncoder } from '#eft/input/bytes.js';
import type { Encoder } from '#eft/input/encoder.js';
import { tokenizerConfig } from '#eft/input/huggingFace.js';
import { WordEncoder } from '#eft/input/words.js';
import { readWhole } from '../readers/read.js';

const HARD = [
  'Win a FREE cruise now!!!',
  "It's the l’amour of don't-worry's '' 'quoted' o'",
  '<p>Tom &amp; Jerry<br />said: "hi"</p>',
  '😀👩‍👩‍👧‍👦 and 🇩🇪, flags',
  'Cafe\u0301 Zürich naïve ÅNGSTRÖM İstanbul ΟΔΟΣ ΣΑΣ',
  'مرحبا بالعالم، كيف حالك؟ العَرَبِيَّة',
  'नमस्ते दुनिया हिन्दी',
  '我喜欢读书。今天天气很好！',
  'これは日本語の文です',
  'สวัสดีชาวโลก',
  'a\u00a0b\u2003c\td\r\ne\ufefff\u0085g',
  '[UNK] [PAD] [unk] ##ing </s>',
  '1,024.5 % x² ½ Ⅷ ①',
  '\u0000\u0007 control',
];

/** As our encoders see texts, the whole of them. */
const LENGTH = 100_000;

function libraryOf(encoder: Encoder): Tokenizer {
  const json = JSON.parse(JSON.stringify(encoder.toTokenizerJson!()));
  return new Tokenizer(json, JSON.parse(JSON.stringify(tokenizerConfig(LENGTH, encoder.kind === 'words'))));
}

const idsOf = (encoder: Encoder, text: string): number[] => [...encoder.encode(text, LENGTH).ids];

describe.each([
  ['words', WordEncoder.learn([...HARD.filter((text) => !/[我これส]/.test(text)), 'the a of to'])],
  ['bytes', new ByteEncoder()],
] as const)('%s', (_, encoder) => {
  const library = libraryOf(encoder);

  it.each(HARD)('%s', (text) => {
    expect(library.encode(text, { add_special_tokens: false }).ids).toEqual(idsOf(encoder, text));
  });

  it('any text with something in it', () => {
    const unit = fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom('a', 'B', "'", '’', ' ', '.', 'é', 'Σ', '\u0301', '1', '\n') },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 3 }) },
    );
    fc.assert(
      fc.property(fc.array(unit, { minLength: 1, maxLength: 20 }), (units) => {
        // A byte encoder reads lone surrogates as U+FFFD; the library would too, if it got bytes.
        const text = units.join('').toWellFormed();
        fc.pre(text.trim() !== '');
        expect(library.encode(text, { add_special_tokens: false }).ids).toEqual(idsOf(encoder, text));
      }),
      { seed: 11, numRuns: 1000 },
    );
  });
});

it('a thousand mails', async () => {
  const { examples } = await readWhole('spam-assassin');
  const mails = examples.slice(0, 1000).map(({ input }) => input);
  const encoder = WordEncoder.learn(mails.filter((_, i) => i % 2 === 0));
  const library = libraryOf(encoder);
  let compared = 0;
  for (const mail of mails) {
    const ids = idsOf(encoder, mail);
    expect(library.encode(mail, { add_special_tokens: false }).ids).toEqual(ids);
    compared += ids.length;
  }
  expect(compared).toBeGreaterThan(100_000);
});

describe('a model that reads texts in normal form C', () => {
  const encoder = WordEncoder.learn(['Café brûlée Việt Nam', 'ÅNGSTRÖM 한국어']);
  const files = (one: Encoder, unicode?: string) =>
    tokenizerFiles(one, { model: { sequenceLength: 8 }, reading: { long: 'head', unicode } });
  const idsIn = (json: string, text: string): number[] =>
    new Tokenizer(JSON.parse(json), JSON.parse(files(encoder).get('tokenizer_config.json')!)).encode(text, {
      add_special_tokens: false,
    }).ids;

  it.each([
    ['words', encoder],
    ['bytes', new ByteEncoder()],
  ] as const)('%s: decomposed texts have the ids of composed ones', (_, one) => {
    const json = files(one, 'nfc').get('tokenizer.json')!;
    for (const text of ['Café brûlée', 'Việt Nam', '한국어', 'ÅNGSTRÖM']) {
      expect(idsIn(json, text.normalize('NFD'))).toEqual(idsOf(one, text));
    }
  });

  it('others keep what they had', () => {
    expect(JSON.parse(files(encoder).get('tokenizer.json')!).normalizer).toEqual({ type: 'Lowercase' });
    expect(JSON.parse(files(new ByteEncoder()).get('tokenizer.json')!).normalizer).toBeNull();
  });
});

it('no file has half a surrogate pair; the other words keep their ids', () => {
  const encoder = new WordEncoder(['\ud83d', 'ham', '\udc00', 'spam'], { vocabulary: 10 });
  const json = JSON.stringify(encoder.toTokenizerJson());
  expect(json).not.toMatch(/\\ud[89a-f]/i);
  const { vocab } = JSON.parse(json).model;
  expect(Object.values(vocab)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(vocab.ham).toBe(3);
  const library = libraryOf(encoder);
  for (const text of ['ham and spam', '[unused2] \ufffd']) {
    expect(library.encode(text, { add_special_tokens: false }).ids).toEqual(idsOf(encoder, text));
  }
});

it('says nothing where the format cannot', () => {
  expect(WordEncoder.learn(['我喜欢读书']).toTokenizerJson()).toBeUndefined();
  expect(new WordEncoder(['a'], { ngrams: 2, buckets: 10 }).toTokenizerJson()).toBeUndefined();
});
