/** JSON whose whole numbers are too large for a float64: ids and labels stay exact, as text. */
import { expect, test } from 'vitest';
import type { Signal } from '#eft/input/input.js';
import { openItems } from '#eft/readers/dataset.js';
import { parseJson } from '#eft/readers/parse/json.js';
import { collect, temporaryFolder } from '../temporary-folder.js';
import { readRaw, readWhole } from './read.js';

const { write } = temporaryFolder();

test.each([
  ['{"id": 9007199254740993}', { id: '9007199254740993' }],
  [
    '{"id":-9007199254740993,"x":[12345678901234567890,1]}',
    { id: '-9007199254740993', x: ['12345678901234567890', 1] },
  ],
  ['9007199254740992', '9007199254740992'],
  // What a float64 holds stays a number.
  ['{"id": 9007199254740991, "t": 1700000000000000}', { id: 9007199254740991, t: 1700000000000000 }],
  [
    '[1234567890123456.5, 1.2345678901234567e3, 1234567890123456e4]',
    [1234567890123456.5, 1234.5678901234567, 1.234567890123456e19],
  ],
  // In strings digits are digits, whatever stands beside them.
  [
    '{"a\\"9007199254740993": "9007199254740993, \\\\", "b": 9007199254740995}',
    { 'a"9007199254740993': '9007199254740993, \\', b: '9007199254740995' },
  ],
  ['"9007199254740993"', '9007199254740993'],
])('%s', (text, value) => {
  expect(parseJson(text)).toEqual(value);
});

test.each(['{9007199254740993: 1}', '[09007199254740993]', '[-]', '{"a": 9007199254740993'])(
  'what is no JSON is none with long numbers either: %s',
  (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError);
  },
);

test('ids and labels that differ in the last digit stay two, of lines and of arrays', async () => {
  const rows = ['9007199254740992', '9007199254740993'].map(
    (id) => `{"id": ${id}, "text": "a", "label": ${id}, "deep": {"id": ${id}}}`,
  );
  for (const path of [await write('a.jsonl', rows.join('\n')), await write('a.json', `[${rows}]`)]) {
    const texts = await collect(readRaw(path, { keep: ['id', 'deep.id'] }));
    expect(texts.map(({ kept }) => kept)).toEqual([
      { id: '9007199254740992', 'deep.id': '9007199254740992' },
      { id: '9007199254740993', 'deep.id': '9007199254740993' },
    ]);
    const examples = await collect(await openItems(path));
    expect(examples.map(({ label }) => label)).toEqual(['9007199254740992', '9007199254740993']);
  }
});

test('in a series they are numbers like others', async () => {
  const rows = ['[1, 9007199254740993]', '[9007199254740993, 3]'];
  const path = await write('s.jsonl', rows.map((x, i) => `{"label": "${i % 2}", "values": ${x}}\n`).join(''));
  const { examples } = await readWhole<Signal>(path, { input: 'signal' });
  expect(examples.map(({ input }) => [...input.values])).toEqual([
    [1, 2 ** 53],
    [2 ** 53, 3],
  ]);
});
