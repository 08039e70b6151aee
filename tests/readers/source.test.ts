/** Bytes to text: gzip, strict UTF-8 across the borders of chunks, lines; each fault with its place. */
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openStream } from '#eft/readers/disk/open.js';
import { openText } from '#eft/readers/parse/decode.js';
import { LineSplitter } from '#eft/readers/parse/lines.js';
import { collect, expectRefusal, temporaryFolder } from '../temporary-folder.js';
import { readRaw, readWhole } from './read.js';

const { at, write } = temporaryFolder();

/** The bytes in pieces of these sizes, over and over. */
function inPieces(bytes: Uint8Array, sizes: readonly number[]): Readable {
  const pieces: Buffer[] = [];
  for (let start = 0, i = 0; start < bytes.length; start += sizes[i++ % sizes.length]) {
    pieces.push(Buffer.from(bytes.subarray(start, start + sizes[i % sizes.length])));
  }
  return Readable.from(pieces);
}
const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 });
const unit = fc.constantFrom('a', 'é', '€', '😀', '\n', '\r\n', ' ');
/** Strictly as UTF-8: nothing is guessed. */
const decoded = async function* (stream: Readable): AsyncGenerator<string> {
  yield* (await openText(openStream('data', stream), { encoding: 'utf-8' })).pieces;
};
const lines = async (stream: Readable) => {
  const splitter = new LineSplitter({ maxLine: 2 ** 26 });
  const found = [];
  for await (const piece of decoded(stream)) found.push(...splitter.push(piece));
  return [...found, ...splitter.finish()];
};

describe('decoding', () => {
  test('does not depend on how the bytes come in pieces, nor on gzip', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit }), sizes, fc.boolean(), async (text, sizes, zipped) => {
        const bytes = Buffer.from(text);
        const stream = inPieces(zipped ? gzipSync(bytes) : bytes, sizes);
        expect((await collect(decoded(stream))).join('')).toBe(text);
      }),
    );
  });

  test('lines are those of the whole text, numbered from 1', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit }), sizes, async (text, sizes) => {
        const expected = text.split('\n').map((line) => line.replace(/\r$/, ''));
        if (text === '' || text.endsWith('\n')) expected.pop();
        const found = await lines(inPieces(Buffer.from(text), sizes));
        expect(found).toEqual(expected.map((text, i) => ({ text, number: i + 1 })));
      }),
    );
  });

  test('a byte-order mark is dropped', async () => {
    expect(await lines(inPieces(Buffer.from('\ufeffa\nb'), [1]))).toEqual([
      { text: 'a', number: 1 },
      { text: 'b', number: 2 },
    ]);
  });

  test('a line of many pieces', async () => {
    const piece = Buffer.alloc(65_536, 'x');
    const [{ text }] = await lines(Readable.from(Array.from({ length: 500 }, () => piece)));
    expect(text).toHaveLength(500 * 65_536);
  });
});

describe('bytes that are not UTF-8', () => {
  const remedy =
    'name the encoding with --encoding (e.g. windows-1252), or leave out such rows with --skip-bad';
  /** What no text goes on with: unfinished characters, stray and impossible bytes, a surrogate, an overlong form. */
  const bad = fc.constantFrom(
    [0xff],
    [0xe9],
    [0x80],
    [0xc3],
    [0xe2, 0x82],
    [0xf0, 0x9f, 0x98],
    [0xed, 0xa0, 0x80],
    [0xc0, 0xaf],
  );

  test('are refused by line and number, wherever pieces end', async () => {
    const before = fc.string({ unit });
    const after = fc.string({ unit: fc.constantFrom('a', ' ', '\n') });
    await fc.assert(
      fc.asyncProperty(before, bad, after, sizes, async (before, bad, after, sizes) => {
        const bytes = Buffer.concat([Buffer.from(before), Buffer.from(bad), Buffer.from(after)]);
        const line = before.split('\n').length;
        const byte = Buffer.byteLength(before) + 1;
        await expectRefusal(
          collect(decoded(inPieces(bytes, sizes))),
          `data:${line}: byte ${byte} of the file is not UTF-8; ${remedy}`,
        );
      }),
    );
  });

  test('behind chunks of a file, and at its very end', async () => {
    const good = `text,label\n${'ä,x\n'.repeat(20_000)}`;
    const bytes = Buffer.concat([Buffer.from(good), Buffer.from([0xc3, 0x28]), Buffer.from(',y\n')]);
    const path = await write('long.csv', bytes);
    await expectRefusal(
      readWhole(path),
      `${path}:20002: byte ${Buffer.byteLength(good) + 1} of the file is not UTF-8; ${remedy}`,
    );
    // 'é' over the border between two chunks of 64 KiB is sound; half of it is not.
    const border = `text,label\n${'a'.repeat(65_535 - 'text,label\n'.length)}é,x\n`;
    expect((await readWhole(await write('border.csv', border))).examples).toHaveLength(1);
    const half = await write('half.csv', Buffer.from(border).subarray(0, 65_536));
    await expectRefusal(readWhole(half), `${half}:2: byte 65536 of the file is not UTF-8; ${remedy}`);
  });

  test('in a table, and in a folder of files, told to be UTF-8', async () => {
    const options = { encoding: 'utf-8' };
    const table = await write('latin.csv', Buffer.from('text,label\na,x\ncaf\xe9,y\n', 'latin1'));
    await expectRefusal(readWhole(table, options), `${table}:3: byte 19 of the file is not UTF-8; ${remedy}`);
    const file = await write('latin/ham/1.txt', Buffer.from('caf\xe9', 'latin1'));
    await expectRefusal(
      readWhole(at('latin'), options),
      `${file}:1: byte 4 of the file is not UTF-8; ${remedy}`,
    );
  });
});

