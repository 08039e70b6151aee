/** Where a model lies: a folder, an address, or any store of files. */
import { platform } from '#platform';
import { InputError } from '../errors.js';
import { type AddressOptions, HttpStore, isAddress } from './httpStore.js';
import type { FileStore } from './store.js';

/** A folder's path, the address of one on a static host (read only), or any other store of files. */
export type ModelLocation = string | FileStore;

/** Throws InputError on what is no store. */
function requireStore(place: unknown): FileStore {
  const { read, write } = (place ?? {}) as Partial<FileStore>;
  if (typeof read === 'function' && typeof write === 'function') return place as FileStore;
  const shown = typeof place === 'object' && place !== null ? 'an object' : String(place);
  throw new InputError(`the place of a model must be a path, an address or a store of files; it is ${shown}`);
}

/**
 * Throws InputError for a path where there are no folders.
 * @param options limits of what is read from an address
 */
export function storeOf(place: ModelLocation, options?: AddressOptions): FileStore {
  if (typeof place !== 'string') return requireStore(place);
  return isAddress(place) ? new HttpStore(place, options) : platform.folder(place);
}
