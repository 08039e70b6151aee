/**
 * Splits by content: an input's place depends on its own hash and the seed alone, so identical ones never stand on
 * both sides of a split, and a split does not change when examples are added elsewhere in the file.
 */
import { platform } from '#platform';
import { InputError } from '../errors.js';
import { type Input, inputKey } from '../input/input.js';
import { readInput } from '../input/reading.js';
import { shownOption } from '../options.js';
import { Dataset, datasetOf, type Example, type LabelledInput } from './dataset.js';
import { areMultiLabel } from './labelSets.js';
import { stratifiedParts } from './stratify.js';
import {
  areGrouped,
  areTimed,
  dealt,
  dealtByTime,
  foldsOfUnits,
  splitUnits,
  type Units,
  unitSizes,
} from './units.js';

const ENCODER = new TextEncoder();
let room = new Uint8Array(2 ** 16);

/** The bytes of `textKey` of a text that is all ASCII, as most of most texts is; undefined for others. */
function asciiKey(text: string): Uint8Array | undefined {
  if (room.length < text.length) room = new Uint8Array(2 * text.length);
  const { read, written } = ENCODER.encodeInto(text.toLowerCase(), room);
  if (read < text.length || written > read) return undefined;
  let end = 0;
  let space = true;
  for (let i = 0; i < written; i++) {
    const byte = room[i];
    if (byte === 32 || (byte >= 9 && byte <= 13)) {
      if (!space) room[end++] = 32;
      space = true;
    } else {
      room[end++] = byte;
      space = false;
    }
  }
  if (space && end > 0) end--;
  return room.subarray(0, end);
}

/** Identifies an input: texts that differ in case, white space or Unicode form only count as the same. */
export function contentHash(input: Input): string {
  const ascii = typeof input === 'string' ? asciiKey(input) : undefined;
  return ascii === undefined ? platform.sha256(...inputKey(input)) : platform.sha256(ascii);
}

/** The hash of an input under a seed: decides its place. */
const seededHash = (input: Input, seed: number): string => seeded(contentHash(input), seed);

const seeded = (hash: string, seed: number): string => platform.sha256(`${seed}:${hash}`);

const WHOLE = 2 ** 48;

/** Whether more than content says where examples belong. */
const areBound = (examples: readonly Example[]): boolean => areGrouped(examples) || areTimed(examples);

const unitsIn = (examples: readonly Example[]): Units =>
  splitUnits(
    examples,
    examples.map(({ input }) => contentHash(input)),
  );

/** The part of each example that has a group or a time: about the wanted numbers of them in each. */
function partsOfBound(examples: readonly Example[], wanted: readonly number[], seed: number): Int32Array {
  const units = unitsIn(examples);
  const sizes = unitSizes(units);
  const keys = units.keys.map((key) => seeded(key, seed));
  const order = Array.from(keys.keys()).sort((a, b) => (keys[a] < keys[b] ? -1 : 1));
  const parts =
    units.times === undefined ? dealt(order, sizes, wanted) : dealtByTime(units.times, sizes, wanted);
  return units.of.map((unit) => parts[unit]);
}

/** The part that an input falls into, of parts of the given shares (which sum to 1). @param hash its content hash */
export function partByShares(hash: string, shares: readonly number[], seed = 0): number {
  const place = Number.parseInt(seeded(hash, seed).slice(0, 12), 16) / WHOLE;
  let end = 0;
  const part = shares.findIndex((share) => {
    end += share;
    return place < end;
  });
  return part < 0 ? shares.length - 1 : part;
}

/** A part would be empty. Another seed may divide the same data. */
export class EmptyPartError extends InputError {}

/**
 * Throws EmptyPartError if a part came out empty, InputError where no seed would change that.
 * @param identical whether all inputs are the same
 */
