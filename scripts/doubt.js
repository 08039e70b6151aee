/**
 * Whether "I don't know" keeps what it promises, on data that you bring.
 *
 *     node scripts/doubt.js texts FILE.jsonl [--train 2000] [--validation 500] [--draws 200] [--model linear]
 *     node scripts/doubt.js retrained FILE.jsonl [--train 400] [--draws 20] [--model linear]
 *     node scripts/doubt.js sounds FOLDER [--model elastic] [--of 5]
 *
 * `texts` trains once; of the examples that it did not see, `--validation` settle thresholds and sets, and all others
 * test them, `--draws` times. `retrained` trains anew on each draw, which settles them on the examples that it leaves out in turn.
 * `sounds` leaves out one class after the other (FOLDER/class/*.wav; one file of `--of` is learned, another tested) and says
 * how well `unknown` tells the class that was left out from the others. Goals: --errors 0.05,0.1 --sets 0.9,0.95.
 */
import { parseArgs } from 'node:util';
import { settleDoubt } from '../dist/evaluation/settleDoubt.js';
import { load, MemoryStore, readDataset, train } from '../dist/node.js';
import { RandomStream } from '../dist/random.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string' },
    train: { type: 'string' },
    validation: { type: 'string', default: '500' },
    draws: { type: 'string' },
    of: { type: 'string', default: '5' },
    errors: { type: 'string', default: '0.05,0.1' },
    sets: { type: 'string', default: '0.9,0.95' },
  },
});
const [mode, path] = positionals;
const numbers = (list) => list.split(',').map(Number);
const percent = (share) => `${(100 * share).toFixed(1)} %`;
/** @param {readonly any[]} list @returns {any[]} */
const labelled = (list) => list.map(({ input, label }) => ({ input, label }));
const say = (line) => process.stdout.write(`${line}\n`);
const mean = (list) => list.reduce((sum, value) => sum + value, 0) / list.length;
const goals = [
  ...numbers(values.errors).map((maxError) => ({ maxError })),
  { minCoverage: 0.8 },
  ...numbers(values.sets).map((sets) => ({ sets })),
];

