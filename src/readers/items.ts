/** The loop over sources: whatever they are and wherever they lie, raw examples come out, in order and in batches. */
import type { RawExample } from '../data/dataset.js';
import { takeTurns } from '../data/limit.js';
import { InputError } from '../errors.js';
import { number } from './describe.js';
import type { PathGroup } from './diskContract.js';
import { requireFormat } from './formats.js';
import type { Notes } from './notes.js';
import type { CheckedOptions } from './options.js';
import { decodeWhole } from './parse/decode.js';
import { type RowWish, rowExamples } from './parse/rowExamples.js';
import { openRows, type RowSource } from './parse/rows.js';
import { concatenated } from './parse/source.js';
import { rawSignalOf, type Series } from './signals/series.js';
import type { Source } from './source.js';

export interface ItemWish extends Omit<RowWish, 'limit'> {
  readonly kind: 'text' | 'bytes' | 'signal';
}

/** Bytes of a file that holds one signal. */
const MOST_SIGNAL_BYTES = 2 ** 32;

/** Single files that are read at the same time. */
const AT_ONCE = 16;

/** Numbers rows over all sources. */
interface Progress {
  lastRow: number;
}

/**
 * Throws InputError naming file and place of what cannot be read, when all before has been given.
 * `limit` is of the first examples in all; of a folder by class, or known examples, the first of each class in turn; of
 * divided tables so many of each part.
 */
export async function* itemsOf(
  groups: AsyncIterable<PathGroup>,
  options: CheckedOptions,
  wish: ItemWish,
  notes: Notes,
): AsyncGenerator<RawExample[]> {
  const progress: Progress = { lastRow: 0 };
  let left = options.limit;
  for await (const {
    singles,
    tables,
    examples,
    reading,
    leftOut = [],
    unlabelled = 0,
    notes: remarks = [],
  } of groups) {
    notes.leftOut.push(...leftOut);
    notes.unlabelled += unlabelled;
    for (const remark of remarks) notes.remarks.add(remark);
    if (reading !== undefined) notes.reading = reading;
    let count = 0;
    const counted = async function* (batches: AsyncIterable<RawExample[]>): AsyncGenerator<RawExample[]> {
      for await (const batch of batches) {
        count += batch.length;
        yield batch;
      }
    };
    if (examples !== undefined) {
      noteLimit(notes, examples.length, left);
      yield* counted(known(examples, left, wish, progress));
    }
    if (singles.length > 0) yield* counted(singleItems(singles, options, wish, left, notes, progress));
    /** Examples that each part may still give. */
    const parts = new Map<string | undefined, number>();
    for (const table of tables) {
      const remaining = parts.get(table.split) ?? left;
      if (remaining <= 0) continue;
      let own = 0;
      for await (const batch of tableItems(table, options, { ...wish, limit: remaining }, notes, progress)) {
        own += batch.length;
        count += batch.length;
        yield table.split === undefined ? batch : batch.map((one) => ({ ...one, split: table.split }));
      }
      parts.set(table.split, remaining - own);
    }
    left -= count;
    if (left <= 0) return;
  }
}

/** Says how much of what there is was left out. */
function noteLimit(notes: Notes, there: number, limit: number): void {
  if (limit < there) {
    notes.remarks.add(`${number(limit)} of ${number(there)} examples are used, each class in turn`);
  }
}

async function* known(
  examples: readonly RawExample[],
  limit: number,
  { after }: ItemWish,
  progress: Progress,
): AsyncGenerator<RawExample[]> {
  const labelled = examples.map((example) => ({ example, label: example.label ?? '' }));
  const chosen = takeTurns(labelled, limit).map(({ example }) => ({ ...example, row: ++progress.lastRow }));
  yield chosen.filter(({ row }) => row > after);
}

async function* singleItems(
  singles: readonly Source[],
  options: CheckedOptions,
  wish: ItemWish,
  limit: number,
  notes: Notes,
  progress: Progress,
): AsyncGenerator<RawExample[]> {
  const labelled = singles.map((source) => ({
    source,
    label: `${source.split ?? ''}/${source.label ?? ''}`,
  }));
  noteLimit(notes, singles.length, limit);
  const chosen = takeTurns(labelled, limit).map(({ source }) => source);
  for (let first = 0; first < chosen.length; first += AT_ONCE) {
    const some = chosen.slice(first, first + AT_ONCE);
    const outcomes = await Promise.all(some.map((source) => outcomeOf(source, options, wish)));
    const batch: RawExample[] = [];
    let refusal: unknown;
    for (const [i, outcome] of outcomes.entries()) {
      const { name: place, label, split } = some[i];
      const row = ++progress.lastRow;
      if (row <= wish.after) continue;
      if (outcome instanceof InputError) {
        // Of several files the first in order is refused.
        if (options.skipBad === undefined) {
          refusal = outcome;
          break;
        }
        notes.skipped.add(place, outcome);
        continue;
      }
      if ('warning' in outcome && outcome.warning !== undefined) notes.warn(place, outcome.warning);
      if ('encoding' in outcome) {
        notes.encodings.set(outcome.encoding, (notes.encodings.get(outcome.encoding) ?? 0) + 1);
      }
      batch.push({
        input: outcome.input,
        ...(label === undefined ? {} : { label }),
        place,
        file: place,
        row,
        ...(split === undefined ? {} : { split }),
        ...(wish.keep.length === 0 ? {} : { kept: keptOfFile(place, wish.keep) }),
      });
    }
    if (batch.length > 0) yield batch;
    if (refusal !== undefined) throw refusal;
  }
}

