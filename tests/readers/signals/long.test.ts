import { describe, expect, it } from 'vitest';
import { parsed } from './parsed.js';

/** Four series of three steps, a row each. */
function table(
  header: string,
  row: (id: number, step: number) => readonly (string | number)[],
  delimiter = ',',
): string {
  const rows = [0, 1, 2, 3].flatMap((id) => [0, 1, 2].map((step) => row(id, step).join(delimiter)));
  return `${header === '' ? '' : `${header.replaceAll(',', delimiter)}\n`}${rows.join('\n')}\n`;
}
const VALUE = (id: number, step: number): number => id + step / 10;
const CLASS = (id: number): string => (id % 2 === 0 ? 'up' : 'down');
const EXPECTED = [0, 1, 2, 3].map((id) => [CLASS(id), [0, 1, 2].map((step) => VALUE(id, step))]);

describe('tables with a row for each step', () => {
  it.each([
    ['id,time,value,class', (id: number, t: number) => [id, t, VALUE(id, t), CLASS(id)]],
    ['class,value,time,id', (id: number, t: number) => [CLASS(id), VALUE(id, t), t, id]],
    ['series,value,label', (id: number, t: number) => [`s${id}`, VALUE(id, t), CLASS(id)]],
    ['time,value,class', (id: number, t: number) => [t / 4, VALUE(id, t), CLASS(id)]],
    [
      'recording,timestamp,value,class',
      (id: number, t: number) => [`r${id}.dat`, `2020-01-01 00:00:0${t}`, VALUE(id, t), CLASS(id)],
    ],
    [
      'file,date,value,class',
      (id: number, t: number) => [`r${id}.dat`, `2020-01-0${t + 1}`, VALUE(id, t), CLASS(id)],
    ],
    [',id,step,value,class', (id: number, t: number) => [3 * id + t, id, t, VALUE(id, t), CLASS(id)]],
    [',time,value,class', (id: number, t: number) => [3 * id + t, t, VALUE(id, t), CLASS(id)]],
    [
      'subject,trial,time,value,class',
      (id: number, t: number) => [id >> 1, id & 1, t, VALUE(id, t), CLASS(id)],
    ],
    ['', (id: number, t: number) => [id, t, VALUE(id, t), CLASS(id)]],
    ['', (id: number, t: number) => [`s${id}`, t, VALUE(id, t), id % 2]],
  ])('become series: %s', async (header, row) => {
    const { series, notes } = await parsed('a.csv', table(header, row));
    expect(series.map(([, values]) => values)).toEqual(EXPECTED.map(([, values]) => values));
    expect(new Set(series.map(([label]) => label)).size).toBe(2);
    expect(notes).toContainEqual(expect.stringContaining('a row is one step'));
  });

  it('have decimal commas, several columns of values as channels, and no class where none is needed', async () => {
    const row = (id: number, t: number) => [id, t, String(VALUE(id, t)).replace('.', ','), CLASS(id)];
    expect((await parsed('a.csv', table('id,time,value,class', row, ';'))).series).toEqual(EXPECTED);
    const row3 = (id: number, t: number) => [id, t, VALUE(id, t), t + 1, id];
    const channels = [
      [1, 1.1, 1.2],
      [1, 2, 3],
      [1, 1, 1],
    ];
    const axes = await parsed('a.csv', table('id,time,x,y,z', row3), { labelled: false });
    expect(axes.series[1]).toEqual([undefined, ...channels]);
    const classed = table('id,time,x,y,z,label', (id, t) => [...row3(id, t), CLASS(id)]);
    expect((await parsed('a.csv', classed)).series[1]).toEqual(['down', ...channels]);
  });

  it('may have the rows of a series apart, and out of order', async () => {
    const { series } = await parsed(
      'a.csv',
      'id,time,value,class\n1,2,7,a\n2,0,8,b\n1,0,5,a\n2,1,9,b\n1,1,6,a\n',
    );
    expect(series).toEqual([
      ['a', [5, 6, 7]],
      ['b', [8, 9]],
    ]);
  });

  it('show missing steps as missing values, and bear clocks that tick unevenly', async () => {
    const gap = await parsed(
      'a.csv',
      'id,time,value,class\n1,0,5,a\n1,1,6,a\n1,3,7,a\n2,0,8,b\n2,1.1,9,b\n2,2,9,b\n',
    );
    expect(gap.series).toEqual([
      ['a', [5, 6, Number.NaN, 7]],
      ['b', [8, 9, 9]],
    ]);
    expect(gap.notes).toContainEqual(expect.stringContaining('1 series with gaps in their times'));
  });

  it.each([
    [
      '1,0,5,a\n1,1,7,b\n2,0,8,b\n2,1,8,b\n',
      /^a\.csv:3: the class is 'b', that of the series' first row \(a\.csv:2\) is 'a'/,
    ],
    ['1,0,5,a\n1,0,7,a\n2,0,8,b\n2,1,8,b\n', /^a\.csv:2: time 0 is there twice/],
    [
      '1,0,5,a\n1,1,7,a\n1,1.1,8,a\n1,2,8,a\n1,3,8,a\n2,0,1,b\n',
      /^a\.csv:2: its times are uneven: 0\.1 from 1 to 1\.1/,
    ],
    ['1,0,5,a\n1,1,x,a\n2,0,8,b\n2,1,8,b\n', /^a\.csv:3: column 'value' is 'x'/],
    ['1,0,5,a\n1,noon,5,a\n2,0,8,b\n2,1,8,b\n', /^a\.csv:3: column 'time' is 'noon', which is no time/],
    ['1,0,5,a\n1,1,5\n2,0,8,b\n2,1,8,b\n', /^a\.csv:3: this row has 3 columns, 4 are expected/],
    ['1,0,5,\n1,1,5,\n2,0,8,b\n2,1,8,b\n', /^a\.csv:2: its class is empty/],
  ])('refuse %j', async (rows, fault) => {
    const { faults } = await parsed('a.csv', `id,time,value,class\n${rows}`);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(fault);
  });

  it('are not seen in rows of many numbered steps, whose ids come again', async () => {
    const names = Array.from({ length: 9 }, (_, t) => `t${t}`);
    const content = `subject,time,${names.join(',')},class\n1,0,1,2,3,4,5,6,7,8,9,a\n1,1,1,2,3,4,5,6,7,8,9,b\n2,0,1,2,3,4,5,6,7,8,9,a\n`;
    const { series } = await parsed('a.csv', content);
    expect(series.map(([label, values]) => [label, (values as number[]).length])).toEqual([
      ['a', 9],
      ['b', 9],
      ['a', 9],
    ]);
  });
});
