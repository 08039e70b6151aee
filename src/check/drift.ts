/**
 * Whether other data are like these: a classifier that tells where an example comes from, by examples that it has not seen
 * (a classifier two-sample test, Lopez-Paz and Oquab 2017). Half right is no better than tossing a coin.
 */
import type { Example } from '../data/dataset.js';
import { wilsonInterval } from '../evaluation/wilson.js';
import { giveAwayPieces } from './giveAways.js';
import { outOfFold } from './outOfFold.js';

export interface Drift {
  /** Examples of each that were compared. */
  readonly examples: number;
  /** Share that was told apart, 0.5 where nothing tells them apart. */
  readonly accuracy: number;
  readonly interval: readonly [number, number];
  /** Pieces that one of them has alone. */
  readonly pieces: readonly { readonly what: string; readonly where: 'data' | 'other' }[];
  /** Shares of the classes, largest change first. */
  readonly classes: readonly { readonly label: string; readonly before: number; readonly after: number }[];
}

const MOST = 1000;

/** As many of each, from everywhere. */
function some<T>(all: readonly T[], count: number): T[] {
  return Array.from({ length: count }, (_, i) => all[Math.floor((i * all.length) / count)]);
}

export async function driftBetween(
  data: readonly Example[],
  other: readonly Example[],
  options: { threads?: number | undefined; signal?: AbortSignal | undefined },
): Promise<Drift> {
  const examples = Math.min(MOST, data.length, other.length);
  const both = [
    ...some(data, examples).map(({ input }) => ({ input, label: 'data' })),
    ...some(other, examples).map(({ input }) => ({ input, label: 'other' })),
  ];
  const { probabilities, labels } = await outOfFold(
    { name: 'both', examples: both },
    { ...options, curve: false },
  );
  let right = 0;
  labels.forEach((label, i) => {
    if (probabilities[2 * i + label] > 0.5) right++;
  });
  const isText = typeof both[0].input === 'string';
  const pieces = isText
    ? giveAwayPieces({
        texts: both.map(({ input }) => input as string),
        labels: Int32Array.from(both, ({ label }) => (label === 'data' ? 0 : 1)),
        classes: ['data', 'other'],
      })
    : [];
  return {
    examples,
    accuracy: right / labels.length,
    interval: wilsonInterval(right, labels.length),
    pieces: pieces.map(({ what, label }) => ({ what, where: label as 'data' | 'other' })),
    classes: changes(data, other),
  };
}

function changes(data: readonly Example[], other: readonly Example[]): Drift['classes'] {
  const shareOf = (examples: readonly Example[], label: string): number =>
    examples.filter((one) => one.label === label).length / examples.length;
  const labels = new Set([...data, ...other].map(({ label }) => label));
  return [...labels]
    .map((label) => ({ label, before: shareOf(data, label), after: shareOf(other, label) }))
    .sort((a, b) => Math.abs(b.after - b.before) - Math.abs(a.after - a.before))
    .slice(0, 5);
}
