import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '#eft/errors.js';
import type { Signal } from '#eft/input/input.js';
import type { ReadOptions } from '#eft/readers/options.js';
import { temporaryFolder } from '../../temporary-folder.js';
import { notesOf, readWhole } from '../read.js';
import { wavOf } from './sounds.js';

const readSignals = (path: string, options: ReadOptions = {}) =>
  readWhole<Signal>(path, { input: 'signal', ...options });

const { at, write } = temporaryFolder();
let files = 0;

/** Reads a file of this content. */
async function read(ending: string, content: string | Uint8Array, options: ReadOptions = {}) {
  const path = await write(`series-${files++}${ending}`, content);
  const { examples } = await readSignals(path, options);
  const { remarks: notes = [] } = await notesOf(path, { input: 'signal', ...options });
  return {
    notes,
    series: examples.map(({ input, label }) => [label, input.channels, ...input.values]),
  };
}

async function refusal(
  ending: string,
  content: string | Uint8Array,
  options: ReadOptions = {},
): Promise<string> {
  const outcome = await read(ending, content, options).catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(InputError);
  return (outcome as InputError).message;
}

const HEADER = `# a comment
@problemName Test
@univariate false
@missing true
@classLabel true up down
@data
`;

const ARFF = `% a comment
@relation test
@attribute t0 numeric
@attribute t1 numeric
@attribute target {1,'2'}
@data
`;

const RELATIONAL = `@relation test
@attribute both relational
@attribute t0 numeric
@attribute t1 numeric
@end both
@attribute target {walk,run}
@data
`;

