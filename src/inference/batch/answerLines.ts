/** Answers as lines of text: JSON, CSV, or labels alone. */
import { InputError } from '../../errors.js';
import type { Score } from '../prediction.js';
import { type Answer, type LineOutput, plain } from './answer.js';
import {
  cellsOf,
  cellText,
  columnsOf,
  ownName,
  setCell,
  shapeOf,
  type TableRequest,
  type TableShape,
} from './answerTable.js';

/** Answers become lines one after the other; the first settles the columns of a table. */
export class AnswerLines {
  readonly #output: LineOutput;
  readonly #request: TableRequest;
  #shape: TableShape | undefined;
  #fields: ReadonlySet<string> = new Set();

  /** @param shape where it is known beforehand */
  constructor(output: LineOutput, request: TableRequest, shape?: TableShape) {
    this.#output = output;
    this.#request = request;
    if (shape !== undefined) this.#useShape(shape);
  }

  /**
   * The line of an answer, behind the head of the table if it is the first. Throws InputError where it has a field that
   * the table has no column for.
   */
  next(answer: Answer): string {
    if (this.#output === 'labels') {
      const { labels, scores } = answer;
      return `${lineOfLabel(labels === undefined ? scores[0].label : setCell(labels))}\n`;
    }
    const head = this.#shape === undefined ? this.#head(shapeOf([answer], this.#request)) : '';
    return head + (this.#output === 'csv' ? this.#row(answer) : this.#object(answer));
  }

  /** What stands in a file without answers. */
  end(): string {
    return this.#shape === undefined ? this.#head(shapeOf([], this.#request)) : '';
  }

  /** What stands before the lines of a table whose shape is known. */
  begin(): string {
    return this.#shape === undefined ? '' : this.#head(this.#shape);
  }

  #useShape(shape: TableShape): void {
    this.#shape = shape;
    this.#fields = new Set(shape.kept);
  }

  #head(shape: TableShape): string {
    this.#useShape(shape);
    return this.#output === 'csv' ? csvLine(columnsOf(shape)) : '';
  }

  #row(answer: Answer): string {
    const shape = this.#shape!;
    if (this.#request.keep === 'all') {
      const more = Object.keys(answer.kept).find((name) => !this.#fields.has(name));
      if (more !== undefined) {
        throw new InputError(
          `row ${answer.row} has the field '${more}', which is no column of this table: the first row has none of that name. Name the fields with --keep, or take --output jsonl`,
        );
      }
    }
    return csvLine(cellsOf(answer, shape));
  }

  #object({ file, kept, labels, scores, evidence }: Answer): string {
    const all = this.#request.keep === 'all';
    const fields = all ? new Set([...this.#fields, ...Object.keys(kept)]) : this.#fields;
    const [{ label, score, ...marks } = { label: '', score: 0 }, ...others] = scores;
    const answered = labels === undefined ? { label, score, ...marks } : { labels };
    const own = {
      ...answered,
      scores: labels === undefined ? [{ label, score }, ...others] : scores.map(plainScore),
      ...(evidence === undefined ? {} : { evidence }),
    };
    // Not by assignment: a field may be called __proto__.
    const entries = [
      ...(file === undefined ? [] : [[ownName('file', fields), file] as const]),
      ...Object.entries(kept),
      ...Object.entries(own).map(([name, value]) => [ownName(name, fields), value] as const),
    ];
    return `${JSON.stringify(Object.fromEntries(entries), plain)}\n`;
  }
}

const plainScore = ({ label, score }: Score): Score => ({ label, score });

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** One line whatever the label: line breaks, tabs and other control characters as \n, \r, \t, \u0085. */
const lineOfLabel = (label: string): string =>
  label.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g,
    (character) => ESCAPES[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** RFC 4180. */
function csvLine(fields: readonly unknown[]): string {
  const quoted = fields.map((field) => {
    const text = cellText(field);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  });
  return `${quoted.join(',')}\n`;
}