describe('gzip', () => {
  const rows = Array.from({ length: 3000 }, (_, i) => `mail ${(i * 7919) % 3001} of ${i},${i % 2}`);
  const content = `text,label\n${rows.join('\n')}\n`;
  const zipped = gzipSync(content);
  const truncated = 'the gzip data ends too early: the file is truncated; fetch or make it again';

  test('is known by its first bytes, whatever the name; several members follow each other', async () => {
    const path = await write('plain-name.csv', Buffer.concat([gzipSync(content), gzipSync('last,1\n')]));
    expect((await readWhole(path)).examples).toHaveLength(3001);
  });

  test.each([3, 20, 5000, zipped.length - 1])('refused: cut after %i bytes', async (length) => {
    const path = await write('cut.csv.gz', zipped.subarray(0, length));
    await expectRefusal(readWhole(path), `${path}: ${truncated}`);
    await expectRefusal(collect(readRaw(path)), `${path}: ${truncated}`);
  });

  test('refused: damaged, even where the damage looks like a bad row', async () => {
    for (let at = 100; at < zipped.length - 8; at += Math.floor(zipped.length / 12)) {
      const damaged = Buffer.from(zipped);
      damaged[at] ^= 0x55;
      const path = await write('damaged.csv.gz', damaged);
      await expect(readWhole(path)).rejects.toThrow(`${path}: the gzip data `);
    }
    const checksum = Buffer.from(zipped);
    checksum[checksum.length - 6] ^= 1;
    const path = await write('checksum.csv.gz', checksum);
    const message = 'the gzip data is damaged (incorrect data check); fetch or make the file again';
    await expectRefusal(readWhole(path), `${path}: ${message}`);
  });

  test('a bad row in a sound file is the row’s fault', async () => {
    const path = await write('row.csv.gz', gzipSync('text,label\na,\n'));
    await expectRefusal(
      readWhole(path),
      `${path}:2: this row has no label (field 'label' is empty); give it one or remove the row`,
    );
  });

  test('refused: by its name gzip, but not by its content', async () => {
    const path = await write('unpacked.csv.gz', content);
    await expectRefusal(
      readWhole(path),
      `${path}: this is not gzip data; fetch or make the file again, or take .gz off its name if it is plain`,
    );
  });
});

describe('files', () => {
  test('refused: missing, empty, empty when unpacked, and a flat folder is texts, a file each', async () => {
    await expectRefusal(readWhole(at('none.csv')), `${at('none.csv')}: no such file or folder`);
    await expectRefusal(
      readWhole('spam'),
      "spam: no such file or folder; built-in datasets: 'spam-assassin', 'chirps', 'pump'",
    );
    const empty = await write('empty.csv', '');
    await expectRefusal(readWhole(empty), `${empty} is empty`);
    const unpacked = await write('empty.csv.gz', gzipSync(''));
    await expectRefusal(readWhole(unpacked), `${unpacked} holds no examples`);
    await write('class/a.txt', 'a');
    expect((await collect(readRaw(at('class')))).map(({ text }) => text)).toEqual(['a']);
  });
});
