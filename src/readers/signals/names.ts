/** What names of columns and fields say of them: the class, a number of the row, a time. */
import { InputError } from '../../errors.js';
import { fieldsIn } from '../parse/fields.js';
import { shown } from '../parse/shown.js';

/** Of the class, the surest first. */
const CLASS_NAMES: readonly RegExp[] = [
  /^(?:class|target)[ _-]?(?:label|name)?s?$/i,
  /^labels?$/i,
  /^(?:classes|category|categories|activity)$/i,
  /(?:^|[ _-])(?:class|label|target|category)$/i,
  /^y$/i,
];

/** Numbers and names of rows or series: no values. `Unnamed: 0` is what pandas calls a column without a name. */
const ID_NAME =
  /^(?:#|unnamed: \d+(?:[._]\d+)*|level_\d+|idx|index|key|no\.?|nr\.?|num|number|row|rownames?|row[ _.]?(?:names?|nr|no|num|number)|uuid|guid|uid)$|(?:^|[ _.-])(?:[gprstu]?id|idx|index|uuid)$|^(?:sample|series|case|record|recording|instance|subject|person|patient|participant|user|trial|session|segment|window|file|filename|file[ _]name|name)(?:[ _.-]?(?:no|nr|num|number))?$/i;

const TIME_NAME =
  /^(?:t|time|times|timestamps?|date|datetime|date[ _-]?time|step|steps|tick|seconds?|secs?|millis|milliseconds?|ms|s)$|^(?:time|timestamp|date|t)[ _.([-].*$|[ _-](?:time|timestamp)$/i;

export const isIdName = (name: string): boolean => ID_NAME.test(name) || /[a-z]I[Dd]$/.test(name);

export const isTimeName = (name: string): boolean => TIME_NAME.test(name);

/** Whether a name may be that of the class. */
export const isClassName = (name: string): boolean => CLASS_NAMES.some((one) => one.test(name));

/** The name that is probably the class's; y is a channel beside x or z. */
export function guessClass(names: readonly string[]): string | undefined {
  const axes = names.some((name) => /^[xz]$/i.test(name));
  for (const pattern of CLASS_NAMES) {
    const found = names.find((name) => pattern.test(name) && !(axes && /^y$/i.test(name)));
    if (found !== undefined) return found;
  }
  return undefined;
}

const LISTED = 12;

/** Columns for a message: `'t0', 't1' … 'class' (31 columns)`, or how many there are where they have no names. */
export function listed(names: readonly string[] | undefined, count: number): string {
  if (names === undefined) return `${count} columns without names, 1 to ${count}`;
  const quoted = names.map((name) => `'${shown(name)}'`);
  if (count <= LISTED) return quoted.join(', ');
  return `${quoted.slice(0, 4).join(', ')} … ${quoted.slice(-3).join(', ')} (${count} columns)`;
}

/**
 * Place of a column, from 0: by its name, or else by its number, from 1; undefined if there is none.
 * @param names undefined where the columns have none
 */
export function findColumn(
  given: string,
  names: readonly string[] | undefined,
  count: number,
): number | undefined {
  const named = names?.indexOf(given) ?? -1;
  if (named >= 0) return named;
  const position = /^\d+$/.test(given.trim()) ? Number(given) : 0;
  return position >= 1 && position <= count ? position - 1 : undefined;
}

/** Places of the columns of `--drop-columns`. Throws InputError naming the columns there are. */
export function droppedColumns(
  place: string,
  given: string | undefined,
  names: readonly string[] | undefined,
  count: number,
): ReadonlySet<number> {
  const parts = given === undefined ? [] : fieldsIn(given, (name) => names?.includes(name) ?? false);
  const found = parts.map((part) => {
    const index = findColumn(part, names, count);
    if (index !== undefined) return index;
    throw new InputError(
      `${place}: no column '${shown(part)}' to leave out (--drop-columns); there are ${listed(names, count)}`,
    );
  });
  return new Set(found);
}
