/** Readers as tests ask them: a dataset with its reading applied, and inputs without labels one after the other. */
import type { Readable } from 'node:stream';
import { applyReading, readingOf } from '#eft/data/applyReading.js';
import type { Example, SplitName } from '#eft/data/dataset.js';
import type { Input } from '#eft/input/input.js';
import { prepareReading } from '#eft/input/reading.js';
import { type DataFiles, type ItemOptions, openItems, readDataset } from '#eft/readers/dataset.js';
import { type DataNotes, describeReading } from '#eft/readers/describe.js';
import { disk } from '#eft/readers/disk/disk.js';

/** Examples as a training gets them, and what is said of how they were read. */
export async function readWhole<I extends Input = string>(from: DataFiles, options: ItemOptions = {}) {
  const dataset = await readDataset(from, options);
  const settled = readingOf(dataset);
  await prepareReading(settled.reading);
  const { examples, splits } = applyReading(dataset, settled.reading);
  const bare = ({ input, label }: Example): Example<I> => ({ input: input as I, label });
  const parts = Object.entries(splits ?? {}).map(([split, part]) => [split, part.map(bare)]);
  const { name, description, skipped } = dataset;
  return {
    ...{ name, skipped, ...settled },
    examples: examples.map(bare),
    ...(splits === undefined
      ? {}
      : { splits: Object.fromEntries(parts) as Partial<Record<SplitName, Example<I>[]>> }),
    said: [description, describeReading(settled.reading, settled.htmlShare)]
      .filter((part) => part !== '')
      .join('; '),
  };
}

/** Inputs for a prediction, as they come. */
export async function* readRaw<I = string>(from: DataFiles | Readable, options: ItemOptions = {}) {
  const source =
    typeof from === 'object' && 'pipe' in from
      ? disk.pipeSource('standard input', from)
      : (from as DataFiles);
  for await (const { input, place, row, kept } of await openItems(source, { ...options, labelled: false })) {
    yield { text: input as I, place, row, ...(kept === undefined ? {} : { kept }) };
  }
}

/** How data are read: known when all of them are. */
export async function notesOf(from: DataFiles, options: ItemOptions = {}): Promise<DataNotes> {
  const stream = await openItems(from, options);
  for await (const _ of stream);
  return stream.notes;
}
