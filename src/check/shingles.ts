/**
 * Signatures of texts: of each text the least hash in each of 64 bins over its runs of five characters, so that the share
 * of equal bins estimates how much of their runs two texts have in common (one permutation hashing, Li, Owen and Zhang
 * 2012; empty bins take their right neighbour's, Shrivastava and Li 2014).
 */
export const BINS = 64;
const RUN = 5;

const EMPTY = 0xffffffff;

/** Spreads the bits of a hash (the last step of MurmurHash3). */
export function mixed(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

let room = new Uint16Array(2 ** 12);

/**
 * Units of a text as it is compared: without case, and with one space for each run of anything but letters and digits.
 * They are overwritten by the next call.
 */
export function comparedUnits(text: string): Uint16Array {
  const folded = text.normalize('NFKC').toLowerCase();
  if (room.length < folded.length + 1) room = new Uint16Array(2 * folded.length + 1);
  let end = 0;
  let space = true;
  for (let i = 0; i < folded.length; i++) {
    const unit = folded.charCodeAt(i);
    const plain =
      (unit >= 97 && unit <= 122) || (unit >= 48 && unit <= 57) || (unit > 0xbf && unit !== 0xfffd);
    if (plain) room[end++] = unit;
    else if (!space) room[end++] = 32;
    space = !plain;
  }
  if (space && end > 0) end--;
  return room.subarray(0, end);
}

/** Two hashes of all units: texts that share both are taken to be the same. */
export function wholeHash(units: Uint16Array): number {
  let [a, b] = [0x811c9dc5, 0x9747b28c];
  for (const unit of units) {
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b + unit, 0x85ebca6b) ^ (b >>> 15);
  }
  return mixed(a) * 2 ** 21 + (mixed(b) >>> 11);
}

const FACTOR = 0x01000193;
/** By which the unit that leaves a run was multiplied. */
const LEAVING = Math.imul(Math.imul(FACTOR, FACTOR), Math.imul(FACTOR, FACTOR));

/** Calls back for the hash of each run of five units; of a shorter text for the one of all. */
function eachRun(units: Uint16Array, take: (hash: number) => void): void {
  let hash = 0;
  for (let i = 0; i < units.length; i++) {
    if (i >= RUN) hash = (hash - Math.imul(units[i - RUN], LEAVING)) | 0;
    hash = (Math.imul(hash, FACTOR) + units[i]) | 0;
    if (i >= RUN - 1 || i === units.length - 1) take(mixed(hash));
  }
}

/** Writes the signature of the units to `into` at `at`. */
export function writeSignature(units: Uint16Array, into: Uint32Array, at: number): void {
  into.fill(EMPTY, at, at + BINS);
  eachRun(units, (hash) => {
    const bin = at + (hash >>> 26);
    const value = hash & 0x3ffffff;
    if (value < into[bin]) into[bin] = value;
  });
  let last = -1;
  let steps = 0;
  // From the right, and round the end: an empty bin has the next full one's, changed by how far off it is.
  for (let turn = 2 * BINS - 1; turn >= 0; turn--) {
    const bin = at + (turn % BINS);
    if (into[bin] !== EMPTY) {
      last = into[bin];
      steps = 0;
    } else {
      steps++;
      if (turn < BINS && last >= 0) into[bin] = mixed(last + Math.imul(steps, 0x9e3779b1)) & 0x7fffffff;
    }
  }
}

/** Distinct runs of a text. */
export function runsOf(text: string): Set<number> {
  const runs = new Set<number>();
  eachRun(comparedUnits(text), (hash) => void runs.add(hash));
  return runs;
}

/** Share of the runs of both that both have, 0 … 1. */
export function likeness(a: ReadonlySet<number>, b: ReadonlySet<number>): number {
  let common = 0;
  for (const run of a) if (b.has(run)) common++;
  const all = a.size + b.size - common;
  return all === 0 ? 1 : common / all;
}
