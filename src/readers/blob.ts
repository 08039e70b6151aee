/** Files of a page: what tells them from paths and examples. */

/** A browser's File, or a Blob with a name: its ending says the format. */
export type NamedBlob = Blob & { readonly name: string };

export const isBlob = (given: unknown): given is NamedBlob =>
  typeof Blob !== 'undefined' && given instanceof Blob;

/** Whether these are paths or files, not examples; an empty array is of examples. */
export const areFiles = (given: unknown): boolean =>
  Array.isArray(given) && given.length > 0 && given.every((one) => typeof one === 'string' || isBlob(one));
