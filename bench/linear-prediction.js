/**
 * How many texts a second a core labels by a linear model: texts in memory, from characters to scores, with as many worker
 * threads as asked for. Medians over rounds; a second of a core is a second of processor time of the whole process.
 *
 *   node bench/linear-prediction.js [--data reviews.jsonl] [--run RUN] [--texts 20000] [--threads 1] [--rounds 7] [--json]
 *
 * Without --data, texts as long as film reviews are made of words as frequent as in any language (Zipf's law); without
 * --run, a model is trained on a quarter of the texts.
 */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { enableFastVectors, load, train } from 'elastic-fourier';
import { median } from 'simple-statistics';

const { values: options } = parseArgs({
  options: {
    data: { type: 'string' },
    run: { type: 'string' },
    texts: { type: 'string', default: '20000' },
    threads: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '7' },
    json: { type: 'boolean', default: false },
  },
});
const threads = Number(options.threads);
const most = Number(options.texts);
enableFastVectors();

/** Numbers from 0 to 1, the same each time (mulberry32). */
function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Texts of about 230 words of a vocabulary of 50,000; those of a class lean to words of theirs. */
function madeTexts(count) {
  const random = randomNumbers(1);
  const letters = 'etaoinshrdlucmfwypvbgkjqxz';
  const words = Array.from({ length: 50_000 }, (_, rank) => {
    const size = 2 + Math.floor(Math.log2(rank + 2) * 0.5 + 2 * random());
    return Array.from({ length: size }, () => letters[Math.floor(26 * random() ** 1.6)]).join('');
  });
  const wordOf = (label) => {
    const rank = Math.floor(words.length ** random()) - 1;
    // Every eighth word is of one class alone.
    return words[rank % 8 === 7 ? Math.min(words.length - 1, rank + label) : rank];
  };
  return Array.from({ length: count }, (_, i) => {
    const label = i % 2;
    const size = Math.round(60 + 340 * random() ** 1.5);
    const parts = Array.from({ length: size }, (_, k) => `${wordOf(label)}${k % 14 === 13 ? '.' : ''}`);
    return { text: parts.join(' '), label: label === 0 ? 'neg' : 'pos' };
  });
}

const examples =
  options.data === undefined
    ? madeTexts(most)
    : readFileSync(options.data, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .slice(0, most)
        .map((line) => JSON.parse(line));
const texts = examples.map(({ text }) => text);
const classifier =
  options.run === undefined
    ? await train({ data: examples.filter((_, i) => i % 8 < 2), model: 'linear', threads })
    : await load(options.run, { threads });

const PORTION = 64;
/** @type {{ wall: number[], core: number[] }} */
const rates = { wall: [], core: [] };
for (let round = 0; round <= Number(options.rounds); round++) {
  const before = process.cpuUsage();
  const start = performance.now();
  for (let i = 0; i < texts.length; i += PORTION) await classifier.predict(texts.slice(i, i + PORTION));
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(before);
  // In the first round code is still being compiled.
  if (round === 0) continue;
  rates.wall.push(texts.length / seconds);
  rates.core.push((1e6 * texts.length) / (user + system));
}
await classifier.dispose();

const characters = texts.reduce((sum, { length }) => sum + length, 0) / texts.length;
const result = {
  texts: texts.length,
  characters: Math.round(characters),
  textsPerSecond: Math.round(median(rates.wall)),
  textsPerSecondAndCore: Math.round(median(rates.core)),
  threads,
  node: process.version,
  cpu: cpus()[0]?.model,
};
process.stdout.write(
  options.json
    ? `${JSON.stringify(result)}\n`
    : `${result.texts} texts of ${result.characters} characters: ${result.textsPerSecondAndCore} a second of a core, ${result.textsPerSecond} a second with ${threads} ${threads === 1 ? 'thread' : 'threads'} (${result.node}, ${result.cpu})\n`,
);
