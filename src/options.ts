/** What people read of an option. Each field of an options schema carries it, and the command line is made from it. */
import * as z from 'zod/mini';
import en from 'zod/v4/locales/en.js';
import { InputError } from './errors.js';

export interface OptionHelp {
  readonly help: string;
  /** What stands behind the flag: `<n>`. Without it the option is a switch. */
  readonly argument?: string;
  /** Default: the field's name with hyphens: textField gives --text-field. */
  readonly flag?: string;
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

/** Single changes that make one word of the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length];
}

/** "; did you mean 'epochs'?" where one of the names is near, else ''. */
export function suggestion(given: string, names: readonly string[]): string {
  const [nearest] = names
    .map((name) => ({ name, changes: distance(given.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.changes - b.changes);
  return nearest !== undefined && nearest.changes <= Math.max(1, Math.floor(given.length / 4))
    ? `; did you mean '${nearest.name}'?`
    : '';
}

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
