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
  /** What to do: a sentence for each group of lengths with the same answer. */
  readonly advice: readonly string[];
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
  'times as fast',
];

/** At most two digits, since it rests on a guess; "over a million" beyond, and seeds where no number would do. */
function roughly(items: number): string {
  if (items === Number.POSITIVE_INFINITY) return 'more seeds';
  return items > 1e6 ? 'over a million items' : `about ${count(Number(items.toPrecision(2)))} items`;
}

function reason({ outcome, winner, equals, asFast, byTime }: LengthChoice): string {
  const others = equals.map(({ model }) => model);
  switch (outcome) {
    case 'alone':
      return 'no other model was run there';
    case 'most-accurate':
      return 'every other model is shown to be less accurate, or not shown to beat guessing';
    case 'nothing-learned':
      return '';
    case 'cheapest': {
      if (!byTime) {
        return `no model is shown to be more accurate, and it needs less arithmetic than ${joined(others)} (their times are of different machines)`;
      }
      if (asFast.length > 0) {
        return 'no difference is shown between them, neither in accuracy nor in training time';
      }
      const baseline = rankOf(winner.model).baseline && equals.some(({ model }) => !rankOf(model).baseline);
      return `no model is shown to be more accurate${baseline ? ' than this baseline' : ''}, and it trains faster than ${joined(others)}`;
    }
  }
}

/** Lengths with the same answer for the same reason share a sentence. */
function adviceFor(comparison: Comparison): string[] {
  const { choices, majority, testItems, unit } = comparison;
  const guess = `always guessing the largest class (right for ${percent(majority, 1)} of the ${plural(testItems, 'test item')})`;
  const groups = new Map<string, { lengths: string[]; say: (at: string) => string }>();
  for (const choice of choices) {
    const models = [choice.winner, ...choice.asFast].map(({ model }) => model).join(' or ');
    const why = reason(choice);
    const say =
      choice.outcome === 'nothing-learned'
        ? (at: string) => `Nothing is shown to beat ${guess} at ${at} ${unit}: no model is advised there.`
        : (at: string) => `Use ${models} at ${at} ${unit}: ${why}.`;
    const key = choice.outcome === 'nothing-learned' ? '' : `${models}: ${why}`;
    const group = groups.get(key) ?? { lengths: [], say };
    group.lengths.push(count(choice.sequenceLength));
    groups.set(key, group);
  }
  return [...groups.values()].map(({ lengths, say }) => say(joined(lengths)));
}

function decision({ shown, difference, itemsNeeded }: CorrectedDifference): string {
  if (shown) return 'yes';
  return difference === 0 ? 'no' : `no: ${roughly(itemsNeeded)}`;
}

const GUESSING = 'guessing';

function speedOf({ speed, speedRange }: Pair): string {
  if (speed === undefined) return 'not compared';
  const [low, high] = (speedRange ?? []).map((value) => value.toPrecision(3));
  return `× ${speed.toPrecision(3)}${speedRange === undefined ? '' : ` (${low} to ${high})`}`;
}

function rowOf({ sequenceLength, outcome, winner, asFast, against }: LengthChoice): string[] {
  const learned = outcome !== 'nothing-learned';
  const rival = learned ? against : undefined;
  const gain = rival?.accuracy ?? winner.overGuess;
  const use = learned
    ? [winner, ...asFast].map(({ model }) => model).join(' or ')
    : `none yet (${winner.model})`;
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

/** Where much of the texts was not read: how much, by length, and what reads it. */
function cutTexts({ cells, unit }: Comparison): string[] {
  const shares = new Map<number, number[]>();
  for (const { sequenceLength, trials } of cells) {
    const own = trials.flatMap(({ cutShare }) => (cutShare === undefined ? [] : [cutShare]));
    shares.set(sequenceLength, [...(shares.get(sequenceLength) ?? []), ...own]);
  }
  const cut = [...shares]
    .map(([length, own]) => ({ length, least: Math.min(...own), most: Math.max(...own) }))
    .filter(({ most }) => most >= LARGE_CUT)
    .map(({ length, least, most }) => {
      const range = percent(least, 0) === percent(most, 0) ? '' : `${percent(least, 0)} to `;
      return `${range}${percent(most, 0)} at ${count(length)} ${unit}`;
    });
  if (cut.length === 0) return [];
  return [
    `Much of the test ${unit === 'steps' ? 'signals' : 'texts'} was not read: ${cut.join(', ')}. Longer sequences read more, --long windows all of it.`,
  ];
}

function missingFrom(comparison: Comparison): string[] {
  const { cells, choices, testItems } = comparison;
  const undecided = choices.some(({ outcome }) => outcome === 'cheapest')
    ? [
        `“Not shown” is not “equal”: the interval says how large a difference may still be. Beside “no” stands what would show a true difference of that size in four of five comparisons; there are ${plural(testItems, 'test item')}.`,
      ]
    : [];
  const most = Math.max(...cells.map(({ trials }) => trials.length));
  const seeds: Readonly<Record<number, string>> = {
    1: 'One seed only: how much another start of the training would change is not known.',
    2: 'Two seeds say little about how much another start of the training changes: the tests are careful, three or more make them sharper.',
  };
  return [
    ...beyondGuessing(comparison),
    ...undecided,
    ...epochsMissing(comparison),
    ...cutTexts(comparison),
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
            'Looks at the items that only one of two models got right, first seeds alone: support, not corrected, it decides nothing by itself.',
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
            'The interval of a ratio of times, and of an accuracy from several seeds: what was measured is drawn again and again, with repeats; 95 of 100 draws lie in it.',
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
    columns: [comparison.unit, ...COLUMNS],
    rows: comparison.choices.map(rowOf),
    missing: missingFrom(comparison),
    methods: methodsOf(comparison),
  };
}
