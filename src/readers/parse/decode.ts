/** Bytes to text: the encoding told or guessed, every byte that does not decode named with its place. */
import { InputError } from '../../errors.js';
import { guessEncoding, incompleteTail, utf8Faults } from './encoding.js';
import { type ByteSource, concatenated, openHead } from './source.js';
import { decodeWindows1252 } from './windows1252.js';

/**
 * Stands in the text for bytes that do not decode where those are tolerated: a code point that no text may hold.
 * Believe it only if `DecodedText.faulty()`.
 */
export const UNDECODED = '\ufdd0';

export interface DecodeOptions {
  /** WHATWG label. Default: guessed from the head. */
  readonly encoding?: string | undefined;
  /** Whether bytes that do not decode become UNDECODED; else the first of them throws. */
  readonly tolerant?: boolean;
}

export interface DecodedText {
  /** Name by the WHATWG standard, in lower case. */
  readonly encoding: string;
  /** Whether that was a guess: neither told, nor by a byte-order mark, nor plain UTF-8. */
  readonly guessed: boolean;
  /** What the guesses that follow may look at; it is the first of the pieces. */
  readonly head: string;
  /** Whether the head is all there is. */
  readonly whole: boolean;
  /** Never empty. A byte-order mark is dropped. */
  readonly pieces: AsyncGenerator<string>;
  /** Whether any bytes were tolerated so far. */
  readonly faulty: () => boolean;
}

/** Throws InputError on what is no text at all; the pieces throw it on bytes that do not decode. */
export async function openText(source: ByteSource, options: DecodeOptions = {}): Promise<DecodedText> {
  const { head, whole, chunks, close } = await openHead(source);
  try {
    const foreign = foreignFormat(head);
    if (foreign !== undefined) throw new InputError(`${source.name}: ${foreign}`);
    const { encoding, guessed } = chooseEncoding(source.name, head, whole, options.encoding);
    const decoder = decoderOf(source.name, encoding, options.tolerant ?? false);
    const first = decoder.push(head, whole);
    const pieces = async function* (): AsyncGenerator<string> {
      let isHead = true;
      for await (const chunk of chunks) {
        const text = isHead ? first : decoder.push(chunk, false);
        isHead = false;
        if (text !== '') yield text;
      }
      const last = whole ? '' : decoder.push(new Uint8Array(0), true);
      if (last !== '') yield last;
    };
    return { encoding, guessed, head: first, whole, pieces: pieces(), faulty: decoder.faulty };
  } catch (error) {
    await close();
    throw error;
  }
}

function chooseEncoding(
  name: string,
  head: Uint8Array,
  whole: boolean,
  requested: string | undefined,
): { encoding: string; guessed: boolean } {
  const guess = guessEncoding(head, whole);
  if (requested !== undefined) {
    const { encoding } = new TextDecoder(requested);
    // The label utf-16 means either order; the mark knows.
    const either = guess?.mark && encoding === 'utf-16le';
    return { encoding: either ? guess.encoding : encoding, guessed: false };
  }
  if (guess === undefined) throw binary(name);
  if (!guess.likely) {
    throw new InputError(
      `${name}: this is not UTF-8, and hardly a Western language; name its encoding with --encoding (windows-1251, koi8-r, shift_jis, euc-kr, gb18030, big5 …)`,
    );
  }
  return { encoding: guess.encoding, guessed: guess.encoding !== 'utf-8' && !guess.mark };
}

/**
 * A file that is one text: UTF-8 if it is that, else Windows-1252, as mails are, which often do not say; UTF-16 where it
 * looks so. Throws InputError on what is no text, or does not decode as told.
 */
export function decodeWhole(
  name: string,
  bytes: Uint8Array,
  requested: string | undefined,
): { readonly text: string; readonly encoding: string } {
  const guess = guessEncoding(bytes, true);
  if (requested === undefined && guess === undefined) throw binary(name);
  let encoding: string = guess?.encoding ?? 'utf-8';
  if (requested !== undefined) encoding = chooseEncoding(name, bytes, true, requested).encoding;
  else if (encoding === 'utf-8' && utf8Faults(bytes, true).faults.length > 0) encoding = 'windows-1252';
  return { text: decoderOf(name, encoding, false).push(bytes, true), encoding };
}

function binary(name: string): InputError {
  return new InputError(`${name}: this is binary data, not text (zero bytes in it); name a file of text`);
}

interface Decoder {
  /** @param final whether this is the last chunk */
  push(chunk: Uint8Array, final: boolean): string;
  faulty(): boolean;
}

