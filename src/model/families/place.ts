/** Where a family of models stands in tables, legends and verdicts. */

export interface Place {
  /** In tables and legends: smaller comes first. */
  readonly order: number;
  /**
   * A baseline is what people would take otherwise: a verdict compares models with it, and it is left out where
   * architectures are scaled to equal cost.
   */
  readonly baseline: boolean;
}

const PLACES: Readonly<Record<string, Place>> = {
  'elastic-fourier': { order: 0, baseline: false },
  standard: { order: 1, baseline: false },
  bag: { order: 2, baseline: true },
};

/** The family of a preset or of a model scaled for a pairing: "standard" of "standard, equal parameters". */
export const familyNameOf = (label: string): string => label.split(',')[0];

/** The place of a label; families that this program does not know come last. */
export function placeOf(label: string): Place {
  const name = familyNameOf(label);
  const place = PLACES[name] ?? { order: Object.keys(PLACES).length, baseline: false };
  return name === label ? place : { ...place, order: place.order + 0.5 };
}
