/** What a run keeps of its data, and learning on from it. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Example } from '#eft/data/dataset.js';
import { InputError } from '#eft/errors.js';
import { keptOf, readKept, writeKept } from '#eft/learning/kept.js';
import { oldAndNew, requireOldClasses } from '#eft/learning/learnOn.js';
import { MemoryStore } from '#eft/platform/store.js';
import { RandomStream } from '#eft/random.js';
import { eft } from '../cli/run.js';

const WORDS = ['the', 'film', 'was', 'and', 'plot', 'actors', 'it', 'music'];

function texts(count: number, own: Readonly<Record<string, string>>, seed = 1): Example<string>[] {
  const random = new RandomStream(seed, 'test');
  const labels = Object.keys(own);
  return Array.from({ length: count }, (_, i) => {
    const label = labels[i % labels.length];
    const words = Array.from({ length: 6 }, () => WORDS[random.nextInteger(WORDS.length)]);
    return { input: `${own[label]} ${words.join(' ')} n${random.nextInteger(1e6)}`, label };
  });
}

const two = { good: 'fine', bad: 'poor' };

describe('kept data', () => {
  test('are read as they were written', async () => {
    const store = new MemoryStore();
    const train: Example[] = [
      { input: 'a text\nof lines', label: 'x', group: 'g', time: 5 },
      { input: { values: Float32Array.of(0.1, 2, -3), channels: 1, rate: 8000 }, label: 'y' },
    ];
    await writeKept(store, keptOf({ train, validation: [train[1]] }, 'sample'));
    const read = await readKept(store);
    expect(read).toMatchObject({ mode: 'sample', train, validation: [train[1]] });
    expect(await readKept(new MemoryStore())).toBeUndefined();
    store.files.set(
      'kept.jsonl',
      new TextEncoder().encode('{"format":"elastic-fourier/kept","mode":"sums"}\n{"part":"t"}\n'),
    );
    await expect(readKept(store)).rejects.toThrow(/kept\.jsonl:2/);
  });

  test('a sample holds as many as it may, rare classes whole, and a sample of it is one of all', () => {
    const train = [...texts(300, { common: 'a' }), ...texts(10, { rare: 'b' }, 2)];
    const { train: some } = keptOf({ train, validation: [] }, 'sample', { most: 100 });
    expect(some.filter(({ label }) => label === 'rare')).toHaveLength(10);
    expect(some).toHaveLength(100);
    const fewer = keptOf({ train: some, validation: [] }, 'sample', { most: 50 }).train;
    expect(new Set(fewer)).toEqual(new Set(keptOf({ train, validation: [] }, 'sample', { most: 50 }).train));
  });

  test('sums have the words of two texts and no text', () => {
    const train = texts(30, { one: 'alpha' });
    const { train: bundles } = keptOf({ train, validation: [] }, 'sums');
    expect(bundles).toHaveLength(15);
    const words = bundles.flatMap(({ input }) => (input as string).split(' '));
    expect(words.filter((word) => word === 'alpha')).toHaveLength(30);
    for (const { input } of train)
      expect(bundles.some((one) => (one.input as string).includes(input))).toBe(false);
    const before = { mode: 'sums', train: bundles, validation: [] } as const;
    expect(keptOf({ train: [], validation: [] }, 'sums', { before }).train).toEqual(bundles);
    const signal = { input: { values: Float32Array.of(1), channels: 1 }, label: 'x' };
    expect(() => keptOf({ train: [signal], validation: [] }, 'sums')).toThrow(InputError);
  });

  test('a class without examples is named', () => {
    expect(() => requireOldClasses(['good', 'bad'], texts(4, { good: 'a' }), 'runs/a')).toThrow(
      /'bad'.*--old-data/,
    );
    const { train, validation } = oldAndNew(
      { train: texts(5, two), validation: [] },
      { name: 'new', examples: texts(100, { odd: 'x' }) },
    );
    expect(train.length + validation.length).toBe(105);
  });
});

describe('eft train --from', () => {
  let folder = '';
  const at = (name: string): string => join(folder, name);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'eft-kept-'));
    const lines = (examples: readonly Example[]): string =>
      examples.map(({ input, label }) => `${JSON.stringify({ text: input, label })}\n`).join('');
    await writeFile(at('old.jsonl'), lines(texts(120, two)));
    await writeFile(at('new.jsonl'), lines(texts(60, { odd: 'strange' }, 3)));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test.each(['sample', 'sums'] as const)(
    'a new class is learned and no old one lost, with %s',
    async (keep) => {
      const first = await eft(
        'train',
        '--data',
        at('old.jsonl'),
        '--model',
        'linear',
        '--keep-data',
        keep,
        '--out',
        at(`${keep}-1`),
      );
      expect(first.code).toBe(0);
      const second = await eft(
        'train',
        '--from',
        at(`${keep}-1`),
        '--data',
        at('new.jsonl'),
        '--json',
        '--out',
        at(`${keep}-2`),
      );
      expect(second.stderr).toMatch(/learning on from/);
      expect(second.code).toBe(0);
      expect(JSON.parse(second.stdout)).toMatchObject({ classes: 3, change: { before: 1, after: 1 } });
      const judged = await eft('evaluate', at(`${keep}-2`), '--data', at('new.jsonl'), '--json');
      expect(JSON.parse(judged.stdout).accuracy).toBeGreaterThan(0.9);
    },
  );

  test('what has kept nothing says so, old data may be given, and what is worse can be refused', async () => {
    await eft('train', '--data', at('old.jsonl'), '--model', 'linear', '--out', at('none'));
    const more = ['--data', at('new.jsonl'), '--out'];
    const refused = await eft('train', '--from', at('none'), ...more, at('no'));
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/--old-data/);
    const given = await eft(
      'train',
      '--from',
      at('none'),
      '--old-data',
      at('old.jsonl'),
      ...more,
      at('given'),
    );
    expect(given.code).toBe(0);
    expect(await readdir(at('given'))).not.toContain('kept.jsonl');
    // The same texts with the other label: whatever is learned of them is wrong of the old ones.
    const contrary = texts(400, { good: 'poor', bad: 'fine' }, 5);
    await writeFile(
      at('contrary.jsonl'),
      contrary.map(({ input, label }) => `${JSON.stringify({ text: input, label })}\n`).join(''),
    );
    const worse = await eft(
      ...['train', '--from', at('none'), '--old-data', at('old.jsonl'), '--no-worse', '5'],
      ...['--data', at('contrary.jsonl'), '--out', at('worse')],
    );
    expect(worse.code).toBe(1);
    expect(worse.stderr).toMatch(/refused: the new model is/);
    expect(await readdir(at('worse'))).not.toContain('config.json');
  });
});
