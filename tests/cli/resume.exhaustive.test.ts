/** A run that is killed again and again at random moments, or trained twice at once, ends with the bits of one that was not. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RandomStream } from '#eft/random.js';
import { mailsCsv, SMALL } from './data.js';
import { eft, signalGroup, start } from './run.js';

const EPOCHS = 6;

describe('a training that is cut off', () => {
  let folder: string;
  let data: string;
  let whole: Buffer;
  /** What an uninterrupted training takes here and now: moments to kill at are shares of it. */
  let milliseconds: number;
  const command = (out: string, ...more: string[]): string[] => [
    ...['train', '--data', data, '--out', out, '--epochs', String(EPOCHS), '--seed', '3', '--dropout', '0.2'],
    ...['--model', 'elastic-fourier', ...SMALL],
    ...more,
  ];
  const weights = (out: string): Promise<Buffer> => readFile(join(out, 'model.safetensors'));

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'eft-resume-'));
    data = join(folder, 'mails.csv');
    await writeFile(data, mailsCsv(3000));
    const began = performance.now();
    const { code, stderr } = await eft(...command(join(folder, 'whole')));
    milliseconds = performance.now() - began;
    expect(stderr).toMatch(/best epoch/);
    expect(code).toBe(0);
    whole = await weights(join(folder, 'whole'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('two trainings at once in one folder: one is refused, the folder of the other is whole', async () => {
    for (let pair = 0; pair < 3; pair++) {
      const out = join(folder, `pair-${pair}`);
      const ends = await Promise.all([start(command(out)).end, start(command(out)).end]);
      expect(ends.map(({ code }) => code).sort()).toEqual([0, 2]);
      expect(ends.find(({ code }) => code === 2)?.stderr).toMatch(
        /is in use by process \d+|already holds a run/,
      );
      expect(await weights(out)).toEqual(whole);
    }
  });

  test.each([1, 2])(
    'SIGKILL at any moment: the folder loads, and --resume ends with the same bits (%i)',
    async (n) => {
      const out = join(folder, `killed-${n}`);
      const random = new RandomStream(Date.now() >>> 0, 'test');
      for (let attempt = 0; attempt < 6; attempt++) {
        const running = start(command(out, '--resume'));
        // From the first moment of the process to about its end, however fast the machine is.
        const timer = setTimeout(() => signalGroup(running, 'SIGKILL'), milliseconds * (0.1 + random.next()));
        const { code, signal, stderr } = await running.end;
        clearTimeout(timer);
        if (signal === null) {
          expect(stderr).not.toMatch(/at .*\.js/);
          expect(code).toBe(0);
        }
        const prediction = await eft('predict', out, 'win a free cruise');
        // Before config.json is written the folder is no run yet, and says so; afterwards it always loads.
        if (prediction.code === 0) expect(JSON.parse(prediction.stdout)).toHaveProperty('label');
        else expect(prediction.stderr).toMatch(/is not a run folder|no such folder/);
      }
      const { code } = await eft(...command(out, '--resume'));
      expect(code).toBe(0);
      expect((await weights(out)).equals(whole)).toBe(true);
      const epochs = (await readFile(join(out, 'metrics.jsonl'), 'utf8'))
        .split('\n')
        .filter((line) => line.includes('"type":"epoch"'));
      expect(epochs).toHaveLength(EPOCHS);
      expect((await readdir(out)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    },
  );
});
