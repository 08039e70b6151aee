/** "I don't know" through every door: thresholds and sets are settled by training, kept, and the same wherever one asks. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { load, MemoryStore, pipeline, type Score, train } from '#eft/node.js';
import { createApp } from '#eft/server/app.js';
import { mailsCsv } from './data.js';
import { eft } from './run.js';

const TEXTS = ['Win a free cruise now', 'the meeting is on monday', 'zzz qqq'];

let folder: string;
let data: string;
let out: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eft-unsure-'));
  data = join(folder, 'mails.csv');
  out = join(folder, 'run');
  await writeFile(data, mailsCsv(300));
  const goals = ['--max-error', '0.1', '--sets', '0.99'];
  const { code, stdout, stderr } = await eft(
    ...['train', '--data', data, '--model', 'linear', ...goals, '--json', '--out', out],
  );
  expect(code).toBe(0);
  expect(stderr).toContain(
    'at most 10.0% of the others are wrong (95% confidence); of 300 examples left out',
  );
  expect(stderr).toContain('sets hold the classes with a score of');
  expect(JSON.parse(stdout).doubt).toMatchObject({
    asked: { maxError: 0.1, sets: 0.99 },
    unsure: { examples: 300, answered: expect.any(Number), wrong: expect.any(Number) },
    sets: { least: expect.any(Number), examples: 300 },
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const linesOf = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

/** What the command line says of the texts: the first score with what is said besides. */
async function answers(
  ...options: string[]
): Promise<{ label: string; unsure?: true; set?: string[]; unknown?: number }[]> {
  const file = join(folder, 'texts.jsonl');
  await writeFile(file, TEXTS.map((text) => `${JSON.stringify({ text })}\n`).join(''));
  const { code, stdout } = await eft('predict', out, '--data', file, ...options);
  expect(code).toBe(0);
  return linesOf(stdout);
}

describe('a run', () => {
  test('keeps what was settled, and by which scores', async () => {
    const { doubt } = JSON.parse(await readFile(join(out, 'config.json'), 'utf8'));
    const leftOut = JSON.parse(await readFile(join(out, 'left-out.json'), 'utf8'));
    expect(doubt.asked).toEqual({ maxError: 0.1, sets: 0.99 });
    expect(leftOut.confidence).toHaveLength(300);
    expect(leftOut.right.filter((right: boolean) => !right).length).toBeGreaterThanOrEqual(
      doubt.unsure.wrong,
    );
  });

  test('is the same when it is saved elsewhere, and goes on with what was asked', async () => {
    const store = new MemoryStore();
    const classifier = await load(out);
    await classifier.save(store);
    const again = await load(store, { sets: 0.8 });
    expect(again.doubt?.unsure).toEqual(classifier.doubt?.unsure);
    expect(again.doubt!.sets!.least).toBeGreaterThan(classifier.doubt!.sets!.least);
    await classifier.dispose();
    await again.dispose();
    expect((await eft('train', '--out', out, '--resume')).code).toBe(0);
    expect(JSON.parse(await readFile(join(out, 'config.json'), 'utf8')).doubt.asked).toEqual({
      maxError: 0.1,
      sets: 0.99,
    });
  });

  test('without such scores takes a score alone', async () => {
    const old = join(folder, 'old');
    const classifier = await load(out);
    await classifier.save(old);
    await classifier.dispose();
    await rm(join(old, 'left-out.json'));
    await expect(load(old, { maxError: 0.1 })).rejects.toThrow(/left-out\.json.*--unsure/);
    await expect(load(old, { unknown: true })).rejects.toThrow(/train it again/);
    const plain = await load(old, { unsure: 0.999999 });
    expect((await plain.predict('zzz'))[0].unsure).toBe(true);
    await plain.dispose();
  });
});

