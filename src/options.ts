/** What people read of an option. Each field of an options schema carries it, and the command line is made from it. */
import * as z from 'zod/mini';
import en from 'zod/v4/locales/en.js';
import { InputError } from './errors.js';

/** Headings under which help lists options, in this order. */
export const OPTION_GROUPS = [
  'Data',
  'Labels',
  'Model',
  'Training',
  'Signals',
  'Output',
  'Service',
  'Advanced',
] as const;
export type OptionGroup = (typeof OPTION_GROUPS)[number];

export interface OptionHelp {
  /** One line, which says what it is. */
  readonly help: string;
  /** What only the full help says besides. */
  readonly more?: string;
  /** What stands behind the flag: `<n>`. Without it the option is a switch. */
  readonly argument?: string;
  /** Default: the field's name with hyphens: textField gives --text-field. */
  readonly flag?: string;
  /** Default: Advanced. */
  readonly group?: OptionGroup;
  /** Whether the short help lists it; the full help lists all. */
  readonly common?: boolean;
  /** Flags under which people may look for it, without hyphens: those of other programs. */
  readonly alias?: readonly string[];
}

/** What a line of help says of a default stands at its end. */
export function splitDefault(help: string): { readonly text: string; readonly said: string } {
  const [, text, said = ''] = /^(.*?)( \(default: .*\))?$/.exec(help)!;
  return { text, said };
}

/** The one line and what is said besides. */
export function fullHelp({ help, more }: Pick<OptionHelp, 'help' | 'more'>): string {
  const { text, said } = splitDefault(help);
  return `${text}${more === undefined ? '' : `; ${more}`}${said}`;
}

// The small form of zod, which is a third of the whole in a bundle, has no words of its own for what is wrong.
z.config(en());

/** A schema of zod, in its small or its usual form. */
type Schema = z.core.$ZodType;

/** The schema with its help. */
export function option<T extends Schema>(schema: T, help: OptionHelp): T {
  const own = z.clone(schema);
  z.globalRegistry.add(own, { ...help });
  return own;
}

/** The same fields under a heading, where they name none of their own. */
export function inGroup<S extends Readonly<Record<string, Schema>>>(group: OptionGroup, shape: S): S {
  for (const schema of Object.values(shape)) {
    const help = helpOf(schema);
    if (help === undefined || help.group !== undefined) continue;
    z.globalRegistry.remove(schema);
    z.globalRegistry.add(schema, { ...help, group });
  }
  return shape;
}

/** The help of a field, or of what it wraps; undefined for one that is not meant for people. */
export function helpOf(schema: Schema): OptionHelp | undefined {
  const meta = metaOf(schema) as Partial<OptionHelp> | undefined;
  if (meta?.help !== undefined) return { ...meta, help: meta.help };
  const wrapped = unwrap(schema);
  return wrapped === undefined ? undefined : helpOf(wrapped);
}

/** All that is kept of a schema besides what it accepts. */
export const metaOf = (schema: Schema): Readonly<Record<string, unknown>> | undefined =>
  z.globalRegistry.get(schema);

/** What a default or an optionality wraps. */
function unwrap(schema: Schema): Schema | undefined {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  return def.type === 'default' || def.type === 'optional' ? def.innerType : undefined;
}

/** The flag of a field: sequenceLength gives --sequence-length, unless its help says otherwise. */
export function flagOf(key: string, schema: Schema): string {
  return helpOf(schema)?.flag ?? `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The schema under defaults and optionality. */
export function innerSchema(schema: Schema): Schema {
  const wrapped = unwrap(schema);
  return wrapped === undefined ? schema : innerSchema(wrapped);
}

/** The default of a field; undefined where it has none. */
export function defaultOf(schema: Schema): unknown {
  return z.safeParse(schema, undefined).data;
}

/** Single changes that make one word of the other; two neighbours that change places are one. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) next[j] = Math.min(next[j], before[j - 2] + 1);
    }
    [before, row] = [row, next];
  }
  return row[b.length];
}

/** The name that a few typing mistakes make of the given one; undefined where none is near. */
export function nearest(given: string, names: readonly string[]): string | undefined {
  const [best] = names
    .map((name) => ({ name, changes: distance(given.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.changes - b.changes);
  return best !== undefined && best.changes <= Math.max(1, Math.floor(given.length / 4))
    ? best.name
    : undefined;
}

/** "; did you mean 'epochs'?" where one of the names is near, else ''. */
export function suggestion(given: string, names: readonly string[]): string {
  const near = nearest(given, names);
  return near === undefined ? '' : `; did you mean '${near}'?`;
}

/** A default as people write it: 10,000, but port 8080. */
export const shownDefault = (value: unknown): string =>
  typeof value === 'number'
    ? value.toLocaleString('en', { maximumFractionDigits: 10, useGrouping: value >= 10_000 })
    : String(value);

/** A value, for messages. */
export function shownOption(value: unknown): string {
  if (typeof value === 'string') return `'${value.slice(0, 60)}'`;
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'function') return 'a function';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

/**
 * The options as their schema gives them.
 * @param call the function that they were given to
 * Throws InputError naming the option that is unknown (and one of a near name) or out of range, and its value.
 */
export function parsedOptions<S extends z.ZodMiniObject>(
  schema: S,
  given: unknown,
  call: string,
): z.output<S> {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new InputError(`${call}: the options must be an object; they are ${shownOption(given)}`);
  }
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  if (issue.code === 'unrecognized_keys') {
    const [key] = issue.keys;
    const place = [...issue.path, key].map(String).join('.');
    const known = issue.path.length === 0 ? Object.keys(schema.shape) : [];
    throw new InputError(`${call}: there is no option '${place}'${suggestion(key, known)}`);
  }
  const value = issue.path.reduce<unknown>(
    (inner, step) => (inner as Record<PropertyKey, unknown> | undefined)?.[step],
    given,
  );
  const name = issue.path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`));
  throw new InputError(
    `${call}: '${name.join('').replace(/^\./, '')}': ${issue.message} (it is ${shownOption(value)})`,
  );
}
