/**
 * Inputs that are there more than once, whole or nearly, in time that grows with their number alone: signatures, cut into
 * bands; who shares a band with another is compared with it.
 */
import { type Input, isSignal } from '../input/input.js';
import { type Print, printLikeness, printOf, writePrintSignature } from './prints.js';
import { BINS, comparedUnits, likeness, mixed, runsOf, wholeHash, writeSignature } from './shingles.js';

/** A pair is near where so much of both is common. */
export const NEAR = 0.8;
/** Of prints of signals, the correlation. */
const NEAR_PRINTS = 0.999;

const BANDS = 16;
const ROWS = BINS / BANDS;

export interface DuplicateGroup {
  /** Numbers of the examples, ascending. */
  readonly members: readonly number[];
  /** `identical`: but for case, spaces and punctuation; signals: value by value. */
  readonly kind: 'identical' | 'near';
  /** The least likeness by which one was joined: 1 where all are identical. */
  readonly likeness: number;
}

/** Groups of two and more, in order of their first members. */
export function duplicatesOf(inputs: readonly Input[]): DuplicateGroup[] {
  const count = inputs.length;
  const parents = Int32Array.from({ length: count }, (_, i) => i);
  const rootOf = (i: number): number => {
    let root = i;
    while (parents[root] !== root) {
      parents[root] = parents[parents[root]];
      root = parents[root];
    }
    return root;
  };
  const least = new Map<number, number>();
  const join = (i: number, j: number, how: number): void => {
    const [a, b] = [rootOf(i), rootOf(j)];
    if (a === b) return;
    const [root, other] = a < b ? [a, b] : [b, a];
    parents[other] = root;
    const worst = Math.min(how, least.get(a) ?? 1, least.get(b) ?? 1);
    if (worst < 1) least.set(root, worst);
  };
  const isText = count > 0 && !isSignal(inputs[0]);
  const compared = isText ? textsCompared(inputs) : signalsCompared(inputs);
  const first = new Map<number, number>();
  const singles: number[] = [];
  for (let i = 0; i < count; i++) {
    const key = compared.wholeKey(i);
    // Nothing to compare: empty inputs are told of as such.
    if (key === undefined) continue;
    const other = first.get(key);
    if (other === undefined) {
      first.set(key, i);
      singles.push(i);
    } else join(i, other, 1);
  }
  first.clear();
  const signatures = new Uint32Array(singles.length * BINS);
  singles.forEach((i, s) => {
    compared.writeSignature(i, signatures, s * BINS);
  });
  const tables = new Int32Array(tableSize(singles.length));
  for (let band = 0; band < BANDS; band++) {
    tables.fill(-1);
    for (let s = 0; s < singles.length; s++) {
      const at = s * BINS + band * ROWS;
      let key = band;
      for (let r = 0; r < ROWS; r++) key = Math.imul(key ^ signatures[at + r], 0x01000193) ^ (key >>> 13);
      let slot = mixed(key) & (tables.length - 1);
      for (; tables[slot] >= 0; slot = (slot + 1) & (tables.length - 1)) {
        const other = tables[slot];
        if (!sameBand(signatures, at, other * BINS + band * ROWS)) continue;
        // Compared with the first of the band alone: of a thousand alike, a thousand comparisons.
        const [i, j] = [singles[s], singles[other]];
        if (rootOf(i) !== rootOf(j) && mayBeNear(signatures, s, other)) {
          const how = compared.likeness(i, j);
          // Only what is the same as a whole is identical.
          if (how >= compared.near) join(i, j, Math.min(how, 0.9999));
        }
        break;
      }
      if (tables[slot] < 0) tables[slot] = s;
    }
  }
  return groupsOf(parents, rootOf, least);
}

/** A power of two with room for all. */
const tableSize = (count: number): number => 2 ** Math.ceil(Math.log2(2 * count + 2));

function sameBand(signatures: Uint32Array, a: number, b: number): boolean {
  for (let r = 0; r < ROWS; r++) if (signatures[a + r] !== signatures[b + r]) return false;
  return true;
}

/** Four standard errors of the estimate below what is asked for. */
function mayBeNear(signatures: Uint32Array, a: number, b: number): boolean {
  let same = 0;
  for (let k = 0; k < BINS; k++) if (signatures[a * BINS + k] === signatures[b * BINS + k]) same++;
  return same >= BINS * (NEAR - 4 * Math.sqrt((NEAR * (1 - NEAR)) / BINS));
}

interface Compared {
  /** The same for identical inputs; undefined for those with nothing in them. */
  wholeKey(i: number): number | undefined;
  writeSignature(i: number, into: Uint32Array, at: number): void;
  likeness(i: number, j: number): number;
  readonly near: number;
}

const LATIN = new TextDecoder('latin1');

function textsCompared(inputs: readonly Input[]): Compared {
  const textOf = (i: number): string => {
    const input = inputs[i];
    return typeof input === 'string' ? input : LATIN.decode(input as Uint8Array);
  };
  return {
    wholeKey(i) {
      const units = comparedUnits(textOf(i));
      return units.length === 0 ? undefined : wholeHash(units);
    },
    writeSignature: (i, into, at) => writeSignature(comparedUnits(textOf(i)), into, at),
    likeness: (i, j) => likeness(runsOf(textOf(i)), runsOf(textOf(j))),
    near: NEAR,
  };
}

function signalsCompared(inputs: readonly Input[]): Compared {
  const prints = inputs.map((input): Print => printOf(input as Extract<Input, { channels: number }>));
  return {
    wholeKey: (i) => prints[i].wholeHash,
    writeSignature: (i, into, at) => writePrintSignature(prints[i], into, at),
    likeness: (i, j) => printLikeness(prints[i], prints[j]),
    near: NEAR_PRINTS,
  };
}

function groupsOf(
  parents: Int32Array,
  rootOf: (i: number) => number,
  least: ReadonlyMap<number, number>,
): DuplicateGroup[] {
  const members = new Map<number, number[]>();
  for (let i = 0; i < parents.length; i++) {
    const root = rootOf(i);
    if (root === i) continue;
    const own = members.get(root);
    if (own === undefined) members.set(root, [root, i]);
    else own.push(i);
  }
  return [...members].map(([root, own]) => {
    const how = least.get(root) ?? 1;
    return { members: own, kind: how < 1 ? 'near' : 'identical', likeness: how };
  });
}
