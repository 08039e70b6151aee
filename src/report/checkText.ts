/** What a check found, in a person's words: the same for the terminal and the page. */
import type { CheckReport, GiveAway, Issue, IssueKind } from '../check/report.js';
import { count, percent, plural, points } from './format.js';

/** A line of the summary: what was looked at, what came of it. */
export type Finding = readonly [what: string, found: string];

const range = ([low, high]: readonly [number, number]): string => `${points(low)} to ${points(high)} %`;

/** The summary, in the order in which one should look at it. */
export function findings(report: CheckReport): Finding[] {
  const { labels, duplicates, giveAways, drift, curve, issues, classes } = report;
  const lines: Finding[] = [];
  const tally = new Map<IssueKind, number>();
  for (const { kind } of issues) tally.set(kind, (tally.get(kind) ?? 0) + 1);
  if (labels !== undefined) {
    const listed = tally.get('label') ?? 0;
    lines.push([
      'labels',
      `about ${count(labels.estimated)} of ${count(labels.judged)} are probably wrong, ${count(listed)} listed; models on examples that they had not seen agree with ${percent(labels.accuracy, 1)} (${range(labels.interval)})`,
    ]);
  }
  if (duplicates !== undefined) {
    const { identical, near, conflicts, across } = duplicates;
    lines.push([
      'duplicates',
      `${plural(identical.surplus, 'copy', 'copies')} in ${plural(identical.groups, 'group')}, ${plural(near.surplus, 'near copy', 'near copies')} in ${plural(near.groups, 'group')}; ${plural(conflicts, 'group')} with different labels`,
    ]);
    if (across !== undefined) {
      lines.push([
        'leaks',
        `${count(across.shared)} of ${count(across.of)} examples of the other data are here too, whole or nearly`,
      ]);
    }
  }
  if (giveAways !== undefined) {
    const [first] = giveAways;
    lines.push([
      'give-aways',
      first === undefined ? 'none found' : `${count(giveAways.length)}, the first: ${giveAwayText(first)}`,
    ]);
  }
  const odd = (['empty', 'cut', 'length', 'script', 'several labels', 'class name'] as const)
    .filter((kind) => tally.has(kind))
    .map((kind) => `${ODD[kind]} ${count(tally.get(kind)!)}`);
  lines.push(['classes', `${count(classes.length)}${odd.length > 0 ? `; ${odd.join(', ')}` : ''}`]);
  if (drift !== undefined) {
    const told = drift.interval[0] > 0.5 ? 'they differ' : 'no difference is shown';
    lines.push([
      'drift',
      `a model tells which of both an example is from in ${percent(drift.accuracy, 1)} (${range(drift.interval)}; 50 % is chance): ${told}`,
    ]);
  }
  if (curve !== undefined) {
    const steps = curve.points.map(
      ({ examples, accuracy }) => `${percent(accuracy, 1)} with ${count(examples)}`,
    );
    const { interval, examples } = curve.twice;
    lines.push([
      'more data',
      `${steps.join(', ')}; with ${count(examples)} perhaps ${range(interval)}, if it goes on so`,
    ]);
  }
  return lines;
}

const ODD = {
  empty: 'empty',
  cut: 'cut off',
  length: 'far too long',
  script: 'in other letters',
  'several labels': 'several labels in one',
  'class name': 'names written in two ways',
} as const;

/** "“URL:” (and 3 more) is in 623 examples, all of ham: 15.0% of that class". */
export function giveAwayText({ kind, what, label, examples, right, ofClass, besides }: GiveAway): string {
  const more = besides.length > 0 ? ` (with ${besides.slice(0, 3).join(', ')})` : '';
  if (kind !== 'piece') {
    return `${what} alone tells the label of ${percent(right / examples, 1)}`;
  }
  const share = right === examples ? `all of ${label}` : `${count(right)} of them ${label}`;
  return `${what}${more}: in ${count(examples)} examples, ${share}, ${percent(right / ofClass, 1)} of that class`;
}

/** How an issue is called. */
export const issueName = (kind: IssueKind): string => (kind === 'label' ? 'label probably wrong' : kind);

/** A few of the issues, those of each kind in turn, so that no kind hides the others. */
export function firstIssues(issues: readonly Issue[], most: number): Issue[] {
  const kinds = [...new Set(issues.map(({ kind }) => kind))];
  const each = Math.max(1, Math.floor(most / Math.max(1, kinds.length)));
  return kinds.flatMap((kind) => issues.filter((issue) => issue.kind === kind).slice(0, each));
}
