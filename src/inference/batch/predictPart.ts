/** Predicts one part of a corpus into a file of its own, which is there whole or not at all. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Skipped, SkippedRow } from '../../data/skipped.js';
import { InputError, InterruptedError } from '../../errors.js';
import { MODEL_FOLDER_FILES } from '../../formats/runFolder.js';
import type { JobProgress } from '../../jobs/progress.js';
import { requireNoInput } from '../../platform/node/sameFile.js';
import { requireWritableFolder, WholeFile } from '../../platform/node/whole.js';
import { type ItemStream, openItems } from '../../readers/dataset.js';
import { disk } from '../../readers/disk/disk.js';
import { fileFault } from '../../readers/disk/open.js';
import { formatOf } from '../../readers/formats.js';
import type { ReadOptions } from '../../readers/options.js';
import { Classifier, type LoadOptions } from '../classifier.js';
import { FORWARD_BATCH } from '../forwardQueue.js';
import { inPortions } from '../portions.js';
import type { Answer, LineOutput } from './answer.js';
import { AnswerLines } from './answerLines.js';
import { columnsAsked, type Keep } from './answerTable.js';
import type { Part } from './parts.js';

/** What is to be said of each text. */
export interface AnswerOptions {
  readonly format: LineOutput;
  readonly topK?: number | undefined;
  /** Fields of the input to give along. */
  readonly keep: Keep;
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
  /** Rows that were left out, as --skip-bad allows; and where the first of them stand, and why. */
  readonly skipped: number;
  readonly skippedRows?: readonly SkippedRow[] | undefined;
  /** Tokens of the texts, and how many of them were read. */
  readonly tokens: number;
  readonly read: number;
  readonly seconds: number;
  /** Name of the computer, where that was another; whether the file is in a folder of its own there. */
  readonly host?: string;
  readonly elsewhere?: boolean;
}

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
  const lines = new AnswerLines(format, {
    keep,
    ...columnsAsked(classifier, topK),
    marks: classifier.marks,
  });
  if (classifier.inputKind === 'signal' || classifier.reading.wholeFiles) {
    throw new InputError(
      'an --out folder is for models of texts; this model takes signals or whole files: name a file as --out, or none',
    );
  }
  const started = performance.now();
  // A queue's worker may be given any paths.
  await requireNoInput(
    [output, temporary],
    [part.input, ...MODEL_FOLDER_FILES.map((name) => join(request.run, name))],
  );
  await requireWritableFolder(dirname(output));
  const inputSha256 = await hashOf(part);
  const hash = createHash('sha256');
  const file = await WholeFile.create(output, { temporary, hash });
  try {
    const counts = { rows: 0, unknown: 0, tokens: 0, read: 0 };
    let characters = 0;
    const expected = expectedCharacters(part);
    const stream = await textsOf(request, classifier);
    const texts = classifier.readingPass(stream.skipped).all(stream);
    const answers = inPortions(texts, FORWARD_BATCH, async (portion) => {
      if (signal?.aborted) throw new InterruptedError(`stopped in ${request.name}`);
      const answers = await Promise.all(portion.map(({ input }) => classifier.answerRead(input, { topK })));
      return portion.map(({ input, row, kept = {} }, i) => {
        const { prediction: scores, labels, extent, known } = answers[i];
        counts.tokens += extent.tokens;
        counts.read += extent.read;
        if (!known) counts.unknown++;
        if (typeof input === 'string') characters += input.length;
        return { row, kept, scores, ...(labels === undefined ? {} : { labels }) } satisfies Answer;
      });
    });
    for await (const answer of answers) {
      await file.write(lines.next(answer));
      counts.rows++;
      if (counts.rows % FORWARD_BATCH === 0) {
        onProgress({ share: Math.min(0.99, characters / expected), note: `${counts.rows} texts` });
      }
    }
    await file.write(lines.end());
    await file.commit();
    return {
      ...counts,
      ...skippedOf(stream.skipped.result),
      bytes: file.size,
      sha256: hash.digest('hex'),
      inputSha256,
      seconds: (performance.now() - started) / 1000,
    };
  } finally {
    await file.discard();
  }
}

/** Characters of a fault that go along. */
const MOST_FAULT = 500;

const skippedOf = (skipped: Skipped | undefined): Pick<PartOutcome, 'skipped' | 'skippedRows'> => ({
  skipped: skipped?.count ?? 0,
  ...(skipped === undefined
    ? {}
    : {
        skippedRows: skipped.first.map(({ place, fault }) => ({ place, fault: fault.slice(0, MOST_FAULT) })),
      }),
});

/** About: what of the bytes is no text is not known beforehand. */
const expectedCharacters = ({ input, size, range }: Part): number =>
  Math.max(1, range === undefined ? size * (/\.gz$/i.test(input) ? 3 : 0.95) : (range[1] - range[0]) * 0.95);

function textsOf(
  { part: { input, range }, name, read, answers: { keep } }: PartRequest,
  classifier: Classifier,
): Promise<ItemStream> {
  const options = {
    ...classifier.readOptions(read),
    input: 'text' as const,
    labelled: false,
    keep,
  };
  if (range === undefined) return openItems([input], options);
  const [start, end] = range;
  const source = disk.pipeSource(
    `${name} from byte ${start}`,
    createReadStream(input, { start, end: end - 1 }),
  );
  const format = read.format ?? formatOf(input);
  return openItems(source, { ...options, format, encoding: read.encoding ?? 'utf-8' });
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
