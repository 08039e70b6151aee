/** What the parsers of series are told. */
import type { CheckedOptions } from '../options.js';

/** How series are read; the rest is of their formats. */
export interface SeriesOptions
  extends Pick<
    CheckedOptions,
    | 'format'
    | 'labelField'
    | 'dropColumns'
    | 'delimiter'
    | 'noHeader'
    | 'encoding'
    | 'skipBad'
    | 'maxLine'
    | 'maxField'
    | 'maxFields'
    | 'limit'
  > {
  /** Whether each series needs a class. Else classes are left out, and none is looked for among the values. */
  readonly labelled: boolean;
}
