/** What a table's first rows tell: its delimiter, how it escapes quotes, whether its rows have names. */
import { LABEL_NAMES, TEXT_NAMES } from './fields.js';
import { TableParser, type TableRecord, type TableRules } from './table.js';

/** The candidates, in order of preference. */
export const DELIMITERS: readonly string[] = [',', '\t', ';', '|'];

/** Rows that are looked at. */
const ROWS = 100;

export interface Dialect {
  readonly delimiter: string;
  readonly backslash: boolean;
  /** The first records under it, the last of them whole. */
  readonly records: readonly TableRecord[];
}

export interface SniffOptions {
  /** By the file's name. */
  readonly usual: string;
  readonly given: string | undefined;
  /** Whether the head is the whole text: then its last row is whole too. */
  readonly whole: boolean;
  readonly limits: Pick<TableRules, 'maxField' | 'maxFields'>;
}

/** The dialect under which the rows have as many columns as the first; the usual delimiter if none is better. */
export function sniffDialect(head: string, { usual, given, whole, limits }: SniffOptions): Dialect {
  const delimiters = given === undefined ? [usual, ...DELIMITERS.filter((one) => one !== usual)] : [given];
  let best: { dialect: Dialect; score: number } | undefined;
  for (const delimiter of delimiters) {
    const dialect = dialectOf(head, delimiter, whole, limits);
    const score = scoreOf(dialect.records);
    // The first of equals: the usual one.
    if (best === undefined || score > best.score) best = { dialect, score };
  }
  return best!.dialect;
}

function dialectOf(head: string, delimiter: string, whole: boolean, limits: SniffOptions['limits']): Dialect {
  const under = (backslash: boolean, literalQuotes: boolean): TableRecord[] => {
    const rules = { delimiter, backslash, literalQuotes, stopAtFault: false, ...limits };
    const parser = new TableParser(rules);
    const records: TableRecord[] = [];
    for (const batch of parser.push(head)) {
      records.push(...batch);
      if (records.length > ROWS) return records.slice(0, ROWS);
    }
    if (whole) for (const batch of parser.finish()) records.push(...batch);
    return records.slice(0, ROWS);
  };
  // Strictly, whatever the delimiter: rules that quotes break less often are the right ones.
  const faults = (backslash: boolean): number => under(backslash, false).filter(isFault).length;
  const plain = head.includes('\\"') ? faults(false) : 0;
  const backslash = plain > 0 && faults(true) < plain;
  return { delimiter, backslash, records: under(backslash, quotesAreLiteral(delimiter)) };
}

/** Tables with tabs and pipes seldom quote: a quote in them that breaks the rules is a character like others. */
export function quotesAreLiteral(delimiter: string): boolean {
  return delimiter === '\t' || delimiter === '|';
}

const isFault = ({ fault }: TableRecord): boolean => fault !== undefined;

/** Two columns and more in every row are worth most, then names that are known, then more rows that agree. */
function scoreOf(records: readonly TableRecord[]): number {
  const first = records[0]?.fields ?? [];
  const columns = first.length;
  if (columns < 2) return 0;
  if (hasRowNames(records)) return 100;
  const good = records.filter(({ fields, fault }) => fault === undefined && fields.length === columns).length;
  const known = first.filter((name) => {
    const lower = name.trim().toLowerCase();
    return TEXT_NAMES.includes(lower) || LABEL_NAMES.includes(lower);
  }).length;
  const share = good / records.length;
  return (share === 1 ? 100 : 0) + 10 * Math.min(2, known) + share;
}

/** Whether the rows begin with their number, for which the header has no column, as R writes them. */
export function hasRowNames(records: readonly TableRecord[]): boolean {
  const [header, ...rows] = records;
  const columns = (header?.fields.length ?? 0) + 1;
  return (
    rows.length > 0 && rows.every(({ fields }, i) => fields.length === columns && fields[0] === String(i + 1))
  );
}

/** Columns of a table without a header line: the longest is the text, and that of the fewest values the label. */
export function guessColumns(
  records: readonly Pick<TableRecord, 'fields'>[],
): { text: string; label: string } | undefined {
  const columns = records[0]?.fields.length ?? 0;
  if (columns < 2 || records.length < 2) return undefined;
  const rows = records.filter(({ fields }) => fields.length === columns);
  const lengths: number[] = [];
  const values: number[] = [];
  for (let column = 0; column < columns; column++) {
    lengths.push(rows.reduce((total, { fields }) => total + fields[column].length, 0));
    values.push(new Set(rows.map(({ fields }) => fields[column])).size);
  }
  const text = lengths.indexOf(Math.max(...lengths));
  // Values that do not come twice, or all the same, are no labels.
  const labels = values.map((count, column) =>
    column === text || count < 2 || count === rows.length ? Number.POSITIVE_INFINITY : count,
  );
  const label = labels.indexOf(Math.min(...labels));
  if (!Number.isFinite(labels[label])) return undefined;
  return { text: String(text + 1), label: String(label + 1) };
}
