/**
 * Inputs that would take memory or time without end: each must be refused with its place, within 10 seconds and 500 MB.
 *
 *   node scripts/hostile.js            all of them, a line each; fails where one is not refused so
 *   node scripts/hostile.js --factor 3 three times the seconds, on a slow or busy machine
 */
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createGzip } from 'node:zlib';

const MAIN = join(dirname(fileURLToPath(import.meta.url)), '../dist/cli/main.js');
const MOST_MEGABYTES = 500;
const factor = process.argv[2] === '--factor' ? Number(process.argv[3]) : 1;
const mostSeconds = 10 * factor;

const folder = await mkdtemp(join(tmpdir(), 'eft-hostile-'));
const MEGABYTE = 2 ** 20;

/** `head`, then so many megabytes of `unit`, then `tail`. */
function* repeated(head, unit, megabytes, tail = '') {
  yield head;
  const piece = unit.repeat(Math.ceil(MEGABYTE / unit.length)).slice(0, MEGABYTE);
  for (let i = 0; i < megabytes; i++) yield piece;
  yield tail;
}

/** @type {Record<string, { readonly make: Iterable<string>, readonly packed?: true, readonly options?: readonly string[] }>} */
const FILES = {
  'quote.csv.gz': { make: repeated('text,label\n"', 'a', 3000), packed: true },
  'quote-skip.csv.gz': {
    make: repeated('text,label\n"', 'a', 3000),
    packed: true,
    options: ['--skip-bad', '9'],
  },
  'quotes.tsv.gz': {
    make: repeated('text\tlabel\n"""', '\t""', 3000),
    packed: true,
    options: ['--skip-bad', '9'],
  },
  'fields.csv.gz': { make: repeated('text,label\n', 'a,', 1000), packed: true },
  'columns.csv': { make: repeated('', 'c,', 2, 'text,label\n') },
  'columns-told.csv': { make: repeated('', 'c,', 2, 'text,label\n'), options: ['--max-fields', '10000000'] },
  'line.jsonl': { make: repeated('{"text":"', 'a', 500, '","label":"x"}\n') },
  'line.jsonl.gz': { make: repeated('{"text":"', 'a', 3000), packed: true, options: ['--skip-bad', '9'] },
  'line.txt': { make: repeated('__label__x ', 'a ', 600, '\n') },
  'element.json.gz': { make: repeated('[{"text":"', '\\u0041', 2000), packed: true },
  'nested.jsonl': { make: repeated('{"text":', '[', 60) },
  'nested.json': { make: repeated('[{"text":', '{"a":', 60) },
  'brackets.jsonl': {
    make: repeated('{"text":"', '<', 30, '","label":"x"}\n'),
    options: ['--html', 'strip'],
  },
  'breaks.jsonl': {
    make: repeated('{"text":"', 'a<br>', 30, '","label":"x"}\n'),
    options: ['--html', 'strip'],
  },
  'tags.jsonl': {
    make: repeated('{"text":"', '<!--<a href=', 30, '","label":"x"}\n'),
    options: ['--html', 'strip'],
  },
  'entities.jsonl': {
    make: repeated('{"text":"', '&amp', 30, '","label":"x"}\n'),
    options: ['--html', 'strip'],
  },
  'word.jsonl': { make: repeated('{"text":"', 'a', 30, '","label":"x"}\n') },
  'han.jsonl': { make: repeated('{"text":"', '漢字', 2, '","label":"x"}\n') },
  'folder/x/1.txt': { make: repeated('', 'a', 600) },
};

/** Not files: devices, which have no end. */
const DEVICES = [
  ['/dev/zero', '--format', 'text'],
  ['/dev/zero', '--format', 'text', '--encoding', 'utf-8', '--skip-bad', '9'],
  ['/dev/zero', '--format', 'jsonl', '--encoding', 'utf-8', '--skip-bad', '9'],
  ['/dev/zero', '--format', 'csv', '--encoding', 'windows-1252', '--skip-bad', '9'],
  ['/dev/zero', '--format', 'json', '--encoding', 'utf-16le', '--skip-bad', '9'],
  ['/dev/urandom', '--format', 'text', '--encoding', 'utf-8', '--skip-bad', '9'],
];

/** @param {string} name @param {{ readonly make: Iterable<string>, readonly packed?: true }} file */
async function write(name, { make, packed }) {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  const out = createWriteStream(path);
  await (packed
    ? pipeline(Readable.from(make), createGzip({ level: 1 }), out)
    : pipeline(Readable.from(make), out));
  return path;
}

/** @returns {Promise<boolean>} whether it was refused within the limits */
async function attempt(what, args) {
  const began = performance.now();
  const child = spawn(
    process.execPath,
    [MAIN, 'train', '--model', 'bag', '--seq-len', '64', '--out', join(folder, 'run'), '--data', ...args],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  let kilobytes = 0;
  const watch = setInterval(async () => {
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
    kilobytes = Math.max(kilobytes, Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0));
    if (performance.now() - began > 3000 * mostSeconds) child.kill('SIGKILL');
  }, 20);
  const code = await new Promise((resolve) => child.on('close', resolve));
  clearInterval(watch);
  const seconds = (performance.now() - began) / 1000;
  const megabytes = kilobytes / 1024;
  const last = stderr.trim().split('\n').at(-1) ?? '';
  const refused = code === 2 && last.startsWith('eft: ') && !last.includes('internal error');
  const good = refused && seconds <= mostSeconds && megabytes <= MOST_MEGABYTES;
  const message = last.replaceAll(`${folder}/`, '').slice(0, 150);
  process.stdout.write(
    `${good ? 'ok  ' : 'FAIL'} ${seconds.toFixed(1).padStart(5)} s ${megabytes.toFixed(0).padStart(5)} MB  exit ${code}  ${what}: ${message}\n`,
  );
  return good;
}

try {
  let failed = 0;
  for (const [name, file] of Object.entries(FILES)) {
    const path = await write(name, file);
    const data = name.startsWith('folder/') ? join(folder, 'folder') : path;
    const options = file.options ?? [];
    if (!(await attempt([name, ...options].join(' '), [data, ...options]))) failed++;
    await rm(path);
  }
  for (const args of DEVICES) if (!(await attempt(args.join(' '), args))) failed++;
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
