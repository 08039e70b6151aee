/** Models at equal cost: what each pairing was scaled to, and whether it then was more accurate. */
import { type Comparison, findPair, type Pair } from '../comparison/compareResults.js';
import type { Pairing, Results } from '../comparison/results/schema.js';
import { accuracyWithInterval, count, pointsRange, shortSeconds } from './format.js';
import { escapeHtml, table } from './html.js';

function formatCost({ cost }: Pairing, value: number): string {
  if (cost === 'parameters') return count(value);
  return cost === 'flops' ? `${(value / 1e9).toFixed(3)} GFLOP` : `${(1000 * value).toFixed(2)} ms`;
}

const shapeOf = ({ configuration: { channels, hidden, blocks } }: Pairing): string =>
  [
    [channels, 'channels'],
    [hidden, 'hidden'],
    [blocks, 'blocks'],
  ]
    .filter(([value]) => value !== undefined)
    .map(([value, name]) => `${String(value)} ${String(name)}`)
    .join(', ');

/** `a` of the pair is the scaled model, `b` the one that it equals. */
function row(pairing: Pairing, { a, b, accuracy }: Pair): string[] {
  const better = accuracy.difference > 0 ? a : b;
  const beside = (text: string): string => `<small>${escapeHtml(pairing.reference)}: ${text}</small>`;
  return [
    `${escapeHtml(pairing.name)}<small>${escapeHtml(shapeOf(pairing))}</small>`,
    count(pairing.sequenceLength),
    `${formatCost(pairing, pairing.reached)}${beside(formatCost(pairing, pairing.target))}`,
    `${accuracyWithInterval(a)}${beside(accuracyWithInterval(b))}`,
    `${pointsRange(accuracy.interval, 2)}<small>${accuracy.shown ? `${escapeHtml(better.model)} is better` : 'no difference shown'}</small>`,
    `${shortSeconds(a.secondsPerEpoch)} s${beside(`${shortSeconds(b.secondsPerEpoch)} s`)}`,
  ];
}

/** Empty without pairings. */
export function pairingSection({ pairings }: Results, { pairs, unit }: Comparison): string {
  const rows = pairings.flatMap((pairing) => {
    const pair = findPair(pairs, pairing.sequenceLength, pairing.name, pairing.reference);
    return pair === undefined ? [] : [row(pairing, pair)];
  });
  if (rows.length === 0) return '';
  return `<p>Does the number of parameters matter less than what is done with them? Of two models the one that costs less was scaled until it cost what the other does at the same length; all else is as in the table above. FLOPs are those of a training sequence of full length, seconds those of one as long as those of the data are.</p>
${table(
  'Scaled models, and under each figure that of the model whose cost they equal',
  [
    { title: 'scaled model' },
    { title: unit, numeric: true },
    { title: 'cost', numeric: true },
    { title: 'test accuracy (95%)', numeric: true },
    { title: 'points, scaled − other', numeric: true },
    { title: 'time/epoch', numeric: true },
  ],
  rows,
  { stacks: true },
)}`;
}
