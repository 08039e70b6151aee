/**
 * Places of 32-bit hashes in a sorted array of them. The numbers are cut into ranges, each with a bit for each of 32 parts
 * that says whether any hash lies there, and the place of its first hash. Most n-grams of a text are not known: a bit says
 * so. What the range does not say of a hash has 16 bits. So all that is looked at lies in a processor's cache.
 */

/** Parts that there are for each hash, at least: of unknown ones at most one in so many is looked for in vain. */
const PARTS = 12;
const PART_BITS = 5;
/** What is left of a hash must fit 16 bits. */
const LEAST_RANGE_BITS = 16;
const MOST_RANGE_BITS = 26;

/** Bits of a number that are 1. */
function ones(bits: number): number {
  let sum = bits - ((bits >>> 1) & 0x55555555);
  sum = (sum & 0x33333333) + ((sum >>> 2) & 0x33333333);
  return Math.imul((sum + (sum >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

export class HashIndex {
  /** Of each range the bits of its parts, and the place of its first hash; one range more. */
  readonly #ranges: Int32Array;
  /** The lowest 16 bits of each hash. */
  readonly #rest: Uint16Array;
  /** Bits of a hash below its part. */
  readonly #shift: number;
  /** Of the hashes that `find` found: their places, and their numbers among those it was given. */
  places = new Int32Array(1024);
  numbers = new Int32Array(1024);

  /** @param hashes ascending */
  constructor(hashes: Uint32Array) {
    const wanted = Math.ceil(Math.log2(PARTS * hashes.length + 1)) - PART_BITS;
    const rangeBits = Math.min(MOST_RANGE_BITS, Math.max(LEAST_RANGE_BITS, wanted));
    this.#shift = 32 - rangeBits - PART_BITS;
    this.#rest = Uint16Array.from(hashes);
    const ranges = new Int32Array(2 * (2 ** rangeBits + 1));
    for (const hash of hashes) {
      const part = hash >>> this.#shift;
      const range = 2 * (part >>> PART_BITS);
      ranges[range] |= 1 << part;
      ranges[range + 3]++;
    }
    for (let first = 3; first < ranges.length; first += 2) ranges[first] += ranges[first - 2];
    this.#ranges = ranges;
  }

  /** Looks the first `count` hashes up, and gives how many are there; `places` and `numbers` have them in their order. */
  find(hashes: Int32Array, count: number): number {
    if (this.places.length < count) {
      this.places = new Int32Array(2 * count);
      this.numbers = new Int32Array(2 * count);
    }
    const [ranges, rest, shift] = [this.#ranges, this.#rest, this.#shift];
    const [places, numbers] = [this.places, this.numbers];
    // In a loop of its own and without a branch: no look-up waits for the one before.
    let likely = 0;
    for (let i = 0; i < count; i++) {
      const part = hashes[i] >>> shift;
      numbers[likely] = i;
      likely += (ranges[(part >>> PART_BITS) << 1] >>> part) & 1;
    }
    let found = 0;
    for (let i = 0; i < likely; i++) {
      const number = numbers[i];
      const hash = hashes[number];
      const part = hash >>> shift;
      const range = (part >>> PART_BITS) << 1;
      const low = hash & 0xffff;
      const end = ranges[range + 3];
      // Two hashes of one part are rare: as a rule this is the place.
      let place = ranges[range + 1] + ones(ranges[range] & ~(-1 << part));
      while (place < end && rest[place] !== low) place++;
      places[found] = place;
      numbers[found] = number;
      found += place < end ? 1 : 0;
    }
    return found;
  }
}
