/**
 * What is fuzzed: each target takes a damaged file, which it must either refuse with an error of ours or read without
 * giving nonsense.
 */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { compareResults } from '../../dist/comparison/compareResults.js';
import { parseResults } from '../../dist/comparison/results/file.js';
import { mergeResults } from '../../dist/comparison/results/merge.js';
import { readStream } from '../../dist/data/applyReading.js';
import { openCache } from '../../dist/data/cache/read.js';
import { writeCache } from '../../dist/data/cache/write.js';
import { createWasmEngine } from '../../dist/engine/wasm/engine.js';
import { RunFolder } from '../../dist/formats/runFolder.js';
import { Classifier } from '../../dist/inference/classifier.js';
import { transcriberOf } from '../../dist/input/index.js';
import { requireState } from '../../dist/learning/checkpoint.js';
import { gradientShapes } from '../../dist/learning/methods/gradient.js';
import { parseTrainOptions } from '../../dist/learning/options.js';
import { partsOf, prepare } from '../../dist/learning/prepare.js';
import { trainRun } from '../../dist/learning/run.js';
import { FolderStore } from '../../dist/platform/node/folder.js';
import { MemoryStore } from '../../dist/platform/store.js';
import { openItems } from '../../dist/readers/dataset.js';
import { renderComparison } from '../../dist/report/comparisonTable.js';
import { renderPage } from '../../dist/report/page.js';
import { mutateBytes, mutateJson } from './mutate.js';

/** @typedef {import('../../dist/random.js').RandomStream} Random */
/** @typedef {{ readonly name: string, readonly weight: number, readonly attempt: (random: Random) => Promise<void> }} Target */

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const SAMPLES = join(root, 'tests/tables/files');

/** @template T @param {Random} random @param {readonly T[]} items @returns {T} */
const pick = (random, items) => items[random.nextInteger(items.length)];

/** @param {boolean} holds @param {string} what */
function insist(holds, what) {
  if (!holds) throw new Error(`accepted: ${what}`);
}

const READINGS = [
  {},
  {},
  { skipBad: 1000 },
  { skipBad: 1000, html: 'strip' },
  { skipBad: 1000, noHeader: true },
  { skipBad: 1000, encoding: 'utf-8' },
  { encoding: 'windows-1252' },
  { skipBad: 3, encoding: 'utf-16le' },
  { encoding: 'shift_jis', skipBad: 1000 },
  { maxLine: 200, maxField: 100, maxFields: 5, skipBad: 1000 },
  { textField: 'text', labelField: 'label', skipBad: 1000 },
  { delimiter: ';', skipBad: 1000 },
  { limit: 3, skipBad: 1000 },
];

/**
 * The readers of texts.
 * @param {string} folder for the damaged files
 * @param {(name: string) => boolean} chosen
 * @param {readonly string[]} [formats] in which a file may be read besides its own
 */
function readersOf(folder, chosen, formats = []) {
  const names = readdirSync(SAMPLES).filter((name) => chosen(name) && statSync(join(SAMPLES, name)).isFile());
  /** @type {{ name: string, bytes: Uint8Array }[]} */
  const seeds = names.map((name) => ({ name, bytes: new Uint8Array(readFileSync(join(SAMPLES, name))) }));
  return async (/** @type {Random} */ random) => {
    const seed = pick(random, seeds);
    let bytes = mutateBytes(random, seed.bytes, pick(random, seeds).bytes);
    let path = join(folder, seed.name);
    // Half of those that are packed, and some that are not, are damaged before they are packed.
    if (!seed.name.endsWith('.gz') && !seed.name.endsWith('.parquet') && random.nextInteger(10) === 0) {
      bytes = gzipSync(bytes);
      path += '.gz';
    }
    writeFileSync(path, bytes);
    const format = formats.length > 0 && random.nextInteger(4) === 0 ? { format: pick(random, formats) } : {};
    const options = /** @type {any} */ ({ ...pick(random, READINGS), ...format });
    if (random.nextInteger(2) === 0) {
      for await (const { input, label, place } of readStream(await openItems(path, options))) {
        insist(typeof input === 'string' && typeof label === 'string' && label !== '', `a label at ${place}`);
      }
    } else {
      for await (const { input, row } of readStream(await openItems(path, { ...options, labelled: false }))) {
        insist(typeof input === 'string' && row > 0, `a text in row ${row}`);
      }
    }
  };
}

const HEADER =
  '# a set\n@problemName x\n@timeStamps false\n@missing true\n@univariate false\n@classLabel true up down\n@data\n';
const ATTRIBUTES = '@attribute t0 numeric\n@attribute t1 numeric\n';

