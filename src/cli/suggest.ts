/** `eft suggest`: which examples to label next. */
import { type OwnRow, tableText } from '../check/rows.js';
import { Classifier } from '../inference/classifier.js';
import { describeInput } from '../input/input.js';
import { loadOptions } from '../learning/options.js';
import { writeWhole } from '../platform/node/whole.js';
import { readDataset } from '../readers/dataset.js';
import { plural, count as shownCount } from '../report/format.js';
import { renderTable } from '../report/terminal.js';
import { addReaderOptions, readingChangesOf, readOptionsOf, whole } from './arguments.js';
import { CliCommand } from './command.js';
import { addOptions, givenOptions } from './options.js';
import { interruptSignal, tableOptions, tell, writeOut } from './output.js';
import { requireOutputsApart } from './outputs.js';

interface Options extends Record<string, unknown> {
  readonly data: readonly string[];
  readonly count: number;
  readonly batch?: number;
  readonly out?: string;
  readonly json?: boolean;
}

export function command(): CliCommand {
  const suggest = new CliCommand('suggest')
    .description('Say which examples to label next: those of which a model is unsure, unlike each other.')
    .argument('<run>', 'run folder')
    .under('Data')
    .requiredOption('--data <path...>', 'examples without labels, as for eft predict')
    .alsoCalled('file', 'input-file', 'unlabelled', 'pool')
    .under('Output')
    .option('--count <n>', 'how many to choose', whole(1), 20)
    .alsoCalled('top', 'number')
    .option('--batch <n>', 'after how many a new batch begins (default: all are one)', whole(1))
    .option(
      '--out <file>',
      "write them as CSV or JSONL: the data's own columns, an empty label, batch and reason",
    )
    .alsoCalled('output', 'save')
    .option('--json', 'print one JSON array instead of words');
  return addReaderOptions(addOptions(suggest, loadOptions))
    .addHelpText(
      'after',
      `
Examples:
  eft suggest runs/tickets --data new.csv --count 50 --out to-label.csv
  eft train --from runs/tickets --data labelled.csv --out runs/tickets-2`,
    )
    .action(run);
}

/** Characters of a text in the table. */
const WIDTH = 60;

async function run(path: string, options: Options): Promise<void> {
  const { data, count, batch, out, json } = options;
  await requireOutputsApart([...(json ? [1 as const] : []), ...(out === undefined ? [] : [out])], {
    data,
    runs: [path],
  });
  const classifier = await Classifier.load(path, {
    ...givenOptions(options, loadOptions),
    reading: readingChangesOf(options),
  });
  try {
    const read = classifier.readOptions(readOptionsOf(options));
    const pool = await readDataset(data, { ...read, labelled: false, keep: 'all' });
    tell(`${pool.name}: ${plural(pool.length, 'example')}`);
    const found = await classifier.suggest(pool, {
      count,
      ...(batch === undefined ? {} : { batch }),
      signal: interruptSignal(),
    });
    const rows = found.map(({ index, batch: own, label, scores: [score], reason }): OwnRow => {
      const { kept = {}, input, place, row } = pool.examples[index];
      const { place: _, ...fields } = kept;
      const shown =
        Object.keys(fields).length > 0 ? fields : { text: typeof input === 'string' ? input : place };
      return { row, ...shown, label: '', guess: label, score: Number(score.toFixed(4)), batch: own, reason };
    });
    if (json) writeOut(`${JSON.stringify(found)}\n`);
    else {
      const cells = found.map(({ index, reason }) => {
        const { input, place } = pool.examples[index];
        const text = typeof input === 'string' ? input.replace(/\s+/g, ' ') : describeInput(input as never);
        return [place, reason, text.slice(0, WIDTH)];
      });
      writeOut(`${renderTable(['where', 'why', 'input'], cells, tableOptions())}\n`);
    }
    if (out === undefined) return;
    await writeWhole(out, tableText(rows, /\.(?:jsonl|ndjson)$/i.test(out) ? 'jsonl' : 'csv'));
    tell(
      `${shownCount(rows.length)} in ${out}: fill the column label, then eft train --from ${path} --data ${out} --out FOLDER`,
    );
  } finally {
    await classifier.dispose();
  }
}
