/**
 * Iterative stratification (Sechidis, Tsoumakas and Vlahavas 2011): parts of examples with any number of labels in which each
 * label is about as frequent as in all. The rarest label is dealt first; what belongs together goes as one.
 */
import { labelsIn } from './labelSets.js';
import { type Units, unitSizes } from './units.js';

/**
 * The part of each unit.
 * @param examples their labels
 * @param shares of the parts
 * @param keys of the units, in whose order equals are dealt
 */
export function stratifiedParts(
  { count: units, of }: Pick<Units, 'count' | 'of'>,
  examples: readonly Parameters<typeof labelsIn>[0][],
  shares: readonly number[],
  keys: readonly string[],
): Int32Array {
  const sizes = unitSizes({ count: units, of });
  const counts = Array.from({ length: units }, () => new Map<string, number>());
  const left = new Map<string, number>();
  examples.forEach((example, i) => {
    for (const label of labelsIn(example)) {
      counts[of[i]].set(label, (counts[of[i]].get(label) ?? 0) + 1);
      left.set(label, (left.get(label) ?? 0) + 1);
    }
  });
  const having = new Map<string, number[]>();
  counts.forEach((own, unit) => {
    for (const label of own.keys()) {
      const units = having.get(label);
      if (units === undefined) having.set(label, [unit]);
      else units.push(unit);
    }
  });
  /** What each part still lacks: of a label, and of examples. */
  const lacking = shares.map(
    (share) => new Map(Array.from(left, ([label, n]) => [label, share * n] as const)),
  );
  const room = shares.map((share) => share * examples.length);
  const parts = new Int32Array(units).fill(-1);
  const deal = (unit: number, label: string | undefined): void => {
    let part = 0;
    for (let p = 1; p < shares.length; p++) {
      const more = label === undefined ? 0 : lacking[p].get(label)! - lacking[part].get(label)!;
      if (more > 0 || (more === 0 && room[p] > room[part])) part = p;
    }
    parts[unit] = part;
    room[part] -= sizes[unit];
    for (const [one, n] of counts[unit]) {
      lacking[part].set(one, lacking[part].get(one)! - n);
      left.set(one, left.get(one)! - n);
    }
  };
  const inOrder = (some: readonly number[], size: (unit: number) => number): number[] =>
    [...some].sort((a, b) => size(b) - size(a) || (keys[a] < keys[b] ? -1 : 1));
  for (;;) {
    let rarest: string | undefined;
    for (const [label, n] of left) {
      if (n > 0 && (rarest === undefined || n < left.get(rarest)!)) rarest = label;
    }
    if (rarest === undefined) break;
    const label = rarest;
    const open = having.get(label)!.filter((unit) => parts[unit] < 0);
    for (const unit of inOrder(open, (one) => counts[one].get(label)!)) deal(unit, label);
  }
  const rest = Array.from(parts.keys()).filter((unit) => parts[unit] < 0);
  for (const unit of inOrder(rest, (one) => sizes[one])) deal(unit, undefined);
  return parts;
}
