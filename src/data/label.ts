/** What is a label: the same from files and from the library. */

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
