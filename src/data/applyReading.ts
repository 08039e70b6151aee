/** Settles how data are read, and reads them: from raw examples to examples. */
import { InputError } from '../errors.js';
import { HTML_SHARE, hasHtml } from '../input/html.js';
import { type Input, type InputKind, isSignal } from '../input/input.js';
import { type Expected, joinTexts, prepareReading, type Reading, readInput } from '../input/reading.js';
import type { Dataset, Example, ExampleSet, RawExample, ReadingOptions, SplitName } from './dataset.js';
import { setText } from './labelSets.js';
import type { SkipList } from './skipped.js';

/** All of a reading but what is read of long inputs, which is the model's to say. */
export type DataReading = Omit<Reading, 'long'>;

/** A reading, and what decided about HTML where that was a guess. */
export interface ResolvedReading {
  readonly reading: DataReading;
  /** Share of the texts looked at that have HTML in them; absent where it was not guessed. */
  readonly htmlShare?: number;
}

/** Texts that decide whether all are HTML. */
const LOOKED_AT = 200;

/** What is done to inputs of this kind, the first of which are these. */
export function resolveReading(
  kind: InputKind,
  first: readonly Pick<RawExample, 'input'>[],
  { html = 'auto', fields, resample, mono, missing, wholeFiles }: ReadingOptions,
): ResolvedReading {
  if (kind === 'signal') {
    return {
      reading: {
        ...(resample === undefined ? {} : { resample }),
        ...(mono ? { mono: true as const } : {}),
        ...(missing === undefined || missing === 'refuse' ? {} : { missing }),
      },
    };
  }
  if (wholeFiles) return { reading: { wholeFiles } };
  const base = { unicode: 'nfc' as const, ...(fields === undefined ? {} : { fields: [...fields] }) };
  if (html !== 'auto') return { reading: { ...base, html } };
  const texts = first.slice(0, LOOKED_AT).map(({ input }) => rawText(input));
  const share = texts.filter(hasHtml).length / Math.max(1, texts.length);
  return { reading: { ...base, html: share >= HTML_SHARE ? 'strip' : 'keep' }, htmlShare: share };
}

function rawText(input: RawExample['input']): string {
  if (typeof input === 'string') return input;
  if (typeof input !== 'object' || ArrayBuffer.isView(input)) return '';
  return joinTexts(Object.values(input).filter((value): value is string => typeof value === 'string'));
}

/** The reading of a dataset, as it was asked for or as its first texts suggest. */
export const readingOf = ({ kind, examples, reading }: Dataset): ResolvedReading =>
  resolveReading(kind, examples, reading);

/** What all signals must have in common: that of the first. */
export function expectedOf(kind: InputKind, input: Input): Expected {
  if (!isSignal(input)) return { kind };
  return { kind, channels: input.channels, ...(input.rate === undefined ? {} : { rate: input.rate }) };
}

/** Reads inputs one after the other: the first signal says the channels and the rate that all must have. */
export class ReadingPass {
  #expected: Expected;
  readonly #ofModel: boolean;
  readonly #reading: DataReading;
  readonly #skipped: SkipList;
  #first = true;
  #place = '';

  /** @param expected of a model; of data for a training its kind alone */
  constructor(reading: DataReading, expected: Expected, skipped: SkipList) {
    this.#reading = reading;
    this.#expected = expected;
    this.#ofModel = expected.channels !== undefined;
    this.#skipped = skipped;
  }

  /** Undefined where it was left out. Throws InputError naming the place of an example that cannot be read. */
  read({ input, place }: Pick<RawExample, 'input' | 'place'>): Input | undefined {
    try {
      const read = readInput(input, this.#reading, this.#expected, place);
      // A model says itself what it needs: a signal of unknown rate is taken to have its.
      if (this.#ofModel) return read;
      if (this.#first) this.#begin(read, place);
      else this.#requireRate(read);
      return read;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.#skipped.add(place, error);
      return undefined;
    }
  }

  /** Those of the examples that can be read, as they come. */
  async *all(examples: AsyncIterable<RawExample>): AsyncGenerator<RawExample & { readonly input: Input }> {
    for await (const raw of examples) {
      const input = this.read(raw);
      if (input !== undefined) yield { ...raw, input };
    }
  }

  #begin(read: Input, place: string): void {
    this.#first = false;
    this.#place = place;
    this.#expected = expectedOf(this.#expected.kind, read);
  }

  /** A rate that is known of some and unknown of others is no common rate. */
  #requireRate(read: Input): void {
    if (!isSignal(read)) return;
    const { rate } = this.#expected;
    if ((read.rate === undefined) === (rate === undefined)) return;
    const text = (value: number | undefined): string =>
      value === undefined ? 'an unknown rate' : `${value} samples a second`;
    throw new InputError(
      `${text(read.rate)}, ${this.#place} has ${text(rate)}: all signals need the same rate`,
    );
  }
}

/**
 * The examples of a dataset as they are read. Throws InputError naming the place of one that cannot be, or has no label
 * (unless the dataset may leave some out).
 */
export function applyReading(
  dataset: Dataset,
  reading: DataReading,
  expected: Expected = { kind: dataset.kind },
): ExampleSet {
  const { name, skipList } = dataset;
  const pass = new ReadingPass(reading, expected, skipList);
  const examples: Example[] = [];
  const splits: Partial<Record<SplitName, Example[]>> = {};
  for (const raw of dataset.examples) {
    const { label, labels, place, split, group, time } = raw;
    if (label === undefined && labels === undefined) {
      skipList.add(place, 'this example has no label');
      continue;
    }
    const input = pass.read(raw);
    if (input === undefined) continue;
    const example = {
      ...{ input, label: label ?? setText(labels!), place },
      ...(labels === undefined ? {} : { labels }),
      ...(group === undefined ? {} : { group }),
      ...(time === undefined ? {} : { time }),
    };
    examples.push(example);
    if (split === undefined) continue;
    splits[split] ??= [];
    splits[split].push(example);
  }
  if (examples.length === 0) throw new InputError(`${name} holds no examples that can be read`);
  return { name, examples, ...(Object.keys(splits).length > 0 ? { splits } : {}) };
}

/** Examples that come one after the other, and how they are to be read. */
export interface ExampleStream extends AsyncIterable<RawExample> {
  readonly kind: InputKind;
  /** Known when the first example has come. */
  readonly reading: ReadingOptions;
  readonly skipped: SkipList;
}

/**
 * The same of examples that come one after the other: the first 200 are held back until they have settled the reading.
 * @param onResolved is told the reading
 */
export async function* readStream(
  stream: ExampleStream,
  onResolved: (resolved: ResolvedReading) => void = () => {},
): AsyncGenerator<RawExample & { readonly input: Input }> {
  const { kind } = stream;
  let held: RawExample[] = [];
  let pass: ReadingPass | undefined;
  const resolve = async (): Promise<ReadingPass> => {
    const resolved = resolveReading(kind, held, stream.reading);
    await prepareReading(resolved.reading);
    onResolved(resolved);
    return new ReadingPass(resolved.reading, { kind }, stream.skipped);
  };
  const readAll = function* (some: readonly RawExample[], through: ReadingPass) {
    for (const raw of some) {
      const input = through.read(raw);
      if (input !== undefined) yield { ...raw, input };
    }
  };
  for await (const example of stream) {
    if (pass !== undefined) {
      yield* readAll([example], pass);
      continue;
    }
    held.push(example);
    if (held.length < LOOKED_AT) continue;
    pass = await resolve();
    yield* readAll(held, pass);
    held = [];
  }
  if (pass === undefined) yield* readAll(held, await resolve());
}
