/** Writes report.html for the results of one or several folders. */
import { join } from 'node:path';
import { compareResults } from '../evaluation/comparison.js';
import { mergeResults, type Results } from '../evaluation/results.js';
import { writeWhole } from '../files/whole.js';
import { renderPage } from '../report/page.js';

/** Returns the page's path. Throws InputError where the results conflict. */
export async function writePage(
  folder: string,
  all: readonly { readonly name: string; readonly results: Results }[],
): Promise<string> {
  const results = mergeResults(all);
  const path = join(folder, 'report.html');
  await writeWhole(path, renderPage({ results, comparison: compareResults(results) }));
  return path;
}