/** What can be kept of an input without fields. */
function keptOfFile(place: string, keep: readonly string[] | 'all'): Readonly<Record<string, unknown>> {
  const foreign = keep === 'all' ? undefined : keep.find((name) => name !== 'place' && name !== 'file');
  if (foreign !== undefined) {
    throw new InputError(
      `${place}: no field '${foreign}' to keep; this input has no fields but 'file' and 'place'`,
    );
  }
  return { place };
}

type Outcome =
  | { readonly input: RawExample['input']; readonly warning?: string }
  | { readonly input: string; readonly encoding: string };

/** The one input of a file, or why it has none. */
async function outcomeOf(
  source: Source,
  options: CheckedOptions,
  { kind }: ItemWish,
): Promise<Outcome | InputError> {
  try {
    if (kind === 'text') return await wholeText(source, options);
    if (kind === 'signal') {
      const { name } = source;
      const tooLong = `more than ${MOST_SIGNAL_BYTES} bytes`;
      const { decodeSignal } = await import('./signals/formats.js');
      const found = decodeSignal(await source.content(MOST_SIGNAL_BYTES, tooLong), name);
      const signal = rawSignalOf(found);
      if ('fault' in signal) return new InputError(`${name}: ${signal.fault}`);
      return { input: signal, ...(found.warning === undefined ? {} : { warning: found.warning }) };
    }
    const { maxField } = options;
    const tooLong = `more than ${maxField} bytes (--max-field allows longer ones)`;
    return { input: await source.content(maxField, tooLong) };
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
}

async function wholeText(
  source: Source,
  { encoding, maxField }: CheckedOptions,
): Promise<{ input: string; encoding: string }> {
  const tooLong = `a text of more than ${maxField} characters (--max-field allows longer ones)`;
  // No encoding takes more bytes for a UTF-16 unit than four.
  const most = 4 * maxField;
  let bytes = await source.content(most, tooLong);
  // A packed one is unpacked.
  if ((bytes[0] === 0x1f && bytes[1] === 0x8b) || /\.gz$/i.test(source.name)) {
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of (await source.open()).bytes) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > most) throw new InputError(`${source.name}: ${tooLong}`);
    }
    bytes = concatenated(chunks);
  }
  const decoded = decodeWhole(source.name, bytes, encoding);
  if (decoded.text.length > maxField) throw new InputError(`${source.name}: ${tooLong}`);
  return { input: decoded.text, encoding: decoded.encoding };
}

/** What a damaged gzip file gives may look like bad rows: then the damage is the fault. */
async function* blamingFile<T>(source: Source, batches: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* batches;
  } catch (error) {
    if (error instanceof InputError) throw (await source.fault?.()) ?? error;
    throw error;
  }
}

/** Throws InputError if the file is of no format that is read. */
async function openTable(source: Source, options: CheckedOptions): Promise<RowSource> {
  // Asked first: that a file is not there matters more than its format.
  const bytes = await source.open();
  const format = options.format ?? source.format ?? requireFormat(source.name, undefined);
  return format === 'parquet' ? source.openParquet() : openRows(bytes, format, options);
}

async function* tableItems(
  source: Source,
  options: CheckedOptions,
  wish: ItemWish & RowWish,
  notes: Notes,
  progress: Progress,
): AsyncGenerator<RawExample[]> {
  if (wish.kind === 'signal') {
    yield* seriesItems(source, options, wish, notes, progress);
    return;
  }
  const { name } = source;
  const index = notes.files.length;
  const read = async function* (): AsyncGenerator<RawExample[]> {
    const rows = await openTable(source, options);
    const first = progress.lastRow + 1;
    for await (const batch of rowExamples(rows, options, wish, first, notes.skipped, (reading, last) => {
      notes.files[index] = reading;
      progress.lastRow = last;
    })) {
      yield batch;
    }
    if (wish.labelled && notes.files[index] === undefined) throw new InputError(`${name} holds no examples`);
  };
  yield* blamingFile(source, read());
}

async function* seriesItems(
  source: Source,
  options: CheckedOptions,
  { after, keep, limit, labelled }: ItemWish & RowWish,
  notes: Notes,
  progress: Progress,
): AsyncGenerator<RawExample[]> {
  const { name } = source;
  let count = 0;
  const note = (text: string): void => void notes.remarks.add(text);
  // Most data are texts.
  const { readSeries } = await import('./signals/formats.js');
  for await (const found of readSeries(await source.open(), { ...options, labelled }, note)) {
    const row = ++progress.lastRow;
    if (row <= after) continue;
    const { place } = found;
    const signal = 'fault' in found ? found : rawSignalOf(found);
    if ('fault' in signal) {
      notes.skipped.add(place, signal.fault);
      continue;
    }
    const { label, warning } = found as Series;
    if (warning !== undefined) notes.warn(place, warning);
    if (labelled && (label === undefined || label.trim() === '')) {
      notes.skipped.add(place, 'its class is missing');
      continue;
    }
    yield [
      {
        input: signal,
        ...(labelled ? { label: label!.trim() } : {}),
        place,
        file: name,
        row,
        ...(keep.length === 0 ? {} : { kept: keptOfFile(place, keep) }),
      },
    ];
    if (++count >= limit) return;
  }
}
