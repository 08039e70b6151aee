/** Which model a run folder holds. */
import { createHash } from 'node:crypto';
import { InputError } from '../../errors.js';
import { FolderStore } from '../../platform/node/folder.js';

/** All that its predictions depend on. */
const FILES = ['config.json', 'encoder.json', 'tokenizer.json', 'model.safetensors'];

/** Hash of a run folder's model, hexadecimal. Throws InputError where the folder holds none. */
export async function modelHash(run: string): Promise<string> {
  const store = new FolderStore(run);
  const hash = createHash('sha256');
  for (const name of FILES) {
    const bytes = await store.read(name);
    if (bytes !== undefined) hash.update(`${name} ${bytes.length}\n`).update(bytes);
    else if (name === 'config.json' || name === 'model.safetensors') {
      throw new InputError(`${store.pathOf(name)}: no such file: a run folder is needed here`);
    }
  }
  return hash.digest('hex');
}
