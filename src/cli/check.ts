/** `eft check`: whether data say what they seem to say. */
import { InvalidArgumentError } from 'commander';
import { type Checked, checkData } from '../check/check.js';
import { CHECKS, type CheckName, type CheckReport, ISSUE_KINDS, type IssueKind } from '../check/report.js';
import { fixedRows, issueRows, SAFE_KINDS, tableText } from '../check/rows.js';
import { FailureError, InputError } from '../errors.js';
import { isSignal } from '../input/input.js';
import { threadOptions } from '../learning/options.js';
import { writeWhole } from '../platform/node/whole.js';
import { readDataset } from '../readers/dataset.js';
import { renderCheckPage } from '../report/checkPage.js';
import { findings, firstIssues, giveAwayText, issueName } from '../report/checkText.js';
import { count, percent, plural } from '../report/format.js';
import { renderTable } from '../report/terminal.js';
import { addReaderOptions, listOf, readOptionsOf, real } from './arguments.js';
import { CliCommand } from './command.js';
import { addOptions } from './options.js';
import { originNow } from './origin.js';
import { commandLine, interruptSignal, tableOptions, tell, writeOut } from './output.js';
import { requireOutputsApart, requireOwnPage } from './outputs.js';

const FAULTS = ['labels', 'duplicates', 'conflicts', 'leaks', 'give-aways', 'classes', 'drift'] as const;
type Fault = (typeof FAULTS)[number];

interface Options extends Record<string, unknown> {
  readonly data?: readonly string[];
  readonly against?: readonly string[];
  readonly only?: readonly CheckName[];
  readonly out?: string;
  readonly page?: string;
  readonly fix?: string;
  readonly accept: readonly IssueKind[];
  readonly confidence: number;
  readonly failOn: readonly Fault[];
  readonly json?: boolean;
  readonly threads?: number;
}

/** One of some words. */
const oneOf =
  <T extends string>(words: readonly T[]) =>
  (text: string): T => {
    const found = words.find((word) => word === text);
    if (found === undefined) throw new InvalidArgumentError(`It must be one of ${words.join(', ')}.`);
    return found;
  };

export function command(): CliCommand {
  const check = new CliCommand('check')
    .description('Find wrong labels, duplicates, give-aways and other faults of labelled data.')
    .argument('[data...]', 'files, folders, patterns, or a built-in set')
    .under('Data')
    .option('--data <path...>', 'the same')
    .alsoCalled('file', 'input-file', 'train')
    .option(
      '--against <path...>',
      'other data, such as a test file: what both have, and whether they are alike',
    )
    .alsoCalled('test', 'validation', 'other', 'compare-with')
    .option('--only <checks>', `what to check: ${CHECKS.join(', ')} (default: all)`, listOf(oneOf(CHECKS)))
    .alsoCalled('checks')
    .under('Output')
    .option(
      '--out <file>',
      "write what was found as CSV or JSONL: the data's own columns, issue, suggestion, confidence",
    )
    .alsoCalled('output', 'issues', 'save')
    .option('--page <file>', 'write what was found as an HTML page')
    .alsoCalled('html', 'report')
    .option('--fix <file>', 'write the data with what is accepted of the suggestions, as CSV or JSONL')
    .alsoCalled('clean', 'fixed')
    .option(
      '--accept <kinds>',
      `suggestions that --fix follows: ${ISSUE_KINDS.join(', ')}`,
      listOf(oneOf(ISSUE_KINDS)),
      [...SAFE_KINDS],
    )
    .option('--confidence <share>', 'how sure a suggestion must be for --fix', real(0, 1), 0.9)
    .option(
      '--fail-on <faults>',
      `end with code 1 where there are: ${FAULTS.join(', ')}`,
      listOf(oneOf(FAULTS)),
      [],
    )
    .more('for pipelines; otherwise the exit code is 0 whatever is found')
    .option('--json', 'print one JSON object instead of words');
  return addReaderOptions(addOptions(check, threadOptions))
    .addHelpText(
      'after',
      `
Examples:
  eft check mails.csv
  eft check train.csv --against test.csv --fail-on leaks,duplicates
  eft check mails.csv --out issues.csv --page check.html
  eft check mails.csv --fix clean.csv --accept label,duplicate --confidence 0.95`,
    )
    .action(run);
}

