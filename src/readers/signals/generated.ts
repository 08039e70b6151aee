/** Data sets of signals that are generated, by their names. */
import { CHIRPS, chirps } from './chirps.js';
import { PUMP, pump } from './pump.js';
import type { Series } from './series.js';

/** Series of a set, as many as anybody needs. */
export const MOST_GENERATED = 2000;

const SETS: Readonly<Record<string, (count: number) => Iterable<Series>>> = {
  [CHIRPS]: chirps,
  [PUMP]: pump,
};

export const GENERATED: readonly string[] = Object.keys(SETS);

export const isGenerated = (name: string): boolean => GENERATED.includes(name);

/** All series of a set. */
export const generated = (name: string): Iterable<Series> => SETS[name](MOST_GENERATED);
