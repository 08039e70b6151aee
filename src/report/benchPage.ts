/** The page of `eft bench`: its table, its charts, and how to repeat it. */
import { benchCharts } from './benchCharts.js';
import { BENCH_COLUMNS, type BenchCell, milliseconds } from './benchTable.js';
import { charts } from './chart.js';
import { renderDocument } from './document.js';
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
}

const MODES = [
  { mode: 'train', title: 'Training' },
  { mode: 'inference', title: 'Inference' },
] as const;

/** The whole page. All texts are escaped; without cells it says so. */
export function renderBenchPage(content: BenchPageContent): string {
  return renderDocument({
    title: 'Time and memory by sequence length',
    summary: machineLine(content),
    body: body(content),
    footer: 'Written by eft bench of elastic-fourier.',
  });
}

function machineLine({ cells, cpu, node }: BenchPageContent): string {
  const machine = `${cpu}, Node.js ${node}`;
  if (cells.length === 0) return `${machine}.`;
  const [{ threads, tier, batch }] = cells;
  const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
  return `${machine}, ${plural(threads, 'thread')}, ${tier}, batches of ${plural(batch, 'sequence')}.`;
}

function body(content: BenchPageContent): string {
  // Lines join the cells in their order.
  const cells = content.cells.toSorted((a, b) => a.sequenceLength - b.sequenceLength);
  const looks = looksOf([...new Set(content.cells.map(({ model }) => model))]);
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
    section('ratio', 'Time of standard over elastic-fourier', ratioTable(cells)),
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
  const looks = looksOf([...new Set(cells.map(({ model }) => model))]);
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
  return `${table('Median time with the middle half of the steps; memory of a process of its own', BENCH_COLUMNS, rows)}
<p class="quiet">“Of products” is the share of the rate that matrix products alone reach on as many threads. “Planned” is the memory of the session’s arrays, “peak memory” the largest resident size of the whole process.</p>
${missing}`;
}

/** How many times as long standard takes; empty where the two were never measured at one length. */
function ratioTable(cells: readonly BenchCell[]): string {
  const ratio = (mode: BenchCell['mode'], length: number): string | undefined => {
    const [standard, ours] = ['standard', 'elastic-fourier'].map(
      (model) =>
        cells.find((cell) => cell.model === model && cell.mode === mode && cell.sequenceLength === length)
          ?.msPerSequence,
    );
    if (standard === undefined || ours === undefined) return undefined;
    const times = `${milliseconds(standard)} / ${milliseconds(ours)} ms`;
    return `× ${(standard / ours).toFixed(2)}<small>${times}</small>`;
  };
  const lengths = [...new Set(cells.map(({ sequenceLength }) => sequenceLength))];
  const found = (mode: BenchCell['mode']): boolean => lengths.some((n) => ratio(mode, n) !== undefined);
  const modes = MODES.filter(({ mode }) => found(mode));
  const rows = lengths
    .map((n) => ({ n, ratios: modes.map(({ mode }) => ratio(mode, n)) }))
    .filter(({ ratios }) => ratios.some((text) => text !== undefined))
    .map(({ n, ratios }) => [n.toLocaleString('en'), ...ratios.map((text) => text ?? '–')]);
  if (rows.length === 0) return '';
  return table(
    'Above 1 elastic-fourier is faster',
    [
      { title: 'tokens', numeric: true },
      ...modes.map(({ title }) => ({ title: title.toLowerCase(), numeric: true })),
    ],
    rows,
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
        ['threads', `${first.threads}, kernels of the tier ${first.tier}`],
        ['batch', String(first.batch)],
      ] as const)),
])}
<p>Each cell ran in a process of its own: fresh weights and sequences of random tokens, all of full length. A training step is forward, backward and AdamW.</p>`;
}