/** Files of series, a few of each form. */
const SERIES = {
  'a.ts': `${HEADER}1,2,-3.5:4,5e-1,6:up\n7,?,9,10:1,2,3,4:down\n`,
  'a.tsv': '1\t0.5\t1.5\t-2e3\n2\t2\tNaN\tNaN\n1\t3\t4\t5\n',
  'a.csv': 't0,t1,label\n1,2,up\n3,4.25,down\n-1,,up\n',
  'b.csv': '1;2;3;"up"\n4;5;6;"down"\n',
  'a.arff': `% a set\n@relation x\n${ATTRIBUTES}@attribute target {1,'2'}\n@data\n1,2,1\n3,?,'2'\n`,
  'b.arff': `@relation x\n@attribute both relational\n${ATTRIBUTES}@end both\n@attribute target {walk,run}\n@data\n'1,2\\n3,4',run\n'5,6\\n7,8',walk\n`,
  'a.jsonl':
    '{"label":"up","values":[1,2,null]}\n{"label":"down","values":[[1,2],[3,4.5]]}\n{"x":[1e3],"class":7}\n',
};

const SIGNAL_READINGS = [
  {},
  { skipBad: 1000 },
  { missing: 'interpolate' },
  { missing: 'interpolate', skipBad: 1000 },
  { labelField: 'label', skipBad: 1000 },
  { noHeader: true, skipBad: 1000 },
  { resample: 8000, skipBad: 1000 },
  { resample: 11_025 },
];

/** @param {{ channels: number, values: Float32Array, rate?: number }} signal @param {string} place */
function insistOnSignal({ channels, values, rate }, place) {
  insist(
    channels >= 1 && values.length >= channels && values.length % channels === 0,
    `no signal at ${place}`,
  );
  insist(values.every(Number.isFinite), `a value that is no number at ${place}`);
  insist(rate === undefined || rate > 0, `the rate ${rate} at ${place}`);
}

/** Readers of series, a file with labels. @param {string} folder for the damaged files */
function series(folder) {
  const seeds = Object.entries(SERIES).map(([name, text]) => ({
    name,
    bytes: new TextEncoder().encode(text),
  }));
  return async (/** @type {Random} */ random) => {
    const seed = pick(random, seeds);
    let bytes = mutateBytes(random, seed.bytes, pick(random, seeds).bytes);
    let path = join(folder, seed.name);
    if (random.nextInteger(10) === 0) {
      bytes = gzipSync(bytes);
      path += '.gz';
    }
    writeFileSync(path, bytes);
    const options = /** @type {any} */ ({ ...pick(random, SIGNAL_READINGS), manyClasses: true });
    const stream = await openItems(path, { ...options, input: 'signal' });
    for await (const { input, label = '' } of readStream(stream)) {
      insistOnSignal(/** @type {any} */ (input), seed.name);
      insist(label.trim() !== '', 'an empty label');
    }
  };
}

/** @param {number} format 1 PCM, 3 floats @param {number} bits @param {number} channels @param {number} [extra] bytes of the format beyond 16 */
function wav(format, bits, channels, extra = 0) {
  const width = bits / 8;
  // Of floats only the highest byte: random ones would hold NaN.
  const body = new Uint8Array(width * channels * 6).map((_, i) =>
    format !== 3 ? (37 * i) % 251 : i % width === width - 1 ? 0x3e : 0,
  );
  const list = new TextEncoder().encode('LIST\x04\0\0\0info');
  const bytes = new Uint8Array(12 + 8 + 16 + extra + list.length + 8 + body.length);
  const view = new DataView(bytes.buffer);
  const tag = (/** @type {string} */ text, /** @type {number} */ at) =>
    bytes.set(new TextEncoder().encode(text), at);
  tag('RIFF', 0);
  view.setUint32(4, bytes.length - 8, true);
  tag('WAVEfmt ', 8);
  view.setUint32(16, 16 + extra, true);
  view.setUint16(20, extra > 0 ? 0xfffe : format, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, 8000, true);
  view.setUint32(28, (8000 * channels * bits) / 8, true);
  view.setUint16(32, (channels * bits) / 8, true);
  view.setUint16(34, bits, true);
  if (extra > 0) view.setUint16(44, format, true);
  const after = 36 + extra;
  bytes.set(list, after);
  tag('data', after + list.length);
  view.setUint32(after + list.length + 4, body.length, true);
  bytes.set(body, after + list.length + 8);
  return bytes;
}

/** @param {string} type @param {string} shape @param {number} bytes of numbers @param {number} [version] */
function npy(type, shape, bytes, version = 1) {
  const start = version === 1 ? 10 : 12;
  const header = `${`{'descr': '${type}', 'fortran_order': False, 'shape': (${shape}), }`.padEnd(127 - start)}\n`;
  const whole = new Uint8Array(start + header.length + bytes).map((_, i) => (i % 4 === 3 ? 0x3e : 0));
  whole.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0, header.length, 0]);
  if (version > 1) whole.set([0, 0], 10);
  whole.set(new TextEncoder().encode(header), start);
  return whole;
}

