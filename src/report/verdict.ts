/** The verdict in words: which model at which length, what is missing, and how it was tested. */
import type {
  Cell,
  Comparison,
  CorrectedDifference,
  LengthChoice,
  Pair,
} from '../comparison/compareResults.js';
import { rankOf } from '../model/families/display.js';
import {
  count,
  joined,
  level,
  percent,
  plural,
  points,
  pointsRange,
  shortSeconds,
  signedPoints,
} from './format.js';

/** Plain text; nothing is escaped. */
export interface Verdict {
  /** What to do and why: a sentence for each group of lengths with the same answer. */
  readonly advice: readonly string[];
  /** What the models did not read. */
  readonly unread: readonly string[];
  /** How models are told apart whose accuracies cannot be; absent where none had to be. */
  readonly tieRule?: string;
  /** Titles of the rows' cells. */
  readonly columns: readonly string[];
  /** One row a length. */
  readonly rows: readonly (readonly string[])[];
  /** What keeps the answer from being surer. */
  readonly missing: readonly string[];
  /** Names of the methods on the page, each with a line on it. */
  readonly methods: readonly (readonly [string, string])[];
}

/** Behind what lengths count. */
const COLUMNS: readonly string[] = [
  'use',
  'accuracy',
  'against',
  'points more',
  'shown',
  'time/epoch',
  'training speed',
];

/** At most two digits, since it rests on a guess; "over a million" beyond, and seeds where no number would do. */
function roughly(items: number): string {
  if (items === Number.POSITIVE_INFINITY) return 'more seeds';
  return items > 1e6 ? 'over a million items' : `about ${count(Number(items.toPrecision(2)))} items`;
}

function reason({ outcome, winner, equals, asFast, byTime }: LengthChoice, here: readonly Cell[]): string {
  const others = equals.map(({ model }) => model);
  switch (outcome) {
    case 'alone':
      return 'no other model was run there';
    case 'most-accurate': {
      const guessing = here.some(({ overGuess }) => !(overGuess.shown && overGuess.difference > 0));
      return `every other model is shown to be less accurate${guessing ? ', or not shown to beat guessing' : ''}`;
    }
    case 'nothing-learned':
      return '';
    case 'cheapest': {
      if (!byTime) {
        return `no model is shown to be more accurate, and it needs less arithmetic than ${joined(others)} (their times come from different machines)`;
      }
      if (asFast.length > 0) {
        return `no model is shown to be more accurate, and of ${joined([winner, ...asFast].map(({ model }) => model))}, which train about as fast, it is the smallest`;
      }
      const baseline = rankOf(winner.model).baseline && equals.some(({ model }) => !rankOf(model).baseline);
      return `no model is shown to be more accurate${baseline ? ' than this baseline' : ''}, and it trains faster than ${joined(others)}`;
    }
  }
}

/** Lengths with the same answer for the same reason share a sentence. */
function adviceFor(comparison: Comparison): string[] {
  const { cells, choices, majority, testItems, unit } = comparison;
  const guess = `always guessing the largest class (right for ${percent(majority, 1)} of the ${plural(testItems, 'test item')})`;
  const groups = new Map<string, { lengths: string[]; say: (at: string, one: boolean) => string }>();
  for (const choice of choices) {
    const models = choice.winner.model;
    const here = cells.filter(({ sequenceLength }) => sequenceLength === choice.sequenceLength);
    const why = reason(choice, here);
    const others = here
      .filter((cell) => cell !== choice.winner)
      .toSorted((a, b) => b.accuracy.mean - a.accuracy.mean)
      .map(({ model, accuracy }) => `${model} ${percent(accuracy.mean)}`);
    const beside = others.length === 0 ? '' : ` (${others.join('; ')})`;
    const figures = ` It gets ${percent(choice.winner.accuracy.mean)} of the ${plural(testItems, 'test item')} right${beside}.`;
    const say =
      choice.outcome === 'nothing-learned'
        ? (at: string) => `Nothing is shown to beat ${guess} at ${at} ${unit}: no model is recommended there.`
        : (at: string, one: boolean) => `Use ${models} at ${at} ${unit}: ${why}.${one ? figures : ''}`;
    const key = choice.outcome === 'nothing-learned' ? '' : `${models}: ${why}`;
    const group = groups.get(key) ?? { lengths: [], say };
    group.lengths.push(count(choice.sequenceLength));
    groups.set(key, group);
  }
  return [...groups.values()].map(({ lengths, say }) => say(joined(lengths), lengths.length === 1));
}

