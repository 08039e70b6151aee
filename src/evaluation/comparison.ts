/** Compares the models of a results file: means over seeds, paired differences on the same test items, a verdict. */
import { median } from 'simple-statistics';
import type { Results, Trial } from '../formats/results.js';
import {
  accuracyBootstrap,
  exactMcNemar,
  fitPowerLaw,
  type MeanInterval,
  meanInterval,
  type PowerLaw,
  pairedBootstrap,
  ratioBootstrap,
} from './intervals.js';

/** All seeds of one model at one length. */
export interface Cell {
  readonly model: string;
  readonly sequenceLength: number;
  readonly trials: readonly Trial[];
  readonly parameters: number;
  /** Fraction over half the length; undefined if that length was not run. */
  readonly growth: number | undefined;
  /** Trials whose times count: those on the machine where most trials ran, or all where none ran on it. */
  readonly timed: readonly Trial[];
  /** False where `timed` are of other machines: their times are not comparable with those of other cells. */
  readonly comparableTimes: boolean;
  /** Seconds of an epoch: median over all epochs of the timed trials, and the smallest and largest. */
  readonly secondsPerEpoch: number;
  readonly secondsRange: readonly [number, number];
  readonly accuracy: MeanInterval;
  /** 95 %: Wilson's for one seed; for several a bootstrap over seeds and test items, so that both count. */
  readonly accuracyInterval: readonly [number, number];
  readonly peakMemoryBytes: number;
  /** Seconds of training up to the best epoch, mean over the timed trials. */
  readonly secondsToBest: number;
}

/** Two models at the same length. */
export interface Pair {
  readonly sequenceLength: number;
  readonly a: Cell;
  readonly b: Cell;
  /** Accuracy of a − b. */
  readonly difference: number;
  readonly interval: readonly [number, number];
  /** Exact McNemar on the first seed. */
  readonly pValue: number;
  /** Median time of an epoch of b over that of a; undefined where they ran on different machines. */
  readonly speed: number | undefined;
  /** 95 % interval of it (bootstrap over seeds and their epochs); undefined where either has one epoch alone. */
  readonly speedRange: readonly [number, number] | undefined;
}

export interface Comparison {
  /** Names, in the order to show them. */
  readonly models: readonly string[];
  readonly cells: readonly Cell[];
  readonly pairs: readonly Pair[];
  /** Share of the largest class among the test items. */
  readonly majority: number;
  /** Sentences: which model to use at which length. Empty for one model alone. */
  readonly advice: readonly string[];
  /** Sentences: the paired differences behind the advice. */
  readonly findings: readonly string[];
  /** Of time and memory against length, by model; where at least three lengths were run. */
  readonly exponents: readonly {
    readonly model: string;
    readonly time: PowerLaw;
    readonly memory: PowerLaw;
  }[];
}

const MODEL_ORDER = ['elastic-fourier', 'standard', 'bag'];

/** The model of a preset or of a pairing: "standard" of "standard, equal parameters". */
const baseOf = (model: string): string => model.split(',')[0];

/** Order of models in tables and legends: pairings after their presets, unknown ones last. */
function modelRank(model: string): number {
  const place = MODEL_ORDER.indexOf(baseOf(model));
  return (place < 0 ? MODEL_ORDER.length : place) + (model === baseOf(model) ? 0 : 0.5);
}

/** [trial][test item]: whether the answer was right. */
function rightAnswers(trials: readonly Trial[], labels: readonly number[]): boolean[][] {
  return trials.map(({ predictions }) => labels.map((label, i) => predictions[i] === label));
}

const machineOf = ({ machine }: Trial, results: Results): string =>
  JSON.stringify(machine ?? results.machine);

