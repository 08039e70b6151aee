/**
 * Words against bytes where no spaces stand between words: the Japanese and Chinese messages of the TypeScript compiler
 * (Apache-2.0, in `node_modules/typescript`), by what they are about. Every message is predicted once, by a model that
 * was trained on the others of its fold; the two ways of reading take the same folds, and McNemar's exact test compares
 * their answers.
 *
 *   node bench/unspaced-words.js [--languages ja,zh-cn] [--model elastic] [--folds 5] [--epochs 15] [--threads 1]
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { enableFastVectors, train } from 'elastic-fourier';

const { values: options } = parseArgs({
  options: {
    languages: { type: 'string', default: 'ja,zh-cn' },
    model: { type: 'string', default: 'elastic' },
    folds: { type: 'string', default: '5' },
    epochs: { type: 'string', default: '15' },
    threads: { type: 'string', default: '1' },
  },
});
enableFastVectors();

/** By the thousands of a message's number; others are too few, or of no one kind. */
const KINDS = {
  1: 'syntax',
  2: 'types',
  4: 'declarations',
  5: 'options',
  6: 'options',
  90: 'fixes',
  95: 'fixes',
};
/** A character of either language has three bytes, a word two to three characters. */
const READINGS = { words: { sequenceLength: 64 }, bytes: { sequenceLength: 256 } };

/** @param {string} language */
function messagesOf(language) {
  const path = createRequire(import.meta.url).resolve(
    `typescript/lib/${language}/diagnosticMessages.generated.json`,
  );
  const messages = Object.entries(JSON.parse(readFileSync(path, 'utf8')));
  const folds = Number(options.folds);
  return messages.flatMap(([key, text]) => {
    const label = KINDS[Math.floor(Number(/_(\d+)$/.exec(key)?.[1]) / 1000)];
    const fold = createHash('sha256').update(text).digest().readUInt32LE() % folds;
    return label === undefined ? [] : [{ text, label, fold }];
  });
}

/** Whether the answer to each message was right. */
async function answers(messages, tokenizer) {
  const right = new Map();
  for (let fold = 0; fold < Number(options.folds); fold++) {
    const classifier = await train({
      data: messages.filter((message) => message.fold !== fold),
      model: options.model,
      tokenizer,
      ...READINGS[tokenizer],
      // Its linear path would read words in either case.
      ...(options.model === 'elastic' ? { deepOnly: true } : {}),
      epochs: Number(options.epochs),
      threads: Number(options.threads),
    });
    const asked = messages.filter((message) => message.fold === fold);
    const predictions = await classifier.predict(asked.map(({ text }) => text));
    asked.forEach((message, i) => {
      right.set(message, predictions[i][0].label === message.label);
    });
    await classifier.dispose();
  }
  return messages.map((message) => right.get(message));
}

/** Two-sided, of `a` against `b` successes under equal odds. */
function mcNemar(a, b) {
  let term = 0.5 ** (a + b);
  let sum = 0;
  for (let k = 0; k <= Math.min(a, b); k++) {
    sum += term;
    term *= (a + b - k) / (k + 1);
  }
  return Math.min(1, 2 * sum);
}

for (const language of options.languages.split(',')) {
  const messages = messagesOf(language);
  const [words, bytes] = [await answers(messages, 'words'), await answers(messages, 'bytes')];
  const share = (right) => `${((100 * right.filter(Boolean).length) / right.length).toFixed(1)} %`;
  const only = (one, other) => one.filter((right, i) => right && !other[i]).length;
  const [a, b] = [only(words, bytes), only(bytes, words)];
  process.stdout.write(
    `${language}: ${messages.length} messages, ${options.model}: words ${share(words)}, bytes ${share(bytes)}; ` +
      `words alone right ${a}, bytes alone ${b}, McNemar p = ${mcNemar(a, b).toPrecision(2)}\n`,
  );
}
