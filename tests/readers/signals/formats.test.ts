import { describe, expect, it } from 'vitest';
import { parsed } from './parsed.js';

const PREDICT = { labelled: false };

describe('.ts', () => {
  const STAMPED = '@timeStamps true\n@classLabel true a b\n@data\n';

  it('with time stamps: values in order, numbers and dates as times', async () => {
    const { series, notes } = await parsed(
      'a.ts',
      `${STAMPED}(0,1.0),(1,2.0):(0,3),(1,4):a\n(0, 1.5), (2, 2.5) : (0,3),(2,4) : b\n`,
    );
    expect(series).toEqual([
      ['a', [1, 2], [3, 4]],
      ['b', [1.5, 2.5], [3, 4]],
    ]);
    expect(notes).toEqual(['time stamps give the order; values are taken at equal steps']);
    const dates = await parsed(
      'a.ts',
      `${STAMPED}(2019-01-01 00:00:00,1.5),(2019-01-01 01:00:00,?),(2019-01-01 02:00:00,2):a\n`,
    );
    expect(dates.series).toEqual([['a', [1.5, Number.NaN, 2]]]);
  });

  it('with time stamps: steps that are missing are missing values', async () => {
    const { series } = await parsed('a.ts', `${STAMPED}(0,1),(1,2),(2,3),(5,4):a\n`);
    expect(series).toEqual([['a', [1, 2, 3, Number.NaN, Number.NaN, 4]]]);
  });

  it.each([
    ['(0,1),(1,2),(1.2,2),(2,5):a', /channel 1: its times are uneven: 0\.2 from 1 to 1\.2/],
    ['(0,1),(0,2):a', /channel 1: time 0 is there twice/],
    ['(1,1),(0,2):a', /channel 1: time 0 comes after 1/],
    ['(0,1),(1,x):a', /channel 1: value 2 is 'x', which is not a number/],
    ['(0,1),(noon,1):a', /channel 1: value 2 is '\(noon,1\)', which is no \(time,value\)/],
    ['0,1:a', /channel 1: value 1 is '0,1'; with time stamps it is \(time,value\)/],
    ['(0,1,2):a', /value 1 is '\(0,1,2\)'/],
  ])('with time stamps: refuses %s', async (line, fault) => {
    const { faults } = await parsed('a.ts', `${STAMPED}${line}\n`);
    expect(faults[0]).toMatch(fault);
  });

  it('without classes is read for prediction, and refused for training', async () => {
    const content = '@classLabel false\n@data\n1,2,3:4,5,6\n-7,8,?:1,1,1\n';
    expect((await parsed('a.ts', content, PREDICT)).series).toEqual([
      [undefined, [1, 2, 3], [4, 5, 6]],
      [undefined, [-7, 8, Number.NaN], [1, 1, 1]],
    ]);
    await expect(parsed('a.ts', content)).rejects.toThrow(/1: the series have no class .* training needs/);
  });

  it('with classes that are unknown, or not said in the header, is read for prediction', async () => {
    const expected = [
      [undefined, [1, 2, 3]],
      [undefined, [4, 5, 6]],
    ];
    for (const header of ['@classLabel true a b\n', '@targetLabel true\n', '']) {
      const { series } = await parsed('a.ts', `${header}@data\n1,2,3:a\n4,5,6:?\n`, PREDICT);
      expect(series).toEqual(expected);
    }
    expect((await parsed('a.ts', '@data\n1,2,3:4,5,6\n', PREDICT)).series).toEqual([
      [undefined, [1, 2, 3], [4, 5, 6]],
    ]);
  });
});

