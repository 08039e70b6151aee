/** The labels of a row: one, or a set of them, as data have them. */
import { labelText } from '../../data/label.js';
import { type LabelMode, labelsBetween, labelsOfArray, setText } from '../../data/labelSets.js';
import { InputError } from '../../errors.js';
import type { Row } from './row.js';
import { shown } from './shown.js';

export interface LabelRules {
  readonly labels?: LabelMode | undefined;
  readonly labelSeparator?: string | undefined;
}

export type FoundLabels =
  | { readonly label: string }
  | { readonly labels: readonly string[] }
  | { readonly fault: string };

/**
 * The label, or the labels of a row; numbers and booleans too. An array is a set, also of one; so is a text with a separator
 * that was named.
 * @param remedy what to do about a missing one
 */
export function rowLabels(
  row: Row,
  field: string,
  { labels: mode, labelSeparator }: LabelRules,
  remedy = 'give it one or remove the row',
): FoundLabels {
  const value = row.get(field);
  if (Array.isArray(value)) {
    const found = labelsOfArray(value);
    return 'fault' in found
      ? { fault: `the label field '${shown(field)}' ${found.fault}` }
      : wanted(found.labels, mode);
  }
  const empty = value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
  if (empty && (mode === 'many' || (labelSeparator !== undefined && value !== undefined)))
    return { labels: [] };
  if (typeof value === 'string' && labelSeparator !== undefined) {
    return wanted(labelsBetween(value, labelSeparator), mode);
  }
  const label = labelText(value);
  if ('fault' in label) {
    return { fault: `this row has no label (field '${shown(field)}' ${label.fault}); ${remedy}` };
  }
  // A cell may still turn out to hold several.
  return { label: label.value };
}

function wanted(labels: readonly string[], mode: LabelMode | undefined): FoundLabels {
  if (mode !== 'one') return { labels };
  if (labels.length === 1) return { label: labels[0] };
  const what = labels.length === 0 ? 'no label' : `${labels.length} labels (${shown(setText(labels))})`;
  return { fault: `this row has ${what}, and --labels one wants one` };
}

/** The columns that a list such as `a,b,topic_*` names. Throws InputError where there is none of a name. */
export function labelColumnsIn(place: string, list: string, names: readonly string[]): string[] {
  const found = new Set<string>();
  for (const part of list.split(',').map((one) => one.trim())) {
    if (part === '') continue;
    const own = part.endsWith('*')
      ? names.filter((name) => name.startsWith(part.slice(0, -1)))
      : names.filter((name) => name === part);
    if (own.length === 0) {
      const shownNames = names.slice(0, 20).map((name) => `'${shown(name)}'`);
      throw new InputError(
        `${place}: no column '${shown(part)}' for --label-columns; there are ${shownNames.join(', ')}`,
      );
    }
    for (const name of own) found.add(name);
  }
  return [...found];
}

const YES: readonly unknown[] = [1, 1n, true, '1', '1.0', 'true', 'yes', 'x'];
const NO: readonly unknown[] = [0, 0n, false, '0', '0.0', 'false', 'no', ''];

/** Labels as columns of 0 and 1, each named like its label. */
export function columnLabels(row: Row, columns: readonly string[], mode: LabelMode | undefined): FoundLabels {
  const labels: string[] = [];
  for (const column of columns) {
    const value = row.get(column);
    const plain = typeof value === 'string' ? value.trim().toLowerCase() : value;
    if (YES.includes(plain)) labels.push(column);
    else if (!NO.includes(plain) && plain !== null && plain !== undefined) {
      return { fault: `the label column '${shown(column)}' holds '${shown(String(value))}', not 0 or 1` };
    }
  }
  return wanted(labels, mode);
}