/** Readers of sounds and arrays, a signal a file. @param {string} folder for the damaged files */
function sounds(folder) {
  const seeds = [
    { name: 'a.wav', bytes: wav(1, 16, 1) },
    { name: 'b.wav', bytes: wav(1, 24, 2, 24) },
    { name: 'c.wav', bytes: wav(1, 8, 3) },
    { name: 'd.wav', bytes: wav(3, 32, 2) },
    { name: 'e.wav', bytes: wav(3, 64, 1, 24) },
    { name: 'a.npy', bytes: npy('<f4', '3, 2', 24) },
    { name: 'b.npy', bytes: npy('|u1', '8,', 8, 2) },
    { name: 'c.npy', bytes: npy('<i8', '2, 1', 16) },
  ];
  return async (/** @type {Random} */ random) => {
    const seed = pick(random, seeds);
    const path = join(folder, seed.name);
    writeFileSync(path, mutateBytes(random, seed.bytes, pick(random, seeds).bytes));
    const options = /** @type {any} */ (pick(random, SIGNAL_READINGS));
    const stream = await openItems(path, { ...options, input: 'signal', labelled: false });
    for await (const { input, place } of readStream(stream))
      insistOnSignal(/** @type {any} */ (input), place);
  };
}

/** @returns {(random: Random) => Promise<void>} */
function results() {
  const seeds = ['spam-assassin', 'imdb', 'spam-assassin-match']
    .map((name) => JSON.parse(readFileSync(join(root, 'docs/results', name, 'results.json'), 'utf8')))
    .map((json) => JSON.stringify(shortened(json)));
  return async (random) => {
    const seed = pick(random, seeds);
    const text =
      random.nextInteger(4) > 0
        ? mutateJson(random, seed)
        : new TextDecoder().decode(mutateBytes(random, new TextEncoder().encode(seed), new Uint8Array(9)));
    const parsed = parseResults(text, 'results.json');
    const comparison = compareResults(mergeResults([{ name: 'fuzz', results: parsed }]));
    insist(!/\bNaN\b|undefined/.test(renderComparison(comparison, { color: false })), 'NaN in the table');
    if (random.nextInteger(20) > 0) return;
    const page = renderPage({ results: parsed, comparison, filters: [], wrong: [] });
    insist(!/\bNaN\b/.test(page), 'NaN on the page');
  };
}

/** The same results on the first 40 test items. */
function shortened(json) {
  const items = 40;
  const cut = structuredClone(json);
  const labels = cut.testLabels.slice(0, items);
  const classes = cut.protocol.classes.length;
  const count = (values) => Array.from({ length: classes }, (_, c) => values.filter((v) => v === c).length);
  cut.testLabels = labels;
  cut.protocol.splits.test = items;
  cut.protocol.testClasses = count(labels);
  for (const trial of cut.trials) {
    trial.predictions = trial.predictions.slice(0, items);
    if (trial.confidence) trial.confidence = trial.confidence.slice(0, items);
    trial.test.examples = items;
    trial.test.accuracyInterval = [0, 1];
    trial.test.confusion = Array.from({ length: classes }, (_, c) =>
      count(trial.predictions.filter((_p, i) => labels[i] === c)),
    );
    trial.test.accuracy = trial.predictions.filter((p, i) => p === labels[i]).length / items;
  }
  parseResults(JSON.stringify(cut), 'short');
  return cut;
}

const MAILS = Array.from({ length: 60 }, (_, i) => ({
  input: i % 2 === 0 ? `win a free cruise number ${i}` : `the patch of ${i} is in review, don't merge`,
  label: i % 2 === 0 ? 'spam' : 'ham',
}));

const SHAPES = {
  bag: { ngrams: 2, buckets: 50, channels: 4 },
  'elastic-fourier': { channels: 8, hidden: 16, blocks: 1 },
  linear: {},
};

