/** What public functions take as data, made a dataset; readers of files are loaded when a file is to be read. */
import { Dataset, datasetOf, type LabelledInput } from '../data/dataset.js';
import { areFiles, isBlob } from './blob.js';
import type { DataFiles } from './dataset.js';
import type { ReadOptions } from './options.js';

/** A path, a file of a page, examples, or a dataset. */
export type DataInput = DataFiles | readonly LabelledInput[] | Dataset;

/**
 * @param argument what the caller called it, for messages
 * Throws InputError as `readDataset` does.
 */
export async function asDataset(
  data: DataInput,
  argument: string,
  { labelled = true, ...read }: ReadOptions & { readonly labelled?: boolean } = {},
): Promise<Dataset> {
  if (data instanceof Dataset) return data;
  if (typeof data === 'string' || isBlob(data) || areFiles(data)) {
    const { readDataset } = await import('./dataset.js');
    return readDataset(data as DataFiles, { ...read, labelled });
  }
  const { checkOptions, readingOptionsOf } = await import('./options.js');
  checkOptions(read);
  return datasetOf(data, argument, { labelled, labels: read.labels, reading: readingOptionsOf(read) });
}
