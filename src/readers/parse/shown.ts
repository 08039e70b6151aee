/** Data inside messages: short, and without characters that a terminal would obey. */

/** What is shown of a name: without a header line it may be a whole text. */
const SHOWN = 40;

/** At most 40 characters; control and direction characters as `\u{…}`. */
export function shown(text: string): string {
  const short = text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
  return short.replace(
    /[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu,
    (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
}

/** A delimiter as one would write it. */
export function shownDelimiter(delimiter: string): string {
  return delimiter === '\t' ? 'tab' : `'${delimiter}'`;
}
