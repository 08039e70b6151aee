/** `eft check` and `eft suggest`, as scripts call them. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { check } from '#eft/index.js';
import { RandomStream } from '#eft/random.js';
import { eft } from './run.js';

let folder = '';
const at = (name: string): string => join(folder, name);
const WORDS = ['the', 'film', 'was', 'and', 'plot', 'actors', 'it', 'music', 'very', 'long'];

/** Reviews with an id; one has the wrong label, the last two are copies, and bad ones begin with a header. */
const rows = (() => {
  const random = new RandomStream(7, 'test');
  const all = Array.from({ length: 120 }, (_, i) => {
    const good = i % 2 === 0;
    const words = Array.from({ length: 12 }, () => WORDS[random.nextInteger(WORDS.length)]).join(' ');
    const own = good ? 'fine nice lovely' : 'poor awful sad';
    const header = !good && i < 80 ? 'Feed: daily\n' : '';
    return {
      id: `r${i}`,
      text: `${header}${own} ${words} n${random.nextInteger(1e6)}`,
      label: good ? 'good' : 'bad',
    };
  });
  all[10] = { ...all[10], label: 'bad' };
  return [...all, { ...all[20], id: 'copy' }, { ...all[30], id: 'near', text: `${all[30].text}!!` }];
})();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eft-check-'));
  const lines = (some: readonly object[]): string => some.map((row) => `${JSON.stringify(row)}\n`).join('');
  await writeFile(at('data.jsonl'), lines(rows));
  await writeFile(at('test.jsonl'), lines(rows.slice(40, 60)));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('the wrong label, the copies and the header are found; code 0', async () => {
  const { code, stdout } = await eft('check', at('data.jsonl'), '--json');
  expect(code).toBe(0);
  const report = JSON.parse(stdout);
  const [first] = report.issues;
  expect(first).toMatchObject({ kind: 'label', example: 10, label: 'bad', suggestion: 'good' });
  expect(report.duplicates.identical.surplus).toBe(2);
  expect(report.giveAways.some(({ what }: { what: string }) => what.includes('Feed:'))).toBe(true);
});

test('tables have the data’s own columns, and what is accepted is fixed', async () => {
  const { code } = await eft(
    ...[
      'check',
      at('data.jsonl'),
      '--out',
      at('issues.csv'),
      '--fix',
      at('fixed.jsonl'),
      '--page',
      at('page.html'),
    ],
    ...['--accept', 'label,duplicate', '--confidence', '0.5'],
  );
  expect(code).toBe(0);
  const csv = await readFile(at('issues.csv'), 'utf8');
  expect(csv.split('\r\n')[0]).toBe('row,id,text,label,issue,suggestion,confidence,reason');
  const fixed = (await readFile(at('fixed.jsonl'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(fixed).toHaveLength(120);
  expect(fixed.find(({ id }) => id === 'r10').label).toBe('good');
  expect(await readFile(at('page.html'), 'utf8')).toMatch(/label probably wrong/);
});

test('pipelines can fail on leaks and duplicates', async () => {
  const only = ['--only', 'duplicates'];
  const leaks = await eft(
    'check',
    at('data.jsonl'),
    '--against',
    at('test.jsonl'),
    ...only,
    '--fail-on',
    'leaks',
  );
  expect(leaks.code).toBe(1);
  expect(leaks.stdout).toMatch(/20 of 20 examples of the other data are here too/);
  expect((await eft('check', at('test.jsonl'), ...only, '--fail-on', 'duplicates')).code).toBe(0);
  expect((await eft('check', at('test.jsonl'), '--fail-on', 'nothing')).code).toBe(2);
});

test('the library finds the same, and names what it cannot check', async () => {
  const { issues, notChecked } = await check([
    { text: 'one', label: 'a' },
    { text: '', label: 'b' },
  ]);
  expect(issues.map(({ kind }) => kind)).toEqual(['empty']);
  expect(notChecked[0]).toMatch(/^labels: /);
});

test('suggest writes what is to be labelled', async () => {
  expect((await eft('train', '--data', at('data.jsonl'), '--model', 'linear', '--out', at('run'))).code).toBe(
    0,
  );
  const { code } = await eft(
    'suggest',
    at('run'),
    '--data',
    at('test.jsonl'),
    '--count',
    '4',
    '--out',
    at('label.csv'),
  );
  expect(code).toBe(0);
  const lines = (await readFile(at('label.csv'), 'utf8')).trim().split('\r\n');
  expect(lines[0]).toBe('row,id,text,label,guess,score,batch,reason');
  expect(lines.filter((line) => /,1,.*%/.test(line))).toHaveLength(4);
});
