/** What every reader yields and every consumer takes: labelled inputs. */

export interface Example<Input = string> {
  /** What the encoder takes: a text. */
  readonly input: Input;
  /** Class name as the data states it. */
  readonly label: string;
}

export interface Dataset<Input = string> {
  /** Where it came from, for messages and reports: a path or the name of a built-in dataset. */
  readonly name: string;
  readonly examples: readonly Example<Input>[];
}

/** A labelled text as people write it; `input` is what encoders of other things than texts call it. */
export type LabelledInput =
  | { readonly text: string; readonly label: string }
  | { readonly input: string; readonly label: string };

export function examplesOf(labelled: readonly LabelledInput[]): Example[] {
  return labelled.map((one) => ({ input: 'text' in one ? one.text : one.input, label: one.label }));
}
