/**
 * Answers on their way to a file that appears whole when all are there. Until then they stand in a folder beside it,
 * FILE.part, from which the same command goes on where it was stopped, by whatever:
 *
 *   asked.json      what was asked: other questions are no continuation
 *   answers.jsonl   the answers so far, an Answer a line
 */
import { createReadStream } from 'node:fs';
import { type FileHandle, open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { FailureError, InputError } from '../../errors.js';
import { writingFault } from '../../platform/node/faults.js';
import { lockFolder } from '../../platform/node/lock.js';
import { temporaryName } from '../../platform/node/temporary.js';
import { requireWritableFolder, writeWhole } from '../../platform/node/whole.js';
import { type Answer, headOf, lineOf, type Output, plain, type TableShape } from './answer.js';
import { writeParquet } from './parquetAnswers.js';
import type { Asked } from './request.js';

/** All files that are written on the way to the one at `path`. */
export const answerFiles = (path: string): string[] => [
  path,
  ...['asked.json', 'answers.jsonl'].map((name) => join(`${path}.part`, name)),
];

/** Answers are written in portions of about so many characters. */
const PORTION = 1 << 16;

export class AnswerFile {
  readonly path: string;
  /** Row of the last answer that is there, 0 if none is. */
  after = 0;
  /** Answers that are there. */
  count = 0;
  #waiting = '';
  readonly #folder: string;
  readonly #file: FileHandle;
  readonly #unlock: () => Promise<void>;

  private constructor(path: string, folder: string, file: FileHandle, unlock: () => Promise<void>) {
    this.path = path;
    this.#folder = folder;
    this.#file = file;
    this.#unlock = unlock;
  }

  /**
   * Begins, or goes on with what is there. Throws InputError where that answers something else, or another program is
   * at it; FailureError where nothing can be written.
   */
  static async open(path: string, asked: Asked): Promise<AnswerFile> {
    const folder = `${path}.part`;
    await requireWritableFolder(dirname(path) || '.');
    await requireWritableFolder(folder);
    const lock = await lockFolder(folder);
    const unlock = (): Promise<void> => lock.release();
    try {
      await requireSame(folder, asked);
      const answers = join(folder, 'answers.jsonl');
      const file = await open(answers, 'a');
      const found = new AnswerFile(path, folder, file, unlock);
      await found.#takeUp(answers);
      return found;
    } catch (error) {
      await unlock();
      throw error;
    }
  }

  /** Counts the answers that are there; a line that a kill cut off is none. */
  async #takeUp(answers: string): Promise<void> {
    let whole = 0;
    let last = '';
    let rest = '';
    for await (const part of createReadStream(answers, { encoding: 'utf8' })) {
      const lines = (rest + (part as string)).split('\n');
      rest = lines.pop()!;
      for (const line of lines) {
        whole += Buffer.byteLength(line) + 1;
        this.count++;
        last = line;
      }
    }
    await this.#file.truncate(whole);
    if (last === '') return;
    try {
      this.after = (JSON.parse(last) as Answer).row;
    } catch {
      throw new InputError(`${answers} is damaged: delete ${this.#folder} to begin anew`);
    }
  }

  async add(answer: Answer): Promise<void> {
    this.#waiting += `${JSON.stringify(answer, plain)}\n`;
    this.after = answer.row;
    this.count++;
    if (this.#waiting.length >= PORTION) await this.#flush();
  }

  async #flush(): Promise<void> {
    const text = this.#waiting;
    this.#waiting = '';
    await this.#file.appendFile(text).catch((error: NodeJS.ErrnoException) => {
      throw writingFault(this.#folder, error);
    });
  }

  /** Writes the file, in one step for whoever looks, and takes the folder away. */
  async finish(output: Output, shape: TableShape): Promise<void> {
    await this.#flush();
    const temporary = temporaryName(this.path);
    try {
      if (output === 'parquet') await writeParquet(temporary, () => this.#answers(), shape);
      else await writeLines(temporary, this.#lines(output, shape));
      const written = await open(temporary, 'r+');
      await written.sync().finally(() => written.close());
      await rename(temporary, this.path);
    } catch (error) {
      await rm(temporary, { force: true });
      if (error instanceof InputError || error instanceof FailureError) throw error;
      throw writingFault(this.path, error as NodeJS.ErrnoException);
    }
    await this.#file.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Leaves what is there for later; after `finish` there is nothing to leave. */
  async close(): Promise<void> {
    try {
      if (this.#waiting !== '') await this.#flush();
    } finally {
      await this.#file.close().catch(() => {});
      await this.#unlock();
    }
  }

  async *#answers(): AsyncGenerator<Answer> {
    const input = createReadStream(join(this.#folder, 'answers.jsonl'));
    for await (const line of createInterface({ input })) yield JSON.parse(line) as Answer;
  }

  async *#lines(output: Exclude<Output, 'parquet'>, shape: TableShape): AsyncGenerator<string> {
    yield headOf(output, shape);
    for await (const answer of this.#answers()) yield lineOf(answer, output, shape);
  }
}

async function writeLines(path: string, lines: AsyncIterable<string>): Promise<void> {
  const file = await open(path, 'w');
  try {
    let portion = '';
    for await (const line of lines) {
      portion += line;
      if (portion.length < PORTION) continue;
      await file.appendFile(portion);
      portion = '';
    }
    await file.appendFile(portion);
  } finally {
    await file.close();
  }
}

/** Throws InputError where the folder's answers are to something else; notes what is asked where it has none yet. */
async function requireSame(folder: string, asked: Asked): Promise<void> {
  const path = join(folder, 'asked.json');
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return writeWhole(path, `${JSON.stringify(asked, plain, 2)}\n`);
  let before: Record<string, unknown> = {};
  try {
    before = JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw new InputError(`${path} is damaged: delete ${folder} to begin anew`);
  }
  const same = (key: string): boolean =>
    JSON.stringify(before[key] ?? null) === JSON.stringify(asked[key] ?? null, plain);
  const different = Object.keys(asked).filter((key) => !same(key));
  if (different.length === 0) return;
  throw new InputError(
    `${folder} holds answers that ${basename(folder, '.part')} was to have, by another command: its ${different.join(' and its ')} differ. Run that command again to finish it, or delete the folder to begin anew`,
  );
}