export function requireFullParts(
  sizes: readonly number[],
  shares: readonly number[],
  identical: () => boolean,
): void {
  const empty = sizes.indexOf(0);
  if (empty < 0) return;
  const count = sizes.reduce((sum, size) => sum + size, 0);
  if (count > 1 && identical()) {
    throw new InputError(`all ${count} examples are identical: there is nothing to split`);
  }
  throw new EmptyPartError(
    `${count} examples are too few to split ${shares.map((s) => `${Math.round(100 * s)}%`).join(' / ')}: part ${empty + 1} is empty`,
  );
}

/**
 * Parts of about the given shares (which sum to 1), in the order of the input; groups stay together, and of examples with
 * times the first part is the earliest.
 * Throws EmptyPartError if a part comes out empty.
 */
export function splitByShares<E extends Example>(
  examples: readonly E[],
  shares: readonly number[],
  seed = 0,
): E[][] {
  const parts: E[][] = shares.map(() => []);
  if (areBound(examples)) {
    const wanted = shares.map((share) => share * examples.length);
    partsOfBound(examples, wanted, seed).forEach((part, i) => {
      parts[part].push(examples[i]);
    });
    requireFullGroups(parts, examples);
    return parts;
  }
  for (const example of examples) parts[partByShares(contentHash(example.input), shares, seed)].push(example);
  const sizes = parts.map(({ length }) => length);
  requireFullParts(sizes, shares, () => new Set(examples.map(({ input }) => contentHash(input))).size === 1);
  return parts;
}

/** Parts of examples with any number of labels, in which each label is about as frequent as in all. */
function stratified(examples: readonly Example[], shares: readonly number[], seed: number): Int32Array {
  const units = unitsIn(examples);
  const keys = units.keys.map((key) => seeded(key, seed));
  const parts = stratifiedParts(units, examples, shares, keys);
  return units.of.map((unit) => parts[unit]);
}

/** Throws InputError where there are too few groups or moments to fill every part. */
function requireFullGroups(parts: readonly (readonly Example[])[], examples: readonly Example[]): void {
  if (parts.every(({ length }) => length > 0)) return;
  const what = areTimed(examples) ? 'moments' : 'groups';
  throw new InputError(
    `these ${examples.length} examples have too few ${what} to divide them into ${parts.length} parts: leave ${areTimed(examples) ? '--time-field' : '--group-field'} out, or give parts of your own`,
  );
}

/** What sums of shares may differ from 1 by: thirds are no binary fractions. */
const ROUNDING = 1e-6;

/** Throws InputError naming the share that is none, or the sum that is not 1. */
function requireShares(shares: readonly number[]): void {
  if (!Array.isArray(shares)) {
    throw new InputError(
      `split: shares must be an array of numbers such as [0.8, 0.2], not ${shownOption(shares)}`,
    );
  }
  if (shares.length === 0) throw new InputError('split: shares is empty: it needs a share for each part');
  shares.forEach((share: unknown, i) => {
    if (typeof share === 'number' && share >= 0 && share <= 1 + ROUNDING) return;
    throw new InputError(`split: shares[${i}] must be a number from 0 to 1, not ${shownOption(share)}`);
  });
  const sum = shares.reduce((total, share) => total + share, 0);
  if (Math.abs(sum - 1) > ROUNDING) {
    throw new InputError(
      `split: shares must sum to 1, but [${shares.join(', ')}] sum to ${Number(sum.toFixed(6))}`,
    );
  }
}

const LARGEST_SEED = 0x7fffffff;

/**
 * Divides labelled examples by their content: examples that differ only in case, white space or Unicode form are always
 * in the same part, and a part does not change when examples are added elsewhere. Examples of one `group` stay together,
 * and where they have a `time` the parts follow each other in time.
 *
 * @param examples texts, signals or bytes with labels
 * @param shares of the parts, each from 0 to 1; they sum to 1
 * @param seed a whole number from 0 to 2^31 − 1; another one divides otherwise. Default: 0
 * @returns a list for each share, in the order of `examples`; empty ones where there are too few examples
 * @throws InputError on shares, examples or a seed that are none
 * @example
 * const [training, test] = split(examples, [0.8, 0.2]);
 */
