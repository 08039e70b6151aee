/** Compares the models of a results file, in numbers: means over seeds, paired differences, the choice at each length. */
import { median } from 'simple-statistics';
import {
  accuracyBootstrap,
  fitPowerLaw,
  type MeanInterval,
  meanInterval,
  type PowerLaw,
  ratioBootstrap,
} from '../evaluation/intervals.js';
import {
  holm,
  itemsNeeded,
  type PairedTest,
  pairedTest,
  type RightAnswers,
} from '../evaluation/pairedTest.js';
import { byRank, familyNameOf, rankOf, trainsOn } from '../model/families/display.js';
import type { Results, Trial } from './results/schema.js';

/** How two accuracies on the same test items differ, after the correction for all that were tested together. */
export interface CorrectedDifference {
  /** Fraction: 0.01 is a percentage point. */
  readonly difference: number;
  /** Of the level beside it: holds 0 exactly where no difference is shown. */
  readonly interval: readonly [number, number];
  readonly level: number;
  /** Two-sided, corrected by Holm's method. */
  readonly pValue: number;
  /** Exact McNemar of the first seeds alone, not corrected: support. */
  readonly mcNemar: number;
  /** The corrected p-value is below 0.05. */
  readonly shown: boolean;
  /**
   * Test items for which a true difference of this size would be shown in four of five comparisons; Infinity where no
   * number would do: there is none, or more seeds are needed.
   */
  readonly itemsNeeded: number;
}

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
  /** Over always guessing the largest class of the test items. */
  readonly overGuess: CorrectedDifference;
  /** Trials whose last epoch was their best: more epochs may help. */
  readonly stillRising: number;
  readonly peakMemoryBytes: number;
  /** Seconds of training up to the best epoch, mean over the timed trials. */
  readonly secondsToBest: number;
}

/** Two models at the same length. */
export interface Pair {
  readonly sequenceLength: number;
  readonly a: Cell;
  readonly b: Cell;
  /** Of a − b. */
  readonly accuracy: CorrectedDifference;
  /** Median time of an epoch of b over that of a; undefined where they ran on different machines or took no time. */
  readonly speed: number | undefined;
  /** 95% interval of it (bootstrap over seeds and their epochs); undefined where either has one epoch alone. */
  readonly speedRange: readonly [number, number] | undefined;
}

/**
 * Why a model is chosen at a length.
 *
 *   nothing-learned  no model is shown to beat always guessing the largest class
 *   alone            no other model was run there
 *   most-accurate    every other model is shown to be less accurate, or not shown to beat guessing
 *   cheapest         the fastest of those that none is shown to beat; where times cannot be told apart, the smallest
 */
export type Outcome = 'nothing-learned' | 'alone' | 'most-accurate' | 'cheapest';

export interface LengthChoice {
  readonly sequenceLength: number;
  readonly outcome: Outcome;
  /** The model to use; where nothing was learned, the one that leads guessing by most, which is no advice. */
  readonly winner: Cell;
  /** The others that none is shown to beat. */
  readonly equals: readonly Cell[];
  /** Those of them whose training time is not shown to differ from the winner's. */
  readonly asFast: readonly Cell[];
  /** False where the times of winner and equals are of different machines: then arithmetic decided. */
  readonly byTime: boolean;
  /** The winner (a) and its strongest rival: the most accurate other model, for a baseline one that is none. */
  readonly against: Pair | undefined;
}

export interface Comparison {
  /** Names, in the order to show them. */
  readonly models: readonly string[];
  /** What lengths count. */
  readonly unit: 'tokens' | 'steps' | 'bytes';
  readonly cells: readonly Cell[];
  readonly pairs: readonly Pair[];
  /** Share of the largest class among the test items. */
  readonly majority: number;
  readonly testItems: number;
  /** One a length. */
  readonly choices: readonly LengthChoice[];
  /** Of time and memory against length, by model; where at least three lengths were run. */
  readonly exponents: readonly {
    readonly model: string;
    readonly time: PowerLaw;
    readonly memory: PowerLaw;
  }[];
}

type Untested = Omit<Cell, 'overGuess'>;

function rightAnswers(trials: readonly Trial[], labels: readonly number[]): RightAnswers {
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

const epochSeconds = (trials: readonly Trial[]): number[][] =>
  trials.map(({ epochs }) => epochs.map(({ seconds }) => seconds));

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

function cellOf(trials: readonly Trial[], results: Results, machine: string): Untested {
  const [first] = trials;
  const here = trials.filter((trial) => machineOf(trial, results) === machine);
  const timed = here.length > 0 ? here : trials;
  const half = results.trials.find(
    ({ model, sequenceLength }) => model === first.model && sequenceLength * 2 === first.sequenceLength,
  );
  const seconds = epochSeconds(timed).flat();
  const toBest = timed.map(({ epochs, bestEpoch }) =>
    sumOf(epochs.slice(0, bestEpoch).map((epoch) => epoch.seconds)),
  );
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
    accuracy: meanInterval(trials.map(({ test }) => test.accuracy)),
    accuracyInterval:
      trials.length === 1
        ? first.test.accuracyInterval
        : accuracyBootstrap(rightAnswers(trials, results.testLabels)),
    stillRising: trials.filter(
      ({ model, epochs, bestEpoch }) => bestEpoch === epochs.length && trainsOn(model, epochs.length),
    ).length,
    peakMemoryBytes: Math.max(...trials.map((trial) => trial.peakMemoryBytes)),
    secondsToBest: sumOf(toBest) / timed.length,
  };
}

