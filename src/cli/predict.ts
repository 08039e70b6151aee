/** `eft predict`: labels texts with a trained model, one line an input, in order. */
import { Command, Option } from 'commander';
import { Classifier } from '../classifier/classifier.js';
import { loadOptions } from '../classifier/options.js';
import type { Prediction } from '../classifier/prediction.js';
import { inPortions } from '../classifier/stream.js';
import { InputError } from '../errors.js';
import type { Input } from '../input/input.js';
import { cutShareOf } from '../input/long.js';
import { MODEL_NAMES } from '../model/configuration.js';
import { familyOf } from '../model/families/index.js';
import { readTexts, type TextToPredict } from '../readers/read.js';
import { readSignalsToPredict } from '../readers/signals/read.js';
import { count } from '../report/format.js';
import { FORWARD_BATCH } from '../training/forward.js';
import { addReaderOptions, howRead, readOptionsOf, whole } from './arguments.js';
import { warnOfCut } from './cut.js';
import { addOptions, givenOptions } from './options.js';
import { tell, writeOutGently } from './output.js';
import { createProgress } from './progress.js';

const OUTPUTS = ['jsonl', 'csv', 'labels'] as const;

interface Options extends Record<string, unknown> {
  readonly data?: readonly string[];
  readonly topK?: number;
  readonly explain?: boolean;
  readonly output: (typeof OUTPUTS)[number];
  readonly keep: readonly string[];
  readonly after: number;
}

/** A text or a signal with what is said of it. */
interface Answer {
  readonly item: Item;
  readonly scores: Prediction;
  /** What decided, largest first: the text of each piece, and its evidence by class. */
  readonly evidence?: readonly {
    readonly text: string;
    readonly evidence: Readonly<Record<string, number>>;
  }[];
}

/** Pieces that --explain gives. */
const MOST_EVIDENCE = 10;

/** Says what should be known before the answers are trusted. */
export function warnOf(path: string, { epoch, warnings }: Classifier): void {
  if (epoch === 0)
    tell(`warning: ${path} has not finished an epoch yet: these are its untrained first weights`);
  for (const warning of warnings) tell(`warning: ${warning}`);
}

/** What reads more of long texts, besides windows. */
export const READ_MORE = 'so does, up to its length, a model trained with a greater --seq-len';

const explaining = MODEL_NAMES.filter(
  (model) => familyOf({ model }).evidence ?? familyOf({ model }).linearPath,
);

export function command(): Command {
  const predict = new Command('predict')
    .description(
      'Label texts: the argument, files, or standard input (a text a line). JSON lines out, in order.',
    )
    .argument('<run>', 'run folder')
    .argument('[text]', 'one text')
    .option(
      '--data <path...>',
      'texts or signals, in any format that eft train reads, labels not needed; - for texts from standard input',
    )
    .option('--top-k <k>', 'only the k most probable classes', whole(1))
    .option(
      '--explain',
      `also the ${MOST_EVIDENCE} words and n-grams that weighed most, with their evidence by class (${explaining.join(', ')})`,
    )
    .addOption(
      new Option(
        '--output <format>',
        'jsonl: label, score and all scores; csv: label and score; labels: no more',
      )
        .choices(OUTPUTS)
        .default('jsonl'),
    )
    .option(
      '--keep <fields>',
      'fields of the input to give along, with commas',
      (text) => text.split(','),
      [],
    )
    .option('--after <row>', 'go on behind this row of the input', whole(0), 0);
  return addReaderOptions(addOptions(predict, loadOptions))
    .addHelpText(
      'after',
      `
Examples:
  eft predict runs/spam "Win a free cruise now!"
  eft predict runs/spam --explain "Win a free cruise now!"
  eft predict runs/spam --data mails.csv --text-field body --output csv --keep id > labels.csv
  cat lines.txt | eft predict runs/spam
  eft predict runs/digits --data 'new/*.wav' --output labels`,
    )
    .action(run);
}

