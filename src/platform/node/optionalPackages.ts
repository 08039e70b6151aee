/** Packages that are installed by who needs them. */
import { InputError } from '../../errors.js';

/** Node's codes for a module that is not there; CommonJS has the second. */
const MISSING = new Set<unknown>(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND']);

/**
 * What `load` gives. Throws InputError that says how to install the packages where they are not installed.
 * @param load imports them, by their names in quotes, so that bundlers see them
 * @param missing what to say: 'a queue needs two packages that are not installed'
 * @param advice behind the command that installs them
 */
export async function loadOptional<T>(
  load: () => Promise<T>,
  packages: readonly string[],
  missing: string,
  advice = '',
): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (!MISSING.has((error as NodeJS.ErrnoException).code)) throw error;
    throw new InputError(`${missing}: npm install ${packages.join(' ')}${advice}`);
  }
}
