// Written by scripts/option-types.js from the schemas: change those, build, and run it again.
/**
 * How data are read: fields, formats and limits.
 */
export interface ReadOptions {
  /**
   * text, bytes or signal; bytes are files of any kind in folders by class, or the bytes of texts; signals
   * are .ts, .arff, .tsv, CSV and JSON lines of series, and .wav and .npy by class.
   *
   * Default: by the name.
   */
  readonly input?: 'text' | 'bytes' | 'signal' | undefined;
  /**
   * Column of the text; a.b for a nested one, a,b for several that are joined.
   *
   * Default: guessed.
   */
  readonly textField?: string | undefined;
  /**
   * Column of the label; a.b for a nested one.
   *
   * Default: guessed.
   */
  readonly labelField?: string | undefined;
  /**
   * one label an example, or many: any number of them, also none.
   *
   * Default: by the data.
   */
  readonly labels?: 'one' | 'many' | undefined;
  /**
   * What separates the labels in a cell, e.g. ';'.
   *
   * Default: sniffed; lists are read as such.
   */
  readonly labelSeparator?: string | undefined;
  /**
   * Columns of 0 and 1, one a label, separated by commas; topic_* takes all that begin so.
   *
   * Default: none.
   */
  readonly labelColumns?: string | undefined;
  /**
   * Column of what examples belong to: those of one group are never divided; a person, a source, a
   * conversation: splits, folds and tests go by groups.
   *
   * Default: none.
   */
  readonly groupField?: string | undefined;
  /**
   * Group in the path of each file: the first group of a regular expression, e.g. '_([a-z]+)_'.
   *
   * Default: none.
   */
  readonly groupFrom?: string | undefined;
  /**
   * Column of when an example came: learned from are those before, judged on those after; dates or numbers.
   *
   * Default: none.
   */
  readonly timeField?: string | undefined;
  /**
   * Format of the data.
   *
   * Default: by the name.
   */
  readonly format?: 'csv' | 'tsv' | 'jsonl' | 'json' | 'parquet' | 'text' | undefined;
  /**
   * What separates columns: a character, or comma, semicolon, tab, pipe.
   *
   * Default: sniffed.
   */
  readonly delimiter?: string | undefined;
  /**
   * The table has no header line: its columns are named 1, 2, 3…
   *
   * Default: false.
   */
  readonly noHeader?: boolean | undefined;
  /**
   * Encoding of the text, e.g. windows-1252, utf-16le, shift_jis.
   *
   * Default: UTF-8, or a guess that is printed.
   */
  readonly encoding?: string | undefined;
  /**
   * Skip up to n bad rows and list them.
   *
   * Whole number, at least 0. Default: stop at the first.
   */
  readonly skipBad?: number | undefined;
  /**
   * Drop tags and decode entities: auto (where the first texts are HTML), keep or strip.
   *
   * Default: auto.
   */
  readonly html?: 'auto' | 'keep' | 'strip' | undefined;
  /**
   * Missing values: refuse them, or interpolate by straight lines.
   *
   * Default: refuse.
   */
  readonly missing?: 'refuse' | 'interpolate' | undefined;
  /**
   * Resample sounds to this many samples a second.
   *
   * Whole number, 1 to 10000000. Default: all must have the same rate.
   */
  readonly resample?: number | undefined;
  /**
   * Columns of a table of series that hold no values: names or numbers from 1, separated by commas.
   *
   * Default: none.
   */
  readonly dropColumns?: string | undefined;
  /**
   * Average the channels of a signal into one.
   *
   * Default: all must have the same channels.
   */
  readonly mono?: boolean | undefined;
  /**
   * Class in the names of a folder's sound files: the first group of a regular expression, e.g. '^(\d+)-'.
   *
   * Default: none.
   */
  readonly labelFrom?: string | undefined;
  /**
   * Accept labels that have as many values as an id.
   *
   * Default: false.
   */
  readonly manyClasses?: boolean | undefined;
  /**
   * Use only k examples; the first of a file; of folders and built-in data the first of each class in turn.
   *
   * Whole number, at least 1. Default: none.
   */
  readonly limit?: number | undefined;
  /**
   * Longest line or JSON value, in characters.
   *
   * Whole number, at least 1. Default: 67,108,864.
   */
  readonly maxLine?: number | undefined;
  /**
   * Longest field or file of a folder, in characters.
   *
   * Whole number, at least 1. Default: 33,554,432.
   */
  readonly maxField?: number | undefined;
  /**
   * Most columns of a table.
   *
   * Whole number, at least 1. Default: 100,000.
   */
  readonly maxFields?: number | undefined;
}
