/** A run that is killed or interrupted loads, and ends with the bits of one that was not. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mailsCsv, SMALL } from './data.js';
import { eft, signalGroup, start } from './run.js';

const EPOCHS = 3;

describe('a training that is cut off', () => {
  let folder: string;
  let data: string;
  let whole: Buffer;
  const command = (out: string, ...more: string[]): string[] => [
    ...['train', '--data', data, '--out', out, '--epochs', String(EPOCHS), '--seed', '3', '--dropout', '0.2'],
    ...['--model', 'elastic-fourier', ...SMALL],
    ...more,
  ];
  const weights = (out: string): Promise<Buffer> => readFile(join(out, 'model.safetensors'));

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'eft-resume-'));
    data = join(folder, 'mails.csv');
    await writeFile(data, mailsCsv(1000));
    const { code, stderr } = await eft(...command(join(folder, 'whole')));
    expect(stderr).toMatch(/best epoch/);
    expect(code).toBe(0);
    whole = await weights(join(folder, 'whole'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('--resume alone knows data and options; epochs may grow, other changes are refused', async () => {
    const out = join(folder, 'knows');
    await cp(join(folder, 'whole'), out, { recursive: true });
    const again = await eft('train', '--out', out, '--resume');
    expect(again.code).toBe(0);
    expect(await weights(out)).toEqual(whole);
    const more = await eft('train', '--out', out, '--resume', '--epochs', String(EPOCHS + 1));
    expect(more.stderr).toContain(`epoch ${EPOCHS + 1}/${EPOCHS + 1}`);
    const other = await eft('train', '--out', out, '--resume', '--seed', '4');
    expect(other.code).toBe(2);
    expect(other.stderr).toContain('training.seed was 3, now 4');
  });

  test('Ctrl-C saves in the middle of an epoch, exits with 130, and resumes to the same bits', async () => {
    const out = join(folder, 'interrupted');
    const running = start(command(out));
    while (!(await readFile(join(out, 'metrics.jsonl'), 'utf8').catch(() => ''))) await sleep(5);
    signalGroup(running, 'SIGINT');
    const { code, stderr } = await running.end;
    expect(stderr).toMatch(/stopped after step \d+ of \d+/);
    expect(code).toBe(130);
    const resumed = await eft(...command(out, '--resume'));
    expect(resumed.stderr).toMatch(/continuing after step \d+/);
    expect(resumed.code).toBe(0);
    expect((await weights(out)).equals(whole)).toBe(true);
  });

  test('the number of threads does not change a bit', async () => {
    for (const threads of ['1', '3']) {
      const out = join(folder, `threads-${threads}`);
      const { code } = await eft(...command(out), '--threads', threads);
      expect(code).toBe(0);
      expect((await weights(out)).equals(whole)).toBe(true);
    }
  });

  test('a resume with other settings, and a folder that holds a run, are refused', async () => {
    const out = join(folder, 'copy');
    await cp(join(folder, 'whole'), out, { recursive: true });
    const other = await eft(...command(out, '--resume'), '--weight-decay', '0.1');
    expect(other.code).toBe(2);
    expect(other.stderr).toContain('training.weightDecay was 0.01, now 0.1');
    const again = await eft(...command(out));
    expect(again.code).toBe(2);
    expect(again.stderr).toContain('already holds a run');
    expect((await weights(out)).equals(whole)).toBe(true);
  });
});