function shuffled(count, seed) {
  const order = Array.from({ length: count }, (_, i) => i);
  const random = new RandomStream(seed, 'test');
  for (let i = count - 1; i > 0; i--) {
    const j = random.nextInteger(i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/** Scores of each example: [examples, classes]. */
function scoresOf({ logits, labels }, classes) {
  return Array.from(labels, (label, i) => {
    const row = Array.from(logits.subarray(i * classes, (i + 1) * classes));
    const most = Math.max(...row);
    const weights = row.map((logit) => Math.exp(logit - most));
    const whole = weights.reduce((sum, weight) => sum + weight, 0);
    return {
      scores: weights.map((weight) => weight / whole),
      best: 1 / whole,
      right: row[label] === most,
      label,
    };
  });
}

/** What a goal became on test examples. */
function outcomeOf(goal, test, doubt) {
  if (doubt.unsure?.below === null) return { reached: false };
  const share = (list, holds) => list.filter(holds).length / Math.max(1, list.length);
  if (goal.sets !== undefined) {
    const { least } = doubt.sets;
    const size = mean(test.map(({ scores }) => scores.filter((score) => score >= least).length));
    return { reached: true, value: share(test, ({ scores, label }) => scores[label] >= least), size };
  }
  const kept = test.filter(({ best }) => best >= doubt.unsure.below);
  const [answered, wrong] = [kept.length / test.length, share(kept, ({ right }) => !right)];
  return goal.maxError === undefined
    ? { reached: true, value: answered, broken: answered < goal.minCoverage }
    : { reached: true, value: wrong, answered, broken: wrong > goal.maxError };
}

function tell(goal, outcomes) {
  const reached = outcomes.filter((one) => one.reached);
  const [[name, share]] = Object.entries(goal);
  const values = reached.map(({ value }) => value);
  const broken = reached.filter((one) => one.broken).length;
  const said = [
    `${name} ${share}: promised in ${reached.length} of ${outcomes.length}`,
    ...(name === 'sets' ? [] : [`broken in ${broken} (${percent(broken / outcomes.length)} of all)`]),
    ...(reached.length === 0
      ? []
      : [
          `${name === 'maxError' ? 'wrong' : 'covered'} ${percent(mean(values))} in the mean (${percent(Math.min(...values))} to ${percent(Math.max(...values))})`,
        ]),
    ...(name === 'maxError' && reached.length > 0
      ? [`answered ${percent(mean(reached.map(({ answered }) => answered)))}`]
      : []),
    ...(name === 'sets' ? [`${mean(reached.map(({ size }) => size)).toFixed(2)} classes a set`] : []),
  ];
  say(said.join('; '));
}

/** @param {any} options */
async function texts({ model = 'linear', train: size = '2000', draws = '200' }) {
  const { examples } = await readDataset(path);
  const order = shuffled(examples.length, 0);
  const learned = order.slice(0, Number(size)).map((i) => examples[i]);
  const others = order.slice(Number(size)).map((i) => examples[i]);
  const classifier = await train({ data: labelled(learned), model });
  const scored = await classifier.evaluate(labelled(others));
  const classes = classifier.classes.length;
  await classifier.dispose();
  const count = Number(values.validation);
  say(
    `${path}: ${model} of ${learned.length}, right ${percent(scored.accuracy)} of ${others.length}; ${draws} draws of ${count} to settle, the others test`,
  );
  const items = scoresOf(scored, classes);
  const parts = Array.from({ length: Number(draws) }, (_, d) => {
    const drawn = shuffled(others.length, 1 + d).map((i) => items[i]);
    return [drawn.slice(0, count), drawn.slice(count)];
  });
  for (const goal of goals) {
    const outcomes = parts.map(([validation, test]) => {
      const leftOut = {
        confidence: validation.map(({ best }) => best),
        right: validation.map(({ right }) => right),
        own: validation.map(({ scores, label }) => scores[label]),
        evidence: [],
      };
      return outcomeOf(goal, test, settleDoubt(goal, leftOut));
    });
    tell(goal, outcomes);
  }
}

/** @param {any} options */
async function retrained({ model = 'linear', train: size = '400', draws = '20' }) {
  const { examples } = await readDataset(path);
  const most = 4000;
  /** @type {any[][]} */
  const outcomes = goals.map(() => []);
  for (let d = 0; d < Number(draws); d++) {
    const order = shuffled(examples.length, 1 + d);
    const of = (from, to) => labelled(order.slice(from, to).map((i) => examples[i]));
    const classifier = await train({ data: of(0, Number(size)), model });
    const store = new MemoryStore();
    await classifier.save(store);
    const leftOut = JSON.parse(new TextDecoder().decode(await store.read('left-out.json')));
    const scored = await classifier.evaluate(of(Number(size), Number(size) + most));
    const test = scoresOf(scored, classifier.classes.length);
    goals.forEach((goal, g) => {
      outcomes[g].push(outcomeOf(goal, test, settleDoubt(goal, leftOut)));
    });
    await classifier.dispose();
  }
  say(
    `${path}: ${model} trained ${draws} times on ${size}, settled on those left out in turn, tested on ${most} others`,
  );
  goals.forEach((goal, g) => {
    tell(goal, outcomes[g]);
  });
}

/** @param {any} options */
async function sounds({ model = 'elastic', of }) {
  const { examples } = await readDataset(path, { input: 'signal' });
  const classes = [...new Set(examples.map(({ label }) => label))].sort();
  const turn = new Map();
  const turns = examples.map(({ label }) => {
    const own = turn.get(label) ?? 0;
    turn.set(label, own + 1);
    return own % Number(of);
  });
  const part = (wanted, keep) =>
    examples.flatMap(({ input, label }, i) =>
      turns[i] === wanted && keep(label) ? labelled([{ input, label }]) : [],
    );
  const areas = [];
  for (const left of classes) {
    const store = new MemoryStore();
    const trained = await train({ data: part(0, (label) => label !== left), model });
    await trained.save(store);
    await trained.dispose();
    const classifier = await load(store, { unknown: true });
    const scored = await classifier.evaluate(part(1, () => true));
    /** @type {any} */
    const { unknownScore } = await classifier.doubtOn(scored);
    const { over95, apart } = unknownScore;
    await classifier.dispose();
    areas.push(apart.area);
    const [low, high] = apart.interval.map((value) => value.toFixed(3));
    say(
      `without ${left}: AUC ${apart.area.toFixed(4)} (${low} to ${high}); above 0.95 ${percent(over95.share)} of the known, right ${percent(scored.accuracy)} of all ${scored.examples}`,
    );
  }
  const deviation = Math.sqrt(
    mean(areas.map((area) => (area - mean(areas)) ** 2)) * (areas.length / (areas.length - 1)),
  );
  // Student's t for ten classes; close for others.
  const margin = (2.262 * deviation) / Math.sqrt(areas.length);
  say(
    `mean AUC ${mean(areas).toFixed(4)} (95% interval over the classes ${(mean(areas) - margin).toFixed(4)} to ${(mean(areas) + margin).toFixed(4)})`,
  );
}

const modes = { texts, retrained, sounds };
if (modes[mode] === undefined || path === undefined) {
  process.stderr.write('node scripts/doubt.js texts|retrained|sounds PATH: see the head of this file\n');
  process.exit(2);
}
await modes[mode](values);