describe('answers', () => {
  test('are marked in every door alike', async () => {
    const marks = ({ label, score: _, ...others }: Score) => ({ label, ...others });
    const options = { unsure: 0.9, unknown: true };
    const said = (await answers('--unsure', '0.9', '--unknown', '--top-k', '1')).map(
      ({ label, unsure, set, unknown }) => ({ label, ...(unsure ? { unsure } : {}), set, unknown }),
    );
    expect(said[2]).toMatchObject({ unsure: true, unknown: 1 });
    expect(said[0].set).toEqual([said[0].label]);
    const classifier = await load(out, options);
    const predicted = await classifier.predict(TEXTS, { topK: 1 });
    expect(predicted.map(([first]) => marks(first))).toEqual(said);
    const stream = classifier.stream({ topK: 1 });
    await stream.push(TEXTS[0].slice(0, 5));
    await stream.push(TEXTS[0].slice(5));
    expect((await stream.end())[0]).toMatchObject({ label: said[0].label, set: said[0].set });
    const app = createApp({
      classifier,
      version: '0',
      ending: new AbortController().signal,
      ...{ token: undefined, maxBody: 1000, maxItems: 256, maxQueue: 4096, timeout: 30 },
    });
    const response = await app.request('/predict', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ inputs: TEXTS, parameters: { top_k: 1 } }),
    });
    expect(((await response.json()) as Score[][]).map(([first]) => marks(first))).toEqual(said);
    await classifier.dispose();
    const classify = await pipeline('text-classification', out, options);
    expect(((await classify(TEXTS)) as Score[]).map(marks)).toEqual(said);
    await classify.dispose();
  });

  test('say nothing besides where nothing was asked', async () => {
    const plain = await train({ data: data, model: 'linear' });
    expect(Object.keys((await plain.predict('hello'))[0])).toEqual(['label', 'score']);
    await plain.dispose();
  });

  test('are columns of a table', async () => {
    const file = join(folder, 'texts.jsonl');
    const { stdout } = await eft(
      'predict',
      out,
      '--data',
      file,
      '--output',
      'csv',
      '--unsure',
      '0.9',
      '--unknown',
    );
    const [head, ...rows] = stdout.trim().split('\n');
    expect(head).toBe('label,score,unsure,set,unknown');
    expect(rows[2]).toMatch(/,true,.*,1$/);
  });

  test('refuse a goal that cannot be promised, and two goals', async () => {
    const far = await eft('predict', out, 'hello', '--max-error', '0.001');
    expect(far.code).toBe(2);
    expect(far.stderr).toMatch(
      /with 300 examples left out no error rate below 1\.0% can be promised at 95% confidence/,
    );
    const two = await eft('predict', out, 'hello', '--max-error', '0.1', '--unsure', '0.5');
    expect(two.code).toBe(2);
    expect(two.stderr).toContain('give one of them');
  });
});

test('a training whose goal cannot be promised says so, and makes every answer unsure', async () => {
  const strict = join(folder, 'strict');
  const { code, stderr } = await eft(
    ...['train', '--data', data, '--model', 'linear', '--max-error', '0.001', '--out', strict],
  );
  expect(code).toBe(0);
  expect(stderr).toContain('--max-error 0.001 is not reached, so every answer is unsure');
  const { stdout, stderr: warned } = await eft('predict', strict, TEXTS[0]);
  expect(linesOf(stdout)[0].unsure).toBe(true);
  expect(warned).toContain('every answer is unsure');
});

describe('evaluate', () => {
  test('has the curve, and what became of threshold and sets', async () => {
    const { stdout } = await eft('evaluate', out, '--data', data, '--json');
    const { riskCoverage, unsure, sets, examples } = JSON.parse(stdout);
    expect(riskCoverage.points.at(-1)).toMatchObject({ coverage: 1 });
    expect(riskCoverage.areaInterval[0]).toBeLessThanOrEqual(riskCoverage.area);
    expect(unsure.wrong.share).toBeLessThan(0.1);
    expect(sets.sizes.reduce((sum: number, one: number) => sum + one, 0)).toBe(examples);
    const words = await eft('evaluate', out, '--data', data);
    expect(words.stdout).toContain('area under the risk-coverage curve');
    expect(words.stdout).toContain('99.0% was asked');
  });

  test('counts a class that training never had as wrong, lists it, and says how well it is told apart', async () => {
    const other = join(folder, 'other.csv');
    const strange = Array.from({ length: 20 }, (_, i) => `"qqq${i} zzz${i} xxx",invoice\n`).join('');
    await writeFile(other, mailsCsv(60) + strange);
    const { code, stdout, stderr } = await eft('evaluate', out, '--data', other, '--unknown', '--json');
    expect(code).toBe(0);
    expect(stderr).toContain(
      "20 examples with a label that the model does not know, which count as wrong: 'invoice' 20",
    );
    const told = JSON.parse(stdout);
    expect(told.unknownClasses).toMatchObject({ examples: 20, labels: [{ label: 'invoice', examples: 20 }] });
    expect(told.accuracy).toBeLessThanOrEqual(60 / 80);
    expect(told.unknownScore.apart.area).toBeGreaterThan(0.9);
  });
});