/** Version 1.0, row-major. */
function npyOf(descr: string, shape: string, body: Uint8Array): Uint8Array {
  const dictionary = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape}), }`;
  const header = `${dictionary.padEnd(117)}\n`;
  const head = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length, 0);
  return Uint8Array.of(...head, ...new TextEncoder().encode(header), ...body);
}

describe('files of series', () => {
  it('reads .ts: several channels, unequal lengths', async () => {
    const { series } = await read('.ts', `${HEADER}1,2:3,4:up\n5,6.5,-7:8,9,1E1:down\n`);
    expect(series).toEqual([
      ['up', 2, 1, 3, 2, 4],
      ['down', 2, 5, 8, 6.5, 9, -7, 10],
    ]);
  });

  it('reads .tsv of the archive: the class first, NaN behind the end of shorter series', async () => {
    const { series, notes } = await read('.tsv', '1\t0.5\t1.5\n-1\t2\tNaN\n');
    expect(series).toEqual([
      ['1', 1, 0.5, 1.5],
      ['-1', 1, 2],
    ]);
    expect(notes).toEqual(['class in the first column']);
  });

  it('reads CSV with a header, or with the class last', async () => {
    const named = await read('.csv', 't0,t1,label\n1,2,a\n3,4,a\n');
    expect(named.series).toEqual([
      ['a', 1, 1, 2],
      ['a', 1, 3, 4],
    ]);
    const last = await read('.csv', '1;2;"a"\n3;4;b\n');
    expect(last.series.map(([label]) => label)).toEqual(['a', 'b']);
    expect(last.notes).toEqual(['class in the last column']);
  });

  it('reads .arff: plain and relational', async () => {
    const plain = await read('.arff', `${ARFF}1,2,1\n3,4,'2'\n`);
    expect(plain.series).toEqual([
      ['1', 1, 1, 2],
      ['2', 1, 3, 4],
    ]);
    const relational = await read('.arff', `${RELATIONAL}'1,2\\n3,4',run\n`);
    expect(relational.series).toEqual([['run', 2, 1, 3, 2, 4]]);
  });

  it('reads JSON lines: one array, or one a channel', async () => {
    const mono = await read('.jsonl', '{"label":"a","values":[1,2]}\n{"x":[3,4],"class":7}\n');
    expect(mono.series).toEqual([
      ['a', 1, 1, 2],
      ['7', 1, 3, 4],
    ]);
    const stereo = await read('.jsonl', '{"label":"a","values":[[1,2],[3,4]]}\n');
    expect(stereo.series).toEqual([['a', 2, 1, 3, 2, 4]]);
  });

  it('interpolates missing values where that is asked for', async () => {
    const content = `${HEADER}?,1,?,3,?:0,?,?,?,2:up\n`;
    expect(await refusal('.ts', content)).toMatch(
      /:7: step 1 of channel 1 is missing.*--missing interpolate/,
    );
    const { series } = await read('.ts', content, { missing: 'interpolate' });
    expect(series).toEqual([['up', 2, 1, 0, 1, 0.5, 2, 1, 3, 1.5, 3, 2]]);
    expect(await refusal('.ts', `${HEADER}?,?:1,2:up\n`, { missing: 'interpolate' })).toMatch(
      /no value at all/,
    );
  });

  it.each([
    ['.ts', `${HEADER}1,2:3:up\n`, /:7: channel 2 has 1 values, channel 1 has 2/],
    ['.ts', `${HEADER}1,x:3,4:up\n`, /:7: channel 1: value 2 is 'x', which is not a number/],
    ['.ts', `${HEADER}1,,2:3,4,5:up\n`, /:7: channel 1: value 2 is empty/],
    ['.ts', `${HEADER}1,2:3,4:left\n`, /:7: the class 'left' is not listed in @classLabel/],
    ['.ts', `${HEADER}1:2:up\n1:up\n`, /:8: 1 channels, 2 are expected/],
    ['.ts', `${HEADER}1e39:2:up\n`, /:7: value 1 of channel 1 is 1e\+39: too large/],
    ['.ts', `${HEADER}Infinity:2:up\n`, /'Infinity', which is infinite/],
    ['.ts', '@classLabel false\n@data\n1:2\n', /:1: the series have no class/],
    ['.ts', '@problemName x\n', /no line @data/],
    ['.ts', '1,2,3:up\n', /:1: this is neither a header line/],
    ['.ts', HEADER, /holds no examples/],
    ['.arff', `${ARFF}1,2,3\n`, /:7: the class '3' is not among those in the header/],
    ['.arff', '@relation x\n@attribute a numeric\n@data\n', /names no classes/],
    ['.jsonl', '{"label":"a","values":[1,"2"]}\n', /:1: value 2 of channel 1 is "2", not a number/],
    ['.jsonl', '{"values":[1]}\n', /:1: no field with the class: name it with --label-field/],
    ['.jsonl', '{"label":"a"}\n', /no field with an array/],
    ['.jsonl', '[1,2]\n', /a JSON object is needed/],
    ['.tsv', 'a\n', /:1: 1 columns: a class and at least one value/],
    ['.wav', wavOf([[0.5]]), /a single signal without a class/],
    ['.mat', 'x', /which signals are these\?/],
  ])('refuses in %s: %j', async (ending, content, message) => {
    expect(await refusal(ending, content)).toMatch(message);
  });

  it('answers or refuses whatever stands in a file', async () => {
    const soup = fc.stringMatching(/^[@,:;\t\n {}'"?.\-0-9a-dx[\]\\]{0,60}$/);
    const ending = fc.constantFrom('.ts', '.tsv', '.csv', '.arff', '.jsonl');
    const start = fc.constantFrom('', HEADER, ARFF, RELATIONAL);
    await fc.assert(
      fc.asyncProperty(ending, start, soup, async (kind, head, rest) => {
        const outcome = await read(kind, `${head}${rest}\n`).catch((error: unknown) => error);
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(InputError);
      }),
      { numRuns: 300 },
    );
  });
});

/** A folder with these files. */
async function folderOf(content: Readonly<Record<string, Uint8Array | string>>): Promise<string> {
  const name = `folder-${files++}`;
  for (const [file, bytes] of Object.entries(content)) await write(`${name}/${file}`, bytes);
  return at(name);
}

const LOW = wavOf([[0, 0.5, 0.25]]);
const HIGH = wavOf([[0.5, 0.25, 0]]);

describe('folders of signals', () => {
  it('takes classes from folders', async () => {
    const { examples } = await readSignals(
      await folderOf({ 'a/1.wav': LOW, 'b/1.wav': HIGH, 'b/2.wav': LOW }),
    );
    expect(examples.map(({ label }) => label)).toEqual(['a', 'b', 'b']);
    expect([...examples[1].input.values]).toEqual([0.5, 0.25, 0]);
    expect(examples[0].input.rate).toBe(8000);
  });

  it('takes classes from names that all begin so, and says that it guessed', async () => {
    const names = ['7_jackson_0.wav', '7_theo_12.wav', '3_theo_1.wav', '3_theo_2.wav'];
    const path = await folderOf(Object.fromEntries(names.map((name) => [name, LOW])));
    const { examples } = await readSignals(path);
    const { remarks: notes } = await notesOf(path, { input: 'signal' });
    expect(examples.map(({ label }) => label)).toEqual(['3', '3', '7', '7']);
    expect(notes).toEqual([expect.stringContaining('guessed')]);
    const told = await readSignals(path, { labelFrom: '_(\\w+)_' });
    expect(told.examples.map(({ label }) => label)).toEqual(['theo', 'theo', 'jackson', 'theo']);
    await expect(readSignals(path, { labelFrom: '^x' })).rejects.toThrow(/does not fit this name/);
    await write(`folder-${files - 1}/noise.wav`, LOW);
    await expect(readSignals(path)).rejects.toThrow(/noise\.wav: which class is this\?.*--label-from/);
  });

  it('takes the parts of an archive from the names of its files', async () => {
    const table = '@classLabel true a b\n@data\n1,2:a\n2,1:b\n';
    const path = await folderOf({ 'Set_TRAIN.ts': table, 'Set_TEST.ts': table, 'Set_TRAIN.arff': '' });
    const { splits, examples } = await readSignals(path);
    expect(Object.entries(splits!).map(([part, own]) => [part, own.length])).toEqual([
      ['test', 2],
      ['train', 2],
    ]);
    expect(examples).toHaveLength(4);
  });

  it('reads .npy files by class', async () => {
    const body = new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer);
    const path = await folderOf({
      'a/1.npy': npyOf('<f4', '2, 2', body),
      'b/1.npy': npyOf('<f4', '2, 2', body),
    });
    const { examples } = await readSignals(path);
    expect([examples[0].input.channels, ...examples[0].input.values]).toEqual([2, 1, 2, 3, 4]);
  });

  it.each([
    [
      'another rate',
      wavOf([[0.5]], { rate: 16_000 }),
      /16000 samples a second; 8000 are needed.*--resample 8000/,
    ],
    ['more channels', wavOf([[0.5], [0.5]]), /2 channels; 1 is needed.*--mono/],
    ['NaN', wavOf([[Number.NaN]], { bits: 32, float: true }), /step 1 is missing/],
    ['an empty file', new Uint8Array(0), /is empty/],
    ['a cut one', wavOf([[0.5]], { toldBytes: 99 }), /cut off/],
  ])('refuses %s, or leaves it out where that is allowed', async (_, bad, message) => {
    const path = await folderOf({ 'a/1.wav': LOW, 'a/2.wav': bad, 'b/1.wav': HIGH });
    await expect(readSignals(path)).rejects.toThrow(message);
    await expect(readSignals(path)).rejects.toThrow(/^.*a.2\.wav/);
    const { examples, skipped } = await readSignals(path, { skipBad: 1 });
    expect(examples).toHaveLength(2);
    expect(skipped?.count).toBe(1);
  });

  it('brings mixed rates to one where that is asked for; what has no rate is refused', async () => {
    const slow = wavOf([Array.from({ length: 80 }, (_, t) => 0.5 * Math.sin(0.2 * t))]);
    const fast = wavOf([Array.from({ length: 160 }, (_, t) => 0.5 * Math.sin(0.1 * t))], { rate: 16_000 });
    const path = await folderOf({ 'a/1.wav': slow, 'b/1.wav': fast });
    const { examples, reading } = await readSignals(path, { resample: 8000 });
    expect(reading.resample).toBe(8000);
    expect(examples.map(({ input }) => [input.rate, input.values.length])).toEqual([
      [8000, 80],
      [8000, 80],
    ]);
    const [one, two] = examples.map(({ input }) => input.values);
    for (let t = 20; t < 60; t++) expect(Math.abs(one[t] - two[t])).toBeLessThan(0.01);
    await write(`folder-${files - 1}/b/2.npy`, npyOf('<f4', '2,', new Uint8Array(8)));
    await expect(readSignals(path, { resample: 8000 })).rejects.toThrow(/2\.npy: .*unknown rate/);
    await expect(readSignals(path)).rejects.toThrow(/8000 are needed|need the same rate/);
    const absurd = await folderOf({ 'a/1.wav': slow, 'b/1.wav': wavOf([[0.1, 0.2]], { rate: 1 }) });
    await expect(readSignals(absurd, { resample: 8000 })).rejects.toThrow(/b.1\.wav: .*is the rate .* right/);
  });

  it('refuses .npy files that lie, or hold something else', async () => {
    const one = async (bytes: Uint8Array) =>
      readSignals(await folderOf({ 'a/1.npy': bytes, 'b/1.npy': bytes }));
    await expect(one(npyOf('<f4', '3,', new Uint8Array(8)))).rejects.toThrow(
      /12 bytes of numbers, 8 are there/,
    );
    await expect(one(npyOf('|O', '3,', new Uint8Array(8)))).rejects.toThrow(/type '\|O'/);
    await expect(one(npyOf('<f4', '1, 1, 1', new Uint8Array(4)))).rejects.toThrow(/3 dimensions/);
    await expect(one(new Uint8Array(20))).rejects.toThrow(/not a \.npy file/);
  });
});

describe('generated signals', () => {
  it.each([
    ['chirps', 5, 1024],
    ['pump', 4, 256],
  ])('%s: the same every time, %d classes in turn, %d finite numbers', async (name, classes, steps) => {
    const [one, two] = [await readSignals(name, { limit: 10 }), await readSignals(name, { limit: 20 })];
    expect(one.examples).toEqual(two.examples.slice(0, 10));
    expect(new Set(two.examples.map(({ label }) => label)).size).toBe(classes);
    expect(
      two.examples.every(({ input }) => input.values.length === steps && input.values.every(Number.isFinite)),
    ).toBe(true);
  });
});
