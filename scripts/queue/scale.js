/**
 * How predicting a corpus scales over workers of one thread each: makes a corpus of real mails, cut and joined anew so
 * that no two texts are alike, predicts it without a queue, with one worker and with two, and compares the answers.
 *
 *   node scripts/queue/scale.js                                     2 GB in 64 files, about 2.5 GB of disk a way
 *   node scripts/queue/scale.js --size 200MB --files 16 --model bag --workers 1,2
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { RandomStream } from '../../dist/random.js';
import { loadSpamAssassin } from '../../dist/readers/disk/spamAssassin.js';
import { run, start } from './programs.js';
import { startRedis } from './redis.js';

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '2GB' },
    files: { type: 'string', default: '64' },
    model: { type: 'string', default: 'linear' },
    workers: { type: 'string', default: '1,2' },
    /** Where the corpus goes; it is left there, and used again where it is there. */
    folder: { type: 'string' },
  },
});
const found = /^([\d.]+) ?(MB|GB)$/i.exec(values.size);
if (found === null) {
  process.stderr.write('--size is so many MB or GB: 200MB, 2GB\n');
  process.exit(2);
}
const size = Number(found[1]) * (found[2].toUpperCase() === 'GB' ? 1e9 : 1e6);
const files = Number(values.files);
const root = values.folder ?? mkdtempSync(join(tmpdir(), 'eft-scale-'));
const write = (text) => process.stdout.write(`${text}\n`);

/** The same bytes for the same arguments. */
async function makeCorpus(folder) {
  mkdirSync(folder, { recursive: true });
  if (readdirSync(folder).length === files) return;
  const examples = await loadSpamAssassin();
  const mails = examples.map(({ input }) => input).filter(({ length }) => length > 200);
  const random = new RandomStream(1, 'test');
  const piece = () => {
    const mail = mails[random.nextInteger(mails.length)];
    const from = random.nextInteger(mail.length - 100);
    return mail.slice(from, from + 100 + random.nextInteger(3000)).toWellFormed();
  };
  for (let i = 0; i < files; i++) {
    const file = openSync(join(folder, `${String(i).padStart(4, '0')}.jsonl`), 'w');
    for (let written = 0, id = 0; written < size / files; id++) {
      const line = `${JSON.stringify({ id: `${i}-${id}`, text: `${piece()} ${piece()}` })}\n`;
      written += writeSync(file, line);
    }
    closeSync(file);
  }
}

function hashesOf(folder) {
  const names = readdirSync(folder).filter((name) => name.endsWith('.predictions.jsonl'));
  return names.sort().map(
    (name) =>
      `${name} ${createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex')}`,
  );
}

/** Seconds of CPU that a process has used, by /proc; undefined where there is none. */
function cpuOf(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return undefined;
  }
}

/**
 * Until it ends: its time, and of what CPU it used all but the last half second. Throws where it fails.
 * @param {ReturnType<typeof start>} program
 */
async function timed(program) {
  const began = performance.now();
  let cpu;
  const sampling = setInterval(() => {
    cpu = cpuOf(program.child.pid) ?? cpu;
  }, 500);
  const code = await program.end;
  clearInterval(sampling);
  if (code !== 0) throw new Error(program.said);
  return { seconds: (performance.now() - began) / 1000, cpu, said: program.said };
}

const model = join(root, 'model');
const predict = (out) => [
  'predict',
  model,
  '--data',
  join(root, 'corpus/*.jsonl'),
  '--out',
  `${join(root, out)}/`,
  '--threads',
  '1',
];
const rows = (said) => /([\d,]+) texts in/.exec(said)?.[1];

write(`${cpus()[0].model}, ${cpus().length} cores, Node.js ${process.version}`);
rmSync(model, { recursive: true, force: true });
await run([
  'train',
  '--data',
  'spam-assassin',
  '--model',
  values.model,
  '--seq-len',
  '1024',
  '--epochs',
  '1',
  '--out',
  model,
]);
await makeCorpus(join(root, 'corpus'));
write(`${values.size} of texts in ${files} files, model ${values.model}`);

const redis = await startRedis();
const outs = [];
try {
  rmSync(join(root, 'alone'), { recursive: true, force: true });
  const alone = await timed(start(predict('alone')));
  write(
    `without a queue: ${alone.seconds.toFixed(1)} s, ${alone.cpu ?? '?'} s of CPU, for ${rows(alone.said)} texts`,
  );
  outs.push('alone');
  let first;
  for (const count of values.workers.split(',').map(Number)) {
    const out = `workers-${count}`;
    rmSync(join(root, out), { recursive: true, force: true });
    const workers = Array.from({ length: count }, (_, i) =>
      start(['worker', redis.url, '--root', root, '--threads', '1', '--name', `worker-${i}`]),
    );
    while (workers.some((worker) => !worker.said.includes('takes jobs'))) await sleep(50);
    const { seconds, cpu } = await timed(start([...predict(out), '--queue', redis.url]));
    for (const worker of workers) worker.child.kill('SIGTERM');
    await Promise.all(workers.map(({ end }) => end));
    first ??= seconds;
    outs.push(out);
    write(
      `${count} ${count === 1 ? 'worker' : 'workers'}: ${seconds.toFixed(1)} s, ${(size / 1e6 / seconds).toFixed(1)} MB/s, ${(first / seconds).toFixed(2)} times the first; the submitting program used ${cpu ?? '?'} s of CPU`,
    );
  }
  const [expected, ...others] = outs.map((out) => JSON.stringify(hashesOf(join(root, out))));
  const same = others.every((other) => other === expected) && JSON.parse(expected).length > 0;
  write(same ? 'the answers are the same, to the byte' : 'THE ANSWERS DIFFER');
  process.exitCode = same ? 0 : 1;
} finally {
  await redis.dispose();
  for (const out of [...outs, ...(values.folder === undefined ? ['.'] : [])])
    rmSync(join(root, out), { recursive: true, force: true });
}
