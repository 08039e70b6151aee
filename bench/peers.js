/**
 * Ours and PyTorch's, side by side in one run: the two take turns, so that a noisy machine is as noisy for one as for
 * the other. Medians and ratios. The standard transformer stands twice: beside attention written out in PyTorch
 * (softmax of a product), and beside PyTorch's fused `scaled_dot_product_attention`. Of `elastic` it is the deep path, with
 * the family's defaults, in PyTorch as `eft export --format pytorch` has it.
 *
 *   node bench/peers.js [--models elastic-fourier,standard,elastic] [--lengths 512,1024,2048] [--mode train|inference]
 *                       [--batch 32] [--threads 2] [--rounds 7] [--python "python3"] [--tuned-malloc] [--json]
 *
 * PyTorch runs as `python3 bench/peer_pytorch.py`; --python names another command (it is split at spaces), say a
 * Python in a chroot (with /proc mounted there: PyTorch without it takes the processor for one without AVX, as the
 * last line then says). --tuned-malloc gives PyTorch glibc settings that keep large arrays from being given back to the
 * system after each operation; it is then faster where arrays are large, and this is not what users have.
 */
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { enableFastVectors } from 'elastic-fourier';
import { configureModel, createWasmEngine, lowerInference, lowerTraining } from 'elastic-fourier/engine';
import { median } from 'simple-statistics';
import { prepare } from './ourModel.js';
import { pause, TURN_MS, takeTurn } from './turn.js';

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
const batch = Number(options.batch);
const threads = Number(options.threads);

/** The peers of a model. */
const ATTENTION = {
  'elastic-fourier': [undefined],
  standard: ['written out', 'fused'],
  elastic: [undefined],
};
const models = options.models.split(',');
const unknown = models.find((model) => !(model in ATTENTION));
if (unknown !== undefined) {
  process.stderr.write(`no model '${unknown}' here: ${Object.keys(ATTENTION).join(' or ')}\n`);
  process.exit(2);
}

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
// Its death shows in the answers.
python.stdin.on('error', () => {});
const answers = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
async function nextAnswer() {
  const { done, value } = await answers.next();
  if (!done) return JSON.parse(value);
  process.stderr.write(
    `PyTorch's process ended before it answered ('${options.python}'; too little memory?)\n`,
  );
  process.exit(1);
}
const { torch, capability: torchCapability } = await nextAnswer();
const modeling = fileURLToPath(new URL('../src/formats/pytorch/modeling_eft.py', import.meta.url));
python.stdin.write(`${JSON.stringify({ modeling: readFileSync(modeling, 'utf8') })}\n`);

/** Milliseconds of one step or one batch of PyTorch, the median of a turn. */
async function theirs(model, n, attention) {
  const job =
    model === 'elastic'
      ? { n, batch, mode: options.mode, configuration: configureModel({ model, sequenceLength: n }) }
      : { model, n, batch, attention, mode: options.mode };
  python.stdin.write(`${JSON.stringify({ job, threads, turnSeconds: TURN_MS / 1000 })}\n`);
  return 1000 * (await nextAnswer()).seconds;
}

const OPTIMIZER = {
  learningRate: 1e-3,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.01,
  clipNorm: 0,
};

/** A function that runs one of our steps or batches. */
async function ours(engine, model, n) {
  const { configuration, weights, input } = prepare(model, n, batch);
  const training = options.mode === 'train';
  const session = training
    ? await engine.createTraining(lowerTraining(configuration), { maxBatch: batch })
    : await engine.createInference(lowerInference(configuration), { maxBatch: batch });
  for (const [name, values] of weights) await session.setParameter(name, values);
  let step = 0;
  return {
    session,
    async run() {
      if (training) await session.step(input, { seed: 1, step: step++ }, OPTIMIZER);
      else await session.forward(input);
    },
  };
}

enableFastVectors();
const engine = await createWasmEngine({ threads });
const rows = [];
for (const model of models) {
  for (const n of options.lengths.split(',').map(Number)) {
    for (const attention of ATTENTION[model]) {
      const { session, run } = await ours(engine, model, n);
      await run();
      await theirs(model, n, attention);
      /** @type {[number[], number[]]} */
      const [a, b] = [[], []];
      for (let round = 0; round < Number(options.rounds); round++) {
        a.push(await takeTurn(run));
        await pause();
        b.push(await theirs(model, n, attention));
      }
      await session.dispose();
      const [oursMs, pytorchMs] = [median(a) / batch, median(b) / batch];
      const peer = attention ? `PyTorch, attention ${attention},` : 'PyTorch';
      rows.push({
        model,
        sequenceLength: n,
        mode: options.mode,
        peer,
        oursMs,
        pytorchMs,
        ratio: pytorchMs / oursMs,
      });
      if (!options.json) process.stdout.write(`${describe(rows.at(-1))}\n`);
    }
  }
}

function describe({ model, sequenceLength, mode, peer, oursMs, pytorchMs, ratio }) {
  const cell = `${model.padEnd(16)} n ${String(sequenceLength).padStart(5)}  ${mode}`;
  return `${cell}  ours ${oursMs.toFixed(2)} ms  ${peer} ${pytorchMs.toFixed(2)} ms a sequence  ratio ${ratio.toFixed(2)}`;
}

python.stdin.end();
await engine.dispose();
const machine = {
  node: process.version,
  torch,
  torchCapability,
  cpu: cpus()[0]?.model,
  threads,
  tier: engine.tier,
  batch,
};
process.stdout.write(
  options.json ? `${JSON.stringify({ machine, rows })}\n` : `${JSON.stringify(machine)}\n`,
);
