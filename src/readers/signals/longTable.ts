/** Tables with a row for each step: rows that belong together become one series, in order of their times. */
import type { TableRecord } from '../parse/table.js';
import type { SeriesColumns } from './columns.js';
import { type DecimalMark, parseNumber } from './numbers.js';
import type { SeriesOrFault } from './series.js';
import { spaced, timeOf, timePositions } from './times.js';

interface Growing {
  readonly place: string;
  readonly label: string | undefined;
  readonly channels: number[][];
  readonly times: number[];
  /** Why it does not serve, and where. */
  bad?: { readonly place: string; readonly fault: string };
}

export interface LongOptions {
  readonly columns: SeriesColumns & { readonly long: NonNullable<SeriesColumns['long']> };
  readonly decimal: DecimalMark;
  readonly labelled: boolean;
  /** Number of columns. */
  readonly width: number;
  readonly place: (line: number) => string;
  readonly columnName: (column: number) => string;
  readonly note: (text: string) => void;
}

/** Series in order of their first rows; they are given when all rows are read, for their rows may lie apart. */
export class LongTable {
  readonly #options: LongOptions;
  readonly #values: readonly number[];
  readonly #series = new Map<string, Growing>();
  readonly #faults: SeriesOrFault[] = [];
  #restarts = 0;
  #lastTime = Number.NEGATIVE_INFINITY;
  /** Whether the time column holds times, as its first cell says. */
  #timed: boolean | undefined;

  constructor(options: LongOptions) {
    this.#options = options;
    const { columns, width } = options;
    const { ids, time } = columns.long;
    const others = new Set([...ids, ...columns.leftOut, time, columns.label]);
    this.#values = Array.from({ length: width }, (_, i) => i).filter((i) => !others.has(i));
  }

  /** A row. */
  add({ line, fields, fault }: TableRecord): void {
    const { columns, decimal, width, columnName, labelled } = this.#options;
    const place = this.#options.place(line);
    if (fault !== undefined || fields.length !== width) {
      this.#faults.push({
        place,
        fault: fault ?? `this row has ${fields.length} columns, ${width} are expected`,
      });
      return;
    }
    const { ids, time } = columns.long;
    const refuse = (text: string): void => {
      series.bad ??= { place, fault: text };
    };
    let now: number | undefined;
    if (time !== undefined) {
      now = timeOf(decimal === ',' ? fields[time].replace(',', '.') : fields[time]);
      this.#timed ??= now !== undefined;
      if (ids.length === 0 && now !== undefined) {
        if (now <= this.#lastTime) this.#restarts++;
        this.#lastTime = now;
      }
    }
    const key = ids.length === 0 ? String(this.#restarts) : JSON.stringify(ids.map((i) => fields[i]));
    const label = labelled ? fields[columns.label as number] : undefined;
    let series = this.#series.get(key)!;
    if (series === undefined) {
      series = { place, label, channels: this.#values.map(() => []), times: [] };
      this.#series.set(key, series);
    }
    const empty = ids.find((i) => fields[i] === '');
    if (empty !== undefined) refuse(`column ${columnName(empty)}, which names the series, is empty`);
    if (label !== series.label) {
      refuse(
        `the class is '${label}', that of the series' first row (${series.place}) is '${series.label}'; a series has one class: give each series an id of its own`,
      );
    }
    if (this.#timed === true && now === undefined) {
      refuse(`column ${columnName(time!)} is '${fields[time!].slice(0, 40)}', which is no time`);
    }
    if (now !== undefined) series.times.push(now);
    for (const [c, column] of this.#values.entries()) {
      const cell = fields[column];
      const value = cell === '' ? Number.NaN : parseNumber(cell, decimal);
      if (typeof value === 'number') series.channels[c].push(value);
      else refuse(`column ${columnName(column)} ${value.fault}`);
    }
  }

  *finish(): Generator<SeriesOrFault> {
    yield* this.#faults;
    let gaps = 0;
    for (const series of this.#series.values()) {
      const found = this.#seriesOf(series, () => gaps++);
      yield found;
    }
    if (gaps > 0) this.#options.note(`${gaps} series with gaps in their times: steps are missing there`);
  }

  #seriesOf({ place, label, channels, times, bad }: Growing, onGap: () => void): SeriesOrFault {
    if (bad !== undefined) return bad;
    if (channels.length === 0) return { place, fault: 'the table has no column of values' };
    if (label !== undefined && label === '') return { place, fault: 'its class is empty' };
    const base = { place, ...(label === undefined ? {} : { label }) };
    if (times.length === 0) return { ...base, channels };
    const order = times.map((_, i) => i).sort((a, b) => times[a] - times[b] || a - b);
    const places = timePositions(order.map((i) => times[i]));
    if ('fault' in places) return { place, fault: places.fault };
    if (places[places.length - 1] >= times.length) onGap();
    return {
      ...base,
      channels: channels.map((channel) =>
        spaced(
          order.map((i) => channel[i]),
          places,
        ),
      ),
    };
  }
}
