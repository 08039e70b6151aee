/**
 * What a split must not part: identical inputs, and examples of one group (a person, a source, a conversation). Where
 * examples have times, a unit is as late as its last one, so nothing that is learned from comes after what is judged.
 */
import { platform } from '#platform';
import { InputError } from '../errors.js';
import type { Example } from './dataset.js';

export interface Units {
  readonly count: number;
  /** Of each example its unit, from 0 in order of first appearance. */
  readonly of: Int32Array;
  /** What identifies each unit, whatever stands around it. */
  readonly keys: readonly string[];
  /** Time of each; undefined where the examples have none. */
  readonly times: Float64Array | undefined;
}

/** Whether examples say more of what belongs together than their content does. */
export const areGrouped = (examples: readonly Pick<Example, 'group'>[]): boolean =>
  examples.some(({ group }) => group !== undefined);

/** Whether examples have times: then one learns from those before, and judges on those after. */
export const areTimed = (examples: readonly Pick<Example, 'time'>[]): boolean =>
  examples.some(({ time }) => time !== undefined);

/** @param contents content hash of each example */
export function splitUnits(
  examples: readonly Pick<Example, 'group' | 'time' | 'place'>[],
  contents: readonly string[],
): Units {
  const parents = Int32Array.from(examples.keys());
  const rootOf = (i: number): number => {
    let root = i;
    while (parents[root] !== root) {
      parents[root] = parents[parents[root]];
      root = parents[root];
    }
    return root;
  };
  const join = (a: number, b: number): void => {
    const [one, other] = [rootOf(a), rootOf(b)];
    // The first example is the root.
    parents[Math.max(one, other)] = Math.min(one, other);
  };
  const first = new Map<string, number>();
  const names = examples.map(({ group }, i) => (group === undefined ? contents[i] : groupKey(group)));
  examples.forEach(({ group }, i) => {
    for (const key of group === undefined ? [contents[i]] : [contents[i], names[i]]) {
      const other = first.get(key);
      if (other === undefined) first.set(key, i);
      else join(i, other);
    }
  });
  const numbers = new Map<number, number>();
  const of = new Int32Array(examples.length);
  const keys: string[] = [];
  const times: number[] = [];
  const timed = areTimed(examples);
  examples.forEach(({ time, place }, i) => {
    const root = rootOf(i);
    const unit = numbers.get(root) ?? numbers.size;
    numbers.set(root, unit);
    of[i] = unit;
    if (keys[unit] === undefined || names[i] < keys[unit]) keys[unit] = names[i];
    if (!timed) return;
    if (time === undefined)
      throw new InputError(`${place ?? `example ${i + 1}`}: it has no time, others have`);
    times[unit] = Math.max(times[unit] ?? Number.NEGATIVE_INFINITY, time);
  });
  return { count: numbers.size, of, keys, times: timed ? Float64Array.from(times) : undefined };
}

const groupKey = (group: string): string => platform.sha256(`group:${group}`);

/** Examples of each unit. */
export function unitSizes({ count, of }: Pick<Units, 'count' | 'of'>): Int32Array {
  const sizes = new Int32Array(count);
  for (const unit of of) sizes[unit]++;
  return sizes;
}

/**
 * Of each unit its part: they are dealt in the given order, each to the part that lacks most of what it should have.
 * @param wanted examples of each part
 */
export function dealt(order: readonly number[], sizes: Int32Array, wanted: readonly number[]): Int32Array {
  const missing = wanted.slice();
  const parts = new Int32Array(sizes.length);
  for (const unit of order) {
    const part = missing.indexOf(Math.max(...missing));
    parts[unit] = part;
    missing[part] -= sizes[unit];
  }
  return parts;
}

/** The same one part after the other, in order of time; units of one moment stay together. */
export function dealtByTime(times: Float64Array, sizes: Int32Array, wanted: readonly number[]): Int32Array {
  const order = Array.from(times.keys()).sort((a, b) => times[a] - times[b]);
  const ends: number[] = [];
  for (const count of wanted) ends.push((ends.at(-1) ?? 0) + count);
  const parts = new Int32Array(sizes.length);
  let done = 0;
  let part = 0;
  order.forEach((unit, at) => {
    const newMoment = at > 0 && times[unit] > times[order[at - 1]];
    // The nearer border: before the unit that reaches over it, or behind.
    while (newMoment && part < wanted.length - 1 && done + sizes[unit] / 2 > ends[part]) part++;
    parts[unit] = part;
    done += sizes[unit];
  });
  return parts;
}

/**
 * Of each unit its fold, −1: it is never left out, since it alone has a class. Large ones first, each into the fold where
 * its classes are rarest.
 */
export function foldsOfUnits(
  { count: units, of, keys }: Units,
  labels: readonly string[],
  count: number,
  seededKey: (key: string) => string,
): Int32Array {
  const counts = Array.from({ length: units }, () => new Map<string, number>());
  const totals = new Map<string, number>();
  const having = new Map<string, Set<number>>();
  labels.forEach((label, i) => {
    counts[of[i]].set(label, (counts[of[i]].get(label) ?? 0) + 1);
    totals.set(label, (totals.get(label) ?? 0) + 1);
    having.set(label, (having.get(label) ?? new Set()).add(of[i]));
  });
  const sizes = unitSizes({ count: units, of });
  const seeded = keys.map(seededKey);
  const order = Array.from(sizes.keys()).sort(
    (a, b) => sizes[b] - sizes[a] || (seeded[a] < seeded[b] ? -1 : 1),
  );
  const places = new Int32Array(units).fill(-1);
  const folds = Array.from({ length: count }, () => ({ size: 0, counts: new Map<string, number>() }));
  for (const unit of order) {
    const own = counts[unit];
    if ([...own.keys()].some((label) => having.get(label)!.size === 1)) continue;
    const crowding = folds.map(({ size, counts: inside }) => {
      let sum = size / labels.length;
      for (const [label, n] of own) sum += (n * (inside.get(label) ?? 0)) / totals.get(label)!;
      return sum;
    });
    const fold = crowding.indexOf(Math.min(...crowding));
    places[unit] = fold;
    folds[fold].size += sizes[unit];
    for (const [label, n] of own) folds[fold].counts.set(label, (folds[fold].counts.get(label) ?? 0) + n);
  }
  return places;
}
