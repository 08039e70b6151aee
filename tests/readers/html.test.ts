/** HTML in texts: recognised, and what is left of it for a reader. */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadEntities } from '#eft/input/entities.js';
import { hasHtml, stripHtml } from '#eft/input/html.js';
import { temporaryFolder } from '../temporary-folder.js';
import { readWhole } from './read.js';

const { write } = temporaryFolder();

describe('stripHtml', () => {
  beforeAll(loadEntities);

  test.each([
    ['fine<br /><br />film', 'fine film'],
    ['b<b>ol</b>d', 'bold'],
    ['<p>one</p><p>two</p>', 'one two '],
    ['Tom &amp; Jerry &lt;3 &#8364; &nbsp;x', 'Tom & Jerry <3 € \u00a0x'],
    ['&lt;b&gt; stays as text', '<b> stays as text'],
    ['a <!-- note --> b', 'a  b'],
    ['<script>if (a < b) alert(1)</script>seen', 'seen'],
    ['<style type="text/css">p > a {}</style>seen', 'seen'],
    ['<!DOCTYPE html><html><body>x</body></html>', 'x '],
    ['<a title="x > y" href=\'z\'>link</a>', 'link'],
    ['write to <anna@example.org> if x<y and y>z', 'write to <anna@example.org> if x<y and y>z'],
    ['List<String> and <unknown>', 'List<String> and <unknown>'],
    ['an open <b', 'an open <b'],
    ['an open <!-- comment', 'an open <!-- comment'],
    ['<br/>', ''],
    ['AT&T &c. & so', 'AT&T &c. & so'],
  ])('%s', (html, text) => {
    expect(stripHtml(html)).toBe(text);
  });

  test('leaves what has neither tags nor entities; never longer than before', () => {
    const part = fc.constantFrom(
      'a',
      '<',
      '>',
      '<b>',
      '</b ',
      '<br',
      '"',
      '=',
      '<a x="',
      '&',
      '&amp;',
      '<!--',
      '-->',
    );
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const text = parts.join('');
        expect(stripHtml(text).length).toBeLessThanOrEqual(text.length);
        if (!/[<&]/.test(text)) expect(stripHtml(text)).toBe(text);
      }),
    );
  });

  // Each took minutes if every tag were searched to the end of the text.
  test.each([["<a x='"], ['<a x="><'], ['<!--'], ['<script>'], ['<'], ['<a ']])(
    'a text of %s alone does not take the square of its length',
    (part) => {
      const text = part.repeat(300_000);
      expect(stripHtml(text).length).toBeLessThanOrEqual(text.length);
    },
  );
});

test('which texts have HTML', () => {
  expect(['a<br>b', '<P CLASS="x">', 'a &amp; b', '&#8217;'].map(hasHtml)).not.toContain(false);
  expect(['a < b > c', 'x <y@z.org>', 'AT&T;', 'R&D; x'].map(hasHtml)).not.toContain(true);
});

test('a file is HTML-like from a tenth of its texts on; told, nothing is guessed', async () => {
  const rows = (html: number): string =>
    Array.from({ length: 40 }, (_, i) => `{"text":"a${i < html ? '<br>' : ' '}b","label":${i % 2}}\n`).join(
      '',
    );
  const some = await readWhole(await write('some.jsonl', rows(4)));
  expect(some).toMatchObject({ reading: { html: 'strip' }, htmlShare: 0.1 });
  expect(some.examples.map(({ input }) => input)).toEqual(Array(40).fill('a b'));
  const few = await readWhole(await write('few.jsonl', rows(3)));
  expect(few.reading.html).toBe('keep');
  expect(few.examples[0].input).toBe('a<br>b');
  const told = await readWhole(await write('few.jsonl', rows(3)), { html: 'strip' });
  expect(told.reading.html).toBe('strip');
  expect(told.htmlShare).toBeUndefined();
  expect(told.examples[0].input).toBe('a b');
});
