/**
 * Answers on their way to a file that appears whole when all are there. Until then they stand in a folder beside it,
 * FILE.part, from which the same command goes on where it was stopped, by whatever:
 *
 *   request.json    what was requested: answers to something else are no beginning
 *   answers.jsonl   the answers so far, an Answer a line
 *   whole.tmp       the file, while it is written
 */
import { createReadStream } from 'node:fs';
import { type FileHandle, open, readFile, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { InputError } from '../../errors.js';
import { writingFault } from '../../platform/node/faults.js';
import { type FolderLock, lockFolder } from '../../platform/node/lock.js';
import { requireWritableFolder, WholeFile, writeWhole } from '../../platform/node/whole.js';
import { type Answer, isLineOutput, type Output, plain } from './answer.js';
import { AnswerLines } from './answerLines.js';
import { shapeOfAll, type TableRequest } from './answerTable.js';
import { writeParquet } from './parquetAnswers.js';
import type { PredictionRequest } from './request.js';

const REQUEST = 'request.json';
const ANSWERS = 'answers.jsonl';
const WHOLE = 'whole.tmp';

/** All files that are written on the way to the one at `path`. */
export const answerFiles = (path: string): string[] => [
  path,
  ...[REQUEST, ANSWERS, WHOLE].map((name) => join(`${path}.part`, name)),
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
  readonly #lock: FolderLock;

  private constructor(path: string, folder: string, file: FileHandle, lock: FolderLock) {
    this.path = path;
    this.#folder = folder;
    this.#file = file;
    this.#lock = lock;
  }

  /**
   * Begins, or goes on with what is there. Throws InputError where that answers something else, or another program is
   * at it; FailureError where nothing can be written.
   */
  static async open(path: string, request: PredictionRequest): Promise<AnswerFile> {
    const folder = `${path}.part`;
    await requireWritableFolder(dirname(path) || '.');
    await requireWritableFolder(folder);
    const lock = await lockFolder(folder);
    let file: FileHandle | undefined;
    try {
      await requireSame(folder, request);
      const answers = join(folder, ANSWERS);
      file = await open(answers, 'a').catch((error: NodeJS.ErrnoException) => {
        throw writingFault(answers, error);
      });
      const found = new AnswerFile(path, folder, file, lock);
      await found.#findAnswers();
      return found;
    } catch (error) {
      await file?.close();
      await lock.release();
      throw error;
    }
  }

  /** Counts the answers that are there; a line that a kill cut off is none. */
  async #findAnswers(): Promise<void> {
    const answers = join(this.#folder, ANSWERS);
    let whole = 0;
    let last = '';
    for await (const line of wholeLines(answers)) {
      whole += Buffer.byteLength(line) + 1;
      this.count++;
      last = line;
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
  async finish(output: Output, request: TableRequest): Promise<void> {
    await this.#flush();
    const shape = await shapeOfAll(this.#answers(), request);
    // In the folder: what a kill leaves there is cleared by the same command.
    const file = await WholeFile.create(this.path, {
      temporary: join(this.#folder, WHOLE),
      lock: this.#lock,
    });
    try {
      if (isLineOutput(output)) {
        const lines = new AnswerLines(output, request, shape);
        await file.write(lines.begin());
        for await (const answer of this.#answers()) await file.write(lines.next(answer));
      } else await writeParquet(file, () => this.#answers(), shape);
      await file.commit();
    } finally {
      await file.discard();
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
      await this.#lock.release();
    }
  }

  async *#answers(): AsyncGenerator<Answer> {
    for await (const line of wholeLines(join(this.#folder, ANSWERS))) yield JSON.parse(line) as Answer;
  }
}

/** Lines that end in '\n': readline takes other characters for ends of lines too, which stand in JSON as they are. */
async function* wholeLines(path: string): AsyncGenerator<string> {
  let rest = '';
  for await (const part of createReadStream(path, { encoding: 'utf8' })) {
    const lines = (rest + (part as string)).split('\n');
    rest = lines.pop()!;
    yield* lines;
  }
}

/** Throws InputError where the folder's answers are to something else; notes the request where it has none yet. */
async function requireSame(folder: string, request: PredictionRequest): Promise<void> {
  const path = join(folder, REQUEST);
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) {
    const answers = join(folder, ANSWERS);
    if ((await stat(answers).catch(() => undefined))?.size)
      throw new InputError(`${answers} does not say what was requested: delete ${folder} to begin anew`);
    return writeWhole(path, `${JSON.stringify(request, plain, 2)}\n`);
  }
  let before: Record<string, unknown> = {};
  try {
    before = JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw new InputError(`${path} is damaged: delete ${folder} to begin anew`);
  }
  const same = (key: string): boolean =>
    JSON.stringify(before[key] ?? null) === JSON.stringify(request[key] ?? null, plain);
  const different = Object.keys(request).filter((key) => !same(key));
  if (different.length === 0) return;
  throw new InputError(
    `${folder} holds answers that ${basename(folder, '.part')} was to have, by another command: its ${different.join(' and its ')} differ. Run that command again to finish it, or delete the folder to begin anew`,
  );
}
