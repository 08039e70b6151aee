/** What a parser reads: bytes with a name. Files, pipes, a browser's File and tests all give this. */

export interface ByteSource {
  /** For messages. */
  readonly name: string;
  /** Unpacked; read once. Ending the iteration early closes what lies behind. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /**
   * True where waiting for more bytes costs nothing (a file): what is guessed is guessed from the first 64 KiB. False
   * for a pipe, of which only the first chunk is looked at before the first row is given.
   */
  readonly patient: boolean;
}

/** Bytes that guesses are made from. */
export const HEAD_BYTES = 65_536;

export function concatenated(chunks: readonly Uint8Array[]): Uint8Array {
  if (chunks.length === 1) return chunks[0];
  const all = new Uint8Array(chunks.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

export interface Opened {
  readonly head: Uint8Array;
  /** Whether the head is all there is. */
  readonly whole: boolean;
  /** All the bytes; the head is the first chunk. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Lets go of the bytes if `chunks` is not read after all. */
  readonly close: () => Promise<void>;
}

export async function openHead({ bytes, patient }: ByteSource): Promise<Opened> {
  const iterator = bytes[Symbol.asyncIterator]();
  const parts: Uint8Array[] = [];
  let length = 0;
  let whole = false;
  // Of a pipe two, so that a byte-order mark is seen.
  while (length < (patient ? HEAD_BYTES : 2)) {
    const next = await iterator.next();
    if (next.done) {
      whole = true;
      break;
    }
    parts.push(next.value);
    length += next.value.length;
  }
  const head = concatenated(parts);
  const rest = async function* (): AsyncGenerator<Uint8Array> {
    try {
      if (head.length > 0) yield head;
      while (!whole) {
        const next = await iterator.next();
        if (next.done) return;
        yield next.value;
      }
    } finally {
      await iterator.return?.();
    }
  };
  return { head, whole, chunks: rest(), close: async () => void (await iterator.return?.()) };
}
