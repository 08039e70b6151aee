import { describe, expect, it } from 'vitest';
import { InputError } from '#eft/errors.js';
import { lines, parsed } from './parsed.js';

/** Series of three values; of row i the first is i + 0.25. */
const VALUES = (i: number): number[] => [i + 0.25, i - 0.5, 2 * i + 1.125];
const point = (i: number): string[] => VALUES(i).map(String);
const comma = (i: number): string[] => point(i).map((value) => value.replace('.', ','));
/** Sorted, as data often are. */
const CLASS = (i: number): string => (i < 3 ? 'run' : 'walk');
const NUMBER = (i: number): string => (i < 3 ? '1' : '2');

const EXPECTED = (label: (i: number) => string | undefined) =>
  Array.from({ length: 6 }, (_, i) => [label(i), VALUES(i)]);

describe('decimal commas', () => {
  it.each([
    ['semicolons, .csv', '.csv', ';'],
    ['tabs, .csv', '.csv', '\t'],
    ['tabs, .tsv', '.tsv', '\t'],
    ['pipes', '.csv', '|'],
    ['spaces, .txt', '.txt', ' '],
    ['spaces, .csv', '.csv', ' '],
    ['several spaces', '.txt', '   '],
  ])('are sniffed together with %s', async (_, ending, delimiter) => {
    const bare = lines(6, (i) => [NUMBER(i), ...comma(i)].join(delimiter));
    const { series, notes } = await parsed(`a${ending}`, bare);
    expect(series).toEqual(EXPECTED(NUMBER));
    expect(notes).toContainEqual(expect.stringMatching(/^decimal commas, .* between columns \(guessed\)$/));
    const named = await parsed(`a${ending}`, `${['label', 't0', 't1', 't2'].join(delimiter)}\n${bare}`);
    expect(named.series).toEqual(EXPECTED(NUMBER));
  });

  it('are read in quotes between commas, and with exponents and signs', async () => {
    const quoted = lines(6, (i) => [CLASS(i), ...comma(i).map((value) => `"${value}"`)].join(','));
    expect((await parsed('a.csv', quoted)).series).toEqual(EXPECTED(CLASS));
    const { series } = await parsed('a.csv', 'a;-1,5e-1;+2,5;,5\nb;1;2,5;3\n');
    expect(series).toEqual([
      ['a', [-0.15, 2.5, 0.5]],
      ['b', [1, 2.5, 3]],
    ]);
  });

  it('are read where the delimiter is given, or said in the file', async () => {
    const content = lines(6, (i) => [CLASS(i), ...comma(i)].join(';'));
    expect((await parsed('a.csv', content, { delimiter: 'semicolon' })).series).toEqual(EXPECTED(CLASS));
    expect((await parsed('a.csv', `sep=;\r\n${content}`)).series).toEqual(EXPECTED(CLASS));
  });

  it('are not seen where there are none', async () => {
    const { series, notes } = await parsed(
      'a.csv',
      lines(6, (i) => [CLASS(i), ...point(i)].join(', ')),
    );
    expect(series).toEqual(EXPECTED(CLASS));
    expect(notes).toEqual(['class in the first column']);
  });
});

