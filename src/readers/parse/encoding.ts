/** Which encoding bytes are in: guessed from the first of them; and where they are not UTF-8. */

/** `windows-1252` is said with `likely: false` where the bytes hardly look like a Western language. */
export interface EncodingGuess {
  readonly encoding: 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';
  readonly likely: boolean;
  /** Told by a byte-order mark, not guessed. */
  readonly mark: boolean;
}

/** Where UTF-8 breaks: offsets of sequences that are none; those of U+FFFD, which the data may hold in earnest. */
export interface Utf8Faults {
  readonly faults: readonly number[];
  /** For each replacement character that a decoder gives: whether it stands for a fault. */
  readonly replaced: readonly boolean[];
  /** Sound characters of more than one byte. */
  readonly multibyte: number;
}

/**
 * As the WHATWG standard cuts faulty sequences, so that the faults are those that TextDecoder replaces.
 * @param final whether a character that is not complete at the end is a fault
 */
export function utf8Faults(bytes: Uint8Array, final: boolean): Utf8Faults {
  const faults: number[] = [];
  const replaced: boolean[] = [];
  let multibyte = 0;
  let at = 0;
  const fault = (length: number): void => {
    faults.push(at);
    replaced.push(true);
    at += length;
  };
  next: while (at < bytes.length) {
    const byte = bytes[at];
    if (byte < 0x80) {
      at++;
      continue;
    }
    const length = sequenceLength(byte);
    if (length === 0) {
      fault(1);
      continue;
    }
    let [least, most] = secondByte(byte);
    for (let i = 1; i < length; i++) {
      if (at + i >= bytes.length) {
        if (final) fault(i);
        break next;
      }
      const follows = bytes[at + i];
      if (follows < least || follows > most) {
        fault(i);
        continue next;
      }
      [least, most] = [0x80, 0xbf];
    }
    if (byte === 0xef && bytes[at + 1] === 0xbf && bytes[at + 2] === 0xbd) replaced.push(false);
    multibyte++;
    at += length;
  }
  return { faults, replaced, multibyte };
}

function sequenceLength(first: number): number {
  if (first >= 0xc2 && first <= 0xdf) return 2;
  if (first >= 0xe0 && first <= 0xef) return 3;
  return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

/** What may follow: no overlong form, no surrogate, nothing above U+10FFFF. */
function secondByte(first: number): [number, number] {
  if (first === 0xe0) return [0xa0, 0xbf];
  if (first === 0xed) return [0x80, 0x9f];
  if (first === 0xf0) return [0x90, 0xbf];
  return first === 0xf4 ? [0x80, 0x8f] : [0x80, 0xbf];
}

/** Bytes at the end that begin a character which is not complete yet: 0 … 3. */
export function incompleteTail(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back];
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}

/** In a Western text letters with accents, dashes and quotes are few. */
const WESTERN_SHARE = 0.25;

/** Zero bytes of so large a share are no text. */
const BINARY_SHARE = 0.05;

/**
 * Undefined for bytes that are no text at all.
 * @param whole whether the head is all there is
 */
export function guessEncoding(head: Uint8Array, whole: boolean): EncodingGuess | undefined {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) {
    return { encoding: 'utf-8', likely: true, mark: true };
  }
  if (head[0] === 0xff && head[1] === 0xfe) {
    // UTF-32, which no browser reads.
    if (head.length >= 4 && head[2] === 0 && head[3] === 0) return undefined;
    return { encoding: 'utf-16le', likely: true, mark: true };
  }
  if (head[0] === 0xfe && head[1] === 0xff) return { encoding: 'utf-16be', likely: true, mark: true };
  const zeros = [0, 0];
  for (let at = head.indexOf(0); at >= 0; at = head.indexOf(0, at + 1)) zeros[at & 1]++;
  const pairs = head.length / 2;
  if (zeros[1] > 0.3 * pairs && zeros[0] < 0.05 * pairs) {
    return { encoding: 'utf-16le', likely: true, mark: false };
  }
  if (zeros[0] > 0.3 * pairs && zeros[1] < 0.05 * pairs) {
    return { encoding: 'utf-16be', likely: true, mark: false };
  }
  if (zeros[0] + zeros[1] > BINARY_SHARE * head.length) return undefined;
  const { faults, multibyte } = utf8Faults(head, whole);
  // With more sound characters of several bytes than faults it is UTF-8 that was damaged.
  if (faults.length === 0 || multibyte > faults.length) {
    return { encoding: 'utf-8', likely: true, mark: false };
  }
  let high = 0;
  let unused = 0;
  let letters = 0;
  for (const byte of head) {
    if (byte > 0x20) letters++;
    if (byte < 0x80) continue;
    high++;
    if (byte === 0x81 || byte === 0x8d || byte === 0x8f || byte === 0x90 || byte === 0x9d) unused++;
  }
  const likely = high < WESTERN_SHARE * letters && unused === 0;
  return { encoding: 'windows-1252', likely, mark: false };
}
