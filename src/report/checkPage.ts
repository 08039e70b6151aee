/** The page of `eft check`. */
import type { CheckReport, Issue } from '../check/report.js';
import { findings, giveAwayText, issueName } from './checkText.js';
import { type Origin, renderDocument } from './document.js';
import { count, percent, plural } from './format.js';
import { definitions, escapeHtml, section, table } from './html.js';
import { signalFigures, type WrongSignal } from './signalFigures.js';

/** Issues of a kind that the page shows. */
const SHOWN = 100;

/** @param signals those whose labels are in doubt, to be looked at */
export function renderCheckPage(
  report: CheckReport,
  { origin, command, signals = [] }: { origin?: Origin; command: string; signals?: readonly WrongSignal[] },
): string {
  return renderDocument({
    title: `What is in ${report.name}`,
    summary: `${plural(report.examples, 'example')} in ${plural(report.classes.length, 'class', 'classes')}, checked in ${report.seconds.toFixed(1)} s.`,
    body: [
      section('findings', 'What was found', definitions(findings(report))),
      section('give-aways', 'What gives the label away', giveAways(report)),
      ...kindsOf(report).map((kind) => issuesOf(report, kind)),
      section(
        'signals',
        'Signals whose labels are in doubt',
        signals.length === 0 ? '' : signalFigures(signals),
      ),
      section('classes', 'Classes', classes(report)),
      section('left', 'Not checked', list(report.notChecked)),
      section('command', 'How to repeat it', `<p><code>${escapeHtml(command)}</code></p>`),
    ].join('\n'),
    command: 'eft check',
    origin,
  });
}

const list = (lines: readonly string[]): string =>
  lines.length === 0 ? '' : `<ul>${lines.map((line) => `<li>${escapeHtml(line)}</li>`).join('\n')}</ul>`;

const giveAways = ({ giveAways: found = [] }: CheckReport): string =>
  found.length === 0
    ? ''
    : `<p>A model that learns these is right on data like these and wrong on others. Take them out of the texts, or leave the field out.</p>${list(found.map(giveAwayText))}`;

const kindsOf = ({ issues }: CheckReport): Issue['kind'][] => [...new Set(issues.map(({ kind }) => kind))];

function issuesOf({ issues }: CheckReport, kind: Issue['kind']): string {
  const own = issues.filter((issue) => issue.kind === kind);
  const rows = own
    .slice(0, SHOWN)
    .map(({ place, label, suggestion = '', confidence, reason, text }) => [
      escapeHtml(place),
      escapeHtml(label),
      escapeHtml(suggestion),
      percent(confidence, 0),
      escapeHtml(reason),
      escapeHtml(text ?? ''),
    ]);
  const more =
    own.length > SHOWN ? ` The first ${count(SHOWN)} of ${count(own.length)}; --out writes all.` : '';
  const columns = ['where', 'label', 'suggestion', 'sure', 'why', 'input'].map((title) => ({
    title,
    numeric: title === 'sure',
  }));
  const title = `${issueName(kind)}: ${count(own.length)}`;
  return section(
    `issue-${kind.replace(' ', '-')}`,
    title,
    `<p>${more}</p>${table(title, columns, rows, { stacks: true })}`,
  );
}

function classes({ classes: all, warnings }: CheckReport): string {
  const rows = all.map(({ name, count: examples }) => [escapeHtml(name), count(examples)]);
  return `${list(warnings)}${table('Examples of each class', [{ title: 'class' }, { title: 'examples', numeric: true }], rows)}`;
}
