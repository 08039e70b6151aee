import { readdir, readFile, rename, utimes } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../temporary-folder.js';
import { mailsCsv, SMALL } from './data.js';
import { eft } from './run.js';

const folder = temporaryFolder();
const train = (out: string, ...more: readonly string[]): string[] => [
  ...['train', '--model', 'bag', '--epochs', '2', ...SMALL, '--out', folder.at(out)],
  ...more,
];
const weights = (out: string): Promise<Buffer> => readFile(folder.at(`${out}/model.safetensors`));
const filesIn = (name: string): Promise<string[]> => readdir(folder.at(name)).catch(() => []);

describe('eft train --cache', () => {
  it('trains the same bits as from memory, and reads the data once', async () => {
    const data = await folder.write('mails.csv', mailsCsv(300));
    expect((await eft(...train('memory', '--data', data))).code).toBe(0);
    const first = await eft(...train('first', '--data', data, '--cache', folder.at('cache')));
    expect(first.stderr).toMatch(/reading once, into the cache .*mails\.csv-[0-9a-f]{16}\.eftcache\n/);
    expect(first.code).toBe(0);
    const [name] = await filesIn('cache');
    expect(await filesIn('cache')).toEqual([name]);

    const { code, stderr } = await eft(...train('second', '--data', data, '--cache', folder.at('cache')));
    expect(stderr).toContain('used again');
    expect(stderr).toContain('mails.csv: 300 examples; CSV');
    expect(stderr).toContain('classes: ham 150, spam 150');
    expect(code).toBe(0);
    for (const out of ['first', 'second']) expect(await weights(out)).toEqual(await weights('memory'));
    const config = await readFile(folder.at('memory/config.json'), 'utf8');
    expect(await readFile(folder.at('second/config.json'), 'utf8')).toBe(config);
  });

  it('resumes a run from memory by a cache, and goes on with the same bits', async () => {
    const data = await folder.write('resumed.csv', mailsCsv(300));
    await eft(...train('whole', '--data', data, '--epochs', '3'));
    await eft(...train('parts', '--data', data, '--epochs', '1'));
    const args = ['--resume', '--epochs', '3', '--data', data, '--cache', folder.at('resumed-cache')];
    expect((await eft(...train('parts', ...args))).code).toBe(0);
    // A schedule of one epoch and then of three is not that of three: compare with the same in memory.
    await eft(...train('parts-memory', '--data', data, '--epochs', '1'));
    await eft(...train('parts-memory', '--resume', '--epochs', '3', '--data', data));
    expect(await weights('parts')).toEqual(await weights('parts-memory'));
  });

  it('reads again when a file has changed, or the settings do', async () => {
    const data = await folder.write('changing.csv', mailsCsv(100));
    const cache = ['--data', data, '--cache', folder.at('changing')];
    await eft(...train('c1', ...cache));
    await utimes(data, 1, 1);
    await eft(...train('c2', ...cache));
    expect(await filesIn('changing')).toHaveLength(2);
    await eft(...train('c3', ...cache, '--vocabulary', '100'));
    await eft(...train('c4', ...cache, '--text-field', 'text'));
    expect(await filesIn('changing')).toHaveLength(4);
    expect((await eft(...train('c5', ...cache, '--channels', '4', '--seed', '3'))).stderr).toContain(
      'used again',
    );
  });

  it('writes a damaged one anew', async () => {
    const data = await folder.write('damaged.csv', mailsCsv(100));
    const cache = ['--data', data, '--cache', folder.at('damaged')];
    await eft(...train('d1', ...cache));
    const [name] = await filesIn('damaged');
    await folder.write(`damaged/${name}`, (await readFile(folder.at(`damaged/${name}`))).subarray(0, 1000));
    expect((await eft(...train('d2', ...cache))).code).toBe(0);
    expect(await weights('d2')).toEqual(await weights('d1'));
  });

  it('is refused for a model that needs its data in memory', async () => {
    const data = await folder.write('linear.csv', mailsCsv(100));
    const args = [
      'train',
      '--model',
      'linear',
      '--out',
      folder.at('l'),
      '--data',
      data,
      '--cache',
      folder.at('lc'),
    ];
    const { code, stderr } = await eft(...args);
    expect(stderr).toBe('eft: --cache cannot be used: linear needs its data in memory\n');
    expect(code).toBe(2);
  });

  it('takes several files, folders and patterns as one', async () => {
    const [header, ...rows] = mailsCsv(200).trimEnd().split('\n');
    await folder.write('whole/all.csv', [header, ...rows, ''].join('\n'));
    for (let part = 0; part < 4; part++) {
      await folder.write(
        `parts/${part}.csv`,
        [header, ...rows.slice(50 * part, 50 * part + 50), ''].join('\n'),
      );
    }
    await rename(folder.at('parts/3.csv'), await folder.write('last/3.csv', ''));
    const by = async (out: string, ...data: string[]): Promise<Buffer> => {
      const { code, stderr } = await eft(...train(out, '--cache', folder.at('several'), '--data', ...data));
      expect(stderr).toContain('200 examples');
      expect(code).toBe(0);
      return weights(out);
    };
    const whole = await by('s1', folder.at('whole/all.csv'));
    expect(await by('s2', folder.at('parts/[0-2].csv'), folder.at('last'))).toEqual(whole);
  });
});
