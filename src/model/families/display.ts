/** Where the models of a results file stand in tables, legends and verdicts. */
import type { Rank } from './family.js';
import { FAMILIES, type ModelName } from './index.js';

/** The family of a preset or of a model scaled for a pairing: "standard" of "standard, equal parameters". */
export const familyNameOf = (label: string): string => label.split(',')[0];

/** Whether more epochs can change a training: one that solves for its weights in a single one is done. */
export function trainsOn(label: string, epochs: number): boolean {
  const name = familyNameOf(label);
  const method = Object.hasOwn(FAMILIES, name) ? FAMILIES[name as ModelName].training.method : undefined;
  return (method !== 'ridge' && method !== 'kernel') || epochs > 1;
}

/** The rank of a label; families that this program does not know come last, as models. */
export function rankOf(label: string): Rank {
  const name = familyNameOf(label);
  const known = Object.hasOwn(FAMILIES, name) ? FAMILIES[name as ModelName].rank : undefined;
  const rank = known ?? { order: Object.keys(FAMILIES).length - 1, baseline: false };
  return name === label ? rank : { ...rank, order: rank.order + 0.5 };
}

/** Order of labels in tables and legends: by the family's rank, a preset before its scaled forms. */
export function byRank(a: string, b: string): number {
  return rankOf(a).order - rankOf(b).order || a.localeCompare(b, 'en');
}
