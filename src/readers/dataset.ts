/** The readers' own door: a dataset, or a stream of examples, from paths, files of a page, pipes or arrays. */
import { disk } from '#disk';
import type { ExampleStream } from '../data/applyReading.js';
import { Dataset, datasetOf, type LabelledInput, type RawExample } from '../data/dataset.js';
import { areMultiLabel, labelsIn, settleLabels } from '../data/labelSets.js';
import { InputError } from '../errors.js';
import type { InputKind } from '../input/input.js';
import { shownOption } from '../options.js';
import { areFiles, isBlob, type NamedBlob } from './blob.js';
import { type DataNotes, describeData, describeInputs } from './describe.js';
import type { PathGroup } from './diskContract.js';
import { itemsOf } from './items.js';
import { Notes } from './notes.js';
import { type CheckedOptions, checkOptions, type ReadOptions, readingOptionsOf } from './options.js';
import { MOST_CLASSES, requireLabels } from './parse/classReport.js';
import { sniffLabels } from './parse/sniffLabels.js';
import { blobSource, type Source } from './source.js';

/** Paths (files, folders, patterns, a built-in dataset), or files of a page. */
export type DataFiles = string | readonly string[] | NamedBlob | readonly NamedBlob[];

export interface ItemOptions extends ReadOptions {
  /** Whether every example needs a label. Default: true. */
  readonly labelled?: boolean | undefined;
  /** Rows to pass over, bad ones counted: the `row` of the last example that was dealt with. Default: 0. */
  readonly after?: number | undefined;
  /** Fields to give along with each example; `all`: every one. Default: none. */
  readonly keep?: readonly string[] | 'all' | undefined;
  /** @internal What looks like several labels in a cell is counted by the caller, when it has taken them apart. */
  readonly cells?: boolean;
}

