/** `eft predict`: labels texts with a trained model, one line an input, in order. */
import { InvalidArgumentError } from 'commander';
import type { RawExample } from '../data/dataset.js';
import { SkipList } from '../data/skipped.js';
import { InputError, InterruptedError } from '../errors.js';
import { type Answer, OUTPUTS, type Output, outputFormat } from '../inference/batch/answer.js';
import { answerFiles } from '../inference/batch/answerFile.js';
import { columnsAsked, type Keep } from '../inference/batch/answerTable.js';
import { predictionRequest } from '../inference/batch/request.js';
import { Classifier } from '../inference/classifier.js';
import { EXPLAINING } from '../inference/explanation.js';
import { FORWARD_BATCH } from '../inference/forwardQueue.js';
import { inPortions } from '../inference/portions.js';
import type { Input } from '../input/input.js';
import { cutShareOf } from '../input/long.js';
import { loadOptions } from '../learning/options.js';
import { openItems } from '../readers/dataset.js';
import { disk } from '../readers/disk/disk.js';
import { count } from '../report/format.js';
import { type AnswerSink, fileOutput, standardOutput } from './answers.js';
import { addReaderOptions, folderPath, readingChangesOf, readOptionsOf, whole } from './arguments.js';
import { CliCommand, CliOption } from './command.js';
import { addCorpusOptions, type CorpusOptions, isCorpus, predictIntoFolder } from './corpus.js';
import { warnOfCut } from './cut.js';
import { addOptions, givenOptions } from './options.js';
import { interruptSignal, tell } from './output.js';
import { requireOutputsApart } from './outputs.js';
import { createProgress } from './progress.js';
import { tellRead, tellSkipped } from './reading.js';

interface Options extends CorpusOptions, Record<string, unknown> {
  readonly data?: readonly string[];
  readonly topK?: number;
  readonly explain?: boolean;
  readonly output?: Output;
  readonly out?: string;
  readonly keep: Keep;
  readonly after: number;
}

/** Pieces that --explain gives. */
const MOST_EVIDENCE = 10;

/** Says what should be known before the answers are trusted. */
export function warnOf(path: string, { epoch, warnings }: Classifier): void {
  if (epoch === 0) tell(`warning: ${path} has not finished an epoch yet: its weights are untrained`);
  for (const warning of warnings) tell(`warning: ${warning}`);
}

/** What reads more of long texts, besides windows. */
export const READ_MORE = 'so does, up to its length, a model trained with a greater --seq-len';

/** "id,label", or "all". */
function keptFields(text: string): Keep {
  const names = [...new Set(text.split(',').map((name) => name.trim()))].filter((name) => name !== '');
  if (names.length === 0)
    throw new InvalidArgumentError('It names fields, with commas between them, or all.');
  return names.includes('all') ? 'all' : names;
}

export function command(): CliCommand {
  const predict = new CliCommand('predict')
    .description(
      'Label texts or signals: the argument, files, or standard input (a text a line). Answers are JSON lines, in order.',
    )
    .argument('<run>', 'run folder')
    .argument('[text]', 'one text')
    .under('Data')
    .option('--data <path...>', 'texts or signals as for eft train, without labels; - for a pipe')
    .alsoCalled('file', 'input-file', 'test', 'files')
    .under('Output')
    .option('--top-k <k>', 'only the k most probable classes', whole(1))
    .option('--explain', `also the ${MOST_EVIDENCE} words that weighed most`)
    .more(`words and n-grams, with their evidence by class, for ${EXPLAINING.join(', ')}`)
    .addOption(
      new CliOption(
        '--output <format>',
        'jsonl, csv, parquet or labels (default: by the name of --out)',
      ).choices(OUTPUTS),
    )
    .more(
      'jsonl has label, score and all scores, and is the default of a pipe; csv and parquet have label and score, with --top-k those of the k best; labels has the label alone',
    )
    .option('--out <place>', 'write the answers to this file, or into this folder', folderPath)
    .more(
      'a file appears whole; until then answers are kept in <file>.part, and the same command continues where it was stopped. In a folder (or a name that ends with /) each input file has its answers in a file of its own, and manifest.json has counts and hashes; what is finished is kept',
    )
    .alsoCalled('output-file', 'save')
    .option('--keep <fields>', 'columns of the input to repeat in the answers, or all', keptFields, [])
    .more('separated by commas; a field of the answer with the same name is then called predicted_<name>')
    .option('--after <row>', 'start after this row of the input', whole(0), 0)
    .rare();
  addCorpusOptions(predict);
  return addReaderOptions(addOptions(predict, loadOptions), ['labelField', 'limit'])
    .addHelpText(
      'after',
      `
Examples:
  eft predict runs/spam "Win a free cruise now!"
  eft predict runs/spam --data mails.csv --text-field body --keep id --out labels.csv
  eft predict runs/spam --data 'corpus/*.jsonl.gz' --out labels/
  eft predict runs/digits --data 'new/*.wav' --output labels
  cat lines.txt | eft predict runs/spam`,
    )
    .action(run);
}

