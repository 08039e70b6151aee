/** `eft evaluate`: a trained model's score on labelled texts. */
import { Command } from 'commander';
import { encodeDataset } from '../data/encode.js';
import { createWasmEngine } from '../engine/wasm/engine.js';
import { evaluateLogits } from '../evaluation/metrics.js';
import { RunFolder } from '../formats/runFolder.js';
import { lowerEvaluation } from '../model/lowering.js';
import { readDataset } from '../readers/read.js';
import { renderTable } from '../report/terminal.js';
import { forwardDataset } from '../training/forward.js';
import { addFieldOptions, type FieldOptions, threads, whole } from './arguments.js';
import { colorOf, percent, tell, writeOut } from './output.js';
import { warnIfUntrained } from './predict.js';
import { createProgress } from './progress.js';

interface Options extends FieldOptions {
  readonly data: string;
  readonly threads?: number;
  readonly limit?: number;
  readonly json?: boolean;
}

const BATCH = 32;

export function command(): Command {
  const evaluate = new Command('evaluate')
    .description('Score a trained model on labelled texts.')
    .argument('<run>', 'run folder')
    .requiredOption('--data <file>', 'labelled texts, as for eft train')
    .option('--threads <t>', 'worker threads (default: one a core)', threads)
    .option('--limit <k>', 'use the first k examples only', whole(1))
    .option('--json', 'one JSON object');
  return addFieldOptions(evaluate)
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
  const { config, tokenizer, parameters, epoch } = await new RunFolder(path).readModel();
  warnIfUntrained(path, epoch);
  const data = await readDataset(options.data, options);
  const { classes, model } = config;
  const encoded = encodeDataset(data.name, data.examples, classes, tokenizer, model.sequenceLength);
  const engine = await createWasmEngine(options.threads === undefined ? {} : { threads: options.threads });
  try {
    const session = await engine.createInference(lowerEvaluation(model), { maxBatch: BATCH });
    for (const [name, values] of parameters) await session.setParameter(name, values);
    const progress = createProgress({ label: 'evaluating', total: data.examples.length });
    const { logits, losses } = await forwardDataset(session, encoded, classes.length, progress.update);
    progress.stop();
    const result = evaluateLogits(logits, losses, encoded.labels, classes.length);
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
    await engine.dispose();
  }
  tell(`model: ${path}${epoch === undefined ? '' : `, epoch ${epoch}`}`);
}