export function split(examples: Dataset, shares: readonly number[], seed?: number): Dataset[];
export function split<L extends LabelledInput>(
  examples: readonly L[],
  shares: readonly number[],
  seed?: number,
): L[][];
export function split(
  given: Dataset | readonly LabelledInput[],
  shares: readonly number[],
  seed = 0,
): Dataset[] | LabelledInput[][] {
  if (!Array.isArray(given) && !(given instanceof Dataset)) {
    throw new InputError(`split: examples must be an array or a Dataset, not ${shownOption(given)}`);
  }
  requireShares(shares);
  if (!(Number.isInteger(seed) && seed >= 0 && seed <= LARGEST_SEED)) {
    throw new InputError(
      `split: seed must be a whole number from 0 to ${LARGEST_SEED}, not ${shownOption(seed)}`,
    );
  }
  if (given.length === 0) return shares.map(() => []);
  const dataset = given instanceof Dataset ? given : datasetOf(given, 'examples');
  const parts = partsByContent(dataset, shares, seed);
  if (given instanceof Dataset) {
    return parts.map((part) => dataset.with(part.map((i) => dataset.examples[i])));
  }
  return parts.map((part) => part.map((i) => (given as readonly LabelledInput[])[i]));
}

/** Numbers of the examples in each part. */
function partsByContent({ kind, examples }: Dataset, shares: readonly number[], seed: number): number[][] {
  const parts: number[][] = shares.map(() => []);
  const read = examples.map(({ input: raw, place, label = '', group, time }): Example => {
    const fields = kind === 'text' && typeof raw === 'object' ? Object.keys(raw) : undefined;
    // As a training reads it, but for HTML, about which one example says nothing.
    const input = readInput(raw, { unicode: 'nfc', missing: 'interpolate', fields }, { kind }, place);
    return { input, label, place, group, time };
  });
  const places = areBound(read)
    ? partsOfBound(
        read,
        shares.map((share) => share * read.length),
        seed,
      )
    : read.map(({ input }) => partByShares(contentHash(input), shares, seed));
  places.forEach((part, i) => {
    parts[part].push(i);
  });
  return parts;
}

/**
 * Parts of the given sizes, groups of identical texts kept together: a part ends before the group that would overfill
 * it, so it may be a few short. Throws InputError if the sizes exceed the examples.
 */
export function splitByCounts<E extends Example>(
  examples: readonly E[],
  counts: readonly number[],
  seed = 0,
): E[][] {
  const wanted = counts.reduce((sum, count) => sum + count, 0);
  if (wanted > examples.length) {
    throw new InputError(
      `a split into ${counts.join(' / ')} needs ${wanted} examples, there are ${examples.length}`,
    );
  }
  if (areBound(examples)) {
    // What is not wanted is one more part.
    const dealtTo = partsOfBound(examples, [...counts, examples.length - wanted], seed);
    const found = counts.map((_, part) => examples.filter((_example, i) => dealtTo[i] === part));
    requireFullGroups(found, examples);
    return found;
  }
  const groups = new Map<string, number[]>();
  examples.forEach(({ input }, i) => {
    const hash = seededHash(input, seed);
    const group = groups.get(hash);
    if (group === undefined) groups.set(hash, [i]);
    else group.push(i);
  });
  const parts: number[][] = counts.map(() => []);
  let part = 0;
  for (const [, group] of [...groups].sort((a, b) => (a[0] < b[0] ? -1 : 1))) {
    while (part < parts.length - 1 && parts[part].length + group.length > counts[part]) part++;
    if (parts[part].length + group.length <= counts[part]) parts[part].push(...group);
  }
  return parts.map((indices) => indices.sort((a, b) => a - b).map((i) => examples[i]));
}

/**
 * The rest, and of every class about `share` of its examples, one at least where there are two: for few examples, of
 * which shares by content alone would miss whole classes. Identical ones stay together.
 */
