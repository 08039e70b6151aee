/** The report: one HTML file that needs no network, no script and no other file. */
import type { Comparison } from '../comparison/compareResults.js';
import type { Results } from '../comparison/results/schema.js';
import type { WrongText } from '../comparison/wrong.js';
import type { FilterResponses } from '../evaluation/filterResponse.js';
import type { FilterSummary } from '../evaluation/filters.js';
import { accuracyCharts } from './accuracyCharts.js';
import { calibrationChart } from './calibrationChart.js';
import { charts } from './chart.js';
import { type Origin, renderDocument } from './document.js';
import { errorsSection } from './errorsSection.js';
import { filterCharts } from './filterCharts.js';
import { count, joined, plural } from './format.js';
import { section } from './html.js';
import { learningCharts } from './learningCharts.js';
import { operationCharts } from './operationCharts.js';
import { pairingSection } from './pairingSection.js';
import { legend, looksOf } from './palette.js';
import { paperTable } from './paperTable.js';
import { responseCharts } from './responseCharts.js';
import { riskChart } from './riskChart.js';
import { scalingCharts } from './scalingCharts.js';
import { settingsSection } from './settingsSection.js';
import { verdictSection } from './verdictSection.js';

export interface PageContent {
  readonly results: Results;
  readonly comparison: Comparison;
  /** Learned filters of some trials, one a layer. Default: none, and no section about them. */
  readonly filters?: readonly FilterSummary[];
  /** What the filters of signals answer to. Default: none. */
  readonly responses?: readonly FilterResponses[];
  /** Wrongly classified test texts; the 20 most confident are shown. Default: none. */
  readonly wrong?: readonly WrongText[];
  /** Default: the page does not say what made it. */
  readonly origin?: Origin;
}

/** The whole page. All texts are escaped; without trials it says so. */
export function renderPage({
  results,
  comparison,
  filters = [],
  responses = [],
  wrong = [],
  origin,
}: PageContent): string {
  const lengths = lengthsOf(comparison).map(count);
  const title = `Which model for ${results.protocol.data}${lengths.length === 0 ? '' : ` at ${joined(lengths)} ${comparison.unit}`}?`;
  const body =
    comparison.cells.length === 0
      ? '<p>No trial is finished yet.</p>'
      : content({ results, comparison, filters, responses, wrong });
  return renderDocument({
    title,
    summary: summary(results),
    body,
    command: origin?.command ?? 'eft compare',
    origin,
  });
}

function summary({ trials, protocol }: Results): string {
  const { train, test } = protocol.splits;
  return `${plural(trials.length, 'trial')}, trained on ${plural(train, protocol.input)} and tested on ${count(test)} others of ${plural(protocol.classes.length, 'class', 'classes')}.`;
}

const lengthsOf = ({ cells }: Comparison): number[] =>
  [...new Set(cells.map(({ sequenceLength }) => sequenceLength))].sort((a, b) => a - b);

function content({
  results,
  comparison,
  filters,
  responses,
  wrong,
}: Required<Omit<PageContent, 'origin'>>): string {
  const looks = looksOf(comparison.models);
  const lengths = lengthsOf(comparison);
  const names = legend(looks);
  const growth = charts(scalingCharts(comparison, looks, lengths));
  const accuracy = [
    accuracyCharts(comparison, looks, lengths),
    calibrationChart(comparison, results.testLabels, looks),
    riskChart(comparison, results.testLabels, looks),
  ].join('\n');
  return [
    verdictSection(comparison),
    section('table', 'The comparison', paperTable(comparison, looks)),
    section('pairings', 'At equal cost', pairingSection(results, comparison)),
    section('growth', 'Growth with length', growth && names + growth),
    section('accuracy', 'Accuracy and confidence', names + charts(accuracy)),
    section('learning', 'Learning curves', names + charts(learningCharts(comparison, looks, lengths))),
    section(
      'operations',
      'Time by operation',
      charts(operationCharts(results.operations, looks, comparison.unit)),
    ),
    section(
      'filters',
      'Learned filters',
      charts([responseCharts(responses), filterCharts(filters)].filter((part) => part !== '').join('\n')),
    ),
    section('errors', 'Errors', errorsSection(comparison, results.protocol.classes, wrong)),
    section('settings', 'How to repeat it', settingsSection(results)),
  ].join('\n');
}
