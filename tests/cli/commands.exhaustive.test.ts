/** Commands that are killed and go on, and a bench of many cells: each of their trials is a process. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mailsCsv, SMALL } from './data.js';
import { eft, signalGroup, start } from './run.js';

let folder: string;
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eft-commands-'));
  await writeFile(at('mails.csv'), mailsCsv(400));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('killed and interrupted, a comparison continues to the same accuracies', async () => {
  const compare = (out: string): string[] => [
    ...['compare', '--data', at('mails.csv'), '--epochs', '2', '--seeds', '2', '--json', ...SMALL.slice(2)],
    ...['--lengths', '8,16', '--models', 'elastic-fourier,bag', '--out', at(out)],
  ];
  const accuracies = (json: string): Record<string, number> =>
    Object.fromEntries(
      (JSON.parse(json).trials as { name: string; test: { accuracy: number } }[])
        .map(({ name, test: { accuracy } }): [string, number] => [name, accuracy])
        .sort(),
    );
  /** Waits until some of the eight trials are finished, so that others are still to come. */
  const finishedTrials = async (count: number): Promise<void> => {
    for (;;) {
      const json = await readFile(at('broken/results.json'), 'utf8').catch(() => '{"trials":[]}');
      if ((JSON.parse(json) as { trials: unknown[] }).trials.length >= count) return;
      await sleep(5);
    }
  };
  const wanted = await eft(...compare('straight'));
  const killed = start(compare('broken'));
  await finishedTrials(1);
  signalGroup(killed, 'SIGKILL');
  expect((await killed.end).signal).toBe('SIGKILL');
  const interrupted = start(compare('broken'));
  await finishedTrials(2);
  signalGroup(interrupted, 'SIGINT');
  expect((await interrupted.end).code).toBe(130);
  const finished = await start(compare('broken')).end;
  expect(finished.code).toBe(0);
  expect(accuracies(finished.stdout)).toEqual(accuracies(wanted.stdout));
});

test('bench writes its measurements and their page', async () => {
  const { code, stdout, stderr } = await eft(
    ...['bench', '--models', 'elastic-fourier,standard', '--lengths', '8,16,32', '--modes', 'inference'],
    ...['--seconds', '0.01', '--batch', '1', '--threads', '1', '--channels', '8', '--hidden', '16'],
    ...['--blocks', '1', '--vocabulary', '50', '--out', at('bench folder/new')],
  );
  expect(stderr).toMatch(/page: .*bench\.html; data: .*bench\.json/);
  expect(code).toBe(0);
  expect(stdout).toMatch(/planned memory -?\d\.\d{3} ± \d\.\d{3}, peak memory -?\d\.\d{3} ± \d\.\d{3}/);
  expect((await readdir(at('bench folder/new'))).sort()).toEqual(['bench.html', 'bench.json']);
  const cells = JSON.parse(await readFile(at('bench folder/new/bench.json'), 'utf8')) as {
    model: string;
    sequenceLength: number;
  }[];
  expect(cells.map(({ model, sequenceLength: n }) => `${model} ${n}`)).toEqual(
    ['elastic-fourier', 'standard'].flatMap((model) => [8, 16, 32].map((n) => `${model} ${n}`)),
  );
  const page = await readFile(at('bench folder/new/bench.html'), 'utf8');
  expect(page).toMatch(/<code>eft bench --models elastic-fourier,standard .* --out &#39;.*bench folder/);
  expect(page).toMatch(/Time of standard over elastic-fourier/);
  expect(page).not.toMatch(/NaN|undefined|Infinity/);
});
