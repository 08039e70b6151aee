/**
 * Trains each model family with fixed seeds by two builds of the command line and compares the weights byte for byte:
 * what a change of the program must not change.
 *
 *   node scripts/same-bits.js --before ../old/dist/cli/main.js [--after dist/cli/main.js] [--tiers simd,relaxed-simd]
 *                             [--threads 1,2,3]
 *
 * The tensors of model.safetensors are compared (its metadata may change). Exit code 1 if any differs.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: {
    before: { type: 'string' },
    after: { type: 'string', default: 'dist/cli/main.js' },
    tiers: { type: 'string', default: 'simd,relaxed-simd,simd-256' },
    threads: { type: 'string', default: '1,2,3' },
  },
});
if (options.before === undefined) {
  process.stderr.write('name the other build with --before …/dist/cli/main.js\n');
  process.exit(2);
}

/** Each with dropout and a ragged last batch. */
const RUNS = {
  'elastic-fourier': ['--model', 'elastic-fourier'],
  'elastic-fourier, prime length': ['--model', 'elastic-fourier', '--seq-len', '53'],
  standard: ['--model', 'standard'],
  elastic: ['--model', 'elastic'],
  'the deep path of elastic': ['--model', 'elastic', '--deep-only'],
  linear: ['--model', 'linear'],
  bag: ['--model', 'bag'],
  'bag with bigrams': ['--model', 'bag', '--ngrams', '2', '--buckets', '5000'],
  'bytes, label smoothing': [
    '--model',
    'elastic-fourier',
    '--tokenizer',
    'bytes',
    '--label-smoothing',
    '0.1',
  ],
};

/** The same on signals of unequal lengths, changed a little in training. */
const SIGNAL_RUNS = {
  'elastic on signals': ['--model', 'elastic'],
  'elastic through filters': ['--model', 'elastic', '--patch', '4', '--window', '16', '--filters', '8'],
  'elastic-fourier on signals': ['--model', 'elastic-fourier'],
  'standard on signals': ['--model', 'standard', '--patch', '2'],
  rocket: ['--model', 'rocket'],
  spectrum: ['--model', 'spectrum'],
};

const folder = mkdtempSync(join(tmpdir(), 'same-bits-'));
const data = join(folder, 'mails.csv');
writeFileSync(
  data,
  `text,label\n${Array.from({ length: 300 }, (_, i) => {
    const words = Array.from({ length: 5 + ((i * 37) % 90) }, (_, k) => `w${(i * k * k + 7 * k) % (60 + i)}`);
    return `${words.join(' ')} ${i % 3 ? 'offer' : 'patch'} ${i},${i % 3 ? 'spam' : 'ham'}`;
  }).join('\n')}\n`,
);

const series = join(folder, 'series.tsv');
writeFileSync(
  series,
  Array.from({ length: 150 }, (_, i) => {
    const values = Array.from({ length: 30 + ((i * 37) % 34) }, (_, t) =>
      (Math.sin((0.1 + 0.2 * (i % 2)) * t + i) + Math.sin(3.7 * i * t)).toFixed(4),
    );
    return `${[i % 2 ? 'high' : 'low', ...values].join('\t')}\n`;
  }).join(''),
);

const TEXTS = ['--data', data, '--dropout', '0.1'];
const SIGNALS = [
  '--data',
  series,
  '--input',
  'signal',
  '--time-shift',
  '0.1',
  '--time-mask',
  '0.2',
  '--gain',
  '0.3',
];

/** The weights' bytes, behind the header. */
function weightsOf(main, source, run, tier, threads) {
  const out = join(folder, 'run');
  rmSync(out, { recursive: true, force: true });
  const args = ['train', ...source, '--seq-len', '64', '--epochs', '2', '--seed', '3'];
  const given = [...args, ...run, '--threads', threads, '--out', out];
  const { status, stderr } = spawnSync(process.execPath, [resolve(main), ...given], {
    env: { ...process.env, EFT_TIER: tier },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${main} ${given.join(' ')}: ${stderr}`);
  const bytes = readFileSync(join(out, 'model.safetensors'));
  return bytes.subarray(8 + Number(bytes.readBigUInt64LE(0)));
}

let different = 0;
for (const tier of options.tiers.split(',')) {
  const runs = [
    ...Object.entries(RUNS).map(([name, run]) => ({ name, source: TEXTS, run })),
    ...Object.entries(SIGNAL_RUNS).map(([name, run]) => ({ name, source: SIGNALS, run })),
  ];
  for (const { name, source, run } of runs) {
    const before = weightsOf(options.before, source, run, tier, '1');
    const differs = options.threads
      .split(',')
      .filter((threads) => !weightsOf(options.after, source, run, tier, threads).equals(before));
    different += differs.length;
    const verdict = differs.length === 0 ? 'the same' : `DIFFERENT on ${differs.join(', ')} threads`;
    process.stdout.write(`${tier}, ${name}: ${verdict}\n`);
  }
}
rmSync(folder, { recursive: true });
process.exit(different === 0 ? 0 : 1);