describe('numbers', () => {
  it.each([
    ['a;1.234,5;2.000,25\nb;1.234,5;2.000,25\n', /1: column 2 is '1\.234,5'; .*separators of thousands/],
    ['a;1,234.5;2.5\nb;3.5;2,000.25\n', /1: column 2 is '1,234\.5'; .*separators of thousands/],
    ['a,"1,234","2,000"\nb,"1,234","2,000"\n', /1: column 2 is '1,234'; .*separators of thousands/],
    ["a;1'234.5;2.5\nb;3.5;4.5\n", /1: column 2 is '1'234\.5'; .*separators of thousands/],
    ['label;t0;t1\na;0,5;1,5\nb;0.5;1,5\n', /3: column 't0' is '0\.5'.*it has a point/],
    ['label;t0;t1\na;0.5;1.5\nb;0,5;1.5\n', /3: column 't0' is '0,5'.*it has a comma/],
    ['label,t0,t1\na,1,x\nb,1,2\n', /2: column 't1' is 'x', which is not a number/],
    ['label,t0,t1\na,-inf,1\nb,1,2\n', /2: column 't0' is '-inf'.*infinite/],
    ['label,t0,t1\na,1e999,1\nb,1,2\n', /2: column 't0' is '1e999', which is too large/],
    ['label,t0,t1\na,0x1f,1\nb,1,2\n', /2: column 't0' is '0x1f', which is not a number/],
    ['label,t0,t1\na,1_0,1\nb,1,2\n', /2: column 't0' is '1_0', which is not a number/],
  ])('refuses what is none in %j, with its column', async (content, message) => {
    const { faults, series } = await parsed('a.csv', content);
    expect(faults[0]).toMatch(message);
    expect(series.length + faults.length).toBe(2);
  });

  it('takes empty cells and words for missing values, behind the end for none', async () => {
    const { series } = await parsed('a.csv', 'label,t0,t1,t2\na,1,,3\nb,NA,2,\nc,?,null,n/a\nd,1,NaN,NaN\n');
    expect(series).toEqual([
      ['a', [1, Number.NaN, 3]],
      ['b', [Number.NaN, 2]],
      ['c', [Number.NaN, Number.NaN, Number.NaN]],
      ['d', [1]],
    ]);
  });
});

describe('columns of numbers or names of rows', () => {
  it.each([
    '',
    'Unnamed: 0',
    'index',
    'id',
    'ID',
    'sample_id',
    'rowId',
    'row',
    'Nr.',
    '#',
    'subject',
    'recording',
  ])('are left out and said where they are called %j', async (name) => {
    const content = `${name},t0,t1,t2,label\n${lines(6, (i) => [i * 7, ...point(i), CLASS(i)].join(','))}`;
    const { series, notes } = await parsed('a.csv', content);
    expect(series).toEqual(EXPECTED(CLASS));
    const shown = name === '' ? '1' : `'${name}'`;
    expect(notes).toContainEqual(expect.stringContaining(`column ${shown} left out`));
  });

  it.each([
    ['the class last', (i: number) => [i, ...point(i), CLASS(i)]],
    ['the class last, as a number', (i: number) => [i + 1, ...point(i), NUMBER(i)]],
    ['in any order', (i: number) => [(i * 37) % 101, ...point(i), CLASS(i)]],
    ['rising', (i: number) => [i * i + 3, NUMBER(i), ...point(i)]],
    ['the class second', (i: number) => [i, CLASS(i), ...point(i)]],
    ['the class second, as a number', (i: number) => [i + 500, NUMBER(i), ...point(i)]],
  ])('are recognised without a header, %s', async (_, row) => {
    const { series, notes } = await parsed(
      'a.csv',
      lines(6, (i) => row(i).join(',')),
    );
    expect(series.map(([, values]) => values)).toEqual(EXPECTED(CLASS).map(([, values]) => values));
    expect(new Set(series.map(([label]) => label)).size).toBe(2);
    expect(notes).toContain('column 1 left out (it numbers the rows)');
  });

  it('are recognised where they are words, and where only their values tell', async () => {
    const words = await parsed(
      'a.csv',
      lines(6, (i) => [`x${i}`, ...point(i), NUMBER(i)].join(',')),
    );
    expect(words.series).toEqual(EXPECTED(NUMBER));
    const header = 'take,a,b,c,label\n';
    for (const id of [(i: number) => `x${i}.wav`, (i: number) => 100 + i, (i: number) => (i * 37) % 101]) {
      const content = header + lines(6, (i) => [id(i), ...point(i), CLASS(i)].join(','));
      expect((await parsed('a.csv', content)).series).toEqual(EXPECTED(CLASS));
    }
  });

  it('are recognised as R writes them, with one name less than there are columns', async () => {
    const content = `"t0","t1","t2","label"\n${lines(6, (i) => [`"${i + 1}"`, ...point(i), CLASS(i)].join(','))}`;
    expect((await parsed('a.csv', content)).series).toEqual(EXPECTED(CLASS));
  });

  it('leaves out what stands beside a numbered series', async () => {
    const content = `fold,t0,t1,t2,weight,label\n${lines(6, (i) => [i % 2, ...point(i), 70 + i, CLASS(i)].join(','))}`;
    const { series, notes } = await parsed('a.csv', content);
    expect(series).toEqual(EXPECTED(CLASS));
    expect(notes).toContain("columns 'fold', 'weight' left out (beside the series t0 … t2)");
  });

  it('keeps a first value that counts by chance where the class would be lost', async () => {
    const { series } = await parsed('a.csv', '1,0.5,0.7\n2,0.2,0.4\n3,0.1,0.9\n');
    expect(series.map(([label]) => label)).toEqual(['1', '2', '3']);
  });

  it('leaves out the columns of dropColumns: names, numbers, and refuses what is not there', async () => {
    const content = `a,b,c,label\n${lines(6, (i) => [...point(i), CLASS(i)].join(','))}`;
    const { series } = await parsed('a.csv', content, { dropColumns: 'a,3' });
    expect(series).toEqual(Array.from({ length: 6 }, (_, i) => [CLASS(i), [VALUES(i)[1]]]));
    const refusal = parsed('a.csv', content, { dropColumns: 'nope' });
    await expect(refusal).rejects.toThrow(/a\.csv:1: no column 'nope' to leave out.*'a', 'b', 'c', 'label'/);
    await expect(refusal).rejects.toBeInstanceOf(InputError);
  });
});

describe('the class', () => {
  const at = (place: number, i: number, label: string): string => {
    const cells = point(i);
    cells.splice(place, 0, label);
    return cells.join(',');
  };

  it.each([0, 1, 2, 3])('stands anywhere: place %i, by name, by number, or by its words', async (place) => {
    const names = ['u', 'v', 'w'];
    names.splice(place, 0, 'kind');
    const bare = lines(6, (i) => at(place, i, NUMBER(i)));
    const named = `${names.join(',')}\n${bare}`;
    expect((await parsed('a.csv', named, { labelField: 'kind' })).series).toEqual(EXPECTED(NUMBER));
    expect((await parsed('a.csv', named, { labelField: String(place + 1) })).series).toEqual(
      EXPECTED(NUMBER),
    );
    expect((await parsed('a.csv', bare, { labelField: String(place + 1) })).series).toEqual(EXPECTED(NUMBER));
    expect(
      (await parsed('a.tsv', bare.replaceAll(',', '\t'), { labelField: String(place + 1) })).series,
    ).toEqual(EXPECTED(NUMBER));
    expect(
      (await parsed('a.txt', bare.replaceAll(',', '  '), { labelField: String(place + 1) })).series,
    ).toEqual(EXPECTED(NUMBER));
    const words = lines(6, (i) => at(place, i, CLASS(i)));
    expect((await parsed('a.csv', words)).series).toEqual(EXPECTED(CLASS));
    const called = named.replace('kind', 'Class');
    expect((await parsed('a.csv', called)).series).toEqual(EXPECTED(NUMBER));
  });

  it('is the last column where the first holds none', async () => {
    const { series, notes } = await parsed(
      'a.csv',
      lines(6, (i) => at(3, i, NUMBER(i))),
    );
    expect(series).toEqual(EXPECTED(NUMBER));
    expect(notes).toEqual(['class in the last column']);
    const uneven = await parsed('a.csv', '1.5,2,3,a\n1,2,b\n1,2,3,4,a\n');
    expect(uneven.series.map(([label]) => label)).toEqual(['a', 'b', 'a']);
  });

  it('is one of the columns that a header of numbers names', async () => {
    const content = `,0,1,2,label\n${lines(6, (i) => [i, ...point(i), CLASS(i)].join(','))}`;
    expect((await parsed('a.csv', content)).series).toEqual(EXPECTED(CLASS));
    const plain = `0,1,2,3\n${lines(6, (i) => [...point(i), NUMBER(i)].join(','))}`;
    expect((await parsed('a.csv', plain)).series).toEqual(EXPECTED(NUMBER));
  });

  it('may be called y, n or class without being a header', async () => {
    const { series } = await parsed('a.csv', 'y,1,2,3\nn,4,5,6\ny,7,8,9\n');
    expect(series.map(([label]) => label)).toEqual(['y', 'n', 'y']);
  });

  it.each([
    [
      't0,t1,t2\n0.5,1.5,2.5\n0.25,1,2\n',
      {},
      /1: which column is the class\? There are 't0', 't1', 't2'; name it with --label-field/,
    ],
    ['0.5,1.5,2.5\n0.25,1,2.5\n', {}, /which column is the class\? There are 3 columns without names/],
    [
      't0,t1,label\n1,2,a\n',
      { labelField: 'kind' },
      /no column 'kind' for the class; there are 't0', 't1', 'label'/,
    ],
    ['1,2,a\n1,2,b\n', { labelField: '9' }, /no column '9' for the class; there are 3 columns/],
  ])('is needed for training: %j', async (content, options, message) => {
    await expect(parsed('a.csv', content, options)).rejects.toThrow(message);
  });

  it('must not be empty', async () => {
    const { faults } = await parsed('a.csv', 'label,t0,t1\n,1,2\nb,1,2\n');
    expect(faults).toEqual(['a.csv:2: its class is empty']);
  });
});

describe('tables for prediction', () => {
  it.each([
    ['a header', 't0,t1,t2\n-999,2,3\n', [[-999, 2, 3]]],
    [
      'no header',
      '-999,2,3\n4,5,6\n',
      [
        [-999, 2, 3],
        [4, 5, 6],
      ],
    ],
    [
      'whole numbers that count',
      '1,2,3\n2,3,4\n3,4,5\n',
      [
        [1, 2, 3],
        [2, 3, 4],
        [3, 4, 5],
      ],
    ],
    ['one row', '1,2,3\n', [[1, 2, 3]]],
    [
      'decimal commas',
      '0,25;1,5\n0,5;1\n',
      [
        [0.25, 1.5],
        [0.5, 1],
      ],
    ],
    ['numbers as names', '0,1,2\n0.5,1.5,2.5\n', [[0.5, 1.5, 2.5]]],
    [
      'an index',
      ',t0,t1\n0,0.5,1\n1,0.25,2\n',
      [
        [0.5, 1],
        [0.25, 2],
      ],
    ],
    [
      'an index without a name',
      '0,0.5,1.5\n1,0.25,2\n2,0.5,1\n',
      [
        [0.5, 1.5],
        [0.25, 2],
        [0.5, 1],
      ],
    ],
    [
      'a class by name',
      'label,t0,t1\na,1,2\nb,3,4\n',
      [
        [1, 2],
        [3, 4],
      ],
    ],
    [
      'an empty class',
      't0,t1,label\n1,2,\n3,4,\n',
      [
        [1, 2],
        [3, 4],
      ],
    ],
  ])('need no class and lose no value: %s', async (_, content, values) => {
    const { series, faults } = await parsed('a.csv', content, { labelled: false });
    expect(faults).toEqual([]);
    expect(series).toEqual(values.map((one) => [undefined, one]));
  });

  it('leave out a class that is named or numbered', async () => {
    for (const labelField of ['kind', '2']) {
      const { series } = await parsed('a.csv', 't0,kind,t1\n1,9,2\n3,8,4\n', { labelled: false, labelField });
      expect(series).toEqual([
        [undefined, [1, 2]],
        [undefined, [3, 4]],
      ]);
    }
    // New data often lack the column.
    const { series } = await parsed('a.csv', 't0,t1\n1,2\n', { labelled: false, labelField: 'kind' });
    expect(series).toEqual([[undefined, [1, 2]]]);
  });

  it.each([
    ['t0,t1,t2\nhello,2,3\n', "a.csv:2: column 't0' is 'hello', which is not a number"],
    ['t0,t1,t2\n1,hello,3\n', "a.csv:2: column 't1' is 'hello', which is not a number"],
    ['hello,2,3\n', "a.csv:1: column 1 is 'hello', which is not a number"],
  ])('refuse words: %j', async (content, fault) => {
    const { faults } = await parsed('a.csv', content, { labelled: false });
    expect(faults[0]).toContain(fault);
  });

  it('refuse one value a line', async () => {
    await expect(parsed('a.csv', '1\n2\n3\n', { labelled: false })).rejects.toThrow(/1: one value a line/);
  });
});

describe('files of tables', () => {
  it('are read in every encoding and with every line end, quotes and byte-order marks', async () => {
    const content = 'label\tt0\tt1\r\nä\t1,5\t2,5\r\nb\t3,5\t4,5\r\n';
    const expected = [
      ['ä', [1.5, 2.5]],
      ['b', [3.5, 4.5]],
    ];
    const utf16 = new Uint8Array(Buffer.from(`\ufeff${content}`, 'utf16le'));
    const latin = new Uint8Array(Buffer.from(content, 'latin1'));
    for (const bytes of [utf16, latin, `\ufeff${content}`, content.replaceAll('\r\n', '\r')]) {
      expect((await parsed('a.csv', bytes)).series).toEqual(expected);
    }
    const quoted = await parsed('a.csv', '"label","t0","t1"\n"a ""b"", c","1","2"\n"d","3","4"\n');
    expect(quoted.series).toEqual([
      ['a "b", c', [1, 2]],
      ['d', [3, 4]],
    ]);
  });

  it('of the old UCR archive are separated by white space, with exponents', async () => {
    const row = (label: string, i: number): string =>
      `  ${label}  ${VALUES(i)
        .map((value) => value.toExponential(7))
        .join('  ')}`;
    const content = lines(6, (i) => row(Number(NUMBER(i)).toExponential(7), i));
    expect((await parsed('Coffee_TRAIN.txt', content)).series).toEqual(EXPECTED(NUMBER));
    const plain = lines(6, (i) => row(NUMBER(i), i).trim().replaceAll(/ +/g, ' '));
    expect((await parsed('Coffee_TRAIN.txt', plain)).series).toEqual(EXPECTED(NUMBER));
    const commas = lines(6, (i) => [NUMBER(i), ...point(i)].join(','));
    expect((await parsed('Coffee_TRAIN.txt', commas)).series).toEqual(EXPECTED(NUMBER));
    await expect(parsed('Coffee_TRAIN', commas)).rejects.toThrow(/which signals are these\?.*--format/);
    expect((await parsed('Coffee_TRAIN', commas, { format: 'csv' })).series).toEqual(EXPECTED(NUMBER));
    expect((await parsed('Coffee.dat', plain, { format: 'text' })).series).toEqual(EXPECTED(NUMBER));
  });

  it('may have rows longer than what is looked at first, and more columns than tables of texts', async () => {
    const long = Array.from({ length: 120_000 }, (_, t) => `0,${t % 10}`).join(';');
    const { series, faults } = await parsed('a.csv', `a;${long}\nb;${long}\n`);
    expect(faults).toEqual([]);
    expect(series.map(([label, values]) => [label, (values as number[]).length])).toEqual([
      ['a', 120_000],
      ['b', 120_000],
    ]);
    expect((series[1][1] as number[]).slice(7, 12)).toEqual([0.7, 0.8, 0.9, 0, 0.1]);
  });

  it('go on behind a row that breaks the rules, where that is allowed', async () => {
    const content = 'label,t0,t1\na,1,2\nb,"1,2\nc,3,4\nd,5,6,7\ne,"x"y,1\nf,1,2\n';
    const { series, faults } = await parsed('a.csv', content, { skipBad: 9 });
    expect(series).toEqual([
      ['a', [1, 2]],
      ['c', [3, 4]],
      ['f', [1, 2]],
    ]);
    expect(faults.map((fault) => fault.slice(0, 7)).sort()).toEqual(['a.csv:3', 'a.csv:5', 'a.csv:6']);
  });
});
