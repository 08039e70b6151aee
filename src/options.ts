/** What people read of an option. Each field of an options schema carries it, and the command line is made from it. */
import * as z from 'zod';

export interface OptionHelp {
  readonly help: string;
  /** What stands behind the flag: `<n>`. Without it the option is a switch. */
  readonly argument?: string;
  /** Default: the field's name with hyphens: textField gives --text-field. */
  readonly flag?: string;
}

/** The schema with its help. */
export function option<T extends z.ZodType>(schema: T, help: OptionHelp): T {
  return schema.meta({ ...help });
}

/** The help of a field, or of what it wraps; undefined for one that is not meant for people. */
export function helpOf(schema: z.ZodType): OptionHelp | undefined {
  const meta = schema.meta() as Partial<OptionHelp> | undefined;
  if (meta?.help !== undefined) return { ...meta, help: meta.help };
  const wrapped = unwrap(schema);
  return wrapped === undefined ? undefined : helpOf(wrapped);
}

/** What a default or an optionality wraps. */
function unwrap(schema: z.ZodType): z.ZodType | undefined {
  const wraps = schema instanceof z.ZodDefault || schema instanceof z.ZodOptional;
  return wraps ? (schema.unwrap() as z.ZodType) : undefined;
}

/** The flag of a field: sequenceLength gives --sequence-length, unless its help says otherwise. */
export function flagOf(key: string, schema: z.ZodType): string {
  return helpOf(schema)?.flag ?? `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The schema under defaults and optionality. */
export function innerSchema(schema: z.ZodType): z.ZodType {
  const wrapped = unwrap(schema);
  return wrapped === undefined ? schema : innerSchema(wrapped);
}

/** The default of a field; undefined where it has none. */
export function defaultOf(schema: z.ZodType): unknown {
  return schema.safeParse(undefined).data;
}
