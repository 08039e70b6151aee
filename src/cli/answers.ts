/** Where `eft predict` puts its answers: standard output as they come, or a file that appears whole. */
import { InputError } from '../errors.js';
import { type Answer, isLineOutput, type Output } from '../inference/batch/answer.js';
import { AnswerFile } from '../inference/batch/answerFile.js';
import { AnswerLines } from '../inference/batch/answerLines.js';
import type { TableRequest } from '../inference/batch/answerTable.js';
import { loadParquetWriter } from '../inference/batch/parquetAnswers.js';
import type { PredictionRequest } from '../inference/batch/request.js';
import { count } from '../report/format.js';
import { tell, writeOutGently } from './output.js';

/** Where answers go, one after the other. */
export interface AnswerSink {
  /** Answers given before, and the row of the last of them. */
  readonly before: { readonly count: number; readonly after: number };
  add(answer: Answer): Promise<void>;
  /** All are given. */
  finish(): Promise<void>;
  close(): Promise<void>;
  /** What is to be done about answers that are there when something fails behind row `after`. */
  onFault(count: number, after: number): string;
}

/** @param after row behind which the answers go on. Throws InputError for a format that is no text. */
export function standardOutput(output: Output, request: TableRequest, after: number): AnswerSink {
  if (!isLineOutput(output)) throw new InputError('--output parquet needs --out FILE: it is not text');
  const lines = new AnswerLines(output, request);
  return {
    before: { count: 0, after },
    add: (answer) => writeOutGently(lines.next(answer)),
    finish: () => writeOutGently(lines.end()),
    async close() {},
    onFault: (written, row) =>
      `${count(written)} answers are written, up to row ${row}: continue with --after ${row}`,
  };
}

/** Throws as AnswerFile.open does, and InputError where the package that writes Parquet is missing. */
export async function fileOutput(
  path: string,
  prediction: PredictionRequest,
  output: Output,
  request: TableRequest,
): Promise<AnswerSink> {
  // Before hours of predicting.
  if (output === 'parquet') await loadParquetWriter();
  const file = await AnswerFile.open(path, prediction);
  const { count: there, after } = file;
  if (there > 0) tell(`${count(there)} answers are there already, up to row ${after}: continuing after it`);
  return {
    before: { count: there, after },
    add: (answer) => file.add(answer),
    finish: () => file.finish(output, request),
    close: () => file.close(),
    onFault: (written, row) =>
      `${count(written)} answers are kept in ${path}.part, up to row ${row}: the same command continues after it`,
  };
}
