/**
 * Very long inputs: what a training step takes at 65,536 steps, and a prediction at 1,000,000, in time and memory; and
 * whether an input that is read block by block, or comes in chunks, has the answer of the same in one piece. Every line
 * is measured in a process of its own, whose peak memory is given.
 *
 *   node bench/long.js [--train 65536] [--predict 1000000] [--threads 2] [--only "predict, elastic"]
 *
 * `--only` takes the lines whose names begin so. "Whole" runs the model's program on all steps at once, in memory that
 * grows with them.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { enableFastVectors, load, MemoryStore, train } from 'elastic-fourier';
import {
  configureModel,
  createWasmEngine,
  initialise,
  lowerInference,
  lowerTraining,
} from 'elastic-fourier/engine';

const { values: options } = parseArgs({
  options: {
    train: { type: 'string', default: '65536' },
    predict: { type: 'string', default: '1000000' },
    threads: { type: 'string', default: '2' },
    only: { type: 'string', default: '' },
    cell: { type: 'string' },
  },
});
const [trained, predicted, threads] = [options.train, options.predict, options.threads].map(Number);
enableFastVectors();

const BATCH = 8;
const SIGNAL = { channels: 1, patch: 1, window: 1, filters: 0 };
/** As `elastic` is on signals. */
const MIXING = { blocks: 2, taps: 5, bank: 0, cosineModes: 3, dropout: 0, wordDropout: 0 };
const SMALL = { blocks: 2, channels: 16, hidden: 32 };

/** Numbers in [0, 1). @param {number} seed */
function random(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** @param {number} length @param {number} seed */
function signalOf(length, seed) {
  const next = random(seed);
  return Float32Array.from(
    { length },
    (_, t) => next() - 0.5 + Math.sin(t / (20 + (seed % 2) * 3 + t / length)),
  );
}

/** @param {number} length @param {number} seed */
function bytesOf(length, seed) {
  const next = random(seed);
  return Uint8Array.from({ length }, () => Math.floor((seed % 2 === 0 ? 256 : 200) * next()));
}

/**
 * Time of a training step a sequence, and the session's memory.
 *
 * @param {import('elastic-fourier/engine').ModelOptions} shape
 */
async function step(shape) {
  const signal = shape.signal !== undefined;
  const configuration = configureModel({ sequenceLength: trained, vocabulary: 256, ...shape });
  const engine = await createWasmEngine({ threads });
  const session = await engine.createTraining(lowerTraining(configuration), { maxBatch: BATCH });
  for (const [name, numbers] of initialise(configuration, 1)) await session.setParameter(name, numbers);
  const tokens = new Int32Array(BATCH * trained);
  const frames = new Float32Array(BATCH * trained);
  for (let b = 0; b < BATCH; b++) {
    frames.set(signalOf(trained, b), b * trained);
    tokens.set(
      signal ? new Int32Array(trained).fill(1) : bytesOf(trained, b).map((byte) => byte || 1),
      b * trained,
    );
  }
  const offsets = Int32Array.from({ length: BATCH + 1 }, (_, b) => b * trained);
  const labels = Int32Array.from({ length: BATCH }, (_, b) => b % 2);
  const batch = { tokens, offsets, labels, ...(signal ? { frames } : {}) };
  const adam = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, clipNorm: 1 };
  const times = [];
  for (let i = 0; i < 3; i++) {
    const start = performance.now();
    const { loss } = await session.step(batch, { seed: 1, step: i }, adam);
    times.push(performance.now() - start);
    if (!Number.isFinite(loss)) throw new Error(`the loss is ${loss}`);
  }
  const seconds = Math.min(...times) / BATCH / 1000;
  const planned = session.plannedBytes / 1e6;
  await engine.dispose();
  return `${seconds.toFixed(2)} s a sequence, ${planned.toFixed(0)} MB planned`;
}

