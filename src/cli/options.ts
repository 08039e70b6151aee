/** Makes the command line's options from options schemas: flags, ranges, defaults and help stand there alone. */
import { InvalidArgumentError } from 'commander';
import * as z from 'zod/mini';
import { defaultOf, flagOf, helpOf, innerSchema, shownDefault } from '../options.js';
import { type CliCommand, CliOption } from './command.js';

type Shape = Readonly<Record<string, z.core.$ZodType>>;

interface JsonSchema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
}

/** As a user gives it, before it is transformed. */
const AS_GIVEN = { io: 'input', unrepresentable: 'any' } as const;

/** What a value must be, in words. */
function describe({ type, minimum, exclusiveMinimum, maximum, exclusiveMaximum }: JsonSchema): string {
  const noun = type === 'integer' ? 'a whole number' : 'a number';
  const top = maximum === Number.MAX_SAFE_INTEGER ? undefined : (maximum ?? exclusiveMaximum);
  // Of whole numbers, above 0 is from 1.
  const least = type === 'integer' && exclusiveMinimum !== undefined ? exclusiveMinimum + 1 : minimum;
  if (least === undefined) return `${noun} above ${exclusiveMinimum} up to ${top}`;
  if (top === undefined) return `${noun} ≥ ${least}`;
  return `${noun} from ${least} ${type === 'integer' ? 'to' : 'up to'} ${top}`;
}

/** Parses the text of an option by its schema; throws InvalidArgumentError saying what would be right. */
export function parserOf(schema: z.core.$ZodType): (text: string) => unknown {
  const inner = innerSchema(schema);
  const json = z.toJSONSchema(inner, AS_GIVEN) as JsonSchema;
  const isNumber = json.type === 'integer' || json.type === 'number';
  return (text) => {
    const value = isNumber ? (text.trim() === '' ? Number.NaN : Number(text)) : text;
    const parsed = z.safeParse(inner, value);
    if (parsed.success) return parsed.data;
    throw new InvalidArgumentError(
      isNumber
        ? `It must be ${describe(json)}.`
        : parsed.error.issues.map(({ message }) => message).join('; '),
    );
  };
}

/** The name under which commander keeps the value of a flag: --seq-len gives seqLen. */
const nameOf = (flag: string): string =>
  flag.replace(/^--(?:no-)?/, '').replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

/**
 * Adds the fields that have help. Values are not filled with defaults: what was not given is absent.
 * @param defaults shown instead of the schema's own
 * @param rare fields that this command lists in its full help alone
 */
export function addOptions(
  command: CliCommand,
  shape: Shape,
  defaults: Readonly<Record<string, unknown>> = {},
  rare: readonly string[] = [],
): CliCommand {
  for (const [key, schema] of Object.entries(shape)) {
    const help = helpOf(schema);
    if (help === undefined) continue;
    const standard = defaults[key] ?? defaultOf(schema);
    const flag = flagOf(key, schema);
    const added = new CliOption(help.argument === undefined ? flag : `${flag} ${help.argument}`, help.help);
    if (standard !== undefined && standard !== false) added.defaultValueDescription = shownDefault(standard);
    added.more = help.more;
    added.group = help.group ?? 'Advanced';
    added.alias = help.alias ?? [];
    added.rare = !help.common || rare.includes(key);
    const { enum: choices } = z.toJSONSchema(innerSchema(schema), AS_GIVEN) as JsonSchema;
    if (choices !== undefined) added.choices(choices);
    else if (help.argument !== undefined) added.argParser(parserOf(schema));
    command.addOption(added);
  }
  return command;
}

/** What was given of the fields of a shape, by the fields' names. */
export function givenOptions<S extends Shape>(
  options: Readonly<Record<string, unknown>>,
  shape: S,
): { [K in keyof S]?: z.infer<S[K]> } {
  const given: Record<string, unknown> = {};
  for (const [key, schema] of Object.entries(shape)) {
    const flag = flagOf(key, schema);
    const value = options[nameOf(flag)];
    // Commander turns --no-header into header = false.
    if (flag.startsWith('--no-')) {
      if (value === false) given[key] = true;
    } else if (value !== undefined) given[key] = value;
  }
  return given as { [K in keyof S]?: z.infer<S[K]> };
}
