/** Entry of the thread that decodes a Parquet file; parquetThread.ts asks. */
import { parentPort, workerData } from 'node:worker_threads';
import { InputError } from '../../errors.js';
import { openParquet, type ParquetBatch } from '../parse/parquet.js';
import { openRandomAccess } from './open.js';

/** Told without being asked: what is about to be decoded. */
export interface GroupNote {
  readonly kind: 'group';
  readonly packed: number;
  readonly unpacked: number;
}

export type ParquetReply =
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'batch'; readonly batch: ParquetBatch | undefined }
  | { readonly kind: 'refusal'; readonly message: string }
  | { readonly kind: 'fault'; readonly message: string };

/** The fields that are wanted, before the first batch; then a word for each further one. */
export type Question = { readonly wanted: readonly string[] | undefined } | 'next';

const port = parentPort!;
const answer = (message: ParquetReply | GroupNote): void => port.postMessage(message);

async function* answers(path: string): AsyncGenerator<ParquetReply, void, Question> {
  const { file, close } = await openRandomAccess(path);
  try {
    const { names, batches } = await openParquet(path, file);
    const question = yield { kind: 'names', names };
    const wanted = question === 'next' ? undefined : question.wanted;
    for await (const batch of batches(wanted, (sizes) => answer({ kind: 'group', ...sizes }))) {
      yield { kind: 'batch', batch };
    }
    yield { kind: 'batch', batch: undefined };
  } finally {
    await close();
  }
}

const all = answers(workerData as string);
const next = async (question: Question): Promise<void> => {
  try {
    const { value } = await all.next(question);
    if (value) answer(value);
  } catch (error) {
    const { message } = error as Error;
    answer({ kind: error instanceof InputError ? 'refusal' : 'fault', message });
  }
};
port.on('message', (question: Question) => void next(question));
await next('next');
