/** HTML's entities. Their table is larger than most of the library, and few models read HTML: it is loaded for those. */
let decode: ((text: string) => string) | undefined;

/** Loads the table; `decodeEntities` needs it. */
export async function loadEntities(): Promise<void> {
  if (decode !== undefined) return;
  const { decodeHTML } = await import('entities/decode');
  decode = (text) => decodeHTML(text);
}

/** The text with its entities decoded as HTML says, also those without a semicolon. */
export function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  if (decode === undefined) throw new Error('the table of entities was not loaded: prepareReading does');
  return decode(text);
}
