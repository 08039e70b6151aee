/**
 * The exported ONNX graph in ONNX Runtime beside our engine, for families and lengths: the two take turns, batch by batch.
 * Before the timing both must label the same texts alike. Medians of milliseconds a sequence of full length; a ratio above
 * 1 means that ours is faster.
 *
 *   node bench/onnx.js [--models elastic-fourier,standard,bag,linear,elastic] [--lengths 20,100,512,1000] [--batch 8]
 *                      [--threads 1] [--rounds 7] [--peer web|node] [--markdown | --json]
 *
 * `web` is onnxruntime-web, WebAssembly on one thread, which comes with the development dependencies; `node` is
 * onnxruntime-node, native code, where it is installed (ONNXRUNTIME_NODE_INSTALL=skip npm install --no-save
 * onnxruntime-node). Of `elastic` it is the deep path; `linear` takes ids with weights, as many as there are tokens.
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { enableFastVectors, MemoryStore, train } from 'elastic-fourier';
import { createWasmEngine, initialise, lowerInference } from 'elastic-fourier/engine';
import { median } from 'simple-statistics';
import { pause, takeTurn } from './turn.js';

const { values: options } = parseArgs({
  options: {
    models: { type: 'string', default: 'elastic-fourier,standard,bag,linear,elastic' },
    lengths: { type: 'string', default: '20,100,512,1000' },
    batch: { type: 'string', default: '8' },
    threads: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '7' },
    peer: { type: 'string', default: 'web' },
    markdown: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const [batch, threads] = [Number(options.batch), Number(options.threads)];
const lengths = options.lengths.split(',').map(Number);
const TOLERANCE = 1e-5;
enableFastVectors();

/** Not everywhere installed. */
const NATIVE = 'onnxruntime-node';

async function openRuntime() {
  if (options.peer === 'node') {
    const runtime = await import(NATIVE).catch(() => {
      process.stderr.write('onnxruntime-node is not installed; the head of this script says how\n');
      process.exit(2);
    });
    const settings = { executionProviders: ['cpu'], intraOpNumThreads: threads, interOpNumThreads: 1 };
    return { runtime, settings };
  }
  const runtime = await import('onnxruntime-web');
  runtime.env.wasm.numThreads = threads;
  runtime.env.logLevel = 'error';
  return { runtime, settings: { executionProviders: ['wasm'] } };
}

const WORDS = Array.from({ length: 400 }, (_, i) => `w${i}`);
const textOf = (length, seed) =>
  Array.from({ length }, (_, t) => WORDS[(t * 7 + seed * 131) % WORDS.length]).join(' ');

/** A model that learned next to nothing, with its graph: time does not depend on what it knows. */
async function exported(model, n) {
  const data = Array.from({ length: 24 }, (_, i) => ({ text: textOf(n, i), label: `class ${i % 2}` }));
  const classifier = await train({
    data,
    model,
    sequenceLength: n,
    epochs: 1,
    batchSize: 8,
    threads: 1,
    ...(model === 'elastic' ? { deepOnly: true } : {}),
  });
  const store = new MemoryStore();
  await classifier.export(store, { format: 'onnx' });
  return { classifier, store };
}

/** What the graph takes. */
function feedsOf({ Tensor }, sequences, weights) {
  const n = sequences[0].length;
  const dims = [sequences.length, n];
  return {
    input_ids: new Tensor('int64', BigInt64Array.from(sequences.flat(), BigInt), dims),
    lengths: new Tensor(
      'int64',
      BigInt64Array.from(sequences, () => BigInt(n)),
      [sequences.length],
    ),
    ...(weights === undefined ? {} : { weights: new Tensor('float32', weights, dims) }),
  };
}