function decision({ shown, difference, itemsNeeded }: CorrectedDifference): string {
  if (shown) return 'yes';
  return difference === 0 ? 'no: the same accuracy' : `no: needs ${roughly(itemsNeeded)}`;
}

const GUESSING = 'guessing';

const factor = (value: number): string => (value < 100 ? value.toPrecision(2) : count(Math.round(value)));

/** "3.5 × as fast (3.4 to 3.6)", or slow. */
function speedOf({ speed, speedRange }: Pair): string {
  if (speed === undefined) return 'not compared';
  const slower = speed < 1;
  const [low, high] = (speedRange ?? []).map((value) => (slower ? 1 / value : value));
  const range =
    speedRange === undefined ? '' : ` (${factor(Math.min(low, high))} to ${factor(Math.max(low, high))})`;
  return `${factor(slower ? 1 / speed : speed)} × as ${slower ? 'slow' : 'fast'}${range}`;
}

const TIE_RULE =
  'The rule for ties: of the models whose accuracies cannot be told apart, the one that trains fastest; if times cannot be told apart either, the one with the fewest parameters.';

function rowOf({ sequenceLength, outcome, winner, against }: LengthChoice): string[] {
  const learned = outcome !== 'nothing-learned';
  const rival = learned ? against : undefined;
  const gain = rival?.accuracy ?? winner.overGuess;
  const use = learned ? winner.model : `none yet (${winner.model})`;
  return [
    count(sequenceLength),
    use,
    percent(winner.accuracy.mean, 1),
    rival?.b.model ?? GUESSING,
    `${signedPoints(gain.difference)} (${pointsRange(gain.interval)})`,
    decision(gain),
    `${shortSeconds(winner.secondsPerEpoch)} s`,
    rival === undefined ? '–' : speedOf(rival),
  ];
}

/** Of the lengths where nothing is shown to be learned: how far the nearest model is from it. */
function beyondGuessing({ choices, testItems, majority, unit }: Comparison): string[] {
  const [nearest] = choices
    .filter(({ outcome }) => outcome === 'nothing-learned')
    .map(({ winner }) => winner)
    .toSorted((a, b) => b.overGuess.difference - a.overGuess.difference);
  if (nearest === undefined) return [];
  const { overGuess, model, sequenceLength, accuracy } = nearest;
  const best = `The nearest, ${model} at ${count(sequenceLength)} ${unit}, is right for ${percent(accuracy.mean, 1)}`;
  if (overGuess.difference <= 0) {
    return [
      `${best}, no more than guessing (${percent(majority, 1)}): more training examples or epochs may help, more test items would not.`,
    ];
  }
  return [
    `${best}, ${points(overGuess.difference)} points more than guessing (${level(overGuess.level)} interval ${pointsRange(overGuess.interval)}). If that is its true lead, ${roughly(overGuess.itemsNeeded)} would be needed to show it; there are ${plural(testItems, 'test item')}.`,
  ];
}

function epochsMissing({ cells, models }: Comparison): string[] {
  const rising = (some: readonly Cell[]): number => some.reduce((sum, cell) => sum + cell.stillRising, 0);
  const trainings = (some: readonly Cell[]): number =>
    some.reduce((sum, { trials }) => sum + trials.length, 0);
  if (rising(cells) === 0) return [];
  const each = models
    .map((model) => ({ model, own: cells.filter((cell) => cell.model === model) }))
    .filter(({ own }) => rising(own) > 0)
    .map(({ model, own }) => `${model} ${rising(own)} of ${trainings(own)}`);
  return [
    `In ${rising(cells)} of ${plural(trainings(cells), 'training')} the last epoch was the best: more epochs may change the picture (${each.join('; ')}).`,
  ];
}

/** From this share of the tokens on, what is not read may well decide. */
export const LARGE_CUT = 0.1;

