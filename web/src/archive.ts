/** A model's files as one zip file. */
import { InputError, MemoryStore } from 'elastic-fourier';
import { unzipSync, zipSync } from 'fflate';

export function packed(files: ReadonlyMap<string, Uint8Array>): Blob {
  const entries = [...files].map(([name, bytes]) => [name, bytes] as const);
  // Weights are noise to a packer: what little there is to win comes fast.
  const zip = zipSync(Object.fromEntries(entries), { level: 1 });
  return new Blob([zip as Uint8Array<ArrayBuffer>], { type: 'application/zip' });
}

/** Bytes that an archive may unpack to. */
const MOST = 2 ** 31;

/** Throws InputError on what is no zip file, or holds no model. */
export async function unpacked(file: File): Promise<MemoryStore> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let files: Record<string, Uint8Array>;
  let total = 0;
  try {
    files = unzipSync(bytes, {
      filter: ({ name, originalSize }) => {
        total += originalSize;
        return total <= MOST && !name.endsWith('/');
      },
    });
  } catch (error) {
    throw new InputError(`${file.name}: this is no zip file, or a damaged one (${(error as Error).message})`);
  }
  if (total > MOST) throw new InputError(`${file.name}: this unpacks to more than a page can hold`);
  const config = Object.keys(files).find((name) => /(^|\/)config\.json$/.test(name));
  if (config === undefined) {
    throw new InputError(
      `${file.name}: no model in this zip file; one holds config.json and model.safetensors`,
    );
  }
  // It may have been packed with its folder.
  const folder = config.slice(0, -'config.json'.length);
  const store = new MemoryStore(file.name);
  for (const [name, content] of Object.entries(files)) {
    if (name.startsWith(folder)) store.files.set(name.slice(folder.length), content);
  }
  return store;
}
