/** Says how data were read, what was guessed and left out, and what classes they have. */
import { classReport, countClasses, describeReading } from '../readers/read.js';
import { describeSignals, type InputDataset, isSignals } from '../readers/readInputs.js';
import { count } from '../report/format.js';
import { safeForTerminal } from '../report/terminalText.js';
import { tell } from './output.js';

/** Classes that are listed with their counts. */
const LISTED = 12;

export function tellReading(data: InputDataset): void {
  const how = isSignals(data) ? describeSignals(data) : describeReading(data);
  tell(`${data.name}: ${count(data.examples.length)} examples${how === '' ? '' : `; ${how}`}`);
  for (const { place, fault } of data.skipped?.first ?? []) tell(`  left out ${place}: ${fault}`);
  const { classes, warnings } = classReport(countClasses(data.examples));
  const listed = classes.slice(0, LISTED).map(({ name, count: n }) => `${safeForTerminal(name)} ${count(n)}`);
  const more = classes.length > LISTED ? ` and ${classes.length - LISTED} more` : '';
  tell(`classes: ${listed.join(', ')}${more}`);
  for (const warning of warnings) tell(`warning: ${warning}`);
}
