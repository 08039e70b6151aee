/** Predicts one part of a corpus into a file of its own, which is there whole or not at all. */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InputError, InterruptedError } from '../../errors.js';
import { MODEL_FOLDER_FILES } from '../../formats/runFolder.js';
import type { JobProgress } from '../../jobs/progress.js';
import { writingFault } from '../../platform/node/faults.js';
import { requireNoInput } from '../../platform/node/sameFile.js';
import { requireWritableFolder } from '../../platform/node/whole.js';
import { formatOf } from '../../readers/formats.js';
import { fileFault } from '../../readers/open.js';
import type { ReadOptions } from '../../readers/options.js';
import { readTexts, type TextToPredict } from '../../readers/read.js';
import { Classifier, type LoadOptions } from '../classifier.js';
import { FORWARD_BATCH } from '../forwardQueue.js';
import { inPortions } from '../portions.js';
import { headOf, type LineOutput, lineOf } from './answer.js';
import type { Part } from './parts.js';

/** What is to be said of each text. */
export interface AnswerOptions {
  readonly format: LineOutput;
  readonly topK?: number | undefined;
  /** Fields of the input to give along. */
  readonly keep: readonly string[];
}

export interface PartRequest {
  /** Run folder of the model. */
  readonly run: string;
  readonly load: LoadOptions;
  readonly part: Part;
  /** What to call the input in messages. */
  readonly name: string;
  /** Path of the answers' file. */
  readonly output: string;
  /** Where they are written until they are whole: another for each that may be at work on it. */
  readonly temporary: string;
  readonly read: ReadOptions;
  readonly answers: AnswerOptions;
}

export interface PartOutcome {
  readonly rows: number;
  /** Of the answers' file. */
  readonly bytes: number;
  readonly sha256: string;
  /** Of the bytes that were read. */
  readonly inputSha256: string;
  /** Texts of which the model knows no word. */
  readonly unknown: number;
  /** Tokens of the texts, and how many of them were read. */
  readonly tokens: number;
  readonly read: number;
  readonly seconds: number;
  /** Name of the computer, where that was another; whether the file is in a folder of its own there. */
  readonly host?: string;
  readonly elsewhere?: boolean;
}

/** Characters that are gathered before they go to the file. */
const GATHERED = 2 ** 18;

/** As `predictPart`, with a model of its own. */
export async function openAndPredictPart(
  request: PartRequest,
  onProgress: (progress: JobProgress) => void,
  signal?: AbortSignal,
): Promise<PartOutcome> {
  const classifier = await Classifier.load(request.run, request.load);
  try {
    return await predictPart(classifier, request, onProgress, signal);
  } finally {
    await classifier.dispose();
  }
}

/**
 * Throws InputError naming the row that does not serve, FailureError where the file cannot be written, and
 * InterruptedError when stopped; nothing is then left behind.
 */
export async function predictPart(
  classifier: Classifier,
  request: PartRequest,
  onProgress: (progress: JobProgress) => void,
  signal?: AbortSignal,
): Promise<PartOutcome> {
  const { output, temporary, part } = request;
  const { format, topK, keep } = request.answers;
  const shape = { keep, classes: Math.min(topK ?? 1, classifier.classes.length) };
  if (classifier.takes === 'signal' || classifier.reading.wholeFiles) {
    throw new InputError('a corpus is of texts, this model takes signals or whole files: leave --out out');
  }
  const started = performance.now();
  // A queue's worker may be given any paths.
  await requireNoInput(
    [output, temporary],
    [part.input, ...MODEL_FOLDER_FILES.map((name) => join(request.run, name))],
  );
  await requireWritableFolder(dirname(output));
  const inputSha256 = await hashOf(part);
  const file = await AnswersFile.create(output, temporary);
  try {
    const counts = { rows: 0, unknown: 0, tokens: 0, read: 0 };
    await file.write(headOf(format, shape));
    let characters = 0;
    const expected = expectedCharacters(part);
    const texts = textsOf(request, classifier);
    const lines = inPortions(texts, FORWARD_BATCH, async (portion) => {
      if (signal?.aborted) throw new InterruptedError(`stopped in ${request.name}`);
      for (const { text } of portion) {
        const extent = classifier.extentOf(text);
        counts.tokens += extent.tokens;
        counts.read += extent.read;
        if (!classifier.knows(text)) counts.unknown++;
        characters += text.length;
      }
      const predictions = await classifier.predict(
        portion.map(({ text }) => text),
        { topK },
      );
      return portion.map(({ row, kept = {} }, i) =>
        lineOf({ row, kept, scores: predictions[i] }, format, shape),
      );
    });
    for await (const line of lines) {
      await file.write(line);
      counts.rows++;
      if (counts.rows % FORWARD_BATCH === 0) {
        onProgress({ share: Math.min(0.99, characters / expected), note: `${counts.rows} texts` });
      }
    }
    const { bytes, sha256 } = await file.finish();
    return { ...counts, bytes, sha256, inputSha256, seconds: (performance.now() - started) / 1000 };
  } catch (error) {
    await file.discard();
    throw error;
  }
}

