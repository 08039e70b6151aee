/**
 * What a run keeps of its examples, so that it can learn on without the old data: a sample of them, or sums, of bundles of
 * two texts of a class each which words are in how many. Sums give no text back, and a model learns from a bundle as from
 * a text. What judged the run is kept likewise: it says later whether something was lost.
 */
import * as z from 'zod/mini';
import type { Example } from '../data/dataset.js';
import { contentHash } from '../data/split.js';
import { InputError } from '../errors.js';
import { tokensOf } from '../input/tokens.js';
import type { FileStore } from '../platform/store.js';
import { RandomStream } from '../random.js';

export const KEEP_MODES = ['none', 'sums', 'sample'] as const;
export type KeepMode = (typeof KEEP_MODES)[number];

/** Examples of a run, or what stands for them. */
export interface KeptData {
  readonly mode: Exclude<KeepMode, 'none'>;
  readonly train: readonly Example[];
  readonly validation: readonly Example[];
}

export const KEPT_FILE = 'kept.jsonl';

/** Examples that a sample has at most, unless told otherwise. */
export const MOST_KEPT = 20_000;
/** Bytes of a file of them. */
const MOST_BYTES = 2 ** 29;
/** Texts of a bundle. */
const BUNDLE = 2;

/**
 * What is to be kept of a run's examples, and of what a run before it kept. Of more than `most` the rarer classes keep more of theirs; which, their content
 * decides, so that a sample of a sample is that of all.
 */
export function keptOf(
  { train, validation }: { readonly train: readonly Example[]; readonly validation: readonly Example[] },
  mode: KeptData['mode'],
  {
    most = MOST_KEPT,
    before,
  }: { readonly most?: number | undefined; readonly before?: KeptData | undefined } = {},
): KeptData {
  const old = { train: before?.train ?? [], validation: before?.validation ?? [] };
  if (mode === 'sample') {
    return {
      mode,
      train: sampled([...old.train, ...train], most),
      validation: sampled([...old.validation, ...validation], most),
    };
  }
  const texts = [...train, ...validation].every(({ input }) => typeof input === 'string');
  if (!texts)
    throw new InputError('sums can be kept of texts alone: --keep-data sample keeps examples themselves');
  // What is a bundle already stays one.
  return {
    mode,
    train: [...old.train, ...bundled(train)],
    validation: [...old.validation, ...bundled(validation)],
  };
}

function byClass(examples: readonly Example[]): Map<string, { example: Example; hash: string }[]> {
  const classes = new Map<string, { example: Example; hash: string }[]>();
  for (const example of examples) {
    const own = classes.get(example.label) ?? [];
    own.push({ example, hash: contentHash(example.input) });
    classes.set(example.label, own);
  }
  for (const own of classes.values()) own.sort((a, b) => (a.hash < b.hash ? -1 : 1));
  return classes;
}

function sampled(examples: readonly Example[], most: number): Example[] {
  if (examples.length <= most) return [...examples];
  const classes = [...byClass(examples).values()];
  // The largest number of each class with which all fit.
  let [low, high] = [0, examples.length];
  while (low < high) {
    const each = Math.ceil((low + high) / 2);
    if (classes.reduce((sum, own) => sum + Math.min(each, own.length), 0) <= most) low = each;
    else high = each - 1;
  }
  return classes.flatMap((own) => own.slice(0, low).map(({ example }) => example));
}

/** A bundle reads as a text of its words, each as often as texts have it, in an order that says nothing. */
function bundled(examples: readonly Example[]): Example[] {
  return [...byClass(examples)].flatMap(([label, own]) => {
    const bundles = Math.max(1, Math.floor(own.length / BUNDLE));
    return Array.from({ length: bundles }, (_, b): Example => {
      const members = own.slice(
        Math.floor((b * own.length) / bundles),
        Math.floor(((b + 1) * own.length) / bundles),
      );
      const words = members.flatMap(({ example }) => [
        ...new Set(tokensOf((example.input as string).toLowerCase())),
      ]);
      const order = new RandomStream(
        0,
        'order',
        Number.parseInt(members[0].hash.slice(0, 8), 16),
      ).permutation(words.length);
      return {
        input: Array.from(order, (at) => words[at]).join(' '),
        label,
        place: `sums of ${members.length} texts`,
      };
    });
  });
}

const lineSchema = z.object({
  part: z.enum(['train', 'validation']),
  label: z.string(),
  text: z.optional(z.string()),
  signal: z.optional(
    z.object({ channels: z.int(), rate: z.optional(z.number()), values: z.array(z.number()) }),
  ),
  group: z.optional(z.string()),
  time: z.optional(z.number()),
});

const headSchema = z.object({ format: z.literal('elastic-fourier/kept'), mode: z.enum(['sums', 'sample']) });

/** Examples a line each. */
export async function writeKept(store: FileStore, { mode, train, validation }: KeptData): Promise<void> {
  const lines = [JSON.stringify({ format: 'elastic-fourier/kept', mode })];
  for (const [part, examples] of Object.entries({ train, validation })) {
    for (const { input, label, group, time } of examples) {
      if (typeof input !== 'string' && !('channels' in input)) {
        throw new InputError(
          'files of bytes cannot be kept with a run: leave --keep-data out, and give --old-data later',
        );
      }
      const content =
        typeof input === 'string'
          ? { text: input }
          : { signal: { ...input, values: Array.from(input.values) } };
      lines.push(JSON.stringify({ part, label, ...content, group, time }));
    }
  }
  await store.write(KEPT_FILE, `${lines.join('\n')}\n`);
}

/** Undefined where the run kept nothing. Throws InputError on a damaged file. */
export async function readKept(store: FileStore): Promise<KeptData | undefined> {
  const bytes = await store.read(KEPT_FILE, MOST_BYTES);
  if (bytes === undefined) return undefined;
  const [head, ...lines] = new TextDecoder().decode(bytes).trimEnd().split('\n');
  const place = store.pathOf(KEPT_FILE);
  const parse = <S extends z.ZodMiniType>(schema: S, text: string, line: number): z.output<S> => {
    try {
      return schema.parse(JSON.parse(text));
    } catch {
      throw new InputError(`${place}:${line}: this is not what a run keeps of its data; copy the run again`);
    }
  };
  const { mode } = parse(headSchema, head, 1);
  const parts: Record<'train' | 'validation', Example[]> = { train: [], validation: [] };
  lines.forEach((text, i) => {
    const { part, label, text: input, signal, group, time } = parse(lineSchema, text, i + 2);
    const found = input ?? (signal && { ...signal, values: Float32Array.from(signal.values) });
    if (found === undefined) throw new InputError(`${place}:${i + 2}: this example has no input`);
    const { rate, ...numbers } = typeof found === 'string' ? { rate: undefined } : found;
    parts[part].push({
      input:
        typeof found === 'string'
          ? found
          : ({ ...numbers, ...(rate === undefined ? {} : { rate }) } as Example['input']),
      label,
      place: `${KEPT_FILE}:${i + 2}`,
      ...(group === undefined ? {} : { group }),
      ...(time === undefined ? {} : { time }),
    });
  });
  return { mode, ...parts };
}
