/** Data as every door brings them: raw inputs with their labels and places; and the same when a reading was applied. */
import { InputError } from '../errors.js';
import type { Input, InputKind } from '../input/input.js';
import { kindOfRaw, type MissingMode, type RawInput, type RawSignal } from '../input/reading.js';
import { labelText, momentOf } from './label.js';
import { areMultiLabel, type LabelMode, labelsIn, labelsOfArray, settleLabels } from './labelSets.js';
import { SkipList, type Skipped } from './skipped.js';

export const SPLIT_NAMES = ['train', 'validation', 'test'] as const;
/** Parts in which data may come. */
export type SplitName = (typeof SPLIT_NAMES)[number];

/** An input to which nothing has been done, and what is known of it. */
export interface RawExample {
  readonly input: RawInput;
  /** Class name as the data state it; absent where they have none, or none was asked for. */
  readonly label?: string | undefined;
  /** Instead, where examples may have several: all of its labels, each once. */
  readonly labels?: readonly string[] | undefined;
  /** For messages: "mails.csv:7", "sounds/a/1.wav", "data[3]". */
  readonly place: string;
  /** Name of the file that it comes from, where it does. */
  readonly file?: string | undefined;
  /** Number of its row, from 1 over all files, rows that were skipped counted. */
  readonly row: number;
  /** Where the data come divided. */
  readonly split?: SplitName | undefined;
  /** What it belongs to (a person, a source): examples of one group are never divided. */
  readonly group?: string | undefined;
  /** When it came, in milliseconds or any other unit: learned from are those before, judged on those after. */
  readonly time?: number | undefined;
  /** Fields of its row that were asked for besides. */
  readonly kept?: Readonly<Record<string, unknown>> | undefined;
}

/** What is to be done to raw inputs, as far as somebody said so; a training settles the rest. */
export interface ReadingOptions {
  /** `auto`: strip where a tenth of the first texts have tags or entities. Default: auto. */
  readonly html?: 'auto' | 'keep' | 'strip' | undefined;
  readonly fields?: readonly string[] | undefined;
  readonly resample?: number | undefined;
  readonly mono?: boolean | undefined;
  readonly missing?: MissingMode | undefined;
  readonly wholeFiles?: true | undefined;
}

const KINDS: readonly unknown[] = ['text', 'bytes', 'signal'] satisfies InputKind[];

export interface DatasetParts {
  readonly name: string;
  readonly kind: InputKind;
  readonly examples: readonly RawExample[];
  readonly reading?: ReadingOptions;
  readonly description?: string;
  /** @internal */
  readonly skipped?: SkipList;
}

/**
 * Examples in memory, and how they are to be read: what `train`, `evaluate`, `predict` and `compare` take. Made by
 * `readDataset` from paths, files of a page, or arrays.
 */
export class Dataset implements Iterable<RawExample> {
  /** Where it came from, for messages and reports. */
  readonly name: string;
  /** What its inputs are. */
  readonly kind: InputKind;
  readonly examples: readonly RawExample[];
  readonly reading: ReadingOptions;
  /** One line of English: how it was read, what was guessed and left out; '' where there is nothing to say. */
  readonly description: string;
  /** @internal Also counts the examples that a reading refuses. */
  readonly skipList: SkipList;

  constructor(parts: DatasetParts) {
    const { name, kind, examples, reading = {}, description = '', skipped } = parts ?? {};
    if (typeof name !== 'string' || !Array.isArray(examples) || !KINDS.includes(kind)) {
      throw new InputError(
        'a Dataset needs { name, kind, examples }: a text, text, bytes or signal, and an array; readDataset makes one',
      );
    }
    this.name = name;
    this.kind = kind;
    this.examples = examples;
    this.reading = reading;
    this.description = description;
    this.skipList = skipped ?? new SkipList(undefined);
  }

  /** Number of examples. */
  get length(): number {
    return this.examples.length;
  }

  /** Rows that were left out, where `skipBad` allowed that; undefined if none was. */
  get skipped(): Skipped | undefined {
    return this.skipList.result;
  }

  /** Number of examples of each label, in order of first appearance; examples without one are not counted. */
  get classCounts(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const example of this.examples) {
      for (const label of labelsIn(example)) counts.set(label, (counts.get(label) ?? 0) + 1);
    }
    return counts;
  }

  /** Whether its examples have sets of labels: any number each. */
  get isMultiLabel(): boolean {
    return areMultiLabel(this.examples);
  }

  /** Whether it comes divided into training and other parts. */
  get isDivided(): boolean {
    return this.examples.some(({ split }) => split !== undefined);
  }

  /** The same with these of its examples. */
  with(examples: readonly RawExample[]): Dataset {
    const { name, kind, reading, description } = this;
    return new Dataset({ name, kind, examples, reading, description });
  }

  [Symbol.iterator](): Iterator<RawExample> {
    return this.examples[Symbol.iterator]();
  }
}

/** A label as people write it: numbers and booleans are taken as text, as files do. */
export type Label = string | number | boolean | bigint;

/** One label, or all of an example's labels, of which there may be none. */
export type Labels = Label | readonly Label[];

/**
 * A labelled text, signal or file's content as people write it. `text` may be an object of named fields. Examples of one
 * `group` are never divided; where they have a `time`, one learns from earlier ones and judges on later ones.
 */
