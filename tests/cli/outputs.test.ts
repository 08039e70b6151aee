/** No command writes over what it reads, whatever path or link names it; pages of others stay. */
import { copyFile, link, mkdir, readFile, symlink } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import { command as bench } from '#eft/cli/bench.js';
import { command as compare } from '#eft/cli/compare.js';
import { command as evaluate } from '#eft/cli/evaluate.js';
import { command as exportCommand } from '#eft/cli/export.js';
import { command as importCommand } from '#eft/cli/import.js';
import { command as predict } from '#eft/cli/predict.js';
import { command as trainCommand } from '#eft/cli/train.js';
import { InputError } from '#eft/errors.js';
import { train } from '#eft/node.js';
import { temporaryFolder } from '../temporary-folder.js';
import { runCommand } from './in-process.js';

const { at, write } = temporaryFolder();
const DATA = 'text,label\nwin free money,spam\nreview the patch,ham\n';

beforeAll(async () => {
  const data = Array.from({ length: 40 }, (_, i) => ({
    text: `${i % 2 ? 'win free money' : 'review the patch'} ${i}`,
    label: i % 2 ? 'spam' : 'ham',
  }));
  const classifier = await train({ data, model: 'bag', sequenceLength: 8, epochs: 1, threads: 1 });
  await classifier.save(at('run'));
  await classifier.dispose();
  await write('in.csv', DATA);
  await symlink(at('in.csv'), at('symlink.csv'));
  await link(at('in.csv'), at('hardlink.csv'));
  await write('folder/ham/1.txt', 'review the patch');
  await write('folder/spam/1.txt', 'win free money');
});

const OVERWRITTEN = /it would be overwritten; choose another output/;

test.each(['in.csv', 'folder/../in.csv', 'symlink.csv', 'hardlink.csv'])(
  'predict and evaluate refuse %s as output',
  async (name) => {
    for (const data of [at('in.csv'), at('*.csv')]) {
      const refused = runCommand(predict(), at('run'), '--data', data, '--out', at(name));
      await expect(refused).rejects.toThrow(OVERWRITTEN);
      await expect(refused).rejects.toThrow(InputError);
      const errors = runCommand(evaluate(), at('run'), '--data', data, '--errors', at(name));
      await expect(errors).rejects.toThrow(OVERWRITTEN);
    }
    expect(await readFile(at('in.csv'), 'utf8')).toBe(DATA);
  },
);

test('a file of the model is no output, another in its folder is', async () => {
  for (const name of ['config.json', 'model.safetensors']) {
    const before = await readFile(at(`run/${name}`));
    const refused = runCommand(predict(), at('run'), 'a text', '--out', at(`run/${name}`));
    await expect(refused).rejects.toThrow(OVERWRITTEN);
    expect((await readFile(at(`run/${name}`))).equals(before)).toBe(true);
  }
  await runCommand(predict(), at('run'), 'a text', '--out', at('run/answers.jsonl'), '--threads', '1');
  expect(await readFile(at('run/answers.jsonl'), 'utf8')).toContain('"label"');
});

test('of a corpus, where the name of an answer is that of an input', async () => {
  const text = '{"text": "win"}\n';
  await write('corpus/a.jsonl', text);
  await write('corpus/a.jsonl.predictions.jsonl', text);
  const args = [at('run'), '--data', at('corpus/*.jsonl'), '--out', `${at('corpus')}/`];
  await expect(runCommand(predict(), ...args)).rejects.toThrow(OVERWRITTEN);
  expect(await readFile(at('corpus/a.jsonl.predictions.jsonl'), 'utf8')).toBe(text);
  // Answers beside their inputs are no fault by themselves.
  await write('beside/a.jsonl', text);
  const beside = [at('run'), '--threads', '1', '--data', at('beside/*.jsonl'), '--out', `${at('beside')}/`];
  await runCommand(predict(), ...beside);
  await expect(runCommand(predict(), ...beside)).rejects.toThrow(/beside\/a\.jsonl\.predictions\.jsonl/);
});

test('train, compare and export write neither over data nor among them', async () => {
  for (const out of ['folder', 'folder/run']) {
    const trained = runCommand(trainCommand(), '--data', at('folder'), '--out', at(out));
    await expect(trained).rejects.toThrow(
      out === 'folder' ? OVERWRITTEN : /would be in .*folder, which is read/,
    );
    const compared = runCommand(compare(), '--data', at('folder'), '--out', at(out));
    await expect(compared).rejects.toThrow(InputError);
  }
  await mkdir(at('mixed'));
  await copyFile(at('in.csv'), at('mixed/metrics.jsonl'));
  const args = ['--data', at('mixed/metrics.jsonl'), '--format', 'csv', '--out', at('mixed')];
  await expect(runCommand(trainCommand(), ...args)).rejects.toThrow(OVERWRITTEN);
  await copyFile(at('in.csv'), at('mixed/results.json'));
  const page = ['--data', at('mixed/results.json'), '--format', 'csv', '--out', at('mixed')];
  await expect(runCommand(compare(), ...page)).rejects.toThrow(OVERWRITTEN);
  const exported = runCommand(exportCommand(), at('run'), '--format', 'hub', '--out', at('run/../run'));
  await expect(exported).rejects.toThrow(OVERWRITTEN);
  await expect(runCommand(importCommand(), at('run'), '--out', at('run'))).rejects.toThrow(OVERWRITTEN);
});

test('pages of others stay', async () => {
  await write('pages/report.html', 'mine');
  await write('pages/bench.html', 'mine');
  const compared = runCommand(compare(), '--data', at('in.csv'), '--out', at('pages'));
  await expect(compared).rejects.toThrow(/report\.html is not a page of this program/);
  await expect(runCommand(bench(), '--out', at('pages'))).rejects.toThrow(/bench\.html is not a page/);
  expect(await readFile(at('pages/report.html'), 'utf8')).toBe('mine');
});
