/** `eft evaluate`: a trained model's score on labelled texts. */
import type { RawExample } from '../data/dataset.js';
import { labelsIn } from '../data/labelSets.js';
import { calibrationOf } from '../evaluation/calibration.js';
import type { UnknownClasses } from '../evaluation/metrics.js';
import { Classifier } from '../inference/classifier.js';
import type { ReadExample } from '../inference/evaluate.js';
import { answeredOf, labelPredictionOf, predictionOf, setRule } from '../inference/prediction.js';
import { describeInput } from '../input/input.js';
import { loadOptions } from '../learning/options.js';
import { writeWhole } from '../platform/node/whole.js';
import { openItems } from '../readers/dataset.js';
import { renderClassificationReport, renderConfusion } from '../report/classificationTable.js';
import { doubtMeasuredLines } from '../report/doubtText.js';
import { count, percent, plural } from '../report/format.js';
import { fusionText } from '../report/fusionText.js';
import { labelReport, labelSummary } from '../report/labelTable.js';
import { addReaderOptions, readingChangesOf, readOptionsOf } from './arguments.js';
import { CliCommand } from './command.js';
import { warnOfCut } from './cut.js';
import { addOptions, givenOptions } from './options.js';
import { tableOptions, tell, writeOut } from './output.js';
import { requireOutputsApart } from './outputs.js';
import { READ_MORE, warnOf } from './predict.js';
import { createProgress } from './progress.js';
import { tellRead } from './reading.js';

interface Options extends Record<string, unknown> {
  readonly data: readonly string[];
  readonly json?: boolean;
  readonly errors?: string;
  readonly events?: readonly string[];
  readonly threads?: number;
}

export function command(): CliCommand {
  const evaluate = new CliCommand('evaluate')
    .description('Score a trained model on labelled data.')
    .argument('<run>', 'run folder')
    .under('Data')
    .requiredOption('--data <path...>', 'labelled data, as for eft train')
    .alsoCalled('file', 'input-file', 'test', 'validation')
    .option('--events <path...>', 'of a model of events: what is true of the recordings, as for eft train')
    .alsoCalled('intervals', 'annotations', 'truth')
    .under('Output')
    .option('--errors <file>', 'also write the wrong items to this file')
    .more('as JSON lines, the most confident first')
    .option('--json', 'print one JSON object instead of words');
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
  const outputs = options.errors === undefined ? [1] : [1, options.errors];
  await requireOutputsApart(outputs, { data: options.data, runs: [path] });
  if (options.events !== undefined) {
    const { data, events, threads, json } = options;
    const { evaluateEventsOf } = await import('./evaluateEvents.js');
    return evaluateEventsOf({ run: path, data, events, threads, json });
  }
  const classifier = await Classifier.load(path, {
    ...givenOptions(options, loadOptions),
    reading: readingChangesOf(options),
  });
  const { classes, epoch, fusion, configuration, reading, temperature } = classifier;
  try {
    warnOf(path, classifier);
    const stream = await openItems(options.data, classifier.readOptions(readOptionsOf(options)));
    // With labels, as the stream was asked for.
    const read = classifier.readingPass(stream.skipped).all(stream);
    const wrong: WrongItem[] = [];
    const progress = createProgress({ label: 'evaluating' });
    const {
      logits,
      losses: _losses,
      labels,
      extent: _extent,
      unknown,
      unlike,
      multiLabel,
      ...result
    } = await classifier
      .evaluateRead(read as AsyncIterable<WrongCandidate>, stream.name, {
        onProgress: progress.update,
        ...(options.errors === undefined
          ? {}
          : {
              onPortion: (...portion) =>
                wrong.push(
                  ...(classifier.multiLabel
                    ? wrongSets(classifier, ...portion)
                    : wrongItems(classes, ...portion)),
                ),
            }),
      })
      .finally(progress.stop);
    tellRead(stream);
    const skipped = stream.skipped.result;
    if (unknown !== undefined) tellUnknown(unknown);
    const { cutShare } = result;
    const cut = { share: cutShare, sequenceLength: configuration.sequenceLength, long: reading.long };
    warnOfCut(stream.name, cut, READ_MORE);
    if (multiLabel !== undefined) {
      if (options.errors !== undefined) await writeErrors(options.errors, wrong);
      const { confusion: _pairs, ...scores } = result;
      if (options.json) {
        const more = { classes, run: path, data: stream.name, skipped: skipped?.count ?? 0 };
        writeOut(`${JSON.stringify(labelSummary({ ...scores, unknown, multiLabel }, classes, more))}\n`);
      } else writeOut(labelReport({ ...result, multiLabel }, classes, tableOptions()));
      return;
    }
    const doubt = await classifier.doubtOn({ logits, labels, unlike });
    const { bins: _bins, ...calibration } = calibrationOf(logits, labels, classes.length);
    if (options.errors !== undefined) await writeErrors(options.errors, wrong);
    if (options.json) {
      writeOut(
        `${JSON.stringify({
          ...result,
          ...(unknown === undefined ? {} : { unknownClasses: unknown }),
          calibration,
          ...doubt,
          temperature,
          classes,
          run: path,
          data: stream.name,
          skipped: skipped?.count ?? 0,
        })}\n`,
      );
      return;
    }
    const table = tableOptions();
    const [low, high] = result.accuracyInterval;
    const scored = { ...result, ...(unknown === undefined ? {} : { unknown }) };
    writeOut(`${renderClassificationReport(scored, classes, table)}\n`);
    writeOut(`${renderConfusion(scored, classes, table)}\n`);
    writeOut(
      `accuracy ${percent(result.accuracy)} (95% interval ${percent(low)} to ${percent(high)}), macro F1 ${percent(result.macroF1)}, loss ${result.loss.toFixed(4)}, calibration error ${percent(calibration.error)}, ${plural(result.examples, 'example')}, ${percent(cutShare, 1)} of their tokens cut\n`,
    );
    for (const line of doubtMeasuredLines(doubt)) writeOut(`${line}\n`);
  } finally {
    await classifier.dispose();
  }
  tell(`model: ${path}${epoch === undefined ? '' : `, epoch ${epoch}`}`);
  if (fusion !== undefined) tell(fusionText(fusion));
}

