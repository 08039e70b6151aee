/** Models at equal cost: what each pairing was scaled to, and whether it then was more accurate. */
import { type Cell, type Comparison, isUndecided, type Pair } from '../evaluation/comparison.js';
import type { Pairing, Results } from '../formats/results.js';
import { formatAccuracy, shortSeconds } from './comparisonTable.js';
import { escapeHtml, table } from './html.js';

function formatCost({ cost }: Pairing, value: number): string {
  if (cost === 'parameters') return value.toLocaleString('en');
  return cost === 'flops' ? `${(value / 1e9).toFixed(3)} GFLOP` : `${(1000 * value).toFixed(2)} ms`;
}

/** The pair of a pairing and its reference; false where `a` of it is not the reference. */
function pairOf(pairing: Pairing, { pairs }: Comparison): Pair | undefined {
  return pairs.find(
    ({ sequenceLength, a, b }) =>
      sequenceLength === pairing.sequenceLength &&
      [a.model, b.model].sort().join() === [pairing.name, pairing.reference].sort().join(),
  );
}

function row(pairing: Pairing, pair: Pair): string[] {
  const { a, b, difference, interval } = pair;
  const reversed = a.model === pairing.name;
  const [reference, scaled]: Cell[] = reversed ? [b, a] : [a, b];
  const { channels, hidden, blocks } = pairing.configuration;
  const points = (value: number): string =>
    `${value > 0 ? '+' : ''}${(100 * value).toFixed(2)}`.replace('-', '−');
  const [low, high] = reversed ? [-interval[1], -interval[0]] : interval;
  const better = (reversed ? -difference : difference) > 0 ? reference : scaled;
  return [
    `${escapeHtml(pairing.name)}<small>${channels} channels, hidden ${hidden}, ${blocks} blocks</small>`,
    pairing.sequenceLength.toLocaleString('en'),
    escapeHtml(pairing.reference),
    formatCost(pairing, pairing.target),
    formatCost(pairing, pairing.reached),
    formatAccuracy(reference),
    formatAccuracy(scaled),
    `${points(low)} to ${points(high)}<small>${isUndecided(pair) ? 'no difference shown' : `${escapeHtml(better.model)} is better`}</small>`,
    `${shortSeconds(reference.secondsPerEpoch)} s and ${shortSeconds(scaled.secondsPerEpoch)} s`,
  ];
}

/** Empty without pairings. */
export function pairingSection({ pairings }: Results, comparison: Comparison): string {
  const rows = pairings.flatMap((pairing) => {
    const pair = pairOf(pairing, comparison);
    return pair === undefined ? [] : [row(pairing, pair)];
  });
  if (rows.length === 0) return '';
  return `<p>Does the number of parameters matter less than what is done with them? Of two models the one that costs less was scaled until it cost what the other does at the same length; all else is as in the table above. FLOPs are those of a training sequence of full length, seconds those of one as long as the texts are.</p>
${table(
  'Scaled models beside what they equal',
  [
    { title: 'scaled model' },
    { title: 'tokens', numeric: true },
    { title: 'beside' },
    { title: 'its cost', numeric: true },
    { title: 'scaled', numeric: true },
    { title: 'its accuracy', numeric: true },
    { title: 'scaled', numeric: true },
    { title: 'difference, 95 %', numeric: true },
    { title: 'time/epoch', numeric: true },
  ],
  rows,
)}`;
}
