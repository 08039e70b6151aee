/** Which files of a folder an export may replace: its own, not those of others. */
import { InputError } from '../errors.js';
import type { FileStore } from '../platform/store.js';
import { isModelCard } from './cardMark.js';
import { jsonOrUndefined } from './json.js';

/** How a file of ours is known: by its text. */
const MARKS: Readonly<Record<string, (text: string) => boolean>> = {
  'config.json': (text) => formatOf(text) === 'elastic-fourier/run',
  'encoder.json': (text) => formatOf(text).startsWith('elastic-fourier/'),
  'README.md': isModelCard,
  'modeling_eft.py': (text) => text.startsWith('"""A model of elastic-fourier'),
  // The producer's name stands at the beginning of the file.
  'onnx/model.onnx': (text) => text.slice(0, 100).includes('elastic-fourier'),
};

/** Files that say nothing of who wrote them; they are ours where the folder is. */
const UNMARKED = ['model.safetensors', 'tokenizer.json', 'tokenizer_config.json'];

const formatOf = (text: string): string =>
  String((jsonOrUndefined(text) as { format?: unknown } | null | undefined)?.format);

/** Throws InputError naming the files that an export would write over and that are not of one. */
export async function requireReplaceable(store: FileStore): Promise<void> {
  if (await store.has('checkpoint.safetensors')) {
    throw new InputError(
      `${store.path} holds a training, which an export would write over: choose another folder`,
    );
  }
  const foreign: string[] = [];
  let ours = false;
  for (const [name, isOurs] of Object.entries(MARKS)) {
    const bytes = await store.read(name);
    if (bytes === undefined) continue;
    const own = isOurs(new TextDecoder().decode(bytes));
    if (!own) foreign.push(name);
    else if (name !== 'README.md') ours = true;
  }
  for (const name of ours ? [] : UNMARKED) if (await store.has(name)) foreign.push(name);
  if (foreign.length === 0) return;
  throw new InputError(
    `${store.path} holds ${foreign.join(', ')} that ${foreign.length === 1 ? 'is' : 'are'} not of an export by this program and would be written over: choose another folder, or move ${foreign.length === 1 ? 'it' : 'them'} away`,
  );
}
