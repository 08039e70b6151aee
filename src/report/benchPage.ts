/** The page of `eft bench`: its table, its charts, and how to repeat it. */
import { byRank, rankOf } from '../model/families/display.js';
import { benchCharts } from './benchCharts.js';
import { BENCH_COLUMNS, type BenchCell } from './benchTable.js';
import { charts } from './chart.js';
import { type Origin, renderDocument } from './document.js';
import { count, joined, milliseconds, plural } from './format.js';
import { definitions, escapeHtml, section, table } from './html.js';
import { operationCharts } from './operationCharts.js';
import { legend, looksOf, marked } from './palette.js';

export interface BenchPageContent {
  /** All of one batch, number of threads and tier. */
  readonly cells: readonly BenchCell[];
  /** Why some cells were not measured. Default: all were. */
  readonly leftOut?: readonly string[];
  /** The command line, for the record. */
  readonly command: string;
  readonly cpu: string;
  /** Version of Node.js. */
  readonly node: string;
  /** Default: the page does not say what made it. */
  readonly origin?: Origin;
}

const MODES = [
  { mode: 'train', title: 'Training' },
  { mode: 'inference', title: 'Inference' },
] as const;

/** The whole page. All texts are escaped; without cells it says so. */
export function renderBenchPage(content: BenchPageContent): string {
  return renderDocument({
    title: titleOf(content),
    summary: machineLine(content),
    body: body(content),
    command: 'eft bench',
    origin: content.origin,
  });
}

const modelsOf = (cells: readonly BenchCell[]): string[] =>
  [...new Set(cells.map(({ model }) => model))].sort(byRank);

function titleOf({ cells }: BenchPageContent): string {
  const models = modelsOf(cells);
  return `Time and memory${models.length === 0 ? '' : ` of ${joined(models)}`} by sequence length`;
}

function machineLine({ cells, cpu, node }: BenchPageContent): string {
  const machine = `${cpu}, Node.js ${node}`;
  if (cells.length === 0) return `${machine}.`;
  const [{ threads, tier, batch }] = cells;
  return `${machine}, ${plural(threads, 'thread')}, ${tier}, batches of ${plural(batch, 'sequence')}.`;
}

function body(content: BenchPageContent): string {
  // Lines join the cells in their order.
  const cells = content.cells.toSorted((a, b) => a.sequenceLength - b.sequenceLength);
  const looks = looksOf(modelsOf(content.cells));
  /** The charts of each mode that has any, under its name. */
  const byMode = (figuresOf: (cells: readonly BenchCell[]) => string): string =>
    MODES.map(({ mode, title }) => {
      const figures = figuresOf(cells.filter((cell) => cell.mode === mode));
      return figures === '' ? '' : `<h3>${title}</h3>\n${charts(figures)}`;
    })
      .join('\n')
      .trim();
  const growth = byMode((some) => benchCharts(some, looks));
  return [
    section('table', 'All cells', cellTable(content)),
    ratioSection(cells),
    section('growth', 'Growth with length', growth && `${legend(looks)}\n${growth}`),
    section(
      'operations',
      'Time by operation',
      byMode((some) => operationCharts(some, looks)),
    ),
    section('settings', 'How to repeat it', settings(content)),
  ].join('\n');
}

function cellTable({ cells, leftOut = [] }: BenchPageContent): string {
  const looks = looksOf(modelsOf(cells));
  const missing =
    leftOut.length === 0
      ? ''
      : `<p>Left out:</p>\n<ul>${leftOut.map((reason) => `<li>${escapeHtml(reason)}</li>`).join('')}</ul>`;
  if (cells.length === 0) return `<p>No cell was measured.</p>${missing}`;
  const rows = cells.map((cell) =>
    BENCH_COLUMNS.map((column) => {
      const look = column.title === 'model' ? looks.find(({ model }) => model === cell.model) : undefined;
      if (look !== undefined) return marked(look);
      // A spread in brackets stands under its value: the table has to fit on paper.
      return escapeHtml(column.cell(cell)).replace(/ \((.*)\)$/, '<small>$1</small>');
    }),
  );
  return `${table('Median time with the middle half of the steps; memory of a process of its own', BENCH_COLUMNS, rows, { stacks: true })}
<p class="quiet">“Of products” is the share of the rate that matrix products alone reach on as many threads. “Planned” is the memory of the session’s arrays, “peak memory” the largest resident size of the whole process.</p>
${missing}`;
}

/**
 * How many times as long the other models take as the first that is no baseline; empty where it was never measured
 * at the length of another.
 */
function ratioSection(cells: readonly BenchCell[]): string {
  const models = modelsOf(cells);
  const reference = models.find((model) => !rankOf(model).baseline);
  if (reference === undefined) return '';
  const lengths = [...new Set(cells.map(({ sequenceLength }) => sequenceLength))];
  const time = (model: string, mode: BenchCell['mode'], length: number): number | undefined =>
    cells.find((cell) => cell.model === model && cell.mode === mode && cell.sequenceLength === length)
      ?.msPerSequence;
  const ratio = (other: string, mode: BenchCell['mode'], length: number): string | undefined => {
    const [theirs, ours] = [time(other, mode, length), time(reference, mode, length)];
    if (theirs === undefined || ours === undefined || !(ours > 0)) return undefined;
    const times = `${milliseconds(theirs)} / ${milliseconds(ours)} ms`;
    return `× ${(theirs / ours).toPrecision(3)}<small>${times}</small>`;
  };
  const columns = models
    .filter((model) => model !== reference)
    .flatMap((model) => MODES.map(({ mode, title }) => ({ model, mode, title: title.toLowerCase() })))
    .filter(({ model, mode }) => lengths.some((n) => ratio(model, mode, n) !== undefined));
  const others = [...new Set(columns.map(({ model }) => model))];
  const rows = lengths
    .map((n) => ({ n, ratios: columns.map(({ model, mode }) => ratio(model, mode, n)) }))
    .filter(({ ratios }) => ratios.some((text) => text !== undefined))
    .map(({ n, ratios }) => [count(n), ...ratios.map((text) => text ?? '–')]);
  if (rows.length === 0) return '';
  return section(
    'ratio',
    `Time of ${joined(others)} over ${reference}`,
    table(
      `Above 1 ${reference} is faster`,
      [
        { title: 'tokens', numeric: true },
        ...columns.map(({ model, title }) => ({ title: `${model}, ${title}`, numeric: true })),
      ],
      rows,
      { stacks: true },
    ),
  );
}

function settings({ cells, command, cpu, node }: BenchPageContent): string {
  const [first] = cells;
  return `<pre><code>${escapeHtml(command)}</code></pre>
${definitions([
  ['machine', `${cpu}, Node.js ${node}`],
  ...(first === undefined
    ? []
    : ([
        ['threads', `${count(first.threads)}, kernels of the tier ${first.tier}`],
        ['batch', count(first.batch)],
      ] as const)),
])}
<p>Each cell ran in a process of its own: fresh weights and sequences of random tokens, all of full length. A training step is forward, backward and AdamW.</p>`;
}