async function run(path: string, text: string | undefined, options: Options): Promise<void> {
  if (text !== undefined && options.data !== undefined) {
    throw new InputError('give a text or --data, not both');
  }
  if (await isCorpus(options)) return predictIntoFolder(path, text, options);
  const { data: named = ['-'] } = options;
  await requireOutputsApart(options.out === undefined ? [1] : answerFiles(options.out), {
    data: text === undefined ? named : [],
    runs: [path],
  });
  const output = outputFormat(options.output, options.out);
  if (options.explain !== undefined && output !== 'jsonl') {
    throw new InputError('--explain needs --output jsonl: other formats have no room for evidence');
  }
  const classifier = await Classifier.load(path, {
    ...givenOptions(options, loadOptions),
    reading: readingChangesOf(options),
  });
  const { keep, topK, out, after } = options;
  const request = { keep, ...columnsAsked(classifier, topK), marks: classifier.marks };
  let sink: AnswerSink | undefined;
  // Answers on the terminal are progress enough.
  const progress =
    out === undefined && process.stdout.isTTY ? undefined : createProgress({ label: 'answers' });
  const started = performance.now();
  let written = 0;
  let lastRow = after;
  try {
    warnOf(path, classifier);
    sink =
      out === undefined
        ? standardOutput(output, request, after)
        : await fileOutput(out, await predictionRequest(path, text, options), output, request);
    const { before } = sink;
    lastRow = Math.max(after, before.after);
    const signal = out === undefined ? undefined : interruptSignal();
    if (
      classifier.inputKind !== 'signal' &&
      text === undefined &&
      options.data === undefined &&
      process.stdin.isTTY
    ) {
      tell('reading texts from the keyboard, one a line; Ctrl-D ends');
    }
    const items = itemsOf(classifier, text, { ...options, after: lastRow });
    for await (const answer of answers(classifier, items, options)) {
      await sink.add(answer);
      written++;
      if (written % FORWARD_BATCH === 0) {
        progress?.update(
          written,
          `${count(Math.round((1000 * written) / (performance.now() - started)))} a second`,
        );
      }
      lastRow = answer.row;
      if (signal?.aborted) {
        throw new InterruptedError(sink.onFault(before.count + written, lastRow));
      }
    }
    await sink.finish();
  } catch (error) {
    progress?.stop();
    if (error instanceof InputError && written > 0) {
      tell(sink!.onFault(sink!.before.count + written, lastRow));
    }
    throw error;
  } finally {
    progress?.stop();
    await sink?.close();
    await classifier.dispose();
  }
}

/** What is to be predicted, one after the other, as the model reads it. */
async function* itemsOf(
  classifier: Classifier,
  text: string | undefined,
  options: Options,
): AsyncGenerator<RawExample & { readonly input: Input }> {
  const { data = ['-'], keep, after } = options;
  const how = classifier.readOptions(readOptionsOf(options));
  const piped = text === undefined && data.length === 1 && data[0] === '-';
  if ((piped || text !== undefined) && classifier.inputKind === 'signal') {
    throw new InputError('this model takes signals: name their files with --data');
  }
  if (text !== undefined) {
    const input = classifier
      .readingPass(new SkipList(undefined))
      .read({ input: text, place: 'the argument' });
    if (after < 1 && input !== undefined) yield { input, place: 'the argument', row: 1 };
    return;
  }
  const from = piped ? disk.pipeSource('standard input', process.stdin) : data;
  const stream = await openItems(from, { ...how, labelled: false, keep, after });
  yield* classifier.readingPass(stream.skipped).all(stream);
  if (piped) tellSkipped(stream.skipped.result);
  else tellRead(stream);
}

/** What inputs and their parts are called. */
const NOUNS = { text: 'texts', bytes: 'inputs', signal: 'signals' } as const;
const UNITS = { text: 'tokens', bytes: 'bytes', signal: 'steps' } as const;

async function* answers(
  classifier: Classifier,
  items: AsyncIterable<RawExample & { readonly input: Input }>,
  { topK, explain }: Options,
): AsyncGenerator<Answer> {
  let unknown = 0;
  let [tokens, read] = [0, 0];
  yield* inPortions(items, FORWARD_BATCH, async (portion) =>
    Promise.all(
      portion.map(async ({ input, place, row, file, kept = file === undefined ? {} : { place } }) => {
        const { prediction: scores, labels, extent, known } = await classifier.answerRead(input, { topK });
        if (!known && unknown++ < 3) {
          tell(`warning: ${place}: the model knows no word of this text; its label says nothing`);
        }
        tokens += extent.tokens;
        read += extent.read;
        const answer = {
          ...{ row, ...(file === undefined ? {} : { file }), kept },
          ...(labels === undefined ? {} : { labels }),
          scores,
        };
        return explain ? { ...answer, evidence: await evidenceOf(classifier, input, labels) } : answer;
      }),
    ),
  );
  const { configuration, reading } = classifier;
  const cut = { share: cutShareOf({ tokens, read }), sequenceLength: configuration.sequenceLength };
  const noun = NOUNS[classifier.inputKind];
  warnOfCut(`these ${noun}`, { ...cut, long: reading.long, unit: UNITS[classifier.inputKind] }, READ_MORE);
  if (unknown > 3) tell(`warning: ${unknown} ${noun} in all have no word that the model knows`);
}

/** @param asked of any number of labels, those that are answered: evidence for all would be much */
async function evidenceOf(
  classifier: Classifier,
  input: Input,
  asked: readonly string[] | undefined,
): Promise<NonNullable<Answer['evidence']>> {
  const found = await classifier.explainRead(input);
  const shown = asked === undefined || asked.length === 0 ? classifier.classes : asked;
  return found.slice(0, MOST_EVIDENCE).map((piece) => ({
    text: piece.text,
    evidence: Object.fromEntries(
      shown.map((name) => [name, Number(piece.evidence[classifier.classes.indexOf(name)].toFixed(4))]),
    ),
  }));
}
