/**
 * What is fuzzed: each target takes a damaged file, which it must either refuse with an error of ours or read without
 * giving nonsense.
 */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { requireState } from '../../dist/classifier/checkpoint.js';
import { Classifier } from '../../dist/classifier/classifier.js';
import { gradientShapes } from '../../dist/classifier/methods/gradient.js';
import { parseTrainOptions } from '../../dist/classifier/options.js';
import { partsOf, prepare } from '../../dist/classifier/prepare.js';
import { trainRun } from '../../dist/classifier/run.js';
import { openCache } from '../../dist/data/cache/read.js';
import { writeCache } from '../../dist/data/cache/write.js';
import { createWasmEngine } from '../../dist/engine/wasm/engine.js';
import { compareResults } from '../../dist/evaluation/comparison.js';
import { mergeResults, parseResults } from '../../dist/formats/results.js';
import { RunFolder } from '../../dist/formats/runFolder.js';
import { transcriberOf } from '../../dist/input/index.js';
import { FolderStore } from '../../dist/platform/node/folder.js';
import { MemoryStore } from '../../dist/platform/store.js';
import { readExamples, readTexts } from '../../dist/readers/read.js';
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
      for await (const { text, label, place } of readExamples(path, options)) {
        insist(typeof text === 'string' && typeof label === 'string' && label !== '', `a label at ${place}`);
      }
    } else {
      for await (const { text, row } of readTexts(path, options)) {
        insist(typeof text === 'string' && row > 0, `a text in row ${row}`);
      }
    }
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
    const prepared = prepare(partsOf({ name: 'mails', examples: MAILS }), options);
    const store = new MemoryStore('fuzz');
    await trainRun({ engine, folder: new RunFolder(store), ...prepared, data: { name: 'mails' } });
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
    { name: 'results', weight: 3, attempt: results() },
    { name: 'run folders', weight: 4, attempt: await runFolders() },
    { name: 'caches', weight: 3, attempt: await caches(folder) },
  ];
}
