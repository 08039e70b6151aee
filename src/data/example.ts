/** What every reader yields and every consumer takes: labelled texts. */

export interface Example {
  readonly text: string;
  /** Class name as the data states it. */
  readonly label: string;
}

export interface Dataset {
  /** Where it came from, for messages and reports: a path or the name of a built-in dataset. */
  readonly name: string;
  readonly examples: readonly Example[];
}
