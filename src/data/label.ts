/** What is a label, and what is a time: the same from files and from the library. */

/** A label as text, or what is wrong with it. */
export type FoundLabel = { readonly value: string } | { readonly fault: string };

/** Numbers and booleans are labels too, as text; missing, empty and NaN ones are none. */
export function labelText(value: unknown): FoundLabel {
  if (typeof value === 'boolean' || typeof value === 'bigint') return { value: String(value) };
  if (typeof value === 'number') return Number.isNaN(value) ? { fault: 'is NaN' } : { value: String(value) };
  if (value === undefined || value === null) return { fault: 'is missing' };
  if (typeof value !== 'string') {
    return { fault: `holds ${Array.isArray(value) ? 'an array' : typeof value}, not text` };
  }
  const label = value.toWellFormed().trim();
  return label === '' ? { fault: 'is empty' } : { value: label };
}

/** A date or number as a number, or what is wrong with it. */
export function momentOf(value: unknown): { readonly value: number } | { readonly fault: string } {
  if (value === undefined || value === null || value === '') return { fault: 'is missing' };
  const moment =
    typeof value === 'bigint' || typeof value === 'number'
      ? Number(value)
      : value instanceof Date
        ? value.getTime()
        : typeof value === 'string'
          ? parsedTime(value.trim())
          : Number.NaN;
  return Number.isFinite(moment)
    ? { value: moment }
    : { fault: `is no date or number: ${JSON.stringify(String(value).slice(0, 40))}` };
}

const parsedTime = (text: string): number => {
  if (text === '') return Number.NaN;
  const number = Number(text);
  return Number.isNaN(number) ? Date.parse(text) : number;
};