/** A small model, trained for a moment at 512 steps, that reads as far as it is asked. @param {Record<string, any>} shape */
async function classifierOf(shape) {
  const signal = shape.tokenizer === undefined;
  const data = Array.from({ length: 40 }, (_, i) =>
    signal
      ? { signal: { channels: 1, values: signalOf(512, i) }, label: `kind ${i % 2}` }
      : { bytes: bytesOf(512, i), label: `kind ${i % 2}` },
  );
  const store = new MemoryStore();
  const short = await train({
    data,
    model: 'elastic',
    epochs: 1,
    seed: 1,
    threads,
    sequenceLength: 512,
    ...shape,
  });
  await short.save(store);
  await short.dispose();
  const classifier = await load(store, { threads, sequenceLength: predicted });
  return {
    classifier,
    input: signal ? { channels: 1, values: signalOf(predicted, 7) } : bytesOf(predicted, 7),
  };
}

/** @param {readonly { label: string, score: number }[]} scores */
const shown = (scores) =>
  JSON.stringify(Object.fromEntries(scores.map(({ label, score }) => [label, score])));

/** @param {Record<string, any>} shape */
async function predictBlocks(shape) {
  const { classifier, input } = await classifierOf(shape);
  const start = performance.now();
  const scores = await classifier.predict(input);
  const seconds = (performance.now() - start) / 1000;
  await classifier.dispose();
  return `${seconds.toFixed(2)} s, ${shown(scores)}`;
}

/** In chunks of 4,096 steps, with a running answer every 64 of them. @param {Record<string, any>} shape */
async function predictChunks(shape) {
  const { classifier, input } = await classifierOf(shape);
  const stream = classifier.stream();
  const start = performance.now();
  let slowest = 0;
  for (let from = 0, i = 0; from < predicted; from += 4096, i++) {
    const begun = performance.now();
    await stream.push(
      input instanceof Uint8Array ? input.slice(from, from + 4096) : input.values.slice(from, from + 4096),
    );
    if (i % 64 === 63) await stream.answer();
    slowest = Math.max(slowest, performance.now() - begun);
  }
  const scores = await stream.end();
  const seconds = (performance.now() - start) / 1000;
  await classifier.dispose();
  return `${seconds.toFixed(2)} s, slowest chunk ${slowest.toFixed(0)} ms, ${shown(scores)}`;
}

/** All steps at once, by the engine. @param {Record<string, any>} shape */
async function predictWhole(shape) {
  const { classifier, input } = await classifierOf(shape);
  const store = new MemoryStore();
  await classifier.save(store);
  const { configuration, classes, temperature } = classifier;
  await classifier.dispose();
  const parameters = tensorsOf(await fileOf(store, 'model.safetensors'));
  const engine = await createWasmEngine({ threads: 1 });
  const session = await engine.createInference(lowerInference(configuration), { maxBatch: 1 });
  for (const [name, numbers] of parameters) await session.setParameter(name, numbers);
  const bytes = input instanceof Uint8Array;
  const encoder = JSON.parse(new TextDecoder().decode(await fileOf(store, 'encoder.json')));
  const frames = bytes
    ? undefined
    : input.values.map((value) => (value - encoder.means[0]) / encoder.deviations[0]);
  const tokens = bytes ? Int32Array.from(input, (byte) => byte + 1) : new Int32Array(predicted).fill(1);
  const start = performance.now();
  const { logits } = await session.forward({
    ...{ tokens, offsets: Int32Array.of(0, predicted), labels: Int32Array.of(0) },
    ...(frames === undefined ? {} : { frames }),
  });
  const seconds = (performance.now() - start) / 1000;
  const planned = session.plannedBytes / 1e6;
  await engine.dispose();
  const powers = Array.from(logits, (logit) => Math.exp((logit - Math.max(...logits)) / temperature));
  const sum = powers.reduce((total, power) => total + power, 0);
  const scores = classes.map((label, c) => ({ label, score: powers[c] / sum }));
  return `${seconds.toFixed(2)} s, ${planned.toFixed(0)} MB planned, ${shown(scores.sort((a, b) => b.score - a.score))}`;
}

/** @param {MemoryStore} store @param {string} name */
async function fileOf(store, name) {
  const file = await store.read(name);
  if (file === undefined) throw new Error(`${name} is missing`);
  return file;
}