/** What a cell of several labels has in it. */
const SEVERAL = /[;|,[]/;

/** Examples as they are read, once; and how they are read. What is held at once does not grow with the data. */
export interface ItemStream extends ExampleStream {
  /** Where the data come from, for messages and reports. */
  readonly name: string;
  /** What is known so far; all of it when the stream has ended. */
  readonly notes: DataNotes;
  /** Number of examples of each label so far, in order of first appearance. */
  readonly classCounts: ReadonlyMap<string, number>;
}

/** For messages: the names of a few, or the first and how many more. */
export function nameOf(from: DataFiles | Source): string {
  if (typeof from === 'string') return from;
  if (!Array.isArray(from)) return (from as Source).name ?? 'file';
  const names = (from as readonly (string | NamedBlob)[]).map((one) =>
    typeof one === 'string' ? one : one.name,
  );
  return names.length <= 3 ? names.join(', ') : `${names[0]} and ${names.length - 1} more`;
}

/**
 * What the data hold: as is said, or by their names and folders. Bytes with labels are folders of files by class; other
 * labelled data of which bytes are asked for are texts, whose bytes are taken.
 */
export async function kindOf(
  from: DataFiles | Source,
  { input, labelled = true }: ItemOptions,
): Promise<InputKind> {
  if (isSource(from)) return input ?? 'text';
  if (input !== undefined && (input !== 'bytes' || !labelled)) return input;
  const paths = pathsOf(from);
  if (input === 'bytes') return paths !== undefined && (await disk.areFolders(paths)) ? 'bytes' : 'text';
  return paths === undefined ? kindOfNames(blobsOf(from)) : disk.kindOf(paths);
}

const SIGNAL_NAMES = /\.(?:wav|wave|npy|ts|arff)(?:\.gz)?$/i;

const kindOfNames = (files: readonly NamedBlob[]): InputKind =>
  files.length > 0 && files.every(({ name = '' }) => SIGNAL_NAMES.test(name)) ? 'signal' : 'text';

const isSource = (from: DataFiles | Source): from is Source =>
  typeof from === 'object' && !Array.isArray(from) && !isBlob(from);

function pathsOf(from: DataFiles): readonly string[] | undefined {
  if (typeof from === 'string') return [from];
  if (!Array.isArray(from) || from.some((one) => typeof one !== 'string')) return undefined;
  if (from.length === 0) throw new InputError('no data are named');
  return from as readonly string[];
}

const blobsOf = (from: DataFiles): readonly NamedBlob[] =>
  (Array.isArray(from) ? from : [from]) as readonly NamedBlob[];

async function* groupsOf(
  from: DataFiles | Source,
  kind: InputKind,
  labelled: boolean,
  { labelFrom }: CheckedOptions,
): AsyncGenerator<PathGroup> {
  if (isSource(from)) {
    yield kind === 'bytes' ? { singles: [from], tables: [] } : { singles: [], tables: [from] };
    return;
  }
  const paths = pathsOf(from);
  if (paths !== undefined) yield* disk.groupsOf(paths, { kind, labelled, labelFrom });
  else {
    const sources = blobsOf(from).map(blobSource);
    const single =
      kind === 'bytes' ||
      (kind === 'signal' && sources.every(({ name }) => /\.(?:wav|wave|npy)$/i.test(name)));
    yield single ? { singles: sources, tables: [] } : { singles: [], tables: sources };
  }
}

/**
 * Streams examples, in order: of files (CSV, TSV, JSON lines, JSON, Parquet, text; all but Parquet also gzipped; series
 * and sounds), folders (FOLDER/<class>/<files>, FOLDER/<split>/<class>/<files>, or a folder of tables), built-in datasets,
 * patterns of files, files of a page and pipes; several are read one after another.
 *
 * The iteration throws InputError naming file and line: of a row that cannot be used (unless `skipBad` allows it), of
 * damaged or too large data, and of labels that are rather an id (unless `manyClasses`).
 */
export async function openItems(from: DataFiles | Source, options: ItemOptions = {}): Promise<ItemStream> {
  const { labelled = true, after = 0, keep = [], cells = false, ...read } = options;
  const checked = checkOptions(read);
  const kind = await kindOf(from, { ...checked, labelled });
  const notes = new Notes(checked);
  const name = nameOf(from);
  const classCounts = new Map<string, number>();
  const batches = itemsOf(
    groupsOf(from, kind, labelled, checked),
    checked,
    { kind, labelled, after, keep },
    notes,
  );
  const field = (): string | undefined => notes.files[0]?.fields?.label;
  const examples = async function* (): AsyncGenerator<RawExample> {
    let divided: boolean | undefined;
    let count = 0;
    for await (const batch of batches) {
      for (const read of batch) {
        const example = labelled ? bound(read, checked) : read;
        const { split } = example;
        divided ??= split !== undefined;
        if (labelled && divided !== (split !== undefined)) {
          throw new InputError(
            `${name}: some of these data come divided into training and test data, some do not; name only one kind`,
          );
        }
        if (split !== undefined) notes.splitCounts[split] = (notes.splitCounts[split] ?? 0) + 1;
        for (const label of labelsIn(example)) {
          if (cells && SEVERAL.test(label)) continue;
          classCounts.set(label, (classCounts.get(label) ?? 0) + 1);
          if (classCounts.size > MOST_CLASSES && !checked.manyClasses) {
            requireLabels(name, classCounts, count + 1, field());
          }
        }
        yield example;
        // Asked before the next row is: it may be long in coming.
        if (++count >= checked.limit && !labelled) return;
      }
    }
    if (labelled && !checked.manyClasses && !cells && count > 0)
      requireLabels(name, classCounts, count, field());
  };
  const items = examples();
  return {
    name,
    kind,
    get reading() {
      return {
        ...notes.reading,
        ...readingOptionsOf(read),
        ...(kind === 'bytes' ? { wholeFiles: true as const } : {}),
      };
    },
    get notes() {
      return notes.result;
    },
    classCounts,
    skipped: notes.skipped,
    [Symbol.asyncIterator]: () => items,
  };
}

/** With the group that its path says; throws InputError where it lacks a group or time that was asked for. */
function bound(example: RawExample, { groupField, groupFrom, timeField }: CheckedOptions): RawExample {
  const { place, file = place } = example;
  if (groupField !== undefined && example.group === undefined) {
    throw new InputError(`${place}: this input has no fields: name its group in its path, with --group-from`);
  }
  if (timeField !== undefined && example.time === undefined) {
    throw new InputError(`${place}: this input has no fields, and so no time: leave --time-field out`);
  }
  if (groupFrom === undefined) return example;
  const found = new RegExp(groupFrom, 'u').exec(file);
  if (found === null) throw new InputError(`${place}: --group-from finds no group in '${file}'`);
  return { ...example, group: found[1] ?? found[0] };
}

/** Cells that hold several labels taken apart, and all examples with one label or all with sets; what is said of it. */
function withLabelSets(
  examples: readonly RawExample[],
  { labels: mode, labelSeparator }: ReadOptions,
): { readonly examples: readonly RawExample[]; readonly remarks: readonly string[] } {
  const remarks: string[] = [];
  let found = examples;
  const cellsAlone = examples.every(({ labels }) => labels === undefined || labels.length === 0);
  if (mode !== 'one' && labelSeparator === undefined && cellsAlone) {
    const cells = new Set(examples.flatMap(({ label }) => label ?? []));
    const sniffed = sniffLabels([...cells], mode === 'many');
    if (sniffed !== undefined) {
      remarks.push(sniffed.remark);
      found = examples.map((example) => {
        const { label, ...others } = example;
        return label === undefined ? example : { ...others, labels: sniffed.of(label) };
      });
    }
  }
  const settled = settleLabels(found, mode);
  if (areMultiLabel(settled)) remarks.push(describeSets(settled));
  return { examples: settled, remarks };
}

function describeSets(examples: readonly RawExample[]): string {
  const counts = examples.map((example) => labelsIn(example).length);
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  const none = counts.reduce((sum, count) => sum + (count === 0 ? 1 : 0), 0) / counts.length;
  return `any number of labels each: ${mean.toFixed(2)} in the mean${none > 0 ? `, none in ${(100 * none).toFixed(1)}%` : ''}`;
}

/** Characters of a field that was cut out of a table keep all the text around it in memory: a copy of its own. */
function ownedText(text: string): string {
  return text.isWellFormed() ? new TextDecoder().decode(new TextEncoder().encode(text)) : text;
}

/**
 * All examples of files, folders, a page's files or an array, in memory; labels may be left out with `labelled: false`.
 * A Dataset is given back as it is. Throws InputError as `openItems` says, and where the data surely do not fit.
 *
 * @example
 * const mails = await readDataset('mails.csv', { labelField: 'kind' });
 * const classifier = await train({ data: mails });
 */
export async function readDataset(
  from: DataFiles | readonly LabelledInput[] | Dataset,
  options: Omit<ItemOptions, 'after'> = {},
): Promise<Dataset> {
  if (from instanceof Dataset) return from;
  if (typeof options !== 'object' || options === null) {
    throw new InputError(`readDataset: the options must be an object; they are ${shownOption(options)}`);
  }
  if (options.keep !== undefined && options.keep !== 'all' && !Array.isArray(options.keep)) {
    throw new InputError(
      `readDataset: 'keep' must be an array of fields, or 'all'; it is ${shownOption(options.keep)}`,
    );
  }
  const { labelled = true, keep, ...read } = options;
  if (Array.isArray(from) && !areFiles(from)) {
    checkOptions(read);
    return datasetOf(from, 'data', { labelled, labels: read.labels, reading: readingOptionsOf(read) });
  }
  if (typeof from !== 'string' && !isBlob(from) && !Array.isArray(from)) {
    throw new InputError(
      `data must be a path, a File or Blob, an array of examples or a Dataset; it is ${from === null ? 'null' : typeof from}`,
    );
  }
  const files = from as DataFiles;
  const cells = read.labels !== 'one';
  const stream = await openItems(files, { ...read, labelled, keep, ...(cells ? { cells } : {}) });
  const paths = pathsOf(files);
  if (read.limit === undefined && paths !== undefined && stream.kind !== 'signal') {
    await disk.requireRoom(paths, stream.name, stream.kind === 'bytes' ? 'files' : 'text');
  }
  const examples: RawExample[] = [];
  let tables: boolean | undefined;
  for await (const example of stream) {
    tables ??= stream.notes.delimiter !== undefined;
    const { input } = example;
    examples.push(tables && typeof input === 'string' ? { ...example, input: ownedText(input) } : example);
  }
  const { name, kind, notes, reading, skipped } = stream;
  if (examples.length === 0) throw new InputError(`${name} holds no examples`);
  const inputs = describeInputs(kind, examples);
  const { examples: settled, remarks } = withLabelSets(examples, read);
  const description = [inputs, describeData(notes), ...remarks].filter((part) => part !== '').join('; ');
  const dataset = new Dataset({ name, kind, examples: settled, description, reading, skipped });
  if (labelled && !read.manyClasses) {
    requireLabels(name, dataset.classCounts, examples.length, notes.fields?.label);
  }
  return dataset;
}
