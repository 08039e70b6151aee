/** A training that is killed while it writes its cache. */
import { readdir, readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../temporary-folder.js';
import { mailsCsv, SMALL } from './data.js';
import { eft, signalGroup, start } from './run.js';

const folder = temporaryFolder();
const train = (out: string, ...more: readonly string[]): string[] => [
  ...['train', '--model', 'bag', '--epochs', '2', ...SMALL, '--out', folder.at(out)],
  ...more,
];
const weights = (out: string): Promise<Buffer> => readFile(folder.at(`${out}/model.safetensors`));
const filesIn = (name: string): Promise<string[]> => readdir(folder.at(name)).catch(() => []);

it('killed while it writes, leaves nothing that harms: the next training sweeps it and has the same bits', async () => {
  const data = await folder.write('killed.csv', mailsCsv(60_000));
  const cache = ['--data', data, '--cache', folder.at('killed'), '--epochs', '1', '--batch-size', '4096'];
  const written = async (): Promise<string[]> =>
    (await filesIn('killed')).filter((name) => name.includes('.eftcache'));
  let inTheMidst = 0;
  for (const files of [1, 2]) {
    const running = start(train('killed-run', ...cache));
    // One temporary file while it reads, two while it encodes.
    while ((await written()).length < files && running.child.exitCode === null) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    signalGroup(running, 'SIGKILL');
    await running.end;
    if ((await written()).every((name) => name.endsWith('.tmp'))) inTheMidst++;
  }
  expect(inTheMidst).toBeGreaterThan(0);
  expect((await eft(...train('killed-run', ...cache))).code).toBe(0);
  expect((await filesIn('killed')).filter((name) => !name.endsWith('.eftcache'))).toEqual([]);
  await eft(...train('unkilled-run', '--data', data, '--epochs', '1', '--batch-size', '4096'));
  expect(await weights('killed-run')).toEqual(await weights('unkilled-run'));
});
