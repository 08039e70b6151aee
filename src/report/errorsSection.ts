/** Where the models go wrong: confusion matrices and the most confidently wrong texts. */
import type { Cell, Comparison } from '../comparison/compareResults.js';
import type { WrongText } from '../comparison/wrong.js';
import { charts } from './chart.js';
import { confusionsOf } from './classificationTable.js';
import { count, percent } from './format.js';
import { escapeHtml, table } from './html.js';
import { signalFigures } from './signalFigures.js';

/** More classes than this do not fit as a matrix. */
const LARGEST_MATRIX = 10;
const LONGEST_TEXT = 300;
const MOST_TEXTS = 20;
/** Signals are shown as figures, which take more room. */
const MOST_FIGURES = 12;

/** [true][predicted], all seeds together. */
function confusionOf({ trials }: Cell): number[][] {
  return trials[0].test.confusion.map((row, i) =>
    row.map((_, j) => trials.reduce((sum, { test }) => sum + test.confusion[i][j], 0)),
  );
}

function matrix(name: string, counts: readonly (readonly number[])[], classes: readonly string[]): string {
  const head = classes.map((label) => `<th scope="col" class="number">${escapeHtml(label)}</th>`).join('');
  const rows = counts.map((row, i) => {
    const whole = row.reduce((sum, times) => sum + times, 0) || 1;
    const cells = row.map((times, j) => {
      const share = times / whole;
      return `<td class="${i === j ? 'hit' : 'miss'}" style="--share:${share.toFixed(3)}">${count(times)}<small>${percent(share, 1)}</small></td>`;
    });
    return `<tr><th scope="row">${escapeHtml(classes[i])}</th>${cells.join('')}</tr>`;
  });
  const caption = escapeHtml(name);
  return `<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table><caption>${caption}</caption>
<thead><tr><th scope="col">true \\ predicted</th>${head}</tr></thead><tbody>${rows.join('\n')}</tbody></table></div>`;
}

/** The most frequent confusions, for many classes. */
function confusions(
  name: string,
  counts: readonly (readonly number[])[],
  classes: readonly string[],
): string {
  return table(
    name,
    [{ title: 'true' }, { title: 'predicted' }, { title: 'times', numeric: true }],
    confusionsOf(counts)
      .slice(0, 15)
      .map(({ truth, answer, times }) => [
        escapeHtml(classes[truth]),
        escapeHtml(classes[answer]),
        count(times),
      ]),
  );
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  const characters = [...line.slice(0, 2 * LONGEST_TEXT)];
  return characters.length > LONGEST_TEXT ? `${characters.slice(0, LONGEST_TEXT).join('')}…` : line;
}

/** Pieces and what they say for the answer against the label. */
function decided(pieces: WrongText['pieces'] = []): string {
  if (pieces.length === 0) return '';
  const listed = pieces.map(
    ({ text, evidence }) => `<span class="piece"><q>${escapeHtml(text)}</q> ${signed(evidence)}</span>`,
  );
  return `<p class="quiet">decided by ${listed.join(', ')}</p>`;
}

const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`;

function texts(wrong: readonly WrongText[], unit: string): string {
  if (wrong.length === 0) return '';
  const figures = wrong.flatMap(({ signal, ...item }) => (signal === undefined ? [] : [{ ...item, signal }]));
  if (figures.length > 0) {
    const most = figures.sort((a, b) => b.confidence - a.confidence).slice(0, MOST_FIGURES);
    return `<h3>Most confidently wrong</h3>\n${charts(signalFigures(most))}`;
  }
  const items = [...wrong]
    .sort((a, b) => b.confidence - a.confidence)
    .slice(0, MOST_TEXTS)
    .map(
      ({ model, sequenceLength, text, label, predicted, confidence, pieces }) =>
        `<li><strong>${escapeHtml(predicted)}</strong> (${percent(confidence, 1)} sure), true: <strong>${escapeHtml(label)}</strong> <span class="quiet">${escapeHtml(model)}, ${count(sequenceLength)} ${unit}</span><blockquote>${escapeHtml(shorten(text))}</blockquote>${decided(pieces)}</li>`,
    );
  return `<h3>Most confidently wrong</h3>\n<ul class="wrong">${items.join('\n')}</ul>`;
}

/** Matrices are those of the greatest length. */
export function errorsSection(
  comparison: Comparison,
  classes: readonly string[],
  wrong: readonly WrongText[],
): string {
  const longest = Math.max(...comparison.cells.map(({ sequenceLength }) => sequenceLength));
  const draw = classes.length > LARGEST_MATRIX ? confusions : matrix;
  const matrices = comparison.cells
    .filter(({ sequenceLength }) => sequenceLength === longest)
    .map((cell) => {
      const seeds = cell.trials.length > 1 ? `, ${count(cell.trials.length)} seeds together` : '';
      return draw(`${cell.model}, ${count(longest)} ${comparison.unit}${seeds}`, confusionOf(cell), classes);
    });
  return `<div class="matrices">${matrices.join('\n')}</div>\n${texts(wrong, comparison.unit)}`;
}
