/** Where a model lies: a folder, an address, or any store of files. */
import { platform } from '#platform';
import { type AddressOptions, HttpStore, isAddress } from './httpStore.js';
import type { FileStore } from './store.js';

/** A folder's path, the address of one on a static host (read only), or any other store of files. */
export type ModelLocation = string | FileStore;

/**
 * Throws InputError for a path where there are no folders.
 * @param options limits of what is read from an address
 */
export function storeOf(place: ModelLocation, options?: AddressOptions): FileStore {
  if (typeof place !== 'string') return place;
  return isAddress(place) ? new HttpStore(place, options) : platform.folder(place);
}