function decoderOf(name: string, encoding: string, tolerant: boolean): Decoder {
  if (encoding === 'windows-1252') return { push: decodeWindows1252, faulty: () => false };
  return encoding === 'utf-8' ? utf8Decoder(name, tolerant) : otherDecoder(name, encoding, tolerant);
}

const NEWLINE = 10;

function utf8Decoder(name: string, tolerant: boolean): Decoder {
  const decoder = new TextDecoder('utf-8');
  let bytes = 0;
  let lines = 1;
  let faulty = false;
  /** Bytes at the end of the last chunk that the decoder still holds. */
  let held = new Uint8Array(0);
  return {
    faulty: () => faulty,
    push(chunk, final) {
      let text = decoder.decode(chunk, { stream: !final });
      const all = held.length === 0 ? chunk : concatenated([held, chunk]);
      if (text.includes('\ufffd')) {
        const { faults, replaced } = utf8Faults(all, final);
        if (faults.length > 0 && !tolerant) {
          const line = lines + count(all.subarray(0, faults[0]), NEWLINE);
          throw new InputError(
            `${name}:${line}: byte ${bytes - held.length + faults[0] + 1} of the file is not UTF-8; name the encoding with --encoding (e.g. windows-1252), or leave out such rows with --skip-bad`,
          );
        }
        if (faults.length > 0) {
          faulty = true;
          let next = 0;
          text = replaced.every(Boolean)
            ? text.replaceAll('\ufffd', UNDECODED)
            : text.replace(/\ufffd/g, () => (replaced[next++] ? UNDECODED : '\ufffd'));
        }
      }
      const done = all.length - incompleteTail(all);
      lines += count(all.subarray(0, done), NEWLINE);
      held = all.slice(done);
      bytes += chunk.length;
      return text;
    },
  };
}

function otherDecoder(name: string, encoding: string, tolerant: boolean): Decoder {
  const decoder = new TextDecoder(encoding);
  let lines = 1;
  let faulty = false;
  return {
    faulty: () => faulty,
    push(chunk, final) {
      const text = decoder.decode(chunk, { stream: !final });
      const at = text.indexOf('\ufffd');
      if (at >= 0 && !tolerant) {
        const line = lines + (text.slice(0, at).split('\n').length - 1);
        throw new InputError(
          `${name}:${line}: this line does not decode as ${encoding}; name the right encoding with --encoding, or leave out such rows with --skip-bad`,
        );
      }
      if (!tolerant) lines += text.split('\n').length - 1;
      if (at < 0) return text;
      faulty = true;
      return text.replaceAll('\ufffd', UNDECODED);
    },
  };
}

function count(bytes: Uint8Array, byte: number): number {
  let total = 0;
  for (let at = bytes.indexOf(byte); at >= 0; at = bytes.indexOf(byte, at + 1)) total++;
  return total;
}

/** First bytes of what is often taken for a table, and what to do about it. */
const FOREIGN: readonly (readonly [begins: string, advice: string])[] = [
  [
    'PK\x03\x04',
    'this is an Excel workbook or a zip archive; save the sheet as CSV (File, Save as, "CSV UTF-8"), or unpack the archive',
  ],
  ['\xd0\xcf\x11\xe0', 'this is an old Excel workbook; save the sheet as CSV (File, Save as, "CSV UTF-8")'],
  ['PAR1', 'this is Parquet; say --format parquet'],
  ['ARROW1', 'this is an Arrow (Feather) file; save the table as Parquet, CSV or JSON lines'],
  ['\x1f\x8b', 'this is packed by gzip twice; unpack it once'],
  ['BZh', 'this is packed by bzip2; unpack it (bunzip2), or pack it by gzip'],
  ['\xfd7zXZ', 'this is packed by xz; unpack it (unxz), or pack it by gzip'],
  ['\x28\xb5\x2f\xfd', 'this is packed by zstd; unpack it (unzstd), or pack it by gzip'],
  ['7z\xbc\xaf', 'this is a 7z archive; unpack it'],
  ['%PDF-', 'this is a PDF; a table of texts is needed'],
  ['SQLite format 3\0', 'this is an SQLite database; save the table as CSV'],
  [
    'version https://git-lfs.github.com/spec/',
    'this is a Git LFS pointer, not the data; fetch them with git lfs pull',
  ],
];

function foreignFormat(head: Uint8Array): string | undefined {
  const begins = String.fromCharCode(...head.subarray(0, 48));
  return FOREIGN.find(([magic]) => begins.startsWith(magic))?.[1];
}
