/** The paper's table with our figures, and the paper's own under them where it has some. */
import type { Cell, Comparison } from '../comparison/compareResults.js';
import {
  accuracyWithInterval,
  count,
  growth,
  memory,
  percent,
  plural,
  points,
  shortSeconds,
} from './format.js';
import { details, escapeHtml, table } from './html.js';
import { type Look, marked } from './palette.js';
import { PAPER, type PaperRow, paperRow } from './paper.js';
import { inUnit } from './unit.js';

const inPaper = (text: string | undefined): string =>
  text === undefined ? '' : `<small>paper: ${escapeHtml(text)}</small>`;

/** The printed growth, and a mark where it is not what the paper's counts give. */
const paperGrowth = ({ growth: printedGrowth, trueGrowth }: PaperRow): string =>
  `${growth(printedGrowth)}${trueGrowth === undefined ? '' : ' (*)'}`;

/** The paper leaves some figures open. */
const orTbd = (value: number | undefined, show: (value: number) => string): string =>
  value === undefined ? 'TBD' : show(value);
const paperSeconds = ({ secondsPerEpoch }: PaperRow): string =>
  orTbd(secondsPerEpoch, (value) => `${count(value)} s`);
const paperAccuracy = ({ accuracy }: PaperRow): string => orTbd(accuracy, percent);

function row(cell: Cell, looks: readonly Look[]): string[] {
  const look = looks.find(({ model }) => model === cell.model);
  const paper = paperRow(cell.model, cell.sequenceLength);
  const [fastest, slowest] = cell.secondsRange;
  const { margin } = cell.accuracy;
  const seeds = Number.isNaN(margin)
    ? ''
    : `<small>± ${points(margin, 2)} over ${plural(cell.trials.length, 'seed')}</small>`;
  return [
    look === undefined ? escapeHtml(cell.model) : marked(look),
    `${count(cell.parameters)}${inPaper(paper && count(paper.parameters))}`,
    count(cell.sequenceLength),
    `${growth(cell.growth)}${inPaper(paper && paperGrowth(paper))}`,
    `${shortSeconds(cell.secondsPerEpoch)} s<small>${shortSeconds(fastest)} to ${shortSeconds(slowest)} s</small>${inPaper(paper && paperSeconds(paper))}`,
    `${accuracyWithInterval(cell)}${seeds}${inPaper(paper && paperAccuracy(paper))}`,
    memory(cell.peakMemoryBytes),
  ];
}

const COLUMNS = [
  { title: 'model' },
  { title: 'parameters', numeric: true },
  { title: 'tokens', numeric: true },
  { title: 'growth', numeric: true },
  { title: 'time/epoch', numeric: true },
  { title: 'test accuracy (95%)', numeric: true },
  { title: 'peak memory', numeric: true },
];

const printed = (): string =>
  table(
    'The paper’s table as printed',
    COLUMNS.slice(0, 6),
    PAPER.map((paper) => [
      escapeHtml(paper.model),
      count(paper.parameters),
      count(paper.sequenceLength),
      paperGrowth(paper),
      paperSeconds(paper),
      paperAccuracy(paper),
    ]),
  );

export function paperTable({ cells, unit }: Comparison, looks: readonly Look[]): string {
  const matched = cells.some(({ model, sequenceLength }) => paperRow(model, sequenceLength) !== undefined);
  const beside = matched
    ? ' Under ours stand the paper’s figures, measured on data and a machine that it does not name.'
    : '';
  const ours = `<p>Growth is that of the parameters over half the length; time is the median epoch with the fastest and the slowest.${beside}</p>
${table(
  'Every model at every length',
  inUnit(COLUMNS, unit),
  cells.map((cell) => row(cell, looks)),
  { stacks: true },
)}`;
  if (!matched) return ours;
  return `${ours}
${details('The paper’s table as printed', printed())}
<p class="quiet">(*) The paper prints +3.7% for the standard model from 256 to 512 tokens. By its own counts (429,922 and 438,114 parameters) it is +1.9%; +3.7% is the step from 512 to 1,024.</p>`;
}