/** The machine on which most trials ran. */
function mainMachine(results: Results): string {
  const counts = new Map<string, number>();
  for (const trial of results.trials) {
    const machine = machineOf(trial, results);
    counts.set(machine, (counts.get(machine) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? '';
}

function cellOf(trials: readonly Trial[], results: Results, machine: string): Cell {
  const [first] = trials;
  const here = trials.filter((trial) => machineOf(trial, results) === machine);
  const timed = here.length > 0 ? here : trials;
  const half = results.trials.find(
    ({ model, sequenceLength }) => model === first.model && sequenceLength * 2 === first.sequenceLength,
  );
  const seconds = epochSeconds(timed).flat();
  const accuracy = meanInterval(trials.map(({ test }) => test.accuracy));
  return {
    model: first.model,
    sequenceLength: first.sequenceLength,
    trials,
    parameters: first.parameters,
    growth: half === undefined ? undefined : first.parameters / half.parameters - 1,
    timed,
    comparableTimes: here.length > 0,
    secondsPerEpoch: median(seconds),
    secondsRange: [Math.min(...seconds), Math.max(...seconds)],
    accuracy,
    accuracyInterval:
      trials.length === 1
        ? first.test.accuracyInterval
        : accuracyBootstrap(rightAnswers(trials, results.testLabels)),
    peakMemoryBytes: Math.max(...trials.map((trial) => trial.peakMemoryBytes)),
    secondsToBest:
      timed
        .map(({ epochs, bestEpoch }) =>
          epochs.slice(0, bestEpoch).reduce((sum, epoch) => sum + epoch.seconds, 0),
        )
        .reduce((sum, time) => sum + time, 0) / timed.length,
  };
}

const epochSeconds = (trials: readonly Trial[]): number[][] =>
  trials.map(({ epochs }) => epochs.map(({ seconds }) => seconds));

function pairOf(a: Cell, b: Cell, labels: readonly number[]): Pair {
  const [rightA, rightB] = [rightAnswers(a.trials, labels), rightAnswers(b.trials, labels)];
  const only = (x: readonly boolean[], y: readonly boolean[]): number =>
    x.filter((ok, i) => ok && !y[i]).length;
  const { difference, interval } = pairedBootstrap(rightA, rightB);
  const [secondsA, secondsB] = [epochSeconds(a.timed), epochSeconds(b.timed)];
  const comparable = a.comparableTimes && b.comparableTimes;
  const repeated = secondsA.flat().length > 1 && secondsB.flat().length > 1;
  return {
    sequenceLength: a.sequenceLength,
    a,
    b,
    difference,
    interval,
    pValue: exactMcNemar(only(rightA[0], rightB[0]), only(rightB[0], rightA[0])),
    speed: comparable ? b.secondsPerEpoch / a.secondsPerEpoch : undefined,
    speedRange: comparable && repeated ? ratioBootstrap(secondsA, secondsB) : undefined,
  };
}

const percent = (value: number, digits = 1): string => `${(100 * value).toFixed(digits)} %`;
/** Percentage points with a true minus sign. */
const points = (value: number): string => (100 * value).toFixed(1).replace('-', '−');

/** The interval holds zero: the data do not tell the two apart. */
export const isUndecided = ({ interval }: Pair): boolean => interval[0] <= 0 && interval[1] >= 0;

/** Likewise of the training time: the interval of its ratio holds one. */
const isAsFast = ({ speedRange }: Pair): boolean =>
  speedRange !== undefined && speedRange[0] <= 1 && speedRange[1] >= 1;

function accuracySentence(pair: Pair): string {
  const { a, b, difference, interval, sequenceLength } = pair;
  // Said of the better model, so that gain and interval have the same sign.
  const [low, high] = difference < 0 && !isUndecided(pair) ? [-interval[1], -interval[0]] : interval;
  const range = `95 % interval ${points(low)} to ${points(high)} points`;
  if (isUndecided(pair)) {
    return `At ${sequenceLength} tokens no difference in accuracy is shown between ${a.model} (${percent(a.accuracy.mean)}) and ${b.model} (${percent(b.accuracy.mean)}; ${range}).`;
  }
  const [better, worse] = difference > 0 ? [a, b] : [b, a];
  return `At ${sequenceLength} tokens ${better.model} (${percent(better.accuracy.mean)}) is more accurate than ${worse.model} (${percent(worse.accuracy.mean)}) by ${points(Math.abs(difference))} points (${range}).`;
}

function speedSentence(pair: Pair): string {
  const { a, b, speed, speedRange } = pair;
  if (speed === undefined) return 'Their times are of different machines and not compared.';
  if (isAsFast(pair)) return 'No difference in training time is shown.';
  const [fast, slow, factor] = speed > 1 ? [a, b, speed] : [b, a, 1 / speed];
  const times = `${fast.secondsPerEpoch.toPrecision(3)} s against ${slow.secondsPerEpoch.toPrecision(3)} s an epoch`;
  if (speedRange === undefined) {
    return `In training ${fast.model} was ${factor.toPrecision(3)} times as fast in the one epoch measured: ${times}.`;
  }
  const range = speed > 1 ? speedRange : ([1 / speedRange[1], 1 / speedRange[0]] as const);
  return `In training ${fast.model} is ${factor.toPrecision(3)} times as fast (95 % interval ${range[0].toPrecision(3)} to ${range[1].toPrecision(3)}): ${times}.`;
}

const finding = (pair: Pair): string => `${accuracySentence(pair)} ${speedSentence(pair)}`;

/**
 * Of the models that no other is shown to beat in accuracy the one with the shortest epochs; together with it those
 * whose training time is not shown to be longer.
 */
function recommendation(
  cells: readonly Cell[],
  pairs: readonly Pair[],
  length: number,
): { readonly models: string; readonly reason: string } {
  const here = cells.filter(({ sequenceLength }) => sequenceLength === length);
  const own = pairs.filter((pair) => pair.sequenceLength === length);
  const beaten = new Set(
    own.filter((pair) => !isUndecided(pair)).map(({ a, b, difference }) => (difference > 0 ? b : a).model),
  );
  const unbeaten = here.filter(({ model }) => !beaten.has(model));
  // Paired intervals need not be transitive: every model may be beaten by another.
  const candidates = unbeaten.length > 0 ? unbeaten : here;
  // Times of different machines do not compare; arithmetic does.
  const timed = candidates.every(({ comparableTimes }) => comparableTimes);
  const cost = ({ secondsPerEpoch, trials }: Cell): number =>
    timed ? secondsPerEpoch : trials[0].flopsPerSequence;
  const [{ model }] = [...candidates].sort((a, b) => cost(a) - cost(b));
  if (here.length === 1) return { models: model, reason: 'no other model was run there' };
  if (candidates.length === 1) {
    return {
      models: model,
      reason: 'every other model is shown to be less accurate than this or another one',
    };
  }
  const others = candidates.map((cell) => cell.model).filter((other) => other !== model);
  const alike = others.filter((other) =>
    own.some(
      (pair) => [pair.a.model, pair.b.model].every((name) => [model, other].includes(name)) && isAsFast(pair),
    ),
  );
  if (!timed) {
    return {
      models: model,
      reason: `no model is shown to be more accurate, and it needs less arithmetic than ${joined(others)} (their times are of different machines)`,
    };
  }
  if (alike.length === 0) {
    return {
      models: model,
      reason: `no model is shown to be more accurate, and it trains faster than ${joined(others)}`,
    };
  }
  return {
    models: [model, ...alike].join(' or '),
    reason: 'no difference is shown between them, neither in accuracy nor in training time',
  };
}

function joined(words: readonly (string | number)[]): string {
  if (words.length < 2) return words.join('');
  // Names of scaled models have a comma of their own.
  const [between, last] = words.some((word) => String(word).includes(','))
    ? ['; ', '; and ']
    : [', ', ' and '];
  return words.slice(0, -1).join(between) + last + words[words.length - 1];
}

/** Lengths with the same recommendation for the same reason share a sentence. */
function adviceFor(cells: readonly Cell[], pairs: readonly Pair[], lengths: readonly number[]): string[] {
  const groups = new Map<string, { models: string; reason: string; lengths: number[] }>();
  for (const length of lengths) {
    const { models, reason } = recommendation(cells, pairs, length);
    const key = `${models} ${reason}`;
    const group = groups.get(key) ?? { models, reason, lengths: [] };
    group.lengths.push(length);
    groups.set(key, group);
  }
  return [...groups.values()].map(
    ({ models, reason, lengths: own }) => `Use ${models} at ${joined(own)} tokens: ${reason}.`,
  );
}

/** Of the pairs with the bag model, the one with the most accurate other model at each length. */
function bagPairs(pairs: readonly Pair[], lengths: readonly number[]): Pair[] {
  const other = ({ a, b }: Pair): number => (a.model === 'bag' ? b : a).accuracy.mean;
  return lengths.flatMap((length) =>
    pairs
      .filter(
        ({ a, b, sequenceLength }) => sequenceLength === length && (a.model === 'bag' || b.model === 'bag'),
      )
      .sort((one, two) => other(two) - other(one))
      .slice(0, 1),
  );
}

export function compareResults(results: Results): Comparison {
  const groups = new Map<string, Trial[]>();
  for (const trial of results.trials) {
    const key = `${trial.model} ${trial.sequenceLength}`;
    groups.set(key, [...(groups.get(key) ?? []), trial]);
  }
  const machine = mainMachine(results);
  const cells = [...groups.values()]
    .map((trials) =>
      cellOf(
        [...trials].sort((a, b) => a.seed - b.seed),
        results,
        machine,
      ),
    )
    .sort((a, b) => a.sequenceLength - b.sequenceLength || modelRank(a.model) - modelRank(b.model));
  const lengths = [...new Set(cells.map(({ sequenceLength }) => sequenceLength))];
  const pairs = lengths.flatMap((length) => {
    const here = cells.filter(({ sequenceLength }) => sequenceLength === length);
    return here.flatMap((a, i) => here.slice(i + 1).map((b) => pairOf(a, b, results.testLabels)));
  });
  const total = results.protocol.testClasses.reduce((sum, count) => sum + count, 0);
  // Different models; a preset and its own pairing say nothing that anybody asked.
  const main = pairs.filter(
    ({ a, b }) => a.model !== 'bag' && b.model !== 'bag' && baseOf(a.model) !== baseOf(b.model),
  );
  const advice = pairs.length > 0 ? adviceFor(cells, pairs, lengths) : [];
  const findings = [...main, ...bagPairs(pairs, lengths)].map(finding);
  const models = [...new Set(cells.map(({ model }) => model))].sort((a, b) => modelRank(a) - modelRank(b));
  const exponents = models.flatMap((model) => {
    const own = cells.filter((cell) => cell.model === model && cell.comparableTimes);
    if (own.length < 3) return [];
    const xs = own.map(({ sequenceLength }) => sequenceLength);
    return [
      {
        model,
        time: fitPowerLaw(
          xs,
          own.map(({ secondsPerEpoch }) => secondsPerEpoch),
        ),
        memory: fitPowerLaw(
          xs,
          own.map(({ peakMemoryBytes }) => peakMemoryBytes),
        ),
      },
    ];
  });
  return {
    models,
    cells,
    pairs,
    majority: Math.max(...results.protocol.testClasses) / total,
    advice,
    findings,
    exponents,
  };
}
