/** Says how data were read, what was guessed and left out, and what classes they have. */
import type { ResolvedReading } from '../data/applyReading.js';
import type { Dataset } from '../data/dataset.js';
import type { Skipped } from '../data/skipped.js';
import { type DataNotes, describeData, describeReading } from '../readers/describe.js';
import { classReport } from '../readers/parse/classReport.js';
import { count } from '../report/format.js';
import { safeForTerminal } from '../report/terminalText.js';
import { tell } from './output.js';

/** Classes that are listed with their counts. */
const LISTED = 12;

/** @param settled what will be done to the inputs */
export function tellDataset(data: Dataset, { reading, htmlShare }: ResolvedReading): void {
  const how = [data.description, describeReading(reading, htmlShare)];
  tellData(data.name, how, data.skipped, data.classCounts, data.length);
}

/**
 * @param how the data were read, and what will be done to them
 * @param counts number of examples of each class
 */
export function tellData(
  name: string,
  how: readonly string[],
  skipped: Skipped | undefined,
  counts: ReadonlyMap<string, number>,
  examples = [...counts.values()].reduce((sum, n) => sum + n, 0),
): void {
  tell([`${name}: ${count(examples)} examples`, ...how.filter((part) => part !== '')].join('; '));
  tellSkipped(skipped);
  const { classes, warnings } = classReport(counts);
  const listed = classes
    .slice(0, LISTED)
    .map(({ name: label, count: n }) => `${safeForTerminal(label)} ${count(n)}`);
  const more = classes.length > LISTED ? ` and ${classes.length - LISTED} more` : '';
  tell(`classes: ${listed.join(', ')}${more}`);
  for (const warning of warnings) tell(`warning: ${warning}`);
}

/** How files were read, and what was guessed, where there is anything to say; then the rows that were left out. */
export function tellRead({ name, notes }: { readonly name: string; readonly notes: DataNotes }): void {
  const { skipped, ...how } = notes;
  const text = describeData(how);
  if (text !== '') tell(`${name}: ${text}`);
  tellSkipped(skipped);
}

/** Counts the rows that were left out, and lists the first of them. */
export function tellSkipped(skipped: Skipped | undefined): void {
  if (skipped === undefined) return;
  tell(`${count(skipped.count)} ${skipped.count === 1 ? 'row' : 'rows'} left out`);
  listSkipped(skipped);
}

function listSkipped({ count: all, first }: Skipped): void {
  for (const { place, fault } of first) tell(`  left out ${place}: ${fault}`);
  if (all > first.length) tell(`  … and ${count(all - first.length)} more`);
}
