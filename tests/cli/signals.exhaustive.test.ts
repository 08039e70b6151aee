/** A training on signals that is killed again and again ends with the bits of one that was not. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RandomStream } from '#eft/random.js';
import { eft, signalGroup, start } from './run.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eft-signals-'));
  const random = new RandomStream(1, 'test');
  const lines: string[] = [];
  for (let i = 0; i < 80; i++) {
    const pitch = i % 2 === 0 ? 0.2 : 0.7;
    const phase = 6 * random.next();
    const samples = Array.from(
      { length: 700 },
      (_, t) => 0.4 * Math.sin(pitch * t + phase) + 0.2 * random.next(),
    );
    lines.push(`${samples.slice(0, 60).map((value) => value.toFixed(4))}:${i % 2 === 0 ? 'low' : 'high'}`);
  }
  await writeFile(join(folder, 'series.ts'), `@classLabel true low high\n@data\n${lines.join('\n')}\n`);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('killed at any moment, on any number of threads: --resume ends with the same bits', async () => {
  const data = join(folder, 'series.ts');
  const command = (out: string, threads = '2'): string[] => [
    ...['train', '--data', data, '--model', 'elastic', '--seed', '3', '--channels', '8', '--epochs', '40'],
    ...['--blocks', '1', '--patch', '4', '--window', '16', '--filters', '8', '--time-shift', '0.1'],
    ...['--time-crop', '0.2', '--gain', '0.3', '--mixup', '0.3', '--threads', threads, '--out', out],
  ];
  const weights = (out: string): Promise<Buffer> => readFile(join(out, 'model.safetensors'));
  const began = performance.now();
  expect((await eft(...command(join(folder, 'whole')))).code).toBe(0);
  const milliseconds = performance.now() - began;
  const whole = await weights(join(folder, 'whole'));
  const out = join(folder, 'killed');
  const random = new RandomStream(Date.now() >>> 0, 'test');
  for (const threads of ['1', '2', '3']) {
    const running = start([...command(out, threads), '--resume']);
    const timer = setTimeout(
      () => signalGroup(running, 'SIGKILL'),
      milliseconds * (0.2 + 0.7 * random.next()),
    );
    const { code, signal, stderr } = await running.end;
    clearTimeout(timer);
    if (signal === null) expect(code, stderr).toBe(0);
  }
  const { code } = await eft(...command(out), '--resume');
  expect(code).toBe(0);
  expect((await weights(out)).equals(whole)).toBe(true);
});