async function run(positional: readonly string[], options: Options): Promise<void> {
  const { against, only, out, page, fix, accept, confidence, failOn, json, threads } = options;
  const named = [...positional, ...(options.data ?? [])];
  if (named.length === 0) throw new InputError('name the data: eft check mails.csv');
  const written = [out, page, fix].filter((path) => path !== undefined);
  await requireOutputsApart([...(json ? [1 as const] : []), ...written], {
    data: [...named, ...(against ?? [])],
  });
  if (page !== undefined) await requireOwnPage(page);
  // Fields besides take as much memory as the texts.
  const fields = out !== undefined || fix !== undefined || only === undefined || only.includes('leaks');
  const read = { ...readOptionsOf(options), ...(fields ? { keep: 'all' as const } : {}) };
  const dataset = await readDataset(named, read);
  tell(
    `${dataset.name}: ${plural(dataset.length, 'example')}${dataset.description === '' ? '' : `; ${dataset.description}`}`,
  );
  const other = against === undefined ? undefined : await readDataset(against, readOptionsOf(options));
  const checked = await checkData(dataset, {
    against: other,
    ...(only === undefined ? {} : { only }),
    threads,
    signal: interruptSignal(),
    onStep: (what) => tell(`${what} …`),
  });
  const { report } = checked;
  if (json) writeOut(`${JSON.stringify(report)}\n`);
  else writeOut(textOf(report));
  if (out !== undefined) {
    await writeWhole(out, tableText(issueRows(checked), formatOf(out)));
    tell(`${plural(report.issues.length, 'issue')} in ${out}`);
  }
  if (page !== undefined) {
    const content = { origin: originNow(), command: commandLine(), signals: doubtfulSignals(checked) };
    await writeWhole(page, renderCheckPage(report, content));
    tell(`page: ${page}`);
  }
  if (fix !== undefined) {
    const { rows, removed, relabelled } = fixedRows(checked, { kinds: accept, confidence });
    await writeWhole(fix, tableText(rows, formatOf(fix)));
    tell(
      `${plural(rows.length, 'example')} in ${fix}: ${count(removed)} taken out, ${count(relabelled)} with another label (accepted: ${accept.join(', ')}; at least ${percent(confidence, 0)} sure)`,
    );
  }
  const faults = failOn.filter((fault) => HAS[fault](report));
  if (faults.length > 0) throw new FailureError(`--fail-on: the data have ${faults.join(', ')}`);
}

const formatOf = (path: string): 'csv' | 'jsonl' => (/\.(?:jsonl|ndjson)$/i.test(path) ? 'jsonl' : 'csv');

const hasIssue =
  (...kinds: readonly IssueKind[]) =>
  ({ issues }: CheckReport): boolean =>
    issues.some(({ kind }) => kinds.includes(kind));

const HAS: Readonly<Record<Fault, (report: CheckReport) => boolean>> = {
  labels: hasIssue('label'),
  duplicates: hasIssue('duplicate', 'near duplicate'),
  conflicts: hasIssue('conflict'),
  leaks: hasIssue('leak'),
  'give-aways': ({ giveAways = [] }) => giveAways.length > 0,
  classes: hasIssue('class name', 'several labels', 'empty', 'cut', 'length', 'script'),
  drift: ({ drift }) => drift !== undefined && drift.interval[0] > 0.5,
};

/** Issues that the terminal shows. */
const SHOWN = 24;
/** Characters of a text, and of a reason. */
const WIDTH = 60;

const cut = (text: string): string =>
  (text.length > WIDTH ? `${text.slice(0, WIDTH - 1)}…` : text).replace(/\s+/g, ' ');

function textOf(report: CheckReport): string {
  const { issues, giveAways = [], warnings, notChecked } = report;
  const look = tableOptions();
  // Sentences, which a terminal breaks where it must.
  const parts = findings(report).map(([what, found]) => `${what.padEnd(12)}${found}`);
  if (issues.length > 0) {
    const shown = firstIssues(issues, SHOWN);
    parts.push(
      renderTable(
        ['issue', 'where', 'label', 'suggestion', 'sure', 'why'],
        shown.map(({ kind, place, label, suggestion = '', confidence, reason }) => [
          issueName(kind),
          place,
          label,
          suggestion,
          percent(confidence, 0),
          cut(reason),
        ]),
        look,
      ),
    );
    if (shown.length < issues.length)
      parts.push(`${count(issues.length - shown.length)} more: --out FILE writes all`);
  }
  parts.push(...giveAways.map((one) => `give-away: ${giveAwayText(one)}`));
  parts.push(
    ...warnings.map((warning) => `warning: ${warning}`),
    ...notChecked.map((what) => `not checked: ${what}`),
  );
  return `${parts.join('\n')}\n`;
}

/** Signals that the page shows. */
const FIGURES = 12;

function doubtfulSignals({ report, examples }: Checked) {
  return report.issues
    .filter(({ kind }) => kind === 'label')
    .slice(0, FIGURES)
    .flatMap(({ example, label, suggestion = '', confidence, place }, item) => {
      const { input } = examples[example];
      if (!isSignal(input)) return [];
      const signal = {
        channels: input.channels,
        values: input.values,
        ...(input.rate === undefined ? {} : { rate: input.rate }),
      };
      return [
        {
          model: place,
          sequenceLength: 0,
          item,
          text: place,
          signal,
          label,
          predicted: suggestion,
          confidence,
        },
      ];
    });
}