/** Where much of the texts was not read: how much, by which models, and what reads it. */
function cutTexts({ cells, unit }: Comparison): string[] {
  const groups = new Map<string, string[]>();
  for (const { model, sequenceLength, trials } of cells) {
    const shares = trials.flatMap(({ cutShare }) => (cutShare === undefined ? [] : [cutShare]));
    if (!shares.some((share) => share >= LARGE_CUT)) continue;
    const [least, most] = [Math.min(...shares), Math.max(...shares)].map((share) => percent(share, 0));
    const range = least === most ? most : `${least} to ${most}`;
    const key = `${range} at ${count(sequenceLength)} ${unit}`;
    groups.set(key, [...(groups.get(key) ?? []), model]);
  }
  if (groups.size === 0) return [];
  const parts = [...groups].map(([key, models]) => `${key} by ${joined(models)}`);
  return [
    `Not read of the test ${unit === 'steps' ? 'signals' : 'texts'}: ${parts.join('; ')}. Longer sequences read more, and --long windows reads all.`,
  ];
}

function missingFrom(comparison: Comparison): string[] {
  const { cells, choices, testItems } = comparison;
  const undecided = choices.some(({ outcome }) => outcome === 'cheapest')
    ? [
        `“Not shown” does not mean “equal”: the interval says how large a difference may still be. Where a number of items is given, a true difference of the size seen here would be shown with so many in four of five comparisons; there are ${plural(testItems, 'test item')}.`,
      ]
    : [];
  const most = Math.max(...cells.map(({ trials }) => trials.length));
  const seeds: Readonly<Record<number, string>> = {
    1: 'One seed only: how much the figures would change with another seed is not known (--seeds 3 shows it).',
    2: 'Two seeds say little about how much the figures change from seed to seed; three or more make the tests sharper.',
  };
  return [
    ...beyondGuessing(comparison),
    ...undecided,
    ...epochsMissing(comparison),
    ...(seeds[most] === undefined ? [] : [seeds[most]]),
  ];
}

function methodsOf({ cells, pairs }: Comparison): [string, string][] {
  const several = cells.some(({ trials }) => trials.length > 1);
  const alone = cells.some(({ trials }) => trials.length === 1);
  const exact = alone ? ' Where each model has one seed, McNemar’s exact test must agree.' : '';
  const tests: [string, string] = [
    'Shown',
    `Decided by Student’s t over the test items and seeds of a pair, both taken as drawn at random (Cochran and Cox).${exact}`,
  ];
  const first = pairs[0]?.accuracy;
  const holm: [string, string][] =
    first === undefined
      ? []
      : [
          [
            'Holm’s correction',
            `${plural(pairs.length, 'pair')} of this page ${pairs.length === 1 ? 'is' : 'are'} tested, and each model against guessing: among all pairs a difference that is not there is called shown in at most 5 of 100 such pages. Intervals of differences are of the level that fits, here ${level(first.level)}.`,
          ],
        ];
  const support: [string, string][] =
    pairs.length === 0
      ? []
      : [
          [
            'McNemar',
            'Looks at the items that only one of the two models got right, with the first seeds only. It is not corrected and decides nothing by itself.',
          ],
        ];
  const wilson: [string, string][] = alone
    ? [
        [
          'Wilson',
          'The interval of an accuracy from one seed: the shares that fit so many right of so many items.',
        ],
      ]
    : [];
  const bootstrap: [string, string][] =
    several || pairs.length > 0
      ? [
          [
            'Bootstrap',
            'The interval of a ratio of times, and of an accuracy from several seeds: the measurements are drawn again and again, with repeats; 95 of 100 draws lie in it.',
          ],
        ]
      : [];
  const seeds: [string, string][] = several
    ? [
        [
          '± over seeds',
          'Student’s t interval of the mean over the seeds: what another start of the training may change; it says nothing about other test items.',
        ],
      ]
    : [];
  return [tests, ...holm, ...support, ...wilson, ...bootstrap, ...seeds];
}

export function verdictOf(comparison: Comparison): Verdict {
  return {
    advice: adviceFor(comparison),
    unread: cutTexts(comparison),
    ...(comparison.choices.some(({ outcome }) => outcome === 'cheapest') ? { tieRule: TIE_RULE } : {}),
    columns: [comparison.unit, ...COLUMNS],
    rows: comparison.choices.map(rowOf),
    missing: missingFrom(comparison),
    methods: methodsOf(comparison),
  };
}
