/** Numbers as files write them: what is one, what is missing, and what is wrong with everything else. */

/** Between the whole and the fraction. */
export type DecimalMark = '.' | ',';

/** Words for a value that is missing, in lower case. */
const MISSING = new Set(['?', 'nan', '-nan', 'na', 'n/a', '#n/a', '<na>', 'null', 'none', 'nil']);
const INFINITE = /^[+-]?inf(?:inity)?$/i;
const NUMBER: Readonly<Record<DecimalMark, RegExp>> = {
  '.': /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i,
  ',': /^[+-]?(?:\d+|\d*,\d+)(?:e[+-]?\d+)?$/i,
};
/** 1,234.5 and 1.234,5 and 1 234 and 1'234. */
const GROUPED: Readonly<Record<DecimalMark, RegExp>> = {
  '.': /^[+-]?\d{1,3}(?:[,'’ \u00a0\u202f]\d{3})+(?:\.\d+)?$/,
  ',': /^[+-]?\d{1,3}(?:[.'’ \u00a0\u202f]\d{3})+(?:,\d+)?$/,
};

export const isNumber = (word: string, decimal: DecimalMark = '.'): boolean => NUMBER[decimal].test(word);

/** Whether it is a number but for separators of thousands. */
export const isGrouped = (word: string, decimal: DecimalMark): boolean => GROUPED[decimal].test(word);

export const isMissing = (word: string): boolean => MISSING.has(word.toLowerCase());

/** The number; NaN for a missing one; else what is wrong, to stand behind "value 3" or "column 'x'". */
export function parseNumber(word: string, decimal: DecimalMark = '.'): number | { readonly fault: string } {
  const value = Number(decimal === '.' ? word : word.replace(',', '.'));
  // Number() also reads '', 0x1f and, with the comma replaced, 0.25: the pattern decides, but it is slow.
  const plain = decimal === '.' && word !== '' && !(word.charCodeAt(1) > 57);
  if (Number.isFinite(value) && (plain || isNumber(word, decimal))) return value;
  if (isMissing(word)) return Number.NaN;
  return { fault: faultOf(word, decimal) };
}

function faultOf(word: string, decimal: DecimalMark): string {
  if (word === '') return 'is empty; a missing value is written ?';
  const shown = `is '${word.slice(0, 40)}'`;
  if (INFINITE.test(word)) return `${shown}, which is infinite: no model can learn from it`;
  if (isNumber(word, decimal)) return `${shown}, which is too large for a 32-bit number`;
  if (isGrouped(word, decimal)) return `${shown}; write numbers without separators of thousands`;
  if (decimal === '.' && isNumber(word, ',')) {
    return `${shown}, which is not a number: it has a comma where others have a decimal point`;
  }
  if (decimal === ',' && isNumber(word, '.')) {
    return `${shown}, which is not a number: it has a point where others have a decimal comma`;
  }
  return `${shown}, which is not a number; a missing value is written ?`;
}

/** Numbers with commas (or another separator) between them, missing ones as NaN; a fault says which is none. */
export function parseNumbers(text: string, separator = ','): number[] | { readonly fault: string } {
  const numbers: number[] = [];
  for (const part of text.split(separator)) {
    const value = parseNumber(part.trim());
    if (typeof value !== 'number') return { fault: `value ${numbers.length + 1} ${value.fault}` };
    numbers.push(value);
  }
  return numbers;
}
