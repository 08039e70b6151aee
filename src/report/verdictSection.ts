/** The answer in words, first on the page, and the paired differences behind it. */
import { type Comparison, isUndecided, type Pair } from '../evaluation/comparison.js';
import { details, escapeHtml, table } from './html.js';

const list = (sentences: readonly string[]): string =>
  `<ul>${sentences.map((sentence) => `<li>${escapeHtml(sentence)}</li>`).join('')}</ul>`;

const signed = (value: number): string =>
  `${value > 0 ? '+' : ''}${(100 * value).toFixed(2)}`.replace('-', '−');

const range = (interval: Pair['speedRange']): string =>
  interval === undefined ? '' : ` (${interval[0].toFixed(2)} to ${interval[1].toFixed(2)})`;

function pairRow(pair: Pair): string[] {
  const { sequenceLength, a, b, difference, interval, pValue, speed, speedRange } = pair;
  return [
    `${escapeHtml(a.model)} − ${escapeHtml(b.model)}`,
    sequenceLength.toLocaleString('en'),
    `${signed(difference)} points`,
    `${signed(interval[0])} to ${signed(interval[1])}`,
    isUndecided(pair) ? 'no difference shown' : `${escapeHtml((difference > 0 ? a : b).model)} is better`,
    pValue < 0.0001 ? '< 0.0001' : pValue.toFixed(4),
    speed === undefined ? 'other machine' : `× ${speed.toFixed(2)}${range(speedRange)}`,
  ];
}

export function verdictSection({ advice, findings, pairs, majority, cells }: Comparison): string {
  const words =
    advice.length > 0
      ? `<div class="first">${list(advice)}</div>\n${list(findings)}`
      : '<p>One model alone: nothing to compare it with.</p>';
  const oneSeed = cells.every(({ trials }) => trials.length === 1)
    ? '<p class="quiet">One seed only: how much another start of the training would change is not known.</p>'
    : '';
  const tests = table(
    'Paired differences on the same test items',
    [
      { title: 'difference' },
      { title: 'tokens', numeric: true },
      { title: 'accuracy', numeric: true },
      { title: '95 % interval', numeric: true },
      { title: 'shown' },
      { title: 'McNemar p, first seed', numeric: true },
      { title: 'time/epoch, second over first', numeric: true },
    ],
    pairs.map(pairRow),
  );
  return `<section class="verdict" aria-labelledby="verdict-title">
<h2 id="verdict-title">Verdict</h2>
${words}
<p class="quiet">Always saying the largest class would be right for ${(100 * majority).toFixed(1)} % of the test items.</p>
${oneSeed}
${pairs.length > 0 ? details('Every pair, with its tests', tests) : ''}
</section>`;
}
