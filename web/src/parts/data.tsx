/** The data: chosen, guessed, corrected. */
import type { DataSummary, Looked, Reading } from '../api.ts';
import { count, percent, plural } from '../figures.ts';
import { busy, choose, correct, data, machine, source, takeSample } from '../state.ts';
import { Bar, Card, Fault } from './card.tsx';
import { DropZone } from './dropZone.tsx';

export const DATA_FILES = '.csv,.tsv,.tab,.psv,.jsonl,.ndjson,.json,.parquet,.pq,.txt,.gz';

/** Classes of which bars are drawn. */
const MOST_BARS = 12;

export function Data() {
  const off = machine.value === undefined || busy.value !== undefined;
  return (
    <Card title="Your texts" step={1}>
      <div class="start">
        <DropZone
          label="Choose a file, or drop one here"
          accept={`${DATA_FILES},.zip`}
          disabled={off}
          onFile={(file) => void choose(file)}
        >
          A table of texts with labels: CSV, TSV, JSON lines or Parquet. Or a model that was saved here
          (.zip).
        </DropZone>
        <div class="or">
          <button type="button" class="plain" disabled={off} onClick={() => void takeSample()}>
            Use the sample mails
          </button>
          <p class="quiet">1,000 real mails of 2002, spam or not.</p>
        </div>
      </div>
      {busy.value === 'reading' && <p class="quiet busy">Reading …</p>}
      <Fault place="data" />
      <Columns />
      {data.value !== undefined && <Summary {...data.value} />}
    </Card>
  );
}

const ENCODINGS = [
  'utf-8',
  'windows-1252',
  'utf-16le',
  'windows-1251',
  'koi8-r',
  'shift_jis',
  'euc-kr',
  'gb18030',
  'big5',
];

/** What was guessed, to be corrected. */
function Columns() {
  const chosen = source.value;
  if (chosen?.file === undefined || chosen.looked === undefined) return null;
  const { looked, reading } = chosen;
  const off = busy.value !== undefined;
  const set = (change: Partial<Reading>) => void correct(change);
  const missing = [
    ...(reading.textField === undefined ? ['the text'] : []),
    ...(reading.labelField === undefined ? ['the label'] : []),
  ];
  return (
    <div class="columns">
      {missing.length > 0 && <p class="wide prompt">Which column holds {missing.join(', and which ')}?</p>}
      <Choice
        title="Column with the text"
        looked={looked}
        value={reading.textField}
        guessed={looked.text}
        disabled={off}
        onChoose={(textField) => set({ textField })}
      />
      <Choice
        title="Column with the label"
        looked={looked}
        value={reading.labelField}
        guessed={looked.label}
        disabled={off}
        onChoose={(labelField) => set({ labelField })}
      />
      <details class="wide">
        <summary>How the file is read</summary>
        <div class="fields">
          <label>
            Encoding
            <select
              value={reading.encoding ?? ''}
              disabled={off}
              onChange={({ currentTarget: { value } }) => set({ encoding: value === '' ? undefined : value })}
            >
              <option value="">guessed</option>
              {ENCODINGS.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
          <label>
            HTML in texts
            <select
              value={reading.html ?? 'auto'}
              disabled={off}
              onChange={({ currentTarget: { value } }) => set({ html: value as 'auto' | 'keep' | 'strip' })}
            >
              <option value="auto">guessed</option>
              <option value="keep">kept</option>
              <option value="strip">taken off</option>
            </select>
          </label>
          <label class="check">
            <input
              type="checkbox"
              checked={reading.noHeader !== true}
              disabled={off}
              onChange={({ currentTarget: { checked } }) => set({ noHeader: !checked })}
            />
            The first line names the columns
          </label>
        </div>
      </details>
    </div>
  );
}

interface ChoiceProps {
  readonly title: string;
  readonly looked: Looked;
  readonly value: string | undefined;
  readonly guessed: string | undefined;
  readonly disabled: boolean;
  readonly onChoose: (name: string) => void;
}

export function Choice({ title, looked, value, guessed, disabled, onChoose }: ChoiceProps) {
  const example = value === undefined ? undefined : looked.examples[0]?.[value];
  return (
    <div class="choice">
      <label>
        {title}
        <select
          value={value ?? ''}
          disabled={disabled}
          onChange={({ currentTarget }) => onChoose(currentTarget.value)}
        >
          {value === undefined && (
            <option value="" disabled>
              choose …
            </option>
          )}
          {looked.fields.map((name) => (
            <option key={name} value={name}>
              {name === guessed ? `${name} (guessed)` : name}
            </option>
          ))}
        </select>
      </label>
      {example !== undefined && <p class="example">{example}</p>}
    </div>
  );
}

function Summary({ name, description, count: all, classes, warnings, lengths, parts }: DataSummary) {
  const most = Math.max(...classes.map((one) => one.count));
  const shown = classes.slice(0, MOST_BARS);
  return (
    <div class="summary">
      <p>
        <strong>{plural(all, 'text')}</strong> from {name}
        <span class="quiet"> · {description}</span>
      </p>
      <div class="pair">
        <table class="bars">
          <caption>{plural(classes.length, 'class').replace('classs', 'classes')}</caption>
          <tbody>
            {shown.map((one) => (
              <tr key={one.name}>
                <th scope="row">{one.name}</th>
                <td class="bar">
                  <Bar share={one.count / most} />
                </td>
                <td class="number">
                  {count(one.count)} <small>{percent(one.count / all, 0)}</small>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        <dl class="facts">
          <dt>Length of a text, in words</dt>
          <dd>
            {count(lengths.median)} in the middle; nine in ten up to {count(lengths.most)}; the longest{' '}
            {count(lengths.longest)}
          </dd>
          <dt>What becomes of them</dt>
          <dd>
            {count(parts.train)} to learn from, {count(parts.validation)} to choose the best epoch,{' '}
            {count(parts.test)} kept apart to measure the result
          </dd>
        </dl>
      </div>
      {classes.length > shown.length && <p class="quiet">and {classes.length - shown.length} more classes</p>}
      {warnings.map((warning) => (
        <p key={warning} class="warning">
          {warning}
        </p>
      ))}
    </div>
  );
}