export function splitByClass<E extends Example>(examples: readonly E[], share: number, seed = 0): [E[], E[]] {
  if (areTimed(examples)) return splitByShares(examples, [1 - share, share], seed) as [E[], E[]];
  if (areMultiLabel(examples)) {
    const parts = stratified(examples, [1 - share, share], seed);
    const [rest, part] = [0, 1].map((own) => examples.filter((_, i) => parts[i] === own));
    if (rest.length > 0 && part.length > 0) return [rest, part];
    throw new InputError(
      `${examples.length} examples are too few, or too much alike, to keep some of them apart`,
    );
  }
  if (areGrouped(examples)) {
    const [{ rest, part }] = foldsOf(examples, Math.round(1 / share), seed);
    if (part.length > 0) return [rest, part];
    requireFullGroups([rest, part], examples);
  }
  const hashes = examples.map(({ input }) => seededHash(input, seed));
  const classes = new Map<string, string[]>();
  examples.forEach(({ label }, i) => {
    const own = classes.get(label);
    if (own === undefined) classes.set(label, [hashes[i]]);
    else own.push(hashes[i]);
  });
  const chosen = new Set<string>();
  for (const own of classes.values()) {
    const wanted = Math.max(own.length > 1 ? 1 : 0, Math.round(share * own.length));
    for (const hash of own.sort().slice(0, wanted)) chosen.add(hash);
  }
  const [rest, part] = [false, true].map((inside) =>
    examples.filter((_, i) => chosen.has(hashes[i]) === inside),
  );
  if (rest.length > 0 && part.length > 0) return [rest, part];
  throw new InputError(
    `${examples.length} examples are too few, or too much alike, to keep some of them apart`,
  );
}

/** How examples are left out in turn. */
export interface Folds {
  readonly count: number;
  /** Of each example its fold, from 0; -1: it is never left out. */
  readonly places: Int32Array;
}

/**
 * The part of each example, of `count` parts; -1: none. The examples of a class are dealt in turn, in an order that their
 * content alone decides; identical ones and groups stay together, and what alone has a class is in no part.
 */
export function foldPlaces(examples: readonly Example[], count: number, seed = 0): Int32Array {
  if (areMultiLabel(examples)) {
    return stratified(
      examples,
      Array.from({ length: count }, () => 1 / count),
      seed,
    );
  }
  if (areGrouped(examples)) {
    const units = unitsIn(examples);
    const labels = examples.map(({ label }) => label);
    const places = foldsOfUnits(units, labels, count, (key) => seeded(key, seed));
    return units.of.map((unit) => places[unit]);
  }
  const hashes = examples.map(({ input }) => seededHash(input, seed));
  const classes = new Map<string, Set<string>>();
  examples.forEach(({ label }, i) => {
    classes.set(label, (classes.get(label) ?? new Set()).add(hashes[i]));
  });
  const places = new Map<string, number>();
  let next = 0;
  for (const own of classes.values()) {
    if (own.size > 1) for (const hash of [...own].sort()) places.set(hash, next++ % count);
  }
  return Int32Array.from(hashes, (hash) => places.get(hash) ?? -1);
}

/** Each of `count` parts beside the rest; of examples with times, beside those before it. */
export function foldsOf<E extends Example>(
  examples: readonly E[],
  count: number,
  seed = 0,
): { readonly rest: E[]; readonly part: E[] }[] {
  if (areTimed(examples)) {
    const wanted = Array.from({ length: count + 1 }, () => examples.length / (count + 1));
    const parts = partsOfBound(examples, wanted, seed);
    const folds = Array.from({ length: count }, (_, fold) => ({
      rest: examples.filter((_example, i) => parts[i] <= fold),
      part: examples.filter((_example, i) => parts[i] === fold + 1),
    })).filter(({ rest, part }) => rest.length > 0 && part.length > 0);
    if (folds.length === 0) requireFullGroups([[], []], examples);
    return folds;
  }
  const places = foldPlaces(examples, count, seed);
  return Array.from({ length: count }, (_, fold) => ({
    rest: examples.filter((_example, i) => places[i] !== fold),
    part: examples.filter((_example, i) => places[i] === fold),
  }));
}
