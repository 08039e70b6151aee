/**
 * Ours and PyTorch's, side by side in one run: the two take turns step by step, so that a noisy machine is as noisy
 * for one as for the other. Medians and ratios.
 *
 *   node bench/peers.js [--models elastic-fourier,standard] [--lengths 512,1024,2048] [--mode train|inference]
 *                       [--batch 32] [--threads 2] [--rounds 7] [--python "python3"] [--tuned-malloc] [--json]
 *
 * PyTorch runs as `python3 bench/peer_pytorch.py`; --python names another command (it is split at spaces), say a
 * Python in a chroot. --tuned-malloc gives PyTorch glibc settings that keep large arrays from being given back to the
 * system after each operation; it is then faster where arrays are large, and this is not what users have.
 */
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median } from 'simple-statistics';
import { fullBatch } from '../dist/bench/batch.js';
import { createWasmEngine } from '../dist/engine/wasm/engine.js';
import { modelConfigurationSchema } from '../dist/model/configuration.js';
import { lowerInference, lowerTraining } from '../dist/model/lowering.js';
import { initialise } from '../dist/model/parameters.js';

const { values: options } = parseArgs({
  options: {
    models: { type: 'string', default: 'elastic-fourier,standard' },
    lengths: { type: 'string', default: '512,1024,2048' },
    mode: { type: 'string', default: 'train' },
    batch: { type: 'string', default: '32' },
    threads: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '7' },
    python: { type: 'string', default: 'python3' },
    'tuned-malloc': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const PAUSE_MS = 200;
const batch = Number(options.batch);
const threads = Number(options.threads);

const GLIBC =
  'glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=4294967296:glibc.malloc.trim_threshold=17179869184';
const [command, ...given] = options.python.split(' ');
const script = readFileSync(fileURLToPath(new URL('./peer_pytorch.py', import.meta.url)), 'utf8');

if (spawnSync(command, [...given, '-c', 'import torch']).status !== 0) {
  process.stderr.write(
    `no PyTorch: '${options.python} -c "import torch"' fails; name another with --python\n`,
  );
  process.exit(2);
}

const python = spawn(command, [...given, '-c', script], {
  stdio: ['pipe', 'pipe', 'inherit'],
  env: { ...process.env, ...(options['tuned-malloc'] ? { GLIBC_TUNABLES: GLIBC } : {}) },
});
const answers = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
const nextAnswer = async () => JSON.parse((await answers.next()).value);
const { torch } = await nextAnswer();

/** Seconds of one step or one batch of PyTorch. */
async function theirs(model, n) {
  python.stdin.write(`${JSON.stringify({ model, n, batch, mode: options.mode, threads })}\n`);
  return (await nextAnswer()).seconds;
}

const OPTIMIZER = {
  learningRate: 1e-3,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.01,
  clipNorm: 0,
};

/** A function that runs one of our steps and gives its seconds. */
async function ours(engine, model, n) {
  const configuration = modelConfigurationSchema.parse({ model, sequenceLength: n });
  const training = options.mode === 'train';
  const session = training
    ? await engine.createTraining(lowerTraining(configuration), { maxBatch: batch })
    : await engine.createInference(lowerInference(configuration), { maxBatch: batch });
  for (const [name, values] of initialise(configuration, 1)) session.setParameter(name, values);
  const input = fullBatch(batch, n, configuration.vocabulary, configuration.classes);
  let step = 0;
  return {
    session,
    async run() {
      const start = performance.now();
      if (training) await session.step(input, { seed: 1, step: step++ }, OPTIMIZER);
      else await session.forward(input);
      return (performance.now() - start) / 1000;
    },
  };
}

const engine = await createWasmEngine({ threads });
const rows = [];
for (const model of options.models.split(',')) {
  for (const n of options.lengths.split(',').map(Number)) {
    const { session, run } = await ours(engine, model, n);
    await run();
    await theirs(model, n);
    const [a, b] = [[], []];
    for (let round = 0; round < Number(options.rounds); round++) {
      // PyTorch's threads spin for a while after a step: neither side pays for the other's.
      await sleep(PAUSE_MS);
      a.push(await run());
      await sleep(PAUSE_MS);
      b.push(await theirs(model, n));
    }
    await session.dispose();
    const perSequence = (seconds) => (1000 * median(seconds)) / batch;
    rows.push({
      model,
      sequenceLength: n,
      mode: options.mode,
      oursMs: perSequence(a),
      pytorchMs: perSequence(b),
      ratio: median(b) / median(a),
    });
    const { oursMs, pytorchMs, ratio } = rows.at(-1);
    if (!options.json) {
      process.stdout.write(
        `${model.padEnd(16)} n ${String(n).padStart(5)}  ${options.mode}  ours ${oursMs.toFixed(2)} ms  PyTorch ${pytorchMs.toFixed(2)} ms a sequence  ratio ${ratio.toFixed(2)}\n`,
      );
    }
  }
}
python.stdin.end();
await engine.dispose();
const machine = { node: process.version, torch, cpu: cpus()[0]?.model, threads, tier: engine.tier, batch };
process.stdout.write(
  options.json ? `${JSON.stringify({ machine, rows })}\n` : `${JSON.stringify(machine)}\n`,
);