/** Unknown labels that are listed. */
const MOST_LABELS = 5;

function tellUnknown({ examples, labels }: UnknownClasses): void {
  const listed = labels.slice(0, MOST_LABELS).map((one) => `'${one.label}' ${count(one.examples)}`);
  const more = labels.length > MOST_LABELS ? ` and ${count(labels.length - MOST_LABELS)} more` : '';
  tell(
    `warning: ${plural(examples, 'example')} with a label that the model does not know, which count as wrong: ${listed.join(', ')}${more}`,
  );
}

/** An example as it was read, and what is known of it. */
type WrongCandidate = RawExample & ReadExample;

interface WrongItem {
  /** From 1. */
  readonly item: number;
  /** Where it stands: file and line, or the file. */
  readonly place: string;
  readonly label: string | readonly string[];
  readonly predicted: string | readonly string[];
  readonly score: number;
  readonly text: string;
}

function wrongItems(
  classes: readonly string[],
  examples: readonly WrongCandidate[],
  logits: Float64Array,
  first: number,
): WrongItem[] {
  const count = classes.length;
  return examples.flatMap(({ input, label, place }, i) => {
    const [{ label: predicted, score }] = predictionOf(
      logits.subarray(i * count, (i + 1) * count),
      classes,
      1,
    );
    return predicted === label
      ? []
      : [{ item: first + i + 1, place, label, predicted, score, text: describeInput(input) }];
  });
}

/** The same of answers of any number of labels: those that are not right as a whole; the score is that of the worst label. */
function wrongSets(
  { classes, thresholds }: Classifier,
  examples: readonly WrongCandidate[],
  logits: Float64Array,
  first: number,
): WrongItem[] {
  const rule = setRule(classes, [...thresholds!.values()]);
  return examples.flatMap((example, i) => {
    const own = logits.subarray(i * classes.length, (i + 1) * classes.length);
    const answers = labelPredictionOf(own, rule);
    const given = new Set(labelsIn(example));
    const wrong = answers.filter(({ label, chosen }) => chosen !== given.has(label));
    const missing = [...given].filter((label) => !classes.includes(label));
    if (wrong.length + missing.length === 0) return [];
    const score = wrong.reduce((most, one) => Math.max(most, one.chosen ? one.score : 1 - one.score), 0);
    const { input, place } = example;
    return [
      {
        ...{ item: first + i + 1, place, label: [...given], predicted: answeredOf(answers) },
        ...{ score, text: describeInput(input) },
      },
    ];
  });
}

/** As JSON lines, the most confident first. */
async function writeErrors(path: string, wrong: WrongItem[]): Promise<void> {
  wrong.sort((a, b) => b.score - a.score);
  await writeWhole(path, wrong.map((line) => `${JSON.stringify(line)}\n`).join(''));
  tell(`${plural(wrong.length, 'wrong item')} in ${path}`);
}
