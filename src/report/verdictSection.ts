/** The answer, first on the page: advice, one row a length, what is missing; every pair with its tests behind it. */
import type { Comparison, Pair } from '../comparison/compareResults.js';
import { count, level, percent, pointsRange, pValue, signedPoints } from './format.js';
import { definitions, details, escapeHtml, table } from './html.js';
import { verdictOf } from './verdict.js';

const NUMERIC = new Set([
  'tokens',
  'steps',
  'bytes',
  'accuracy',
  'points more',
  'time/epoch',
  'training speed',
]);

const list = (sentences: readonly string[]): string =>
  `<ul>${sentences.map((sentence) => `<li>${escapeHtml(sentence)}</li>`).join('')}</ul>`;

const range = (interval: Pair['speedRange']): string =>
  interval === undefined
    ? ''
    : `<small>${interval[0].toPrecision(3)} to ${interval[1].toPrecision(3)}</small>`;

function pairRow({ sequenceLength, a, b, accuracy, speed, speedRange }: Pair): string[] {
  const better = (accuracy.difference > 0 ? a : b).model;
  return [
    `${escapeHtml(a.model)}<small>− ${escapeHtml(b.model)}</small>`,
    count(sequenceLength),
    `${signedPoints(accuracy.difference, 2)}<small>${pointsRange(accuracy.interval, 2)}</small>`,
    accuracy.shown ? `${escapeHtml(better)} is better` : 'no difference shown',
    pValue(accuracy.pValue),
    pValue(accuracy.mcNemar),
    speed === undefined ? 'not compared' : `× ${speed.toPrecision(3)}${range(speedRange)}`,
  ];
}

function pairTable(pairs: readonly Pair[], unit: Comparison['unit']): string {
  return table(
    'Paired differences in accuracy on the same test items',
    [
      { title: 'first − second' },
      { title: unit, numeric: true },
      { title: `points, ${level(pairs[0].accuracy.level)} interval`, numeric: true },
      { title: 'shown' },
      { title: 'p, corrected', numeric: true },
      { title: 'McNemar p, support', numeric: true },
      { title: 'time/epoch, second over first', numeric: true },
    ],
    pairs.map(pairRow),
    { stacks: true },
  );
}

export function verdictSection(comparison: Comparison): string {
  const { pairs, majority, testItems, unit } = comparison;
  const { advice, unread, tieRule, columns, rows, missing, methods } = verdictOf(comparison);
  const answers = table(
    'One row for each length',
    columns.map((title) => ({ title, numeric: NUMERIC.has(title) })),
    rows.map((row) => row.map(escapeHtml)),
    { stacks: true },
  );
  return `<section class="verdict" aria-labelledby="verdict-title">
<h2 id="verdict-title">Verdict</h2>
<div class="first">${list(advice)}</div>
${[...unread, ...(tieRule === undefined ? [] : [tieRule])].map((sentence) => `<p>${escapeHtml(sentence)}</p>`).join('\n')}
${answers}
${missing.length > 0 ? list(missing) : ''}
<p class="quiet">Always giving the largest class would be right for ${percent(majority, 1)} of the ${count(testItems)} test items.</p>
${details('How this was tested', definitions(methods))}
${pairs.length > 0 ? details('Every pair, with its tests', pairTable(pairs, unit)) : ''}
</section>`;
}
