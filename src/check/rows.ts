/** The data's own rows again: with what was found of each, or with what was accepted of it. */
import type { Checked } from './check.js';
import type { Issue, IssueKind } from './report.js';

/** A row of the data: its fields in order. */
export type OwnRow = Readonly<Record<string, unknown>>;

/** Of each example its own fields, and how its label's field is called. */
function ownRows({ raws, examples }: Pick<Checked, 'raws' | 'examples'>): { rows: OwnRow[]; label: string } {
  const [first] = raws;
  const names = Object.keys(first?.kept ?? {}).filter((name) => name !== 'place' && name !== 'file');
  if (names.length === 0) {
    const rows = raws.map(({ input, place }, i) => ({
      ...(typeof input === 'string' ? { text: input } : { file: place }),
      label: examples[i].label,
    }));
    return { rows, label: 'label' };
  }
  const isLabel = (name: string): boolean =>
    raws.every(
      ({ kept }, i) => kept?.[name] === undefined || String(kept[name]).trim() === examples[i].label,
    );
  return { rows: raws.map(({ kept }) => kept ?? {}), label: names.find(isLabel) ?? 'label' };
}

/** A row for each issue: the fields of its example, then what is wrong, what is suggested, and how sure that is. */
export function issueRows(checked: Checked): OwnRow[] {
  const { rows } = ownRows(checked);
  return checked.report.issues.map(({ example, kind, suggestion = '', confidence, reason }) => ({
    row: checked.raws[example].row,
    ...rows[example],
    issue: kind,
    suggestion,
    confidence: Number(confidence.toFixed(4)),
    reason,
  }));
}

/** What of the issues is accepted. */
export interface AcceptedFixes {
  readonly kinds: readonly IssueKind[];
  /** Suggestions that are less sure are left. */
  readonly confidence: number;
}

/** Kinds of which the suggestion changes nothing that a person would have to judge. */
export const SAFE_KINDS: readonly IssueKind[] = ['duplicate', 'class name', 'empty'];

export interface Fixed {
  readonly rows: readonly OwnRow[];
  readonly removed: number;
  readonly relabelled: number;
}

/** The data with what was accepted: examples taken out, labels changed. What comes first of an example's issues holds. */
export function fixedRows(checked: Checked, { kinds, confidence }: AcceptedFixes): Fixed {
  const { rows, label } = ownRows(checked);
  const accepted = new Map<number, Issue>();
  for (const issue of checked.report.issues) {
    if (issue.suggestion === undefined || issue.confidence < confidence || !kinds.includes(issue.kind))
      continue;
    const other = accepted.get(issue.example);
    // Who is taken out needs no other label.
    if (other === undefined || issue.suggestion === 'remove') accepted.set(issue.example, issue);
  }
  const kept: OwnRow[] = [];
  let [removed, relabelled] = [0, 0];
  rows.forEach((row, example) => {
    const issue = accepted.get(example);
    if (issue === undefined) kept.push(row);
    else if (issue.suggestion === 'remove') removed++;
    else {
      relabelled++;
      kept.push({ ...row, [label]: issue.suggestion });
    }
  });
  return { rows: kept, removed, relabelled };
}

/** Rows as CSV, or as JSON lines. */
export function tableText(rows: readonly OwnRow[], format: 'csv' | 'jsonl'): string {
  if (format === 'jsonl') return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const lines = [names, ...rows.map((row) => names.map((name) => row[name]))];
  return lines.map((cells) => `${cells.map(cell).join(',')}\r\n`).join('');
}

function cell(value: unknown): string {
  if (value === undefined || value === null) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
