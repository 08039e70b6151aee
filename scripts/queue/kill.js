/**
 * Kills workers, and Redis, at random moments while a comparison and the prediction of a corpus run on a queue, and
 * compares what comes out with what comes out without: every trial and file once, to the bit.
 *
 *   node scripts/queue/kill.js [--rounds 10] [--redis-rounds 3] [--seed 1]
 */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { RandomStream } from '../../dist/random.js';
import { run, start } from './programs.js';
import { startRedis } from './redis.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    'redis-rounds': { type: 'string', default: '3' },
    seed: { type: 'string', default: '1' },
  },
});
const rounds = Number(values.rounds);
const redisRounds = Number(values['redis-rounds']);
const random = new RandomStream(Number(values.seed), 'test');
const root = mkdtempSync(join(tmpdir(), 'eft-kill-'));
const write = (text) => process.stdout.write(`${text}\n`);
const sha256 = (path) => createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16);

/** Texts whose words lean to a class. */
function texts(count, stream) {
  const own = [
    ['win', 'free', 'cruise', 'offer', 'click', 'money'],
    ['patch', 'review', 'list', 'issue', 'branch', 'merge'],
  ];
  const both = ['the', 'a', 'is', 'in', 'to', 'for', 'of', 'and'];
  const pick = (words) => words[stream.nextInteger(words.length)];
  return Array.from({ length: count }, (_, i) => {
    const words = Array.from({ length: 3 + stream.nextInteger(14) }, () =>
      pick(stream.next() < 0.4 ? own[i % 2] : both),
    );
    return { text: `${words.join(' ')} n${i}`, label: i % 2 === 0 ? 'spam' : 'ham' };
  });
}
const lines = (rows) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

writeFileSync(join(root, 'mails.jsonl'), lines(texts(1500, random)));
mkdirSync(join(root, 'corpus'));
for (let i = 0; i < 12; i++) writeFileSync(join(root, 'corpus', `${i}.jsonl`), lines(texts(8000, random)));

const compare = (out) => [
  ...[
    'compare',
    '--data',
    join(root, 'mails.jsonl'),
    '--out',
    join(root, out),
    '--models',
    'elastic-fourier,bag,linear',
  ],
  ...[
    '--lengths',
    '8,16',
    '--seeds',
    '2',
    '--epochs',
    '6',
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
];
const predict = (out) => [
  ...['predict', join(root, 'alone/trials/elastic-fourier-16-0'), '--data', join(root, 'corpus/*.jsonl')],
  ...['--out', `${join(root, out)}/`, '--threads', '1'],
];

/** What must be the same: accuracies, predictions and weights of every trial. */
function trialsOf(out) {
  const { trials } = JSON.parse(readFileSync(join(root, out, 'results.json'), 'utf8'));
  return trials
    .map(({ name, test, predictions }) => {
      const weights = sha256(join(root, out, 'trials', name, 'model.safetensors'));
      return JSON.stringify([name, test, predictions, weights]);
    })
    .sort();
}
/** Every file's hash, half ones too if there were any. */
const filesOf = (out) =>
  readdirSync(join(root, out))
    .filter((name) => !/^(manifest\.json|\.queue-token)$/.test(name))
    .sort()
    .map((name) => `${name} ${sha256(join(root, out, name))}`);

const redis = await startRedis();
const programs = new Set();
const worker = (name) => {
  const started = start(['worker', redis.url, '--root', root, '--name', name, '--lock', '1']);
  programs.add(started);
  return started;
};
const kill = (program) => {
  programs.delete(program);
  program.child.kill('SIGKILL');
};

/**
 * One round on two workers.
 * @param {string[]} command
 * @param {(workers: ReturnType<typeof worker>[], seconds: number) => Promise<string>} disturb
 * @param {number} seconds that a round takes
 */
async function round(command, disturb, seconds) {
  const workers = [worker('a'), worker('b')];
  const began = performance.now();
  const submitting = start([...command, '--queue', redis.url]);
  const moment = seconds * (0.1 + 0.85 * random.next());
  const disturbed = disturb(workers, moment);
  const code = await submitting.end;
  const time = (performance.now() - began) / 1000;
  const what = await disturbed;
  for (const program of workers) kill(program);
  if (code !== 0)
    throw new Error(`ended with ${code}: ${submitting.said}\n${workers.map(({ said }) => said).join('\n')}`);
  const said = workers.map((one) => one.said).join('');
  const ends = [...said.matchAll(/finished (\S+)/g)].map(([, name]) => name);
  const again = [...said.matchAll(/attempt [2-9]/g)].length;
  return { time, what, ends: ends.length, twice: ends.length - new Set(ends).size, again };
}

const killWorker = async (workers, moment) => {
  await sleep(1000 * moment);
  const victim = random.nextInteger(2);
  kill(workers[victim]);
  workers.push(worker('c'));
  return `worker killed after ${moment.toFixed(1)} s`;
};
const killRedis = async (_, moment) => {
  await sleep(1000 * moment);
  await redis.stop('SIGKILL');
  await sleep(1000);
  await redis.start();
  return `Redis killed after ${moment.toFixed(1)} s, started again 1 s later`;
};

let failures = 0;
try {
  await run(compare('alone'));
  await run(predict('alone-predicted'));
  const expected = { compare: trialsOf('alone'), predict: filesOf('alone-predicted') };
  write(`${expected.compare.length} trials, ${expected.predict.length} files`);
  for (const [kind, command, found] of /** @type {const} */ ([
    ['compare', compare, trialsOf],
    ['predict', predict, filesOf],
  ])) {
    const calm = await round(command(`${kind}-calm`), async () => 'undisturbed', 1);
    write(`${kind}: undisturbed ${calm.time.toFixed(1)} s`);
    for (let i = 0; i < rounds + redisRounds; i++) {
      const out = `${kind}-${i}`;
      // Of trials each round must be other work, or the queue knows what came of it: it forgets all.
      await forget();
      const { time, what, ends, twice, again } = await round(
        command(out),
        i < rounds ? killWorker : killRedis,
        calm.time,
      );
      const same = JSON.stringify(found(out)) === JSON.stringify(expected[kind]);
      if (!same) failures++;
      write(
        `${kind} ${i + 1}: ${what}; ${time.toFixed(1)} s, ${again} taken over, ${ends} ends (${twice} twice); ${same ? 'all there once, the same bits' : 'DIFFERENT'}`,
      );
    }
  }
} finally {
  for (const program of programs) program.child.kill('SIGKILL');
  await redis.dispose();
  if (failures === 0) rmSync(root, { recursive: true, force: true });
}
write(
  failures === 0
    ? 'every round ended with the same bits'
    : `${failures} rounds ended with other bits: ${root}`,
);
process.exitCode = failures === 0 ? 0 : 1;

async function forget() {
  const { Redis } = await import('ioredis');
  const client = new Redis(redis.url);
  await client.flushall();
  client.disconnect();
}
