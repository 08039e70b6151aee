/** Reads series from text, as a file of that name. */
import { checkOptions, type ReadOptions } from '#eft/readers/options.js';
import { readSeries } from '#eft/readers/signals/formats.js';

export interface Parsed {
  /** [label, …channels]; the label is undefined where there is none. */
  readonly series: readonly (readonly unknown[])[];
  /** "place: fault". */
  readonly faults: readonly string[];
  readonly notes: readonly string[];
}

/** @param labelled false: as for prediction. Default: true */
export async function parsed(
  name: string,
  content: string | Uint8Array,
  options: ReadOptions & { readonly labelled?: boolean } = {},
): Promise<Parsed> {
  const { labelled = true, ...given } = options;
  const series: (readonly unknown[])[] = [];
  const faults: string[] = [];
  const notes: string[] = [];
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const chunks = async function* () {
    // In two pieces, cut within a line.
    const half = Math.floor(bytes.length / 2);
    for (const piece of [bytes.subarray(0, half), bytes.subarray(half)]) if (piece.length > 0) yield piece;
  };
  const source = { name, bytes: chunks(), patient: true };
  const found = readSeries(source, { ...checkOptions(given), labelled }, (note) => notes.push(note));
  for await (const one of found) {
    if ('fault' in one) faults.push(`${one.place}: ${one.fault}`);
    else series.push([one.label, ...one.channels.map((channel) => Array.from(channel))]);
  }
  return { series, faults, notes };
}

/** Lines of `count` rows. */
export const lines = (count: number, row: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => `${row(i)}\n`).join('');
