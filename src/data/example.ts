/** What every reader yields and every consumer takes: labelled inputs. */

import type { Input, Signal } from '../input/input.js';

export interface Example<I extends Input = Input> {
  /** What the encoder takes: a text, or a signal. */
  readonly input: I;
  /** Class name as the data states it. */
  readonly label: string;
}

export interface Dataset<I extends Input = Input> {
  /** Where it came from, for messages and reports: a path or the name of a built-in dataset. */
  readonly name: string;
  readonly examples: readonly Example<I>[];
}

/** A labelled text, signal or file's content as people write it. */
export type LabelledInput =
  | { readonly text: string; readonly label: string }
  | { readonly signal: Signal; readonly label: string }
  | { readonly bytes: Uint8Array; readonly label: string }
  | { readonly input: Input; readonly label: string };

export function examplesOf(labelled: readonly LabelledInput[]): Example[] {
  const inputOf = (one: LabelledInput): Input => {
    if ('text' in one) return one.text;
    if ('bytes' in one) return one.bytes;
    return 'signal' in one ? one.signal : one.input;
  };
  return labelled.map((one) => ({ input: inputOf(one), label: one.label }));
}
