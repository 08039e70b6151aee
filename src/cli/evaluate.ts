/** `eft evaluate`: a trained model's score on labelled texts. */
import { Command } from 'commander';
import { Classifier } from '../classifier/classifier.js';
import { loadOptions } from '../classifier/options.js';
import { predictionOf } from '../classifier/prediction.js';
import type { Example } from '../data/example.js';
import { calibrationOf } from '../evaluation/calibration.js';
import { describeInput } from '../input/input.js';
import { writeWhole } from '../platform/node/whole.js';
import { readInputs } from '../readers/readInputs.js';
import { renderClassificationReport, renderConfusion } from '../report/classificationTable.js';
import { percent, plural } from '../report/format.js';
import { addReaderOptions, readOptionsOf } from './arguments.js';
import { addOptions, givenOptions } from './options.js';
import { tableOptions, tell, writeOut } from './output.js';
import { warnOf } from './predict.js';
import { createProgress } from './progress.js';

interface Options extends Record<string, unknown> {
  readonly data: string;
  readonly json?: boolean;
  readonly errors?: string;
}

export function command(): Command {
  const evaluate = new Command('evaluate')
    .description('Score a trained model on labelled texts.')
    .argument('<run>', 'run folder')
    .requiredOption('--data <file>', 'labelled texts, as for eft train')
    .option('--errors <file>', 'also write the wrong items there, as JSON lines, the most confident first')
    .option('--json', 'one JSON object');
  return addReaderOptions(addOptions(evaluate, loadOptions))
    .addHelpText(
      'after',
      `
Examples:
  eft evaluate runs/spam --data test.jsonl
  eft evaluate runs/spam --data test.jsonl --seq-len 4096
  eft evaluate runs/spam --data test.jsonl --json`,
    )
    .action(run);
}

async function run(path: string, options: Options): Promise<void> {
  const classifier = await Classifier.load(path, givenOptions(options, loadOptions));
  const { classes, epoch } = classifier;
  try {
    warnOf(path, classifier);
    const data = await readInputs(options.data, { input: classifier.takes, ...readOptionsOf(options) });
    const progress = createProgress({ label: 'evaluating', total: data.examples.length });
    const { logits, ...result } = await classifier
      .evaluate(data.examples, { name: data.name, onProgress: progress.update })
      .finally(progress.stop);
    const labels = data.examples.map(({ label }) => classes.indexOf(label));
    const { bins: _bins, ...calibration } = calibrationOf(logits, labels, classes.length);
    if (options.errors !== undefined) await writeErrors(options.errors, data.examples, logits, classes);
    if (options.json) {
      writeOut(`${JSON.stringify({ ...result, calibration, classes, run: path, data: data.name })}\n`);
      return;
    }
    const table = tableOptions();
    const [low, high] = result.accuracyInterval;
    writeOut(`${renderClassificationReport(result, classes, table)}\n`);
    writeOut(`${renderConfusion(result, classes, table)}\n`);
    writeOut(
      `accuracy ${percent(result.accuracy)} (95 % interval ${percent(low)} to ${percent(high)}), macro F1 ${percent(result.macroF1)}, loss ${result.loss.toFixed(4)}, calibration error ${percent(calibration.error)}, ${plural(result.examples, 'example')}\n`,
    );
  } finally {
    await classifier.dispose();
  }
  tell(`model: ${path}${epoch === undefined ? '' : `, epoch ${epoch}`}`);
}

/** The wrong items as JSON lines, the most confident first. */
async function writeErrors(
  path: string,
  examples: readonly Example[],
  logits: Float64Array,
  classes: readonly string[],
): Promise<void> {
  const count = classes.length;
  const wrong = examples.flatMap(({ input, label }, i) => {
    const [{ label: predicted, score }] = predictionOf(
      logits.subarray(i * count, (i + 1) * count),
      classes,
      1,
    );
    return predicted === label ? [] : [{ item: i + 1, label, predicted, score, text: describeInput(input) }];
  });
  wrong.sort((a, b) => b.score - a.score);
  await writeWhole(path, wrong.map((line) => `${JSON.stringify(line)}\n`).join(''));
  tell(`${plural(wrong.length, 'wrong item')} in ${path}`);
}
