/** Events as tables: CSV with a header, Audacity's label tracks, Raven's selection tables; and as JSON lines. */
import { InputError } from '../../errors.js';
import { TableParser, type TableRecord } from '../parse/table.js';
import { eventOf, type FileEvent } from './times.js';

/** What columns may be called, in small letters. */
const NAMES = {
  file: ['file', 'filename', 'path', 'recording', 'begin file', 'begin path'],
  onset: ['onset', 'start', 'begin', 'start_time', 'begin time (s)', 'event_onset'],
  offset: ['offset', 'end', 'stop', 'end_time', 'end time (s)', 'event_offset'],
  label: ['label', 'class', 'event', 'event_label', 'annotation', 'species', 'type'],
} as const;

type Column = keyof typeof NAMES;

function recordsOf(text: string, delimiter: string, name: string): readonly TableRecord[] {
  const parser = new TableParser({
    delimiter,
    literalQuotes: delimiter === '\t',
    backslash: false,
    maxField: 10_000,
    maxFields: 1000,
    stopAtFault: false,
  });
  const records = [...parser.push(text), ...parser.finish()].flat();
  const fault = records.find((record) => record.fault !== undefined);
  if (fault !== undefined) throw new InputError(`${name}, line ${fault.line}: ${fault.fault}`);
  return records.filter(({ fields }) => fields.some((field) => field.trim() !== ''));
}

/** CSV, TSV, or Raven's selection tables: the first line names the columns. */
export function tableEvents(text: string, name: string): FileEvent[] {
  const head = text.slice(0, text.search(/[\r\n]|$/));
  const delimiter = ['\t', ';', ','].find((one) => head.includes(one)) ?? ',';
  const [header, ...rows] = recordsOf(text, delimiter, name);
  if (header === undefined)
    throw new InputError(`${name} is empty; it needs the columns file,onset,offset,label`);
  const titles = header.fields.map((title) => title.trim().toLowerCase());
  const at = (column: Column): number =>
    titles.findIndex((title) => (NAMES[column] as readonly string[]).includes(title));
  const columns = { file: at('file'), onset: at('onset'), offset: at('offset'), label: at('label') };
  for (const column of ['onset', 'offset', 'label'] as const) {
    if (columns[column] >= 0) continue;
    throw new InputError(
      `${name}: no column '${column}' among ${titles.map((title) => `'${title}'`).join(', ')}; the first line names the columns: file,onset,offset,label`,
    );
  }
  // Raven has a row for the waveform and one for the spectrogram of each selection.
  const view = titles.indexOf('view');
  const selection = titles.indexOf('selection');
  const seen = new Set<string>();
  return rows.flatMap(({ fields, line }) => {
    const place = `${name}, line ${line}`;
    if (fields.length < header.fields.length && fields.length <= Math.max(...Object.values(columns))) {
      throw new InputError(`${place}: ${fields.length} fields, the header has ${header.fields.length}`);
    }
    if (view >= 0 && selection >= 0) {
      const key = `${fields[selection]}\t${columns.file < 0 ? '' : fields[columns.file]}`;
      if (seen.has(key)) return [];
      seen.add(key);
    }
    const file = columns.file < 0 ? undefined : fields[columns.file];
    const { onset, offset, label } = columns;
    return [eventOf({ onset: fields[onset], offset: fields[offset], label: fields[label], file }, place)];
  });
}

/** Audacity's labels: onset, offset, label with tabs between; lines with a backslash hold frequencies. */
export function audacityEvents(text: string, name: string): FileEvent[] {
  return text.split(/\r\n|\n|\r/).flatMap((line, i) => {
    if (line.trim() === '' || line.startsWith('\\')) return [];
    const place = `${name}, line ${i + 1}`;
    const [onset, offset, ...label] = line.split('\t');
    if (offset === undefined || label.length === 0) {
      throw new InputError(`${place}: a label of Audacity is onset, offset and label with tabs between`);
    }
    return [eventOf({ onset, offset, label: label.join(' ') }, place)];
  });
}

/** {"file": …, "onset": …, "offset": …, "label": …}, a line each. */
export function jsonLineEvents(text: string, name: string): FileEvent[] {
  return text.split(/\r\n|\n|\r/).flatMap((line, i) => {
    if (line.trim() === '') return [];
    const place = `${name}, line ${i + 1}`;
    let row: Readonly<Record<string, unknown>>;
    try {
      row = JSON.parse(line);
    } catch {
      throw new InputError(`${place} is no JSON`);
    }
    if (typeof row !== 'object' || row === null)
      throw new InputError(`${place} is no object with onset, offset and label`);
    for (const key of ['onset', 'offset', 'label']) {
      if (row[key] === undefined || row[key] === null) throw new InputError(`${place} has no field '${key}'`);
    }
    const { onset, offset, label, file } = row;
    const given = { onset: String(onset), offset: String(offset), label: String(label) };
    return [eventOf({ ...given, ...(typeof file === 'string' ? { file } : {}) }, place)];
  });
}