/** Tests that are made together and share a correction. */
function corrected(tests: readonly PairedTest[]): CorrectedDifference[] {
  const { adjusted, level } = holm(tests.map(({ pValue }) => pValue));
  return tests.map((test, i) => ({
    difference: test.difference,
    interval: test.interval(level),
    level,
    pValue: adjusted[i],
    mcNemar: test.mcNemar,
    shown: adjusted[i] < 0.05,
    itemsNeeded: itemsNeeded(test, level),
  }));
}

/** Cells with what they gain over always giving the largest class of the test items. */
function overGuessing(cells: readonly Untested[], { testLabels, testGroups, protocol }: Results): Cell[] {
  const largest = protocol.testClasses.indexOf(Math.max(...protocol.testClasses));
  const guess = [testLabels.map((label) => label === largest)];
  const gains = corrected(
    cells.map(({ trials }) => pairedTest(rightAnswers(trials, testLabels), guess, testGroups)),
  );
  return cells.map((cell, i) => ({ ...cell, overGuess: gains[i] }));
}

function speeds(a: Cell, b: Cell): Pick<Pair, 'speed' | 'speedRange'> {
  const [secondsA, secondsB] = [epochSeconds(a.timed), epochSeconds(b.timed)];
  const comparable =
    a.comparableTimes && b.comparableTimes && [...secondsA, ...secondsB].flat().every((time) => time > 0);
  const repeated = secondsA.flat().length > 1 && secondsB.flat().length > 1;
  return {
    speed: comparable ? b.secondsPerEpoch / a.secondsPerEpoch : undefined,
    speedRange: comparable && repeated ? ratioBootstrap(secondsA, secondsB) : undefined,
  };
}

function pairsOf(cells: readonly Cell[], { testLabels: labels, testGroups }: Results): Pair[] {
  const pairs = cells.flatMap((a, i) =>
    cells
      .slice(i + 1)
      .filter(({ sequenceLength }) => sequenceLength === a.sequenceLength)
      .map((b) => ({ sequenceLength: a.sequenceLength, a, b })),
  );
  const right = new Map(cells.map((cell) => [cell, rightAnswers(cell.trials, labels)]));
  const differences = corrected(
    pairs.map(({ a, b }) => pairedTest(right.get(a)!, right.get(b)!, testGroups)),
  );
  return pairs.map((pair, i) => ({ ...pair, accuracy: differences[i], ...speeds(pair.a, pair.b) }));
}

/** The same pair the other way round: b − a. */
export function reversed({ sequenceLength, a, b, accuracy, speed, speedRange }: Pair): Pair {
  const [low, high] = accuracy.interval;
  return {
    sequenceLength,
    a: b,
    b: a,
    accuracy: { ...accuracy, difference: -accuracy.difference, interval: [-high, -low] },
    speed: speed === undefined ? undefined : 1 / speed,
    speedRange: speedRange === undefined ? undefined : [1 / speedRange[1], 1 / speedRange[0]],
  };
}

/** The pair of two models at a length, `model` first; undefined where either was not run there. */
export function findPair(
  pairs: readonly Pair[],
  sequenceLength: number,
  model: string,
  other: string,
): Pair | undefined {
  for (const pair of pairs) {
    if (pair.sequenceLength !== sequenceLength) continue;
    if (pair.a.model === model && pair.b.model === other) return pair;
    if (pair.b.model === model && pair.a.model === other) return reversed(pair);
  }
  return undefined;
}

/** The interval of the training time's ratio holds one. */
export const isAsFast = ({ speedRange }: Pair): boolean =>
  speedRange !== undefined && speedRange[0] <= 1 && speedRange[1] >= 1;

/** Of other families before its own at another size; of no baselines where the model is one; the most accurate. */
function rivalOf(winner: Cell, here: readonly Cell[]): Cell | undefined {
  let rivals = here.filter((cell) => cell !== winner);
  const narrow = (wanted: (cell: Cell) => boolean): void => {
    const some = rivals.filter(wanted);
    if (some.length > 0) rivals = some;
  };
  narrow(({ model }) => familyNameOf(model) !== familyNameOf(winner.model));
  if (rankOf(winner.model).baseline) narrow(({ model }) => !rankOf(model).baseline);
  return rivals.toSorted((a, b) => b.accuracy.mean - a.accuracy.mean)[0];
}