describe('.arff', () => {
  const ATTRIBUTES = {
    first: ['kind {a,b}', 't0 numeric', 't1 real'],
    middle: ['t0 numeric', "'kind' {a,'b'}", 't1 INTEGER'],
    last: ['t0 numeric', 't1 numeric', 'kind {a, b}'],
  };
  const row = (place: string, label: string): string =>
    ({ first: `${label},1,2`, middle: `1,${label},2`, last: `1,2,${label}` })[place]!;

  it.each(Object.entries(ATTRIBUTES))('takes the class where it stands: %s', async (place, attributes) => {
    const header = `@relation r\n${attributes.map((one) => `@attribute ${one}\n`).join('')}@data\n`;
    const number = String(1 + attributes.findIndex((one) => one.includes('kind')));
    for (const options of [{}, { labelField: 'kind' }, { labelField: number }]) {
      const { series } = await parsed(
        'a.arff',
        `${header}${row(place, 'a')}\n${row(place, "'b'")}\n`,
        options,
      );
      expect(series).toEqual([
        ['a', [1, 2]],
        ['b', [1, 2]],
      ]);
    }
    const unknown = await parsed('a.arff', `${header}${row(place, '?')}\n`, PREDICT);
    expect(unknown.series).toEqual([[undefined, [1, 2]]]);
    const { faults } = await parsed('a.arff', `${header}${row(place, '?')}\n`);
    expect(faults[0]).toMatch(/its class is missing/);
  });

  it('takes a class of numbers that is named, and needs none for prediction', async () => {
    const content =
      '@relation r\n@attribute k numeric\n@attribute t0 numeric\n@attribute t1 numeric\n@data\n1,2,3\n';
    expect((await parsed('a.arff', content, { labelField: 'k' })).series).toEqual([['1', [2, 3]]]);
    expect((await parsed('a.arff', content, PREDICT)).series).toEqual([[undefined, [1, 2, 3]]]);
    await expect(parsed('a.arff', content)).rejects.toThrow(
      /names no classes.*--label-field; there are 'k', 't0', 't1'/,
    );
    await expect(parsed('a.arff', content, { labelField: 'x' })).rejects.toThrow(
      /no attribute 'x' for the class/,
    );
  });

  it('leaves out ids, words and what is dropped, and reads quotes with commas in them', async () => {
    const content = `@relation r
@attribute 'row id' string
@attribute ID numeric
@attribute t0 numeric
@attribute age numeric
@attribute t1 numeric
@attribute class {'a, b', c}
@data
'x, y',7,1,50,2,'a, b'
z,8,3,51,4,c
`;
    const { series, notes } = await parsed('a.arff', content, { dropColumns: 'age' });
    expect(series).toEqual([
      ['a, b', [1, 2]],
      ['c', [3, 4]],
    ]);
    expect(notes).toEqual(["attribute 'row id' left out (no numbers)", "attribute 'ID' left out (an id)"]);
  });

  it('reads a relation with the class before it', async () => {
    const content =
      "@relation r\n@attribute kind {a,b}\n@attribute both relational\n@attribute t0 numeric\n@end both\n@data\nb,'1,2\\n3,4'\n";
    expect((await parsed('a.arff', content)).series).toEqual([['b', [1, 2], [3, 4]]]);
  });

  it.each([
    ['{0 1, 2 a}', /sparse rows/],
    ['1,2', /2 values, the header names 3 attributes/],
    ['1,x,a', /channel 1: value 2 is 'x'/],
    ['1,2,z', /the class 'z' is not among those in the header/],
  ])('refuses %s', async (line, fault) => {
    const header = '@relation r\n@attribute t0 numeric\n@attribute t1 numeric\n@attribute class {a}\n@data\n';
    expect((await parsed('a.arff', `${header}${line}\n`)).faults[0]).toMatch(fault);
  });
});

