/**
 * How many labels `classifier.suggest` saves: a model asks for batches of labels out of a pool, another takes them at
 * random, and both are tested on the same texts after each batch.
 *
 *   node bench/suggest.js --data reviews.jsonl --goal 0.85 --batch 100 --most 1500 --seeds 5
 *
 * Data: JSON lines of { text, label }. 2,000 texts test, 4,000 others are the pool; which, follows from the seed.
 */
import { readDataset, train } from 'elastic-fourier';

const given = Object.fromEntries(
  process.argv
    .slice(2)
    .flatMap((word, i, all) => (word.startsWith('--') ? [[word.slice(2), all[i + 1]]] : [])),
);
const { data, goal = '0.85', batch = '100', most = '1500', seeds = '5', pool: poolSize = '4000' } = given;
const examples = (await readDataset(data)).examples.map(({ input, label }) => ({ text: input, label }));

/** A number from 0 to 1 of a seed and a place (mulberry32). */
function chance(seed, place) {
  let t = (seed * 0x9e3779b1 + place * 0x6d2b79f5) | 0;
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}

const shuffled = (all, seed) =>
  all
    .map((one, i) => [chance(seed, i), one])
    .sort((a, b) => a[0] - b[0])
    .map(([, one]) => one);

/** Accuracy after each batch; ends when the goal is reached twice in a row, or the labels are used up. */
async function run(how, pool, test, seed) {
  const labelled = pool.slice(0, Number(batch));
  let rest = pool.slice(Number(batch));
  const steps = [];
  for (;;) {
    const model = await train({ data: labelled, model: 'linear', threads: 1, seed });
    const { accuracy } = await model.evaluate(test);
    steps.push([labelled.length, accuracy]);
    if (accuracy >= Number(goal) || labelled.length >= Number(most)) {
      await model.dispose();
      return steps;
    }
    const count = Number(batch);
    const chosen =
      how === 'random'
        ? rest.slice(0, count).map((_, i) => i)
        : (
            await model.suggest(
              rest.map(({ text }) => text),
              { count },
            )
          ).map(({ index }) => index);
    await model.dispose();
    const taken = new Set(chosen);
    labelled.push(...chosen.map((i) => rest[i]));
    rest = rest.filter((_, i) => !taken.has(i));
  }
}

/** Labels with which the goal is reached, between two steps by a straight line; Infinity where it never is. */
function labelsTo(steps) {
  const at = steps.findIndex(([, accuracy]) => accuracy >= Number(goal));
  if (at < 0) return Number.POSITIVE_INFINITY;
  if (at === 0) return steps[0][0];
  const [[n0, a0], [n1, a1]] = [steps[at - 1], steps[at]];
  return n0 + ((Number(goal) - a0) / (a1 - a0)) * (n1 - n0);
}

const saved = [];
for (let seed = 0; seed < Number(seeds); seed++) {
  const order = shuffled(examples, seed + 1);
  const [test, pool] = [order.slice(0, 2000), order.slice(2000, 2000 + Number(poolSize))];
  const random = await run('random', pool, test, seed);
  const asked = await run('suggest', pool, test, seed);
  const [a, b] = [labelsTo(random), labelsTo(asked)];
  saved.push(1 - b / a);
  process.stdout.write(`seed ${seed}: random ${a.toFixed(0)} labels, suggested ${b.toFixed(0)}\n`);
}
const mean = saved.reduce((sum, value) => sum + value, 0) / saved.length;
const deviation = Math.sqrt(saved.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (saved.length - 1));
// Student's t of 95 %.
const t = [Number.NaN, 12.71, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26][saved.length - 1] ?? 2;
const margin = (t * deviation) / Math.sqrt(saved.length);
process.stdout.write(
  `labels saved: ${(100 * mean).toFixed(0)} % (95% interval ${(100 * (mean - margin)).toFixed(0)} to ${(100 * (mean + margin)).toFixed(0)}) of ${saved.length} seeds\n`,
);