export type LabelledInput = (
  | { readonly text: RawInput & (string | object); readonly label: Labels }
  | { readonly signal: RawSignal | Float32Array; readonly label: Labels }
  | { readonly bytes: Uint8Array; readonly label: Labels }
  | { readonly input: RawInput; readonly label: Labels }
) & { readonly group?: Label | undefined; readonly time?: number | string | Date | undefined };

/**
 * A dataset of examples as people write them.
 * @param argument what the caller called them, for messages: `data`
 * @param labelled whether every one needs a label
 * Throws InputError naming the first that is no example: `data[3].label is missing`.
 */
export function datasetOf(
  given: unknown,
  argument: string,
  {
    name = argument,
    labelled = true,
    labels,
    reading = {},
  }: { name?: string; labelled?: boolean; labels?: LabelMode | undefined; reading?: ReadingOptions } = {},
): Dataset {
  if (!Array.isArray(given)) {
    throw new InputError(
      `${argument} must be an array of examples, a path, a file or a Dataset; it is ${given === null ? 'null' : typeof given}`,
    );
  }
  if (given.length === 0) throw new InputError(`${argument} is empty: there are no examples`);
  let kind: InputKind | undefined;
  const examples = given.map((one: unknown, i): RawExample => {
    const place = `${argument}[${i}]`;
    const example = rawExampleOf(one, place, labelled, i + 1);
    const own = kindOfRaw(example.input);
    if (own === undefined) {
      throw new InputError(
        `${place}: its input is ${describe(example.input)}; a text, bytes or a signal is needed`,
      );
    }
    kind ??= own;
    if (own !== kind && !(kind === 'bytes' && own === 'text') && !(kind === 'text' && own === 'bytes')) {
      throw new InputError(
        `${place} is a ${own}, ${argument}[0] is a ${kind}: all examples must be of one kind`,
      );
    }
    if (own === 'bytes') kind = 'bytes';
    return example;
  });
  const settled = settleLabels(examples, labels);
  return new Dataset({
    name,
    kind: kind!,
    examples: settled,
    reading: { ...fieldsIn(examples[0]), ...reading },
  });
}

/** Texts in named fields: all of the first text's, unless some were named. */
function fieldsIn({ input }: RawExample): Pick<ReadingOptions, 'fields'> {
  return typeof input === 'object' && kindOfRaw(input) === 'text' ? { fields: Object.keys(input) } : {};
}

const describe = (value: unknown): string => (value === null ? 'null' : typeof value);

function rawExampleOf(one: unknown, place: string, labelled: boolean, row: number): RawExample {
  if (typeof one !== 'object' || one === null || Array.isArray(one)) {
    throw new InputError(`${place} is ${describe(one)}; an example is { text, label } or { signal, label }`);
  }
  const given = one as Readonly<Record<string, unknown>>;
  const key = ['text', 'bytes', 'signal', 'input'].find(
    (name) => given[name] !== undefined && given[name] !== null,
  );
  if (key === undefined) {
    throw new InputError(
      `${place} has no text: an example is { text, label }, { signal, label } or { bytes, label }`,
    );
  }
  const input = given[key] as RawInput;
  if (key === 'text' && typeof input !== 'string' && kindOfRaw(input) !== 'text') {
    throw new InputError(`${place}.text is ${describe(input)}, not a text`);
  }
  if (key === 'bytes' && !((input as unknown) instanceof Uint8Array)) {
    throw new InputError(`${place}.bytes is ${describe(input)}, not a Uint8Array`);
  }
  if (key === 'signal' && kindOfRaw(input) !== 'signal') {
    throw new InputError(
      `${place}.signal is not a signal: give { values, channels, rate }, or a Float32Array`,
    );
  }
  const labels = given.label ?? given.labels;
  if (!labelled && labels === undefined) return { input, place, row };
  if (Array.isArray(labels)) {
    const found = labelsOfArray(labels);
    if ('fault' in found) throw new InputError(`${place}.label ${found.fault}`);
    return { input, labels: found.labels, place, row, ...bindingOf(given, place) };
  }
  const label = labelText(given.label);
  if ('fault' in label) throw new InputError(`${place}.label ${label.fault}; every example needs one`);
  return { input, label: label.value, place, row, ...bindingOf(given, place) };
}

/** Group and time of an example as people write them. */
function bindingOf({ group, time }: Readonly<Record<string, unknown>>, place: string): Partial<RawExample> {
  const named = group === undefined ? undefined : labelText(group);
  if (named !== undefined && 'fault' in named) throw new InputError(`${place}.group ${named.fault}`);
  const moment = time === undefined ? undefined : momentOf(time);
  if (moment !== undefined && 'fault' in moment) throw new InputError(`${place}.time ${moment.fault}`);
  return {
    ...(named === undefined ? {} : { group: named.value }),
    ...(moment === undefined ? {} : { time: moment.value }),
  };
}

/** An input as its model reads it, with its label. */
export interface Example<I extends Input = Input> {
  readonly input: I;
  /** Class name as the data states it; of several labels, all of them as text. */
  readonly label: string;
  /** All of its labels, where examples may have several or none. */
  readonly labels?: readonly string[] | undefined;
  /** Where it came from, for messages. */
  readonly place?: string | undefined;
  /** As of the raw example. */
  readonly group?: string | undefined;
  readonly time?: number | undefined;
}

/** Examples to which a reading was applied; of data that come divided also the parts, which are among them. */
export interface ExampleSet<I extends Input = Input> {
  readonly name: string;
  readonly examples: readonly Example<I>[];
  readonly splits?: Readonly<Partial<Record<SplitName, readonly Example<I>[]>>> | undefined;
}