describe('JSON', () => {
  it('without classes is read for prediction; ids of any size are passed over', async () => {
    const content =
      '{"id":12345678901234567890,"values":[1,2,null]}\n{"values":[-3,4,5],"tags":["x"],"time":[0,1,2]}\n';
    expect((await parsed('a.jsonl', content, PREDICT)).series).toEqual([
      [undefined, [1, 2, Number.NaN]],
      [undefined, [-3, 4, 5]],
    ]);
  });

  it('keeps classes and values beyond 2^53', async () => {
    const content =
      '{"label":9007199254740993,"values":[9007199254740993,1]}\n{"label":9007199254740992,"values":[1,2]}\n';
    expect((await parsed('a.jsonl', content)).series).toEqual([
      ['9007199254740993', [9_007_199_254_740_992, 1]],
      ['9007199254740992', [1, 2]],
    ]);
  });

  it('leaves the class out where there is one', async () => {
    const { series } = await parsed(
      'a.jsonl',
      '{"label":null,"values":[1]}\n{"label":"a","values":[2]}\n',
      PREDICT,
    );
    expect(series).toEqual([
      [undefined, [1]],
      [undefined, [2]],
    ]);
  });

  it('takes the class from a field of any name or depth', async () => {
    const content = '{"meta":{"kind":"a"},"values":[1,2]}\n{"meta":{"kind":true},"values":[3,4]}\n';
    expect((await parsed('a.jsonl', content, { labelField: 'meta.kind' })).series).toEqual([
      ['a', [1, 2]],
      ['true', [3, 4]],
    ]);
  });

  it('reads channels: arrays of arrays, and fields of their own in the order of the first', async () => {
    const nested = await parsed('a.jsonl', '{"label":"a","values":[[1,2,3],[4,5,6]]}\n');
    expect(nested.series).toEqual([['a', [1, 2, 3], [4, 5, 6]]]);
    const named = await parsed(
      'a.jsonl',
      '{"x":[1,2],"y":[3,4],"label":"a"}\n{"label":"b","y":[7,8],"x":[5,6]}\n',
    );
    expect(named.series).toEqual([
      ['a', [1, 2], [3, 4]],
      ['b', [5, 6], [7, 8]],
    ]);
    expect(named.notes).toEqual(["channels 'x', 'y'"]);
    const rows = await parsed('a.jsonl', '{"label":"a","values":[[1,2],[3,4],[5,6],[7,8],[9,0]]}\n');
    expect(rows.notes).toEqual([expect.stringMatching(/^5 channels of 2 steps: .*\[channels\]\[steps\]/)]);
  });

  it('reads an array of objects, and leaves out what is dropped', async () => {
    const content = '[{"label":"a","x":[1,2],"extra":[9,9]},\n {"label":"b","x":[3,4],"extra":[9,9]}]';
    expect((await parsed('a.json', content, { dropColumns: 'extra' })).series).toEqual([
      ['a', [1, 2]],
      ['b', [3, 4]],
    ]);
  });

  it.each([
    ['{"label":"a","values":[1,NaN]}', /NaN and Infinity are not JSON.*write null/],
    ['{"label":"a","values":[1,-Infinity]}', /NaN and Infinity are not JSON/],
    ['{"label":"a","values":[1,1e999]}', /value 2 of channel 1 is too large/],
    [
      '{"label":"a","values":["1"]}',
      /value 1 of channel 1 is "1", not a number; write numbers without quotes/,
    ],
    ['{"label":"a","values":[[1],[true]]}', /value 1 of channel 2 is true, not a number/],
    ['{"label":"a","values":"1,2"}', /no field with an array of numbers/],
    ['{"label":null,"values":[1]}', /the class \(field 'label'\) is null/],
    ['{"label":"","values":[1]}', /the class \(field 'label'\) is ""/],
    [
      '{"values":[1],"kind":"a"}',
      /no field with the class: name it with --label-field; there are 'values', 'kind'/,
    ],
  ])('refuses %s', async (line, fault) => {
    const { faults } = await parsed('a.jsonl', `${line}\n`);
    expect(faults[0]).toMatch(/^a\.jsonl:1: /);
    expect(faults[0]).toMatch(fault);
  });
});
