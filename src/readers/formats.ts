/** Which format a file is in, by its name. */
import { InputError } from '../errors.js';
import { FORMATS, type Format } from './options.js';

const ENDINGS: Readonly<Record<string, Format>> = {
  csv: 'csv',
  tsv: 'tsv',
  tab: 'tsv',
  psv: 'csv',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  json: 'json',
  parquet: 'parquet',
  pq: 'parquet',
  txt: 'text',
  text: 'text',
};

/** Endings of what is often taken for data, and what to do about it. */
const FOREIGN: Readonly<Record<string, string>> = {
  xlsx: 'an Excel workbook; save the sheet as CSV (File, Save as, "CSV UTF-8")',
  xlsm: 'an Excel workbook; save the sheet as CSV (File, Save as, "CSV UTF-8")',
  xlsb: 'an Excel workbook; save the sheet as CSV (File, Save as, "CSV UTF-8")',
  xls: 'an old Excel workbook; save the sheet as CSV (File, Save as, "CSV UTF-8")',
  ods: 'a LibreOffice sheet; save it as CSV (File, Save as, "Text CSV", UTF-8)',
  numbers: 'a Numbers sheet; export it as CSV (File, Export to, CSV)',
  arrow: 'an Arrow file; save the table as Parquet, CSV or JSON lines',
  feather: 'a Feather file; save the table as Parquet, CSV or JSON lines',
  pkl: 'a Python pickle; save the table as CSV (pandas: to_csv(…, index=False))',
  rds: 'an R object; save the table as CSV (write.csv(…, row.names = FALSE))',
  zip: 'a zip archive; unpack it and name the folder or file',
  tar: 'a tar archive; unpack it (tar -xf) and name the folder',
  tgz: 'a tar archive; unpack it (tar -xf) and name the folder',
  bz2: 'packed by bzip2; unpack it (bunzip2), or pack it by gzip',
  xz: 'packed by xz; unpack it (unxz), or pack it by gzip',
  zst: 'packed by zstd; unpack it (unzstd), or pack it by gzip',
  '7z': 'a 7z archive; unpack it',
};

/** The name's ending in lower case, `.gz` aside. */
function endingOf(path: string): string | undefined {
  return /\.([^./\\]+)(?:\.gz)?$/i.exec(path)?.[1]?.toLowerCase();
}

/** By the name's ending, `.gz` aside; undefined if it says nothing. */
export function formatOf(path: string): Format | undefined {
  const ending = endingOf(path);
  return ending !== undefined && Object.hasOwn(ENDINGS, ending) ? ENDINGS[ending] : undefined;
}

/** The format told, or that of the name. Throws InputError if it says none, or one that is not read. */
export function requireFormat(path: string, given: Format | undefined): Format {
  const found = given ?? formatOf(path);
  if (found !== undefined) return found;
  const ending = endingOf(path);
  if (ending !== undefined && Object.hasOwn(FOREIGN, ending)) {
    throw new InputError(`${path}: this is ${FOREIGN[ending]}`);
  }
  throw new InputError(`${path}: which format is this? Name it with --format (${FORMATS.join(', ')})`);
}
