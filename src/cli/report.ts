/** `eft report`: the page of one or several comparison folders, without training. */
import { Command } from 'commander';
import { compareResults } from '../evaluation/comparison.js';
import { mergeResults, readResults } from '../formats/results.js';
import { FolderStore } from '../platform/node/folder.js';
import { requireWritableFolder } from '../platform/node/whole.js';
import { renderComparison } from '../report/comparisonTable.js';
import { folderPath } from './arguments.js';
import { tableOptions, tell, writeOut } from './output.js';
import { writePage } from './page.js';

export function command(): Command {
  return new Command('report')
    .description(
      'Build report.html again from one or several folders of eft compare; their trials are merged.',
    )
    .argument('<folders...>', 'folders with a results.json')
    .option('--out <folder>', 'where report.html goes (default: the first folder)', folderPath)
    .addHelpText(
      'after',
      `
Examples:
  eft report runs/mails
  eft report runs/machine-1 runs/machine-2 --out runs/both`,
    )
    .action(async (folders: string[], { out = folders[0] }: { out?: string }) => {
      const all = await Promise.all(
        folders.map(async (name) => ({ name, results: await readResults(new FolderStore(name)) })),
      );
      const comparison = compareResults(mergeResults(all));
      await requireWritableFolder(out);
      const page = await writePage(out, all);
      writeOut(`${renderComparison(comparison, tableOptions())}\n`);
      tell(`page: ${page}`);
    });
}