/**
 * Float32 and float16 tensors of a safetensors file.
 *
 * @param {Uint8Array} file
 * @returns {[string, Float32Array][]}
 */
function tensorsOf(file) {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const size = Number(view.getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + size)));
  delete header.__metadata__;
  const half = (bits) => {
    const [sign, exponent, fraction] = [bits & 0x8000 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
    return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
  };
  return Object.entries(header).map(
    ([
      name,
      {
        dtype,
        data_offsets: [from, to],
      },
    ]) => {
      const width = dtype === 'F16' ? 2 : 4;
      const at = 8 + size + from;
      const numbers = Float32Array.from({ length: (to - from) / width }, (_, i) =>
        dtype === 'F16' ? half(view.getUint16(at + 2 * i, true)) : view.getFloat32(at + 4 * i, true),
      );
      return [name, numbers];
    },
  );
}

/** @param {import('elastic-fourier/engine').ModelOptions} shape */
async function predictResized(shape) {
  const configuration = configureModel({ sequenceLength: predicted, vocabulary: 256, ...shape });
  const engine = await createWasmEngine({ threads: 1 });
  const session = await engine.createInference(lowerInference(configuration), { maxBatch: 1 });
  for (const [name, numbers] of initialise(configuration, 1)) await session.setParameter(name, numbers);
  const [offsets, labels] = [Int32Array.of(0, predicted), Int32Array.of(0)];
  const tokens = new Int32Array(predicted).fill(1);
  const start = performance.now();
  await session.forward({ tokens, offsets, labels, frames: signalOf(predicted, 7) });
  const seconds = (performance.now() - start) / 1000;
  const planned = session.plannedBytes / 1e6;
  await engine.dispose();
  return `${seconds.toFixed(2)} s, ${planned.toFixed(0)} MB planned`;
}

const signals = { channels: 64 };
const bytes = { tokenizer: 'bytes', deepOnly: true, ...MIXING, channels: 64 };

/** @type {Readonly<Record<string, () => Promise<string>>>} */
const CELLS = {
  'step, elastic, signal': () => step({ model: 'elastic', signal: SIGNAL, ...MIXING }),
  'step, elastic, bytes': () => step({ model: 'elastic', ...MIXING }),
  'step, elastic with filters, bytes': () => step({ model: 'elastic' }),
  'step, elastic-fourier small, signal': () => step({ model: 'elastic-fourier', signal: SIGNAL, ...SMALL }),
  'step, elastic-fourier small, bytes': () => step({ model: 'elastic-fourier', ...SMALL }),
  'step, elastic-fourier preset, signal': () => step({ model: 'elastic-fourier', signal: SIGNAL }),
  'predict, elastic, signal, blocks': () => predictBlocks(signals),
  'predict, elastic, signal, chunks': () => predictChunks(signals),
  'predict, elastic, signal, whole': () => predictWhole(signals),
  'predict, elastic, bytes, blocks': () => predictBlocks(bytes),
  'predict, elastic, bytes, chunks': () => predictChunks(bytes),
  'predict, elastic, bytes, whole': () => predictWhole(bytes),
  'predict, elastic-fourier small, signal, whole': () =>
    predictResized({ model: 'elastic-fourier', signal: SIGNAL, ...SMALL }),
};

if (options.cell !== undefined) {
  const result = await CELLS[options.cell]();
  const peak = process.resourceUsage().maxRSS / 1000;
  process.stdout.write(`${options.cell}: ${result}; peak memory ${peak.toFixed(0)} MB\n`);
} else {
  for (const cell of Object.keys(CELLS).filter((name) => name.startsWith(options.only))) {
    const args = [fileURLToPath(import.meta.url), '--cell', cell, '--threads', options.threads];
    const lengths = ['--train', options.train, '--predict', options.predict];
    const { status } = spawnSync(process.execPath, [...args, ...lengths], { stdio: 'inherit' });
    if (status !== 0) process.stdout.write(`${cell}: failed\n`);
  }
}
