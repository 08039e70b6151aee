/** What a queue must not be able to do: lead a worker out of its root, crash it, or learn and keep a password. */

import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exactVersion } from '#eft/cli/origin.js';
import { fileSample } from '#eft/inference/batch/parts.js';
import { parseAddress } from '#eft/jobs/queue/address.js';
import { ContentHashes } from '#eft/jobs/queue/content.js';
import { jobId, parseJob, type WireJob } from '#eft/jobs/queue/contract.js';
import { Root } from '#eft/jobs/queue/root.js';
import { withoutSecrets } from '#eft/platform/address.js';
import { mailsCsv } from '../cli/data.js';
import { eft } from '../cli/run.js';
import { exhaustively } from '../exhaustive.js';
import { describeWith, lookFor, testWith } from '../needing.js';
import { PATIENCE_MS } from '../patience.js';
import { REDIS, startRedis, type TestRedis } from './redis.js';
import { endWorkersAfterEach, hasSaid, startWorker } from './workers.js';

describe('addresses', () => {
  test('are shown and kept without user, password and query', () => {
    const { url, shown } = parseAddress('rediss://me:se%40cret@host:6380/2', {});
    expect(url).toBe('rediss://me:se%40cret@host:6380/2');
    expect(shown).toBe('rediss://host:6380/2');
    expect(parseAddress('redis://host', { EFT_QUEUE_PASSWORD: 'a@b' }).url).toBe('redis://:a%40b@host');
    for (const text of [
      'redis://:se@cret@host:1/0',
      "--queue 'redis://me:secret@host:1/0?password=secret'",
    ]) {
      expect(withoutSecrets(text)).toMatch(/^(--queue ')?redis:\/\/host:1\/0'?$/);
    }
  });

  test.each(['', 'secret', 'http://me:secret@host', 'redis://', 'redis://host/secret'])(
    '%j is none',
    (text) => {
      expect(() => parseAddress(text, {})).toThrow(/the queue needs the address of a Redis/);
      expect(() => parseAddress(text, {})).not.toThrow(/secret/);
    },
  );
});

describe('a worker’s root', () => {
  let folder: string;
  let root: Root;
  beforeAll(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'eft-root-')));
    for (const name of ['root/in', 'outside']) await mkdir(join(folder, name), { recursive: true });
    await symlink('../outside', join(folder, 'root/link'));
    await symlink('in', join(folder, 'root/inner'));
    await symlink('../outside/gone', join(folder, 'root/dangling'));
    root = await Root.open(join(folder, 'root'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test.each(['in', 'in/new/file', 'inner/new', 'new/in/../x', '.'])('%j is within', async (path) => {
    expect(await root.within(root.path, path)).toMatch(join(folder, 'root'));
  });

  test.each([
    '..',
    '../outside',
    'in/../../outside',
    '/etc',
    'link',
    'link/new',
    'dangling',
    'dangling/x',
    'a\0b',
  ])('%j leads out', async (path) => {
    await expect(root.within(root.path, path)).rejects.toThrow(
      /leads out of the root|is not relative|leads nowhere/,
    );
  });

  test('a submitter’s folder counts only where it is beneath the root', async () => {
    expect(await root.base(join(folder, 'root/in'))).toBe(join(folder, 'root/in'));
    for (const base of [
      join(folder, 'outside'),
      '/',
      join(folder, 'root/link'),
      'in',
      join(folder, 'root/none'),
    ]) {
      expect(await root.base(base)).toBe(root.path);
    }
  });
});

const OPENSSL = lookFor('openssl');

describeWith(REDIS, 'hostile jobs', () => {
  let folder: string;
  let redis: TestRedis;
  let client: Redis;
  let queue: Queue;
  let trial: WireJob;
  let part: WireJob;
  const at = (...names: string[]): string => join(folder, ...names);
  endWorkersAfterEach();

  beforeAll(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'eft-hostile-')));
    for (const name of ['root/out/trials/planted', 'root/run', 'outside'])
      await mkdir(at(name), { recursive: true });
    await writeFile(at('root/mails.csv'), mailsCsv(200));
    await writeFile(at('outside/secret.csv'), mailsCsv(200));
    await writeFile(at('outside/metrics.jsonl'), '');
    await writeFile(at('root/out/.queue-token'), '1'.repeat(32));
    await symlink('../outside', at('root/link'));
    await symlink('../outside/secret.csv', at('root/link.csv'));
    await symlink('../../../../outside/metrics.jsonl', at('root/out/trials/planted/metrics.jsonl'));
    redis = await startRedis();
    client = new Redis(redis.url, { maxRetriesPerRequest: null });
    queue = new Queue('elastic-fourier', { connection: client });
    const common = { version: exactVersion(), base: at('root'), out: 'out', token: '0'.repeat(32) };
    const content = await new ContentHashes().ofSource(at('root/mails.csv'), at('root'), async () => {});
    trial = parseJob(
      {
        kind: 'trial',
        ...common,
        name: 'bag-8-0',
        folder: 'out/trials/bag-8-0',
        data: { source: 'mails.csv', name: 'mails.csv', read: {}, split: [0.8, 0.1, 0.1], content },
        options: { model: 'bag', tokenizer: 'words', long: 'head', sequenceLength: 8, epochs: 1, seed: 0 },
        threads: 1,
        test: true,
      },
      common.version,
    );
    part = parseJob(
      {
        kind: 'part',
        ...common,
        run: 'run',
        model: '0'.repeat(64),
        input: 'mails.csv',
        ...(await fileSample(at('root/mails.csv'))),
        output: 'out/mails.csv.predictions.jsonl',
        load: {},
        read: {},
        answers: { format: 'jsonl', keep: [] },
      },
      common.version,
    );
  });
  afterAll(async () => {
    await queue?.close();
    client?.disconnect();
    await redis?.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  test('are refused with a line each; the worker lives, and works on', async () => {
    const { data } = trial as WireJob & { kind: 'trial' };
    const hostile: [what: string, job: unknown, why: RegExp][] = [
      ['a folder outside', { ...trial, out: '..', folder: '../outside/x' }, /leads out of the root/],
      ['a folder outside of its own', { ...trial, folder: 'mails/x' }, /outside of the job's folder/],
      ['an absolute folder', { ...trial, out: at('outside'), folder: at('outside/x') }, /is not relative/],
      [
        'a folder behind a link',
        { ...trial, out: 'link', folder: 'link/x' },
        /leads out of the root by a link/,
      ],
      [
        'a folder with a link in it',
        { ...trial, token: '1'.repeat(32), folder: 'out/trials/planted' },
        /leads out of the root by a link/,
      ],
      [
        'data outside',
        { ...trial, data: { ...data, source: '../outside/secret.csv' } },
        /leads out of the root/,
      ],
      ['absolute data', { ...trial, data: { ...data, source: '/etc/passwd' } }, /is not relative/],
      ['data behind a link', { ...trial, data: { ...data, source: 'link/secret.csv' } }, /by a link/],
      ['data that are a link', { ...trial, data: { ...data, source: 'link.csv' } }, /by a link/],
      [
        'a pattern that looks around',
        { ...trial, data: { ...data, source: '{..,x}/**/*.csv' } },
        /leads out/,
      ],
      ['data that are not there', { ...trial, data: { ...data, source: 'none.csv' } }, /no such file/],
      ['other data', { ...trial, data: { ...data, content: '0'.repeat(64) } }, /their contents differ/],
      ['another base', { ...trial, base: '/', data: { ...data, source: 'etc/passwd' } }, /no such file/],
      ['an input that is a link', { ...part, input: 'link.csv' }, /link/],
      ['answers outside', { ...part, output: 'mails.csv' }, /outside of the job's folder/],
      ['a model that is none', part, /no such file/],
      ['a range outside of the file', { ...part, range: [5, 1e12] }, /no such file|range/],
      ['a name that is a path', { ...trial, name: '../x' }, /no job of this program: name/],
      ['a wrong type', { ...trial, options: { ...trial, seed: '0' } }, /no job of this program: options/],
      ['no object', 'job', /no job of this program/],
      ['nothing', null, /no job of this program/],
      ['code', { ...trial, code: 'process.exit()' }, /no job of this program: : Unrecognized key/],
      ['another kind', { ...trial, kind: 'shell' }, /no job of this program: kind/],
      [
        'a giant size',
        { ...trial, options: { ...(trial as { options: object }).options, sequenceLength: 1e12 } },
        /options\.sequenceLength/,
      ],
      ['a giant text', { ...trial, name: 'x'.repeat(5e6) }, /larger than 200000 characters/],
      [
        'another version',
        { ...trial, version: '0.0.9+feed' },
        /submitted by version 0\.0\.9\+feed, this worker is version/,
      ],
    ];
    const ids = new Map<string, RegExp>();
    /** What differs in names alone would be the same job. */
    const seeded = (job: unknown, seed: number): unknown => {
      const { options } = (job ?? {}) as { options?: object };
      const plain = options !== undefined && 'model' in options;
      return plain ? { ...(job as object), options: { ...options, seed } } : job;
    };
    const idOf = (job: unknown, i: number): string => {
      try {
        return jobId(job as WireJob);
      } catch {
        return `0123456789ab-${i}`;
      }
    };
    for (const [i, [what, hostileJob, why]] of hostile.entries()) {
      const job = seeded(hostileJob, i + 1);
      const id = idOf(job, i);
      expect(ids.has(id), what).toBe(false);
      ids.set(id, why);
      // More attempts are no use where the refusal is final.
      await queue.add('trial', job, { jobId: id, attempts: 1_000_000 });
    }
    await queue.add('trial', trial, { jobId: 'not-the-hash-of-it' });
    ids.set('not-the-hash-of-it', /its id is not that of its content/);
    // As no client would write them.
    const raw = { broken: '{"kind":', deep: `${'['.repeat(50_000)}${']'.repeat(50_000)}` };
    for (const [id, text] of Object.entries(raw)) {
      await queue.add('trial', {}, { jobId: id });
      await client.hset(queue.toKey(id), 'data', text);
    }
    ids.set('deep', /larger than 200000 characters, or not JSON|no job of this program/);
    const worker = startWorker(redis.url, at('root'));
    await hasSaid(worker, /job deep/);
    for (const [id, why] of ids) {
      await expect
        .poll(() => queue.getJobState(id), { timeout: PATIENCE_MS, message: `${id} ${worker.log()}` })
        .toBe('failed');
      const { failedReason = '' } = (await queue.getJob(id))!;
      expect(failedReason).toMatch(/refused: /);
      expect(JSON.parse(failedReason).message, id).toMatch(why);
    }
    // A busy machine may deliver a job again.
    for (const id of ids.keys()) expect(worker.log()).toContain(`refused job ${id.slice(0, 12)}: `);
    for (const line of worker.log().trimEnd().split('\n')) expect(line.length).toBeLessThan(1000);
    await queue.add('trial', trial, { jobId: jobId(trial) });
    await hasSaid(worker, /finished bag-8-0/);
    expect(worker.child.exitCode).toBeNull();
    expect((await readdir(at('outside'))).sort()).toEqual(['metrics.jsonl', 'secret.csv']);
    expect(await readFile(at('outside/metrics.jsonl'), 'utf8')).toBe('');
  });
});

describeWith(REDIS, 'passwords', () => {
  let folder: string;
  const at = (...names: string[]): string => join(folder, ...names);
  endWorkersAfterEach();
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'eft-secret-'));
    await writeFile(at('mails.csv'), mailsCsv(200));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  exhaustively('stand in no message and no file', async () => {
    const redis = await startRedis(['--requirepass', 'sesame']);
    try {
      const url = `redis://:sesame@127.0.0.1:${redis.port}`;
      const command = (address: string): string[] => [
        ...['compare', '--data', at('mails.csv'), '--out', at('out'), '--models', 'bag', '--epochs', '1'],
        ...['--threads', '1', '--queue', address],
      ];
      const worker = startWorker(url, folder, '--once');
      const outcome = await eft(...command(url));
      const ended = await worker.end;
      expect([outcome.code, ended.code]).toEqual([0, 0]);
      const wrong = await eft(...command(`redis://:sesame2@127.0.0.1:${redis.port}`));
      expect(wrong.stderr).toMatch(/cannot use the queue at redis:\S+: the user or password is wrong/);
      const none = await eft(...command(redis.url));
      expect(none.stderr).toMatch(/it wants another user or a password/);
      const written = await readdir(folder, { recursive: true, withFileTypes: true });
      const texts = await Promise.all(
        written
          .filter((entry) => entry.isFile())
          .map((entry) => readFile(join(entry.parentPath, entry.name), 'latin1')),
      );
      expect(texts.length).toBeGreaterThan(5);
      const said = [outcome, ended, wrong, none].flatMap(({ stdout, stderr }) => [stdout, stderr]);
      for (const text of [...texts, ...said]) expect(text).not.toContain('sesame');
    } finally {
      await redis.dispose();
    }
  });

  testWith(OPENSSL, 'go over TLS, to a server whose certificate is known alone', async () => {
    const [key, certificate] = [at('key.pem'), at('certificate.pem')];
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-keyout',
        key,
        '-out',
        certificate,
        '-days',
        '2',
        '-subj',
        '/CN=test',
        '-addext',
        'subjectAltName=IP:127.0.0.1',
      ],
      { stdio: 'ignore' },
    );
    const plain = await startRedis();
    await plain.dispose();
    const { port } = plain;
    const redis = await startRedis([
      ...['--requirepass', 'sesame', '--tls-port', String(port), '--tls-auth-clients', 'no'],
      ...['--tls-cert-file', certificate, '--tls-key-file', key, '--tls-ca-cert-file', certificate],
    ]);
    try {
      const address = `rediss://:sesame@127.0.0.1:${port}`;
      const unknown = await startWorker(address, folder, '--once').end;
      expect(unknown.stderr).toMatch(/cannot use the queue at rediss:\S+: .*self.signed certificate/i);
      process.env.NODE_EXTRA_CA_CERTS = certificate;
      const { code, stderr } = await startWorker(address, folder, '--once').end;
      expect(stderr).toContain(`takes jobs from rediss://127.0.0.1:${port}`);
      expect(code).toBe(0);
    } finally {
      delete process.env.NODE_EXTRA_CA_CERTS;
      await redis.dispose();
    }
  });
});
