/**
 * A program for Node as esbuild makes one file of it, elsewhere and without node_modules: it trains on worker threads,
 * predicts, and reads CSV and Parquet.
 */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../temporary-folder.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = temporaryFolder();

const PROGRAM = `
import { readDataset, train } from './dist/node.js';
async function main() {
  const [, , csv, parquet] = process.argv;
  const options = { model: 'bag', sequenceLength: 8, vocabulary: 50, epochs: 3, seed: 1, threads: 2 };
  const classifier = await train({ ...options, data: csv });
  const [{ label }] = await classifier.predict('win a free cruise & money');
  const { accuracy } = await classifier.evaluate(parquet);
  await classifier.dispose();
  const { examples } = await readDataset(parquet);
  console.log(JSON.stringify({ label, accuracy, rows: examples.length, first: examples[0].input }));
}
main();
`;

/** Every third text with HTML, so that the table of entities is needed too. */
const EXAMPLES = Array.from({ length: 60 }, (_, i) =>
  i % 2 === 0
    ? { text: `<b>win</b> a free cruise &amp; money ${i}`, label: 'spam' }
    : { text: `<p>a patch for the list ${i}</p>`, label: 'ham' },
);

async function data(): Promise<[csv: string, parquet: string]> {
  const csv = await folder.write(
    'mails.csv',
    ['text,label\n', ...EXAMPLES.map(({ text, label }) => `${text},${label}\n`)].join(''),
  );
  const columns = (['text', 'label'] as const).map((name) => ({
    name,
    data: EXAMPLES.map((example) => example[name]),
  }));
  const parquet = await folder.write(
    'mails.parquet',
    Buffer.from(parquetWriteBuffer({ columnData: columns })),
  );
  return [csv, parquet];
}

it.each([
  ['esm', 'mjs'],
  ['cjs', 'cjs'],
] as const)('as one file of %s', async (format, ending) => {
  const paths = await data();
  const outfile = folder.at(`program.${ending}`);
  await build({
    stdin: { contents: PROGRAM, resolveDir: root, sourcefile: 'program.js' },
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    format,
    outfile,
    logLevel: 'error',
  });
  // Another's file of that name is not taken for ours.
  await writeFile(folder.at('worker.js'), 'throw new Error("the wrong worker");');
  const { stdout, stderr } = await run(process.execPath, [outfile, ...paths], { cwd: folder.at('') });
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual({ label: 'spam', accuracy: 1, rows: 60, first: EXAMPLES[0].text });
});
