/** What characters are to tokens: spaces, parts of a run, tokens of their own. */

/** FNV-1a (Fowler, Noll & Vo), over UTF-16 units. */
export const FNV_OFFSET = 0x811c9dc5 | 0;
export const FNV_PRIME = 0x01000193;

export const APOSTROPHE = 39;
const TYPOGRAPHIC_APOSTROPHE = 0x2019;

/** What a character does to a token. */
export const SPACE = 1;
/** Stands in runs: a letter, a mark or a digit. */
export const RUN = 2;
/** A token of its own. */
export const SINGLE = 3;

/** Kinds of the characters of the basic plane that were met; 0 = not yet. */
const kinds = new Uint8Array(0x10000);
/** Of ASCII letters and digits their lower case, 0 of others. */
export const lowerCase = new Uint8Array(128);
for (let unit = 0; unit < 128; unit++) {
  const character = String.fromCharCode(unit);
  if (kindOf(character) === RUN) lowerCase[unit] = character.toLowerCase().charCodeAt(0);
}

function kindOf(character: string): number {
  if (/\s/u.test(character)) return SPACE;
  return /[\p{L}\p{M}\p{N}]/u.test(character) ? RUN : SINGLE;
}

export function kindAt(text: string, at: number): number {
  const code = text.codePointAt(at)!;
  if (code > 0xffff) return kindOf(String.fromCodePoint(code));
  if (kinds[code] === 0) kinds[code] = kindOf(String.fromCharCode(code));
  return kinds[code];
}

export const lengthAt = (text: string, at: number): number => (text.codePointAt(at)! > 0xffff ? 2 : 1);

/** Behind the run of characters that begins at `start`, apostrophes inside it included. */
export function endOfRun(text: string, start: number): number {
  let i = start;
  for (;;) {
    while (i < text.length && kindAt(text, i) === RUN) i += lengthAt(text, i);
    const unit = text.charCodeAt(i);
    const apostrophe = unit === APOSTROPHE || unit === TYPOGRAPHIC_APOSTROPHE;
    if (!apostrophe || i + 1 >= text.length || kindAt(text, i + 1) !== RUN) return i;
    i++;
  }
}
