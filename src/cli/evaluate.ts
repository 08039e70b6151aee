/** `eft evaluate`: a trained model's score on labelled texts. */
import { Command } from 'commander';
import { Classifier } from '../classifier/classifier.js';
import { threadOptions } from '../classifier/options.js';
import { readDataset } from '../readers/read.js';
import { renderTable } from '../report/terminal.js';
import { addFieldOptions, type FieldOptions, whole } from './arguments.js';
import { addOptions } from './options.js';
import { colorOf, percent, tell, writeOut } from './output.js';
import { warnOf } from './predict.js';
import { createProgress } from './progress.js';

interface Options extends FieldOptions {
  readonly data: string;
  readonly threads?: number;
  readonly limit?: number;
  readonly json?: boolean;
}

export function command(): Command {
  const evaluate = new Command('evaluate')
    .description('Score a trained model on labelled texts.')
    .argument('<run>', 'run folder')
    .requiredOption('--data <file>', 'labelled texts, as for eft train')
    .option('--limit <k>', 'use the first k examples only', whole(1))
    .option('--json', 'one JSON object');
  return addFieldOptions(addOptions(evaluate, threadOptions))
    .addHelpText(
      'after',
      `
Examples:
  eft evaluate runs/spam --data test.jsonl
  eft evaluate runs/spam --data test.jsonl --json`,
    )
    .action(run);
}

async function run(path: string, options: Options): Promise<void> {
  const classifier = await Classifier.load(path, options);
  const { classes, epoch } = classifier;
  try {
    warnOf(path, classifier);
    const data = await readDataset(options.data, options);
    const progress = createProgress({ label: 'evaluating', total: data.examples.length });
    const { logits: _, ...result } = await classifier
      .evaluate(data.examples, { name: data.name, onProgress: progress.update })
      .finally(progress.stop);
    if (options.json) {
      writeOut(`${JSON.stringify({ ...result, classes, run: path, data: data.name })}\n`);
      return;
    }
    const [low, high] = result.accuracyInterval;
    const color = colorOf(process.stdout);
    const rows = result.perClass.map(({ precision, recall, f1, support }, c) => [
      classes[c],
      percent(precision),
      percent(recall),
      percent(f1),
      support.toLocaleString('en'),
    ]);
    writeOut(`${renderTable(['class', 'precision', 'recall', 'F1', 'examples'], rows, { color })}\n`);
    writeOut(
      `accuracy ${percent(result.accuracy)} (95 % interval ${percent(low)} to ${percent(high)}), macro F1 ${percent(result.macroF1)}, loss ${result.loss.toFixed(4)}, ${result.examples} examples\n`,
    );
  } finally {
    await classifier.dispose();
  }
  tell(`model: ${path}${epoch === undefined ? '' : `, epoch ${epoch}`}`);
}