/** Throws if the graph's scores of texts are not the classifier's. */
async function requireSame(runtime, session, { classifier, store }, n) {
  const tokenizer = store.files.get('tokenizer.json');
  if (tokenizer === undefined) return;
  const { vocab } = JSON.parse(new TextDecoder().decode(tokenizer)).model;
  const texts = [textOf(n, 3), textOf(n, 8)];
  const ids = texts.map((text) => text.split(' ').map((word) => vocab[word] ?? vocab['[UNK]']));
  const { logits } = await session.run(feedsOf(runtime, ids));
  const predictions = await classifier.predict(texts);
  predictions.forEach((prediction, i) => {
    const [a, b] = [Number(logits.data[2 * i]), Number(logits.data[2 * i + 1])];
    const theirs = 1 / (1 + Math.exp(b - a));
    const ours = prediction.find(({ label }) => label === classifier.classes[0])?.score ?? Number.NaN;
    if (!(Math.abs(ours - theirs) < TOLERANCE)) throw new Error(`scores differ: ${ours} and ${theirs}`);
  });
}

const { runtime, settings } = await openRuntime();
const engine = await createWasmEngine({ threads });
const rows = [];
for (const model of options.models.split(',')) {
  for (const n of lengths) {
    const made = await exported(model, n);
    const { configuration } = made.classifier;
    const theirs = await runtime.InferenceSession.create(made.store.files.get('onnx/model.onnx'), settings);
    await requireSame(runtime, theirs, made, n);
    await made.classifier.dispose();
    const { vocabulary } = configuration;
    const sequences = Array.from({ length: batch }, (_, b) =>
      Array.from({ length: n }, (_, t) => 1 + ((t * 7919 + b * 104_729) % Math.min(vocabulary, 400))),
    );
    const weights = theirs.inputNames.includes('weights') ? new Float32Array(batch * n).fill(0.5) : undefined;
    const feeds = feedsOf(runtime, sequences, weights);
    const session = await engine.createInference(lowerInference(configuration), { maxBatch: batch });
    for (const [name, values] of initialise(configuration, 1)) await session.setParameter(name, values);
    const input = {
      tokens: Int32Array.from(sequences.flat()),
      offsets: Int32Array.from({ length: batch + 1 }, (_, b) => b * n),
      labels: new Int32Array(batch),
      ...(weights === undefined ? {} : { weights }),
    };
    const ours = () => session.forward(input);
    const other = () => theirs.run(feeds);
    await ours();
    await other();
    /** @type {[number[], number[]]} */
    const [a, b] = [[], []];
    for (let round = 0; round < Number(options.rounds); round++) {
      a.push(await takeTurn(ours));
      await pause();
      b.push(await takeTurn(other));
    }
    await session.dispose();
    await theirs.release();
    const [oursMs, onnxMs] = [median(a) / batch, median(b) / batch];
    rows.push({ model, sequenceLength: n, oursMs, onnxMs, ratio: onnxMs / oursMs });
    if (!options.json && !options.markdown) process.stdout.write(`${line(rows.at(-1))}\n`);
  }
}
await engine.dispose();

function line({ model, sequenceLength, oursMs, onnxMs, ratio }) {
  const cell = `${model.padEnd(16)} n ${String(sequenceLength).padStart(5)}`;
  return `${cell}  ours ${oursMs.toFixed(3)} ms  onnxruntime-${options.peer} ${onnxMs.toFixed(3)} ms a sequence  ratio ${ratio.toFixed(1)}`;
}

/** Families down, lengths across: ours, theirs, the ratio. */
function table() {
  const head = ['family', ...lengths.map((n) => `${n} tokens`)];
  const body = options.models
    .split(',')
    .map((model) => [
      `\`${model}\``,
      ...rows
        .filter((row) => row.model === model)
        .map(
          ({ oursMs, onnxMs, ratio }) => `${oursMs.toFixed(2)}, ${onnxMs.toFixed(2)}, ${ratio.toFixed(1)} ×`,
        ),
    ]);
  return [head, head.map(() => '---'), ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const machine = {
  node: process.version,
  cpu: cpus()[0]?.model,
  threads,
  tier: engine.tier,
  batch,
  peer: `onnxruntime-${options.peer} ${runtime.env.versions?.[options.peer] ?? ''}`,
};
if (options.json) process.stdout.write(`${JSON.stringify({ machine, rows })}\n`);
else process.stdout.write(`${options.markdown ? `${table()}\n` : ''}${JSON.stringify(machine)}\n`);
