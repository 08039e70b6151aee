/**
 * Parquet files are decoded in a thread of their own, which is ended where it takes longer than such data can: some
 * damages keep the decoder busy without end.
 */
import { Worker } from 'node:worker_threads';
import { InputError } from '../../errors.js';
import { type RandomAccess, rowsOf } from '../parse/parquet.js';
import type { RowBatch, RowSource } from '../parse/rows.js';
import { parquetSource } from '../source.js';
import { openRandomAccess } from './open.js';
import type { GroupNote, ParquetReply, Question } from './parquetWorker.js';

/** In a bundle the thread's own file does not lie beside this one. */
const IS_BUNDLED = !String(import.meta.url).endsWith('/readers/disk/parquetThread.js');

/** Seconds that anything may take, however small. */
const TIME_LIMIT = 60;
/** Bytes that are decoded in a second even on a slow machine. */
const SLOWEST = 10_000_000;
/** Sizes that a file claims are believed up to so many times what is there. */
const MOST_PACKED = 100;

class ParquetThread {
  readonly #path: string;
  readonly #worker: Worker;
  #resolve: ((answer: ParquetReply) => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  readonly #timeLimit: number;

  constructor(path: string, timeLimit: number) {
    this.#path = path;
    this.#timeLimit = timeLimit;
    // The host's own options (--input-type, --import …) are not for this thread.
    this.#worker = new Worker(new URL('./parquetWorker.js', import.meta.url), {
      workerData: path,
      execArgv: [],
    });
    this.#worker.on('message', (message: ParquetReply | GroupNote) => {
      if (message.kind !== 'group') this.#end(message);
      else this.#limit(timeLimit + Math.min(message.unpacked, MOST_PACKED * message.packed) / SLOWEST);
    });
    const fail = ({ message }: Error): void => this.#end({ kind: 'fault', message });
    this.#worker.on('error', fail);
    this.#worker.on('exit', (code) => fail(new Error(`its decoder ended with code ${code}`)));
  }

  /** Waits for the next answer; the first needs no question. Throws InputError. */
  async answer(question?: Question): Promise<ParquetReply> {
    const answered = new Promise<ParquetReply>((resolve) => {
      this.#resolve = resolve;
    });
    this.#limit(this.#timeLimit);
    if (question !== undefined) this.#worker.postMessage(question);
    const answer = await answered;
    if (answer.kind === 'refusal') throw new InputError(answer.message);
    if (answer.kind === 'fault') {
      throw new InputError(
        `${this.#path}: the Parquet data are damaged or of a kind that is not read (${answer.message}); write the file again`,
      );
    }
    return answer;
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#worker.terminate();
  }

  #limit(seconds: number): void {
    clearTimeout(this.#timer);
    const stuck = (): void =>
      this.#end({
        kind: 'fault',
        message: `not decoded within ${Math.round(seconds)} s, which is long even on a busy machine`,
      });
    this.#timer = setTimeout(stuck, 1000 * seconds);
  }

  #end(answer: ParquetReply): void {
    clearTimeout(this.#timer);
    this.#resolve?.(answer);
    this.#resolve = undefined;
  }
}

/**
 * Throws InputError on a file that is damaged or of a kind that cannot be read.
 * @param timeLimit seconds that anything may take, however small
 */
export async function openParquetFile(path: string, timeLimit = TIME_LIMIT): Promise<RowSource> {
  if (IS_BUNDLED) return parquetSource(path, await placesOf(path));
  const thread = new ParquetThread(path, timeLimit);
  try {
    const answer = await thread.answer();
    return {
      reading: { name: path, format: 'parquet', guessed: [] },
      names: answer.kind === 'names' ? answer.names : [],
      place: (at) => `${path}: row ${at}`,
      rows: (choose) => rowsFrom(thread, choose),
    };
  } catch (error) {
    await thread.close();
    throw error;
  }
}

/** A file that is opened for each part of it: nothing has to be closed. */
async function placesOf(path: string): Promise<RandomAccess> {
  const within = async <T>(use: (file: RandomAccess) => T | Promise<T>): Promise<T> => {
    const { file, close } = await openRandomAccess(path);
    try {
      return await use(file);
    } finally {
      await close();
    }
  };
  const byteLength = await within((file) => file.byteLength);
  return { byteLength, slice: (start, end) => within((file) => file.slice(start, end)) };
}

async function* rowsFrom(
  thread: ParquetThread,
  choose: (() => readonly string[]) | undefined,
): AsyncGenerator<RowBatch> {
  try {
    let question: Question = { wanted: choose?.() };
    for (;;) {
      const answer = await thread.answer(question);
      if (answer.kind !== 'batch' || answer.batch === undefined) return;
      question = 'next';
      yield rowsOf(answer.batch);
    }
  } finally {
    await thread.close();
  }
}
