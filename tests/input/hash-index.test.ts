/** Places in a sorted array, whatever the hashes: few, many, close to each other, at both ends of the numbers. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { HashIndex } from '#eft/input/hashIndex.js';
import { NgramEncoder } from '#eft/input/ngrams.js';
import { RandomStream } from '#eft/random.js';

const sorted = (hashes: Iterable<number>): Uint32Array => Uint32Array.from(new Set(hashes)).sort();

function expectPlaces(hashes: Uint32Array, asked: Int32Array): void {
  const places = new Map(Array.from(hashes, (hash, place) => [hash | 0, place]));
  const index = new HashIndex(hashes);
  const found = index.find(asked, asked.length);
  const known = [...asked.keys()].filter((i) => places.has(asked[i]));
  expect([...index.numbers.subarray(0, found)]).toEqual(known);
  expect([...index.places.subarray(0, found)]).toEqual(known.map((i) => places.get(asked[i])));
}

it('finds what is there and nothing else', () => {
  const hash = fc.oneof(
    fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    fc.integer({ min: 0x7fffffe0, max: 0x80000020 }),
    fc.constantFrom(0, 1, 31, 32, 2 ** 16, 2 ** 32 - 1, 2 ** 32 - 2),
  );
  fc.assert(
    fc.property(fc.array(hash, { maxLength: 60 }), fc.array(hash, { maxLength: 60 }), (own, others) => {
      expectPlaces(sorted(own), Int32Array.from([...own, ...others, ...own]));
    }),
    { numRuns: 300, seed: 3 },
  );
});

it.each([5_000, 400_000])('finds %i', (size) => {
  const random = new RandomStream(1, 'test', 1);
  const hashes = sorted(Array.from({ length: size }, () => random.nextInteger(2 ** 32)));
  const asked = Int32Array.from({ length: 4000 }, (_, i) =>
    i % 2 ? hashes[random.nextInteger(hashes.length)] : random.nextInteger(2 ** 32),
  );
  expectPlaces(hashes, asked);
});

it('tokens that were read for one question serve the next one, and no other', () => {
  const texts = ['one two three four', 'one two', '', 'three <br /> four one'];
  const encoder = NgramEncoder.learn([...texts, ...texts], { ngrams: 2, weighting: 'presence' });
  const questions = [
    (text: string) => encoder.count(text),
    (text: string) => encoder.encode(text, 2),
    (text: string) => encoder.encode(text, 100),
    (text: string) => encoder.knownShare(text, 1),
    (text: string) => [...encoder.encodeSections(text, [[[0, 1]]])],
    (text: string) => encoder.pieces(text, 3),
  ];
  const fresh = questions.map((ask) =>
    texts.map((text) => {
      encoder.count('something else');
      return ask(text);
    }),
  );
  for (const [a, first] of questions.entries()) {
    for (const [b, second] of questions.entries()) {
      texts.forEach((text, t) => {
        encoder.count('something else');
        expect([first(text), second(text)]).toEqual([fresh[a][t], fresh[b][t]]);
      });
    }
  }
});
