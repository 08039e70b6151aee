/** Datasets that come with the package. */

import type { Dataset } from '../data/example.js';
import { InputError } from '../errors.js';
import { loadSpamAssassin } from './spam-assassin.js';

const LOADERS: Readonly<Record<string, () => Promise<Dataset>>> = { 'spam-assassin': loadSpamAssassin };

export const BUILT_IN: readonly string[] = Object.keys(LOADERS);

/** Throws InputError on an unknown name. */
export async function loadBuiltIn(name: string): Promise<Dataset> {
  const load = LOADERS[name];
  if (load === undefined)
    throw new InputError(`no built-in dataset '${name}'; there is ${BUILT_IN.join(', ')}`);
  return load();
}
