/** Says how data were read, what was guessed and left out, and what classes they have. */
import { describeFiles, type FileDataset } from '../readers/files.js';
import type { Skipped } from '../readers/parse/skipped.js';
import { classReport, countClasses, describeReading, type Reading } from '../readers/read.js';
import { describeSignals, type SignalDataset } from '../readers/readInputs.js';
import { count } from '../report/format.js';
import { safeForTerminal } from '../report/terminalText.js';
import { tell } from './output.js';

/** Classes that are listed with their counts. */
const LISTED = 12;

/** @param counts number of examples of each class */
export function tellReading(name: string, reading: Reading, counts: ReadonlyMap<string, number>): void {
  tellData(name, describeReading(reading), reading.skipped, counts);
}

export function tellSignals(data: SignalDataset): void {
  tellData(data.name, describeSignals(data), data.skipped, countClasses(data.examples));
}

export function tellFiles(data: FileDataset): void {
  tellData(data.name, describeFiles(data), data.skipped, countClasses(data.examples));
}

/** @param how the data were read */
function tellData(
  name: string,
  how: string,
  skipped: Reading['skipped'],
  counts: ReadonlyMap<string, number>,
): void {
  const examples = [...counts.values()].reduce((sum, n) => sum + n, 0);
  tell(`${name}: ${count(examples)} examples${how === '' ? '' : `; ${how}`}`);
  for (const { place, fault } of skipped?.first ?? []) tell(`  left out ${place}: ${fault}`);
  const { classes, warnings } = classReport(counts);
  const listed = classes.slice(0, LISTED).map(({ name, count: n }) => `${safeForTerminal(name)} ${count(n)}`);
  const more = classes.length > LISTED ? ` and ${classes.length - LISTED} more` : '';
  tell(`classes: ${listed.join(', ')}${more}`);
  for (const warning of warnings) tell(`warning: ${warning}`);
}

/** Counts the rows that were left out, and lists the first of them. */
export function tellSkipped(skipped: Skipped | undefined): void {
  if (skipped === undefined) return;
  const { count: all, first } = skipped;
  tell(`${count(all)} ${all === 1 ? 'row' : 'rows'} left out`);
  for (const { place, fault } of first) tell(`  left out ${place}: ${fault}`);
  if (all > first.length) tell(`  … and ${count(all - first.length)} more`);
}