async function run(path: string, text: string | undefined, options: Options): Promise<void> {
  if (text !== undefined && options.data !== undefined) {
    throw new InputError('give a text or --data, not both');
  }
  if (options.explain !== undefined && options.output !== 'jsonl') {
    throw new InputError('--explain needs --output jsonl: other formats have no room for evidence');
  }
  const classifier = await Classifier.load(path, givenOptions(options, loadOptions));
  // Answers on the terminal are progress enough.
  const progress = process.stdout.isTTY ? undefined : createProgress({ label: 'answers' });
  const started = performance.now();
  let written = 0;
  let lastRow = options.after;
  try {
    warnOf(path, classifier);
    if (
      classifier.takes === 'text' &&
      text === undefined &&
      options.data === undefined &&
      process.stdin.isTTY
    ) {
      tell('reading texts from the keyboard, one a line; Ctrl-D ends');
    }
    if (options.output === 'csv') await writeOutGently(csvLine([...options.keep, 'label', 'score']));
    for await (const answer of answers(classifier, itemsOf(classifier, text, options), options)) {
      await writeOutGently(lineOf(answer, options));
      written++;
      if (written % FORWARD_BATCH === 0) {
        progress?.update(
          written,
          `${count(Math.round((1000 * written) / (performance.now() - started)))} a second`,
        );
      }
      lastRow = answer.item.row;
    }
  } catch (error) {
    progress?.stop();
    if (error instanceof InputError && written > 0) {
      tell(`${count(written)} answers are written, up to row ${lastRow}: go on with --after ${lastRow}`);
    }
    throw error;
  } finally {
    progress?.stop();
    await classifier.dispose();
  }
}

/** What is to be predicted: a text, or a signal. */
type Item = Omit<TextToPredict, 'text'> & { readonly input: Input };

async function* itemsOf(
  classifier: Classifier,
  text: string | undefined,
  options: Options,
): AsyncGenerator<Item> {
  if (classifier.takes === 'text') {
    for await (const { text: input, ...item } of textsOf(text, classifier, options)) yield { ...item, input };
    return;
  }
  const { data, keep, after } = options;
  if (text !== undefined || data === undefined) {
    throw new InputError('this model takes signals: name their files with --data');
  }
  if (keep.length > 0) throw new InputError('--keep gives fields of texts along; signals have none');
  const how = readOptionsOf({ ...howRead(classifier.reading), ...options });
  for await (const { signal, place, row } of readSignalsToPredict(data, how)) {
    if (row > after) yield { input: signal, place, row, kept: { place } };
  }
}

function textsOf(
  text: string | undefined,
  { reading }: Classifier,
  options: Options,
): AsyncIterable<TextToPredict> {
  if (text !== undefined) {
    return (async function* () {
      yield { text, place: 'the argument', row: 1 };
    })();
  }
  const { data = ['-'], keep, after } = options;
  return readTexts(data.length === 1 && data[0] === '-' ? process.stdin : data, {
    ...readOptionsOf({ ...howRead(reading), ...options }),
    keep,
    after,
  });
}

async function* answers(
  classifier: Classifier,
  items: AsyncIterable<Item>,
  { topK, explain }: Options,
): AsyncGenerator<Answer> {
  let unknown = 0;
  let [tokens, read] = [0, 0];
  yield* inPortions(items, FORWARD_BATCH, async (portion) => {
    for (const { input, place } of portion) {
      const extent = classifier.extentOf(input);
      tokens += extent.tokens;
      read += extent.read;
      if (classifier.knows(input) || unknown++ >= 3) continue;
      tell(`warning: ${place}: the model knows no word of this text; its label says nothing`);
    }
    const predictions = await classifier.predict(
      portion.map(({ input }) => input),
      { topK },
    );
    return Promise.all(
      portion.map(async (item, i) => {
        const evidence = explain ? { evidence: await evidenceOf(classifier, item.input) } : {};
        return { item, scores: predictions[i], ...evidence };
      }),
    );
  });
  const { configuration, reading } = classifier;
  const cut = { share: cutShareOf({ tokens, read }), sequenceLength: configuration.sequenceLength };
  warnOfCut('these texts', { ...cut, long: reading.long }, READ_MORE);
  if (unknown > 3) tell(`warning: ${unknown} texts in all have no word that the model knows`);
}

async function evidenceOf(classifier: Classifier, input: Input): Promise<NonNullable<Answer['evidence']>> {
  const found = await classifier.explain(input);
  return found.slice(0, MOST_EVIDENCE).map((piece) => ({
    text: piece.text,
    evidence: Object.fromEntries(
      classifier.classes.map((name, c) => [name, Number(piece.evidence[c].toFixed(4))]),
    ),
  }));
}

function lineOf({ item: { kept = {} }, scores, evidence }: Answer, { output, keep }: Options): string {
  const [{ label, score }] = scores;
  if (output === 'labels') return `${label}\n`;
  if (output === 'csv')
    return csvLine([...keep.map((field) => String(kept[field] ?? '')), label, String(score)]);
  return `${JSON.stringify({ ...kept, label, score, scores, evidence })}\n`;
}

/** RFC 4180. */
function csvLine(fields: readonly string[]): string {
  const quoted = fields.map((field) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field));
  return `${quoted.join(',')}\n`;
}
