/** What a validation part shares with the training part, and classes that the training part lacks. */
import { describe, expect, test } from 'vitest';
import {
  classesWithoutExamples,
  missingClassWarnings,
  overlapOf,
  overlapWarnings,
} from '#eft/data/overlap.js';

const textsOf = (...texts: string[]) => texts.map((input) => ({ input, label: 'x' }));
const signal = (...values: number[]) => ({
  input: { channels: 1, values: Float32Array.from(values) },
  label: 'x',
});

describe('overlapOf', () => {
  const training = textsOf('Win a cruise', 'See you at noon.', 'Café', '¡Hola!');

  test.each([
    ['Win a cruise', 1, 'identical'],
    ['win  A\tcruise ', 1, 'identical'],
    ['Cafe\u0301', 3, 'identical'],
    ['Win a cruise!', 1, 'similar'],
    ['see you, at noon', 2, 'similar'],
    ['Win a cru\u200bise', 1, 'similar'],
    ['hola', 4, 'similar'],
  ] as const)('%j', (text, place, kind) => {
    expect(overlapOf(training, textsOf('something else', text))).toEqual({
      examples: 2,
      identical: kind === 'identical' ? 1 : 0,
      similar: kind === 'similar' ? 1 : 0,
      pairs: [{ training: place, other: 2, kind }],
    });
  });

  test('nothing in common; texts without a letter are no twins of one another', () => {
    const none = { examples: 2, identical: 0, similar: 0, pairs: [] };
    expect(overlapOf(training, textsOf('Win', 'a cruise'))).toEqual(none);
    expect(overlapOf(textsOf('?', ''), textsOf('!', '...'))).toEqual(none);
  });

  test('signals and bytes are the same where all numbers are', () => {
    expect(overlapOf([signal(1, 2), signal(3)], [signal(3), signal(1, 2.5)])).toMatchObject({
      identical: 1,
      similar: 0,
      pairs: [{ training: 2, other: 1 }],
    });
    const bytes = (...values: number[]) => ({ input: Uint8Array.from(values), label: 'x' });
    expect(overlapOf([bytes(1, 2)], [bytes(1, 2), bytes(1)]).identical).toBe(1);
  });

  test('hundreds of twins are counted, a few are named', () => {
    const many = Array.from({ length: 300 }, (_, i) => ({ input: `text ${i}`, label: 'x' }));
    const overlap = overlapOf(many, many);
    expect(overlap).toMatchObject({ examples: 300, identical: 300 });
    expect(overlap.pairs).toHaveLength(5);
    expect(overlapWarnings(overlap, 'validation')).toEqual([
      'of 300 validation examples 300 are training examples too (training 1 and validation 1, training 2 and validation 2, training 3 and validation 3, training 4 and validation 4, training 5 and validation 5, …): accuracy on them says little about new ones',
    ]);
  });

  test('a sentence where there is something to say', () => {
    expect(overlapWarnings(overlapOf(training, textsOf('new')), 'test')).toEqual([]);
    expect(overlapWarnings(overlapOf(training, textsOf('new', 'win a cruise.')), 'test')).toEqual([
      'of 2 test examples 1 is one of the training examples but for punctuation (training 1 and test 2): accuracy on them says little about new ones',
    ]);
  });
});

test('classes of which the training part has no example', () => {
  const training = [{ label: 'a' }, { label: 'c' }];
  expect(classesWithoutExamples(['a', 'b', 'c', 'd'], training)).toEqual(['b', 'd']);
  expect(missingClassWarnings([])).toEqual([]);
  expect(missingClassWarnings(['b', 'd'])).toEqual([
    "the training part has no example of 'b', 'd': the model will never answer them; add examples, or give --validation",
  ]);
});
