/** In how many texts each hash stands, of more hashes than a map of strings could hold. */

/** Hashes are counted when so many have come. */
const PORTION = 1 << 23;

/** Hashes in ascending order, and in how many texts each stands. */
export interface Counted {
  readonly hashes: Uint32Array;
  readonly texts: Uint32Array;
}

export class DocumentCounts {
  /** Texts begun. */
  count = 0;
  #whole: Counted = { hashes: new Uint32Array(), texts: new Uint32Array() };
  /** Hashes of the latest texts, those of one text each once. */
  #pending = new Uint32Array(1 << 16);
  #size = 0;
  /** The hashes of the text at hand, open addressing: a slot is taken if its stamp is the text's number. */
  #seen = new Int32Array(1024);
  #stamps = new Int32Array(1024);

  /** A new text. @param most hashes it can have */
  begin(most: number): void {
    this.count++;
    if (this.#size >= PORTION) this.#gather();
    if (this.#pending.length < this.#size + most) {
      const grown = new Uint32Array(Math.max(2 * this.#pending.length, this.#size + most));
      grown.set(this.#pending.subarray(0, this.#size));
      this.#pending = grown;
    }
    if (this.#seen.length < 2 * most) {
      const size = 2 ** Math.ceil(Math.log2(4 * most));
      this.#seen = new Int32Array(size);
      this.#stamps = new Int32Array(size);
    }
  }

  /** One hash of the text at hand; again makes no difference. */
  add(hash: number): void {
    const [seen, stamps, mask] = [this.#seen, this.#stamps, this.#seen.length - 1];
    let slot = hash & mask;
    while (stamps[slot] === this.count) {
      if (seen[slot] === hash) return;
      slot = (slot + 1) & mask;
    }
    seen[slot] = hash;
    stamps[slot] = this.count;
    this.#pending[this.#size++] = hash;
  }

  /** Those of at least `least` texts; of more than `most` the ones that most texts have, of equal ones the smallest. */
  frequent(least: number, most: number): Counted {
    this.#gather();
    const { hashes, texts } = this.#whole;
    const having = new Uint32Array(this.count + 1);
    for (const count of texts) having[count]++;
    /** Those of more texts are all kept; of this many, so many as there is room for. */
    let threshold = this.count;
    let room = most;
    while (threshold > least && having[threshold] <= room) room -= having[threshold--];
    if (this.count < least) return { hashes: new Uint32Array(), texts: new Uint32Array() };
    const kept: number[] = [];
    texts.forEach((count, i) => {
      if (count > threshold || (count === threshold && room-- > 0)) kept.push(i);
    });
    return {
      hashes: Uint32Array.from(kept, (i) => hashes[i]),
      texts: Uint32Array.from(kept, (i) => texts[i]),
    };
  }

  /** Counts what has come since the last time. */
  #gather(): void {
    const sorted = this.#pending.subarray(0, this.#size).sort();
    const old = this.#whole;
    let distinct = old.hashes.length;
    for (let i = 0; i < sorted.length; i++) if (i === 0 || sorted[i] !== sorted[i - 1]) distinct++;
    const hashes = new Uint32Array(distinct);
    const texts = new Uint32Array(distinct);
    let size = 0;
    let next = 0;
    for (let i = 0; i < sorted.length; ) {
      const hash = sorted[i];
      let end = i + 1;
      while (end < sorted.length && sorted[end] === hash) end++;
      while (next < old.hashes.length && old.hashes[next] < hash) {
        hashes[size] = old.hashes[next];
        texts[size++] = old.texts[next++];
      }
      hashes[size] = hash;
      texts[size] = end - i;
      if (next < old.hashes.length && old.hashes[next] === hash) texts[size] += old.texts[next++];
      size++;
      i = end;
    }
    while (next < old.hashes.length) {
      hashes[size] = old.hashes[next];
      texts[size++] = old.texts[next++];
    }
    this.#whole = { hashes: hashes.slice(0, size), texts: texts.slice(0, size) };
    this.#size = 0;
  }
}