/**
 * Of the models that no other is shown to beat, and that are shown to beat guessing, the one with the shortest epochs; of
 * those whose times cannot be told apart from its, the one with the fewest parameters.
 */
function choiceAt(sequenceLength: number, cells: readonly Cell[], pairs: readonly Pair[]): LengthChoice {
  const here = cells.filter((cell) => cell.sequenceLength === sequenceLength);
  const own = pairs.filter((pair) => pair.sequenceLength === sequenceLength);
  const against = (winner: Cell): Pair | undefined => {
    const rival = rivalOf(winner, here);
    return rival && findPair(own, sequenceLength, winner.model, rival.model);
  };
  const learned = here.filter(({ overGuess }) => overGuess.shown && overGuess.difference > 0);
  if (learned.length === 0) {
    const [winner] = here.toSorted((a, b) => b.overGuess.difference - a.overGuess.difference);
    return {
      sequenceLength,
      outcome: 'nothing-learned',
      winner,
      equals: [],
      asFast: [],
      byTime: true,
      against: against(winner),
    };
  }
  const beaten = new Set(
    own
      .filter(({ accuracy }) => accuracy.shown)
      .map(({ a, b, accuracy }) => (accuracy.difference > 0 ? b : a).model),
  );
  const unbeaten = learned.filter(({ model }) => !beaten.has(model));
  // Paired tests need not be transitive: every model may be beaten by another.
  const candidates = unbeaten.length > 0 ? unbeaten : learned;
  // Times of different machines do not compare; arithmetic does.
  const byTime = candidates.every(({ comparableTimes }) => comparableTimes);
  const cost = ({ secondsPerEpoch, trials }: Cell): number =>
    byTime ? secondsPerEpoch : trials[0].flopsPerSequence;
  const [fastest, ...slower] = candidates.toSorted((a, b) => cost(a) - cost(b));
  const likeInTime = (one: Cell, others: readonly Cell[]): Cell[] =>
    others.filter(({ model }) => {
      const pair = findPair(own, sequenceLength, one.model, model);
      return pair !== undefined && isAsFast(pair);
    });
  const [winner] = [fastest, ...likeInTime(fastest, slower)].toSorted((a, b) => a.parameters - b.parameters);
  const equals = [fastest, ...slower].filter((cell) => cell !== winner);
  const asFast = likeInTime(winner, equals);
  const outcome = here.length === 1 ? 'alone' : equals.length === 0 ? 'most-accurate' : 'cheapest';
  return { sequenceLength, outcome, winner, equals, asFast, byTime, against: against(winner) };
}

function exponentsOf(cells: readonly Cell[], models: readonly string[]): Comparison['exponents'] {
  return models.flatMap((model) => {
    const own = cells.filter(
      (cell) => cell.model === model && cell.comparableTimes && cell.secondsPerEpoch > 0,
    );
    if (own.length < 3) return [];
    const fit = (value: (cell: Cell) => number): PowerLaw =>
      fitPowerLaw(
        own.map(({ sequenceLength }) => sequenceLength),
        own.map(value),
      );
    return [
      {
        model,
        time: fit(({ secondsPerEpoch }) => secondsPerEpoch),
        memory: fit(({ peakMemoryBytes }) => peakMemoryBytes),
      },
    ];
  });
}

/** What lengths count. */
export function unitOf({ input, tokenizer }: Results['protocol']): Comparison['unit'] {
  if (input === 'signal') return 'steps';
  return tokenizer === 'bytes' ? 'bytes' : 'tokens';
}

export function compareResults(results: Results): Comparison {
  const groups = new Map<string, Trial[]>();
  for (const trial of results.trials) {
    const key = `${trial.model} ${trial.sequenceLength}`;
    groups.set(key, [...(groups.get(key) ?? []), trial]);
  }
  const machine = mainMachine(results);
  const measured = [...groups.values()]
    .map((trials) =>
      cellOf(
        trials.toSorted((a, b) => a.seed - b.seed),
        results,
        machine,
      ),
    )
    .sort((a, b) => a.sequenceLength - b.sequenceLength || byRank(a.model, b.model));
  const cells = overGuessing(measured, results);
  const pairs = pairsOf(cells, results);
  const models = [...new Set(cells.map(({ model }) => model))].sort(byRank);
  const lengths = [...new Set(cells.map(({ sequenceLength }) => sequenceLength))];
  return {
    models,
    unit: unitOf(results.protocol),
    cells,
    pairs,
    majority: Math.max(...results.protocol.testClasses) / sumOf(results.protocol.testClasses),
    testItems: results.testLabels.length,
    choices: lengths.map((length) => choiceAt(length, cells, pairs)),
    exponents: exponentsOf(cells, models),
  };
}
