/** Files of intervals in all their forms, and those that are refused. */
import { describe, expect, test } from 'vitest';
import { matchRecordings } from '#eft/readers/events/match.js';
import { eventsIn } from '#eft/readers/events/read.js';

const read = (text: string, name: string) => eventsIn(new TextEncoder().encode(text), name);
const plain = (text: string, name: string) =>
  read(text, name).map(({ onset, offset, label, file }) => [file, onset, offset, label]);

const LONG_GRID = `File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 2.5
tiers? <exists>
size = 2
item []:
    item [1]:
        class = "IntervalTier"
        name = "words 1"
        xmin = 0
        xmax = 2.5
        intervals: size = 3
        intervals [1]:
            xmin = 0
            xmax = 1
            text = ""
        intervals [2]:
            xmin = 1
            xmax = 1.5
            text = "say ""hi"""
        intervals [3]:
            xmin = 1.5
            xmax = 2.5
            text = "2"
    item [2]:
        class = "TextTier"
        name = "points"
        xmin = 0
        xmax = 2.5
        points: size = 1
        points [1]:
            number = 1
            mark = "x"
`;

describe('files of intervals', () => {
  test('CSV with names of columns in any order', () => {
    expect(plain('label,file,onset,offset\nknock,a.wav,1.5,2\n"a ""b""",b.wav,0,1e1\n', 'e.csv')).toEqual([
      ['a.wav', 1.5, 2, 'knock'],
      ['b.wav', 0, 10, 'a "b"'],
    ]);
    expect(plain('Start;End;Class\r\n0,5;1,25;x\r\n', 'e.csv')).toEqual([[undefined, 0.5, 1.25, 'x']]);
  });

  test('JSON lines', () => {
    expect(plain('{"file":"a.wav","onset":1,"offset":2,"label":7}\n\n', 'e.jsonl')).toEqual([
      ['a.wav', 1, 2, '7'],
    ]);
  });

  test("Audacity's labels, with frequencies", () => {
    expect(plain('0.5\t1.25\tbird\n\\\t100.0\t2000.0\n2\t3\tcar door\n', 'rec.txt')).toEqual([
      [undefined, 0.5, 1.25, 'bird'],
      [undefined, 2, 3, 'car door'],
    ]);
  });

  test("Praat's TextGrid, long and short", () => {
    const expected = [
      [undefined, 1, 1.5, 'say "hi"'],
      [undefined, 1.5, 2.5, '2'],
    ];
    expect(plain(LONG_GRID, 'rec.TextGrid')).toEqual(expected);
    const short = `File type = "ooTextFile"\n"TextGrid"\n\n0\n2.5\n<exists>\n1\n"IntervalTier"\n"words"\n0\n2.5\n3\n0\n1\n""\n1\n1.5\n"say ""hi"""\n1.5\n2.5\n"2"\n`;
    expect(plain(short, 'rec.TextGrid')).toEqual(expected);
  });

  test("Raven's selections, whose views count once", () => {
    const table =
      'Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tAnnotation\n' +
      '1\tWaveform 1\t1\t1.0\t2.0\t0\towl\n1\tSpectrogram 1\t1\t1.0\t2.0\t0\towl\n2\tSpectrogram 1\t1\t4\t5\t0\tjay\n';
    expect(plain(table, 'rec.Table.1.selections.txt')).toEqual([
      [undefined, 1, 2, 'owl'],
      [undefined, 4, 5, 'jay'],
    ]);
  });

  test.each([
    ['e.csv', '', /empty/],
    ['e.csv', 'file,onset,label\na,1,x\n', /no column 'offset'/],
    ['e.csv', 'file,onset,offset,label\na,two,3,x\n', /e\.csv, line 2: the onset is "?'?two/],
    ['e.csv', 'file,onset,offset,label\na,3,2,x\n', /line 2: the event ends at 2 s, and begins at 3 s/],
    ['e.csv', 'file,onset,offset,label\na,-1,2,x\n', /line 2: the onset is/],
    ['e.csv', 'file,onset,offset,label\na,1,2,\n', /line 2: the event has no label/],
    ['e.csv', 'file,onset,offset,label\na,1\n', /line 2: 2 fields/],
    ['e.csv', 'file,onset,offset,label\n"a,1,2,x\n', /never closed/],
    ['e.csv', 'file,onset,offset,label\na,1,NaN,x\n', /line 2: the offset/],
    ['e.csv', 'file,onset,offset,label\na,1,Infinity,x\n', /line 2: the offset/],
    ['e.jsonl', '{"onset":1,"offset":2}\n', /line 1 has no field 'label'/],
    ['e.jsonl', 'onset\n', /line 1 is no JSON/],
    ['e.jsonl', 'null\n', /line 1 is no object/],
    ['e.txt', '1\t2\tx\n1\t2\n', /line 2: a label of Audacity/],
    ['e.txt', '1\t2\tx\n3\t3\ty\n', /line 2: the event ends at 3 s/],
    ['e.TextGrid', 'hello', /no TextGrid/],
    ['e.TextGrid', LONG_GRID.slice(0, 420), /cut off or damaged/],
    ['e.TextGrid', LONG_GRID.replace('"TextGrid"', '"Pitch"'), /no TextGrid/],
    ['e.TextGrid', LONG_GRID.replace('xmax = 1.5', 'xmax = 0.5'), /has no length/],
    ['e.csv', 'a\0b', /does not decode|binary/],
  ])('%s is refused with its place: %j', (name, text, message) => {
    expect(() => read(text, name)).toThrow(message);
  });

  test('belong to recordings by their column, or by their own name', () => {
    const named = {
      name: 'all.csv',
      events: read('file,onset,offset,label\nsub/b.wav,2,3,x\nb.wav,1,2,y\n', 'all.csv'),
    };
    const own = { name: 'x/a.Table.1.selections.txt', events: read('1\t2\tz\n', 'a.txt') };
    const matched = matchRecordings(['a.wav', 'sub/b.wav', 'c.wav'], [named, own]);
    expect([...matched].map(([name, events]) => [name, events.map(({ label }) => label)])).toEqual([
      ['a.wav', ['z']],
      ['sub/b.wav', ['y', 'x']],
      ['c.wav', []],
    ]);
    expect(() => matchRecordings(['a.wav'], [named])).toThrow(
      /all\.csv, line 2: there is no recording 'sub\/b\.wav'/,
    );
    expect(() =>
      matchRecordings(['x/b.wav', 'y/b.wav'], [{ ...named, events: named.events.slice(1) }]),
    ).toThrow(/may be x\/b\.wav or y\/b\.wav/);
  });
});
