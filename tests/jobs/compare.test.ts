/** Comparisons on a queue: the bits of those without, whoever dies meanwhile. */
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Results, Trial } from '#eft/comparison/results/schema.js';
import { mailsCsv } from '../cli/data.js';
import { eft, signalGroup, start } from '../cli/run.js';
import { EXHAUSTIVE, exhaustively } from '../exhaustive.js';
import { describeWith } from '../needing.js';
import { REDIS, startRedis, type TestRedis } from './redis.js';
import { endWorkersAfterEach, follow, hasSaid, startWorker } from './workers.js';

const TRIALS = 12;

describeWith(REDIS, 'a comparison on a queue', () => {
  let root: string;
  let redis: TestRedis;
  let expected: Trial[];
  const at = (...names: string[]): string => join(root, ...names);
  const command = (out: string, ...more: string[]): string[] => [
    ...['compare', '--data', at('mails.csv'), '--out', out, '--models', 'bag,linear,standard'],
    ...[
      '--lengths',
      '8,16',
      '--seeds',
      '2',
      '--epochs',
      '2',
      '--channels',
      '8',
      '--hidden',
      '16',
      '--blocks',
      '1',
    ],
    ...[
      '--vocabulary',
      '200',
      '--batch-size',
      '16',
      '--learning-rate',
      '0.01',
      '--threads',
      '1',
      '--no-profile',
    ],
    ...more,
  ];
  const onQueue = (out: string, ...more: string[]): string[] => command(out, '--queue', redis.url, ...more);
  const resultsOf = async (out: string): Promise<Results> =>
    JSON.parse(await readFile(join(out, 'results.json'), 'utf8'));
  const weightsOf = (out: string, name: string): Promise<Buffer> =>
    readFile(join(out, 'trials', name, 'model.safetensors'));

  /** What does not hang on the clock or the machine. */
  const lasting = ({
    machine: _m,
    host: _h,
    secondsPerEpoch: _s,
    peakMemoryBytes: _p,
    epochs,
    ...trial
  }: Trial) => ({
    ...trial,
    epochs: epochs.map(({ seconds: _, ...epoch }) => epoch),
  });
  const byName = (trials: readonly Trial[]): object[] =>
    trials.map(lasting).sort((a, b) => (a.name < b.name ? -1 : 1));

  async function expectSame(out: string): Promise<void> {
    const { trials } = await resultsOf(out);
    expect(byName(trials)).toEqual(byName(expected));
    for (const { name } of expected) {
      expect((await weightsOf(out, name)).equals(await weightsOf(at('alone'), name)), name).toBe(true);
    }
    expect(await readdir(join(out, 'best'))).toContain('model.safetensors');
  }

  endWorkersAfterEach();
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'eft-queue-'));
    await writeFile(at('mails.csv'), mailsCsv(600));
    redis = await startRedis();
    if (!EXHAUSTIVE) return;
    const { code, stderr } = await eft(...command(at('alone')));
    expect(stderr).toContain('recommended model');
    expect(code).toBe(0);
    expected = (await resultsOf(at('alone'))).trials;
    expect(expected).toHaveLength(TRIALS);
  });
  afterAll(async () => {
    await redis?.dispose();
    await rm(root, { recursive: true, force: true });
  });

  exhaustively(
    'two workers, one of them killed: the same results and weights, each trial once; submitted again, none runs',
    async () => {
      const submitting = start(onQueue(at('shared')));
      const killed = startWorker(redis.url, root, '--name', 'first');
      await hasSaid(killed, /finished[\s\S]*took/);
      killed.child.kill('SIGKILL');
      const worker = startWorker(redis.url, root, '--name', 'second', '--once');
      const { code, stderr } = await submitting.end;
      expect(stderr).toMatch(/bag-8-0 \((first|second)\): test accuracy/);
      expect(code).toBe(0);
      await expectSame(at('shared'));
      const { trials, command: kept } = await resultsOf(at('shared'));
      expect(new Set(trials.map(({ host }) => host))).toEqual(new Set(['first', 'second']));
      for (const { machine } of trials) expect(machine).toEqual(expected[0].machine ?? expect.anything());
      expect(kept).toContain(`--queue ${redis.url}`);
      expect((await worker.end).code).toBe(0);
      // No worker is there: what is asked for again must be known.
      await rm(at('shared', 'results.json'));
      expect((await eft(...onQueue(at('shared')))).code).toBe(0);
      await expectSame(at('shared'));
      expect((await eft(...onQueue(at('elsewhere')))).code).toBe(0);
      await expectSame(at('elsewhere'));
    },
  );

  test('workers with folders of their own: results and weights come through the queue', async () => {
    for (const name of ['a', 'b', 'c']) {
      await mkdir(at(name));
      await cp(at('mails.csv'), at(name, 'mails.csv'));
    }
    // Other data under that name: refused, and the comparison says so.
    await writeFile(at('c', 'mails.csv'), mailsCsv(600, 2));
    const other = startWorker(redis.url, at('c'));
    const own = ['--seeds', '1', '--lengths', '8', '--epochs', '1', '--root', root];
    const first = await eft(...onQueue(at('apart'), ...own));
    expect(first.stderr).toMatch(/bag-8-0: refused: the data "mails\.csv" are not the submitter's/);
    expect(first.code).toBe(1);
    other.child.kill('SIGKILL');
    await eft(...command(at('apart-alone'), ...own.slice(0, -2)));

    const workers = ['a', 'b'].map((name) => startWorker(redis.url, at(name), '--name', name, '--once'));
    const { code, stderr } = await eft(...onQueue(at('apart'), ...own, '--resume'));
    expect(stderr).toContain('recommended model');
    expect(code).toBe(0);
    const [apart, alone] = [await resultsOf(at('apart')), await resultsOf(at('apart-alone'))];
    expect(byName(apart.trials)).toEqual(byName(alone.trials));
    for (const { name } of alone.trials) {
      expect((await weightsOf(at('apart'), name)).equals(await weightsOf(at('apart-alone'), name))).toBe(
        true,
      );
    }
    for (const worker of workers) expect((await worker.end).code).toBe(0);
  });

  exhaustively(
    'Ctrl-C ends the submission, not what is begun; a worker stopped by it gives its job back; both go on',
    async () => {
      const longer = ['--models', 'standard', '--epochs', '40', '--seeds', '1', '--lengths', '16'];
      await eft(...command(at('long-alone'), ...longer));
      const submitting = start(onQueue(at('long'), ...longer));
      const worker = startWorker(redis.url, root);
      await hasSaid(worker, /took standard-16-0/);
      signalGroup(submitting, 'SIGINT');
      const stopped = await submitting.end;
      expect(stopped.stderr).toContain('what workers have begun is finished and kept');
      expect(stopped.code).toBe(130);
      while (
        !(await readFile(at('long', 'trials', 'standard-16-0', 'metrics.jsonl'), 'utf8').catch(() => ''))
      )
        await sleep(5);
      worker.child.kill('SIGTERM');
      const ended = await worker.end;
      expect(ended.stderr).toContain('gave back standard-16-0');
      expect(ended.code).toBe(130);
      const next = startWorker(redis.url, root, '--once');
      const { code } = await eft(...onQueue(at('long'), ...longer, '--resume'));
      expect(code).toBe(0);
      const weights = (out: string): Promise<Buffer> => weightsOf(at(out), 'standard-16-0');
      expect((await weights('long')).equals(await weights('long-alone'))).toBe(true);
      await next.end;
    },
  );

  exhaustively(
    'Redis gone: a clear error, and it can be picked up; restarted in the middle: all goes on',
    async () => {
      const more = ['--models', 'bag', '--seeds', '4', '--lengths', '12'];
      await eft(...command(at('again-alone'), ...more));
      const same = async (out: string): Promise<void> =>
        expect(byName((await resultsOf(at(out))).trials)).toEqual(
          byName((await resultsOf(at('again-alone'))).trials),
        );
      const impatient = start(onQueue(at('gone'), ...more, '--queue-wait', '1'));
      const lost = startWorker(redis.url, root, '--queue-wait', '1');
      await hasSaid(lost, /finished/);
      await redis.stop();
      for (const end of [impatient.end, lost.end]) {
        const outcome = await end;
        expect(outcome.stderr).toMatch(
          /eft: the queue at redis:\S+ has been unreachable for 1 s; what is finished is kept/,
        );
        expect(outcome.code).toBe(1);
      }
      const unreachable = await eft(...onQueue(at('gone'), ...more));
      expect(unreachable.stderr).toMatch(/eft: cannot use the queue at redis:\S+: nothing answers there/);
      expect(unreachable.code).toBe(1);
      await redis.start();

      const submitting = follow(start(onQueue(at('gone'), ...more)));
      startWorker(redis.url, root);
      await hasSaid(submitting, /test accuracy/);
      await redis.stop('SIGKILL');
      await sleep(300);
      await redis.start();
      const { code, stderr } = await submitting.end;
      expect(stderr).toMatch(/lost the queue at redis:[\s\S]* is back/);
      expect(code).toBe(0);
      await same('gone');
    },
  );
});