/** About: what of the bytes is no text is not known beforehand. */
const expectedCharacters = ({ input, size, range }: Part): number =>
  Math.max(1, range === undefined ? size * (/\.gz$/i.test(input) ? 3 : 0.95) : (range[1] - range[0]) * 0.95);

function textsOf(
  { part: { input, range }, name, read, answers: { keep } }: PartRequest,
  { reading: { html } }: Classifier,
): AsyncIterable<TextToPredict> {
  const options = { ...(html === undefined ? {} : { html }), ...read, keep };
  if (range === undefined) return readTexts(input, options);
  const [start, end] = range;
  const format = read.format ?? formatOf(input);
  return readTexts(
    { name: `${name} from byte ${start}`, stream: createReadStream(input, { start, end: end - 1 }) },
    { ...options, format, encoding: read.encoding ?? 'utf-8' },
  );
}

async function hashOf({ input, range }: Part): Promise<string> {
  const hash = createHash('sha256');
  try {
    const slice = range === undefined ? {} : { start: range[0], end: range[1] - 1 };
    for await (const chunk of createReadStream(input, { ...slice, highWaterMark: 2 ** 20 }))
      hash.update(chunk);
  } catch (error) {
    throw fileFault(input, error as NodeJS.ErrnoException);
  }
  return hash.digest('hex');
}

/** Written under another name until it is whole. */
class AnswersFile {
  readonly #path: string;
  readonly #temporary: string;
  readonly #file: FileHandle;
  readonly #hash: Hash = createHash('sha256');
  #bytes = 0;
  #gathered = '';

  private constructor(path: string, temporary: string, file: FileHandle) {
    this.#path = path;
    this.#temporary = temporary;
    this.#file = file;
  }

  static async create(path: string, temporary: string): Promise<AnswersFile> {
    try {
      // Not through a link that lies there.
      await rm(temporary, { force: true });
      return new AnswersFile(path, temporary, await open(temporary, 'wx'));
    } catch (error) {
      throw writingFault(path, error as NodeJS.ErrnoException);
    }
  }

  async write(text: string): Promise<void> {
    this.#gathered += text;
    if (this.#gathered.length >= GATHERED) await this.#flush();
  }

  async finish(): Promise<{ bytes: number; sha256: string }> {
    await this.#flush();
    try {
      await this.#file.sync();
      await this.#file.close();
      await rename(this.#temporary, this.#path);
    } catch (error) {
      throw writingFault(this.#path, error as NodeJS.ErrnoException);
    }
    return { bytes: this.#bytes, sha256: this.#hash.digest('hex') };
  }

  async discard(): Promise<void> {
    await this.#file.close().catch(() => {});
    await rm(this.#temporary, { force: true }).catch(() => {});
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.from(this.#gathered);
    this.#gathered = '';
    this.#bytes += bytes.length;
    this.#hash.update(bytes);
    await this.#file.writeFile(bytes).catch((error: NodeJS.ErrnoException) => {
      throw writingFault(this.#path, error);
    });
  }
}
