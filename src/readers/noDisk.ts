/** Readers without a disk: in a browser. */
import { InputError } from '../errors.js';
import type { Disk } from './diskContract.js';

function refuse(named: readonly string[]): never {
  throw new InputError(
    `${named[0]}: paths cannot be read in a browser; give a File or Blob (of an <input type="file">, or fetched) or an array of examples`,
    'unsupported',
  );
}

export const disk: Disk = {
  // biome-ignore lint/correctness/useYield: it throws
  async *groupsOf(named) {
    refuse(named);
  },
  kindOf: async (named) => refuse(named),
  areFolders: async (named) => refuse(named),
  requireRoom: async (named) => refuse(named),
  pipeSource() {
    throw new InputError('there are no pipes in a browser', 'unsupported');
  },
};
