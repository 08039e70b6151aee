/** Whether cells of labels hold several each: a separator, or lists as JSON and Python write them. */
import { labelsBetween, labelsOfArray } from '../../data/labelSets.js';
import { shownDelimiter } from './shown.js';

/** A comma may well be part of a name: it comes last. */
const SEPARATORS = [';', '|', ','] as const;

/** So many different cells with several labels at least. */
const LEAST_COMPOSITES = 2;

export interface SniffedLabels {
  readonly of: (cell: string) => readonly string[];
  /** One line of English. */
  readonly remark: string;
}

const KEEP = '--labels one keeps such a cell as one class';

/**
 * @param cells different ones
 * @param sure several labels a cell are expected: less has to speak for a separator
 */
export function sniffLabels(cells: readonly string[], sure: boolean): SniffedLabels | undefined {
  const full = cells.filter((cell) => cell.trim() !== '');
  if (full.length === 0) return undefined;
  if (full.every((cell) => listIn(cell) !== undefined)) {
    return {
      of: (cell) => listIn(cell) ?? [],
      remark: `the labels are lists, such as ${full[0].slice(0, 40)}; ${KEEP}`,
    };
  }
  for (const separator of SEPARATORS) {
    const composites = full.filter((cell) => labelsBetween(cell, separator).length > 1);
    if (composites.length < (sure ? 1 : LEAST_COMPOSITES)) continue;
    if ((!sure || separator === ',') && !areShared(full, composites, separator)) continue;
    return {
      of: (cell) => labelsBetween(cell, separator),
      remark: `labels are separated by ${shownDelimiter(separator)} (guessed; ${KEEP})`,
    };
  }
  return undefined;
}

/** Every part of the cells is also found elsewhere, alone or in another cell: names with a separator in them have none such. */
function areShared(all: readonly string[], composites: readonly string[], separator: string): boolean {
  const uses = new Map<string, number>();
  for (const cell of all) {
    for (const part of labelsBetween(cell, separator)) uses.set(part, (uses.get(part) ?? 0) + 1);
  }
  return composites.every((cell) => labelsBetween(cell, separator).every((part) => uses.get(part)! > 1));
}

/** The labels in `["a", "b"]` or `['a', 'b']`; undefined for what is no list. */
function listIn(cell: string): readonly string[] | undefined {
  const text = cell.trim();
  if (!text.startsWith('[') || !text.endsWith(']')) return undefined;
  for (const json of [text, pythonList(text)]) {
    try {
      const values: unknown = JSON.parse(json);
      if (!Array.isArray(values)) continue;
      const found = labelsOfArray(values);
      if ('labels' in found) return found.labels;
    } catch {
      // Another way to write it, or no list.
    }
  }
  return undefined;
}

/** As Python prints a list of strings: quotes become those of JSON. */
const pythonList = (text: string): string =>
  text.replace(/'((?:[^'\\]|\\.)*)'/gs, (_, inner: string) => JSON.stringify(inner.replace(/\\(.)/gs, '$1')));
