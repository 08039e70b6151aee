/** `eft report`: the page of one or several comparison folders, without training. */
import { join } from 'node:path';
import { compareResults } from '../comparison/compareResults.js';
import { hashItems, type SplitData } from '../comparison/parts.js';
import { readResults } from '../comparison/results/file.js';
import { mergeResults } from '../comparison/results/merge.js';
import { splitDataset } from '../comparison/splitData.js';
import { InputError } from '../errors.js';
import { FolderStore } from '../platform/node/folder.js';
import { requireWritableFolder } from '../platform/node/whole.js';
import { readDataset } from '../readers/dataset.js';
import { renderComparison } from '../report/comparisonTable.js';
import { type ResultsFolder, writePage } from '../report/writePage.js';
import { addReaderOptions, folderPath, readOptionsOf, splitArgument } from './arguments.js';
import { CliCommand, CliOption } from './command.js';
import { originNow } from './origin.js';
import { tableOptions, tell, writeOut } from './output.js';
import { requireOutputsApart, requireOwnPage } from './outputs.js';
import { tellSkipped } from './reading.js';

interface Options extends Record<string, unknown> {
  readonly out?: string;
  readonly data?: string;
  readonly split: [number, number, number];
}

/** Throws InputError where the data's test part is not the one that the models were tested on. */
function requireSameItems(source: string, { test }: SplitData, all: readonly ResultsFolder[]): void {
  const other = all.find(({ results }) => results.protocol.testItems !== hashItems(test));
  if (other === undefined) return;
  throw new InputError(
    `${source}: its test part is not that of ${other.name}: name the data as they were, with the same --split and reading options (the page shows the command)`,
  );
}

async function partsOf(source: string, options: Pick<Options, 'split'>): Promise<SplitData> {
  const dataset = await readDataset(source, readOptionsOf(options));
  const parts = await splitDataset(dataset, options.split);
  tellSkipped(dataset.skipped);
  return parts;
}

export function command(): CliCommand {
  const report = new CliCommand('report')
    .description(
      'Build report.html again from one or several folders of eft compare, whose trials are merged.',
    )
    .argument('<folders...>', 'folders with a results.json')
    .under('Data')
    .option('--data <path>', 'the data that were compared on: the page then shows the errors')
    .addOption(
      new CliOption('--split <a/b/c>', 'how they were divided')
        .argParser(splitArgument)
        .default([0.8, 0.1, 0.1], '80/10/10'),
    )
    .under('Output')
    .option('--out <folder>', 'folder for report.html (default: the first folder)', folderPath);
  return addReaderOptions(report)
    .addHelpText(
      'after',
      `
Examples:
  eft report runs/mails
  eft report runs/machine-1 runs/machine-2 --out runs/both
  eft report runs/digits --data digits --input signal`,
    )
    .action(async (folders: string[], { out = folders[0], data, ...options }: Options) => {
      const all = await Promise.all(
        folders.map(async (name) => ({ name, results: await readResults(new FolderStore(name)) })),
      );
      await requireOutputsApart([join(out, 'report.html')], { data: data === undefined ? [] : [data] });
      await requireOwnPage(join(out, 'report.html'));
      const results = mergeResults(all);
      await requireWritableFolder(out);
      const parts = data === undefined ? undefined : await partsOf(data, options);
      if (data !== undefined && parts !== undefined) requireSameItems(data, parts, all);
      const comparison = compareResults(results);
      const origin = { ...originNow(), command: 'eft report' };
      const page = await writePage(out, all, { origin, results, comparison }, parts?.test);
      writeOut(`${renderComparison(comparison, tableOptions())}\n`);
      tell(`page: ${page}`);
    });
}