/** Run folders of small models. @returns {Promise<(random: Random) => Promise<void>>} */
async function runFolders() {
  const engine = await createWasmEngine({ threads: 1 });
  const seeds = [];
  for (const [model, shape] of Object.entries(SHAPES)) {
    const small = model === 'linear' ? {} : { sequenceLength: 8, vocabulary: 30 };
    const options = parseTrainOptions(/** @type {any} */ ({ model, epochs: 1, ...small, ...shape }));
    const prepared = await prepare(partsOf({ name: 'mails', examples: MAILS }), options);
    const store = new MemoryStore('fuzz');
    await trainRun({
      engine,
      folder: new RunFolder(store),
      ...prepared,
      reading: { long: 'head' },
      data: { name: 'mails' },
    });
    const batches = Math.ceil(prepared.train.labels.length / prepared.settings.batchSize);
    seeds.push({ store, prepared, batches });
  }
  await engine.dispose();
  const files = ['config.json', 'encoder.json', 'model.safetensors', 'checkpoint.safetensors'];
  return async (random) => {
    const { store, prepared, batches } = pick(random, seeds);
    const damaged = new MemoryStore('fuzz');
    for (const [name, bytes] of store.files) damaged.files.set(name, bytes);
    const name = pick(random, files);
    const whole = /** @type {Uint8Array} */ (store.files.get(name));
    const json = name.endsWith('.json') && random.nextInteger(3) > 0;
    damaged.files.set(
      name,
      json
        ? new TextEncoder().encode(mutateJson(random, new TextDecoder().decode(whole)))
        : mutateBytes(random, whole, pick(random, [...store.files.values()])),
    );
    const folder = new RunFolder(damaged);
    if (name === 'checkpoint.safetensors') {
      const { model } = prepared;
      if (model.model === 'linear') return;
      const { state } = await folder.readCheckpoint(model, gradientShapes(model));
      const { history, lossSum } = requireState(state, batches, 'fuzz');
      insist(
        Number.isFinite(lossSum) && history.every(({ trainLoss }) => Number.isFinite(trainLoss)),
        'a loss that is no number',
      );
      return;
    }
    await folder.readModel();
    if (random.nextInteger(10) > 0) return;
    const classifier = await Classifier.load(damaged, { threads: 1 });
    try {
      for (const { score } of await classifier.predict('win the free patch')) {
        insist(score >= 0 && score <= 1, `the score ${score}`);
      }
    } finally {
      await classifier.dispose();
    }
  };
}

/** @param {string} folder */
async function caches(folder) {
  const store = new FolderStore(folder);
  await writeCache(store, 'whole.eftcache', {
    name: 'mails',
    examples: (async function* () {
      for (const { input, label } of MAILS) yield { text: input, label };
    })(),
    shares: [0.8, 0.2],
    transcriber: /** @type {any} */ (transcriberOf('words', { vocabulary: 30, ngrams: 2, buckets: 50 })),
    maxLength: 8,
    key: 'fuzz',
    reading: () => ({}),
  });
  const whole = new Uint8Array(readFileSync(store.pathOf('whole.eftcache')));
  return async (/** @type {Random} */ random) => {
    writeFileSync(store.pathOf('damaged.eftcache'), mutateBytes(random, whole, whole));
    const cache = await openCache(store, 'damaged.eftcache');
    if (cache === undefined) return;
    try {
      const most = cache.encoder.vocabulary + cache.encoder.buckets;
      for (const source of [cache.train, cache.validation]) {
        const { tokens, labels } = await source.gather(Array.from(source.labels, (_, i) => i));
        insist(
          tokens.every((id) => id >= 1 && id <= most),
          'a foreign token',
        );
        insist(
          labels.every((label) => label >= 0 && label < cache.header.classes.length),
          'a foreign class',
        );
      }
    } finally {
      await cache.close();
    }
  };
}

/**
 * @param {string} folder for damaged files
 * @returns {Promise<readonly Target[]>}
 */
export async function targetsIn(folder) {
  const ending =
    (...endings) =>
    (name) =>
      endings.some((one) => name.endsWith(one));
  const texts = ['csv', 'tsv', 'jsonl', 'json', 'text'];
  return [
    { name: 'tables', weight: 8, attempt: readersOf(folder, ending('.csv', '.tsv', '.psv'), texts) },
    { name: 'JSON', weight: 5, attempt: readersOf(folder, ending('.json', '.jsonl'), texts) },
    { name: 'text lines', weight: 2, attempt: readersOf(folder, ending('.txt'), texts) },
    { name: 'gzip', weight: 1, attempt: readersOf(folder, ending('.gz')) },
    {
      name: 'foreign files',
      weight: 1,
      attempt: readersOf(folder, ending('.xlsx', '.xls', 'renamed-parquet.csv')),
    },
    { name: 'Parquet', weight: 1, attempt: readersOf(folder, (name) => basename(name) === 'pandas.parquet') },
    { name: 'series', weight: 5, attempt: series(folder) },
    { name: 'sounds', weight: 5, attempt: sounds(folder) },
    { name: 'results', weight: 3, attempt: results() },
    { name: 'run folders', weight: 4, attempt: await runFolders() },
    { name: 'caches', weight: 3, attempt: await caches(folder) },
  ];
}
