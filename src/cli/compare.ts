/** `eft compare`: models × lengths × seeds on one dataset, a table, results.json and report.html. */
import { join } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { compareResults } from '../comparison/compareResults.js';
import { PAIRING_COSTS, type PairingCost, type PairingScale } from '../comparison/pairing.js';
import { modelsToPair } from '../comparison/pairModels.js';
import type { SplitData } from '../comparison/parts.js';
import { runComparison } from '../comparison/runComparison.js';
import { type DataPlan, holdsSignals, splitDataset } from '../comparison/splitData.js';
import { readingOf } from '../data/applyReading.js';
import type { Dataset } from '../data/dataset.js';
import type { RawSignal } from '../input/reading.js';
import { lengthFor } from '../input/signal.js';
import { processes } from '../jobs/processes/processes.js';
import { settingDefaults, shapeDefaults, threadOptions, trainOptionsSchema } from '../learning/options.js';
import type { ModelName } from '../model/configuration.js';
import { COMPARED_MODELS } from '../model/families/index.js';
import { kindOf, readDataset } from '../readers/dataset.js';
import { renderComparison } from '../report/comparisonTable.js';
import { count, percent, seconds } from '../report/format.js';
import { writePage } from '../report/writePage.js';
import {
  addReaderOptions,
  byteTokenizerFor,
  folderPath,
  learningRate,
  listOf,
  modelName,
  readOptionsOf,
  sequenceLength,
  splitArgument,
  whole,
} from './arguments.js';
import { keepBest } from './best.js';
import { CliCommand, CliOption } from './command.js';
import { addOptions, givenOptions } from './options.js';
import { originNow } from './origin.js';
import { commandLine, interruptSignal, tableOptions, tell, writeOut } from './output.js';
import { requireOutputsApart, requireOwnPage } from './outputs.js';
import { addQueueOptions, openQueue, type QueueOptions } from './queue.js';
import { tellDataset } from './reading.js';
import { allTogether, oneByOne } from './trialProgress.js';

const {
  model: _model,
  sequenceLength: _length,
  seed: _seed,
  learningRate: _rate,
  ...trialOptions
} = trainOptionsSchema.shape;
const DEFAULTS = { tokenizer: 'words', long: 'head' } as const;

interface Options extends QueueOptions, Record<string, unknown> {
  readonly data: string;
  readonly models: ModelName[];
  readonly lengths: number[];
  readonly seeds: number;
  readonly threads?: number;
  readonly out: string;
  readonly split: [number, number, number];
  readonly learningRate?: number | Partial<Record<ModelName, number>>;
  readonly tune?: boolean;
  readonly match: PairingCost[];
  readonly matchBy: PairingScale;
  readonly profile: boolean;
  readonly json?: boolean;
}

function pairingCost(text: string): PairingCost {
  const found = PAIRING_COSTS.find((cost) => cost === text);
  if (found === undefined) throw new InvalidArgumentError(`Costs are ${PAIRING_COSTS.join(', ')}.`);
  return found;
}

/** "0.001", or "elastic-fourier=0.02,standard=0.001". */
function learningRates(text: string): number | Partial<Record<ModelName, number>> {
  if (!text.includes('=')) return learningRate(text);
  const rates: Partial<Record<ModelName, number>> = {};
  for (const part of text.split(',')) {
    const [name, rate = ''] = part.split('=').map((side) => side.trim());
    const model = modelName(name);
    if (rates[model] !== undefined) throw new InvalidArgumentError(`'${model}' is given twice.`);
    rates[model] = learningRate(rate);
  }
  return rates;
}

export function command(): CliCommand {
  const compare = new CliCommand('compare')
    .description('Train several models on the same data, and say which one to use and how sure that is.')
    .usage('--data FILE --out FOLDER [options]')
    .under('Data')
    .option('--data <file>', 'file or folder', 'spam-assassin')
    .more('as for eft train')
    .alsoCalled('file', 'input-file', 'train', 'dataset', 'train-data', 'files')
    .addOption(
      new CliOption('--split <a/b/c>', 'train/validation/test')
        .argParser(splitArgument)
        .default([0.8, 0.1, 0.1], '80/10/10'),
    )
    .more('in per cent, or numbers of examples')
    .alsoCalled('test-size', 'validation', 'val')
    .under('Model')
    .addOption(
      new CliOption('--models <names>', 'models, separated by commas')
        .argParser(listOf(modelName))
        .default(COMPARED_MODELS.text, COMPARED_MODELS.text.join(', ')),
    )
    .more(`for signals by default ${COMPARED_MODELS.signal.join(', ')}`)
    .alsoCalled('model')
    .option('--lengths <n,…>', 'tokens to read of a text', listOf(sequenceLength), [256])
    .more('several lengths are compared; for signals the default is their own length')
    .alsoCalled('seq-len', 'sequence-length', 'max-length', 'length')
    .under('Training')
    .option('--seeds <k>', 'trainings of each model', whole(1, 1000), 1)
    .alsoCalled('seed', 'runs', 'repeats')
    .option('--learning-rate <r>', 'peak learning rate (default: by model)', learningRates)
    .more('one for all models, or some of them: elastic-fourier=0.02,standard=0.001')
    .alsoCalled('lr')
    .option('--tune', 'choose each learning rate on the validation data first')
    .more('from a grid that widens while its end is best')
    .rare()
    .under('Output')
    .requiredOption('--out <folder>', 'folder for trials, results.json and report.html', folderPath)
    .more('finished trials are kept, and the same command continues')
    .alsoCalled('output', 'output-dir', 'save', 'dir')
    .option('--json', 'print results.json instead of words')
    .option('--resume', 'accepted for symmetry with eft train: the command always continues')
    .rare()
    .option('--no-profile', 'do not measure the time by operation after the trials')
    .rare()
    .under('Advanced')
    .option(
      '--match <costs>',
      'also scale the cheaper of two models until both cost the same: parameters, flops, seconds',
      listOf(pairingCost),
      [],
    )
    .rare()
    .addOption(
      new CliOption('--match-by <scale>', 'what grows with --match')
        .choices(['width', 'depth'])
        .default('width'),
    )
    .rare();
  addQueueOptions(compare, 'run the trials');
  addReaderOptions(
    addOptions(
      compare,
      { ...trialOptions, ...threadOptions },
      {
        ...settingDefaults,
        ...shapeDefaults,
        epochs: 'by model',
        ...DEFAULTS,
      },
    ),
  );
  return compare
    .addHelpText(
      'after',
      `
Examples:
  eft compare --data mails.csv --out runs/mails
  eft compare --data reviews.csv --models elastic,linear,bag --seeds 3 --out runs/reviews
  eft compare --data pump --limit 400 --out runs/pump`,
    )
    .action(run);
}

/** Says what the data are; models and lengths suit them where none are named. */
function suited(
  dataset: Dataset,
  { models, lengths }: Options,
  command: CliCommand,
): Pick<Options, 'models' | 'lengths'> {
  tellDataset(dataset, readingOf(dataset));
  if (dataset.kind !== 'signal') return { models, lengths };
  const isDefault = (name: string): boolean => command.getOptionValueSource(name) === 'default';
  const steps = dataset.examples
    .map(({ input }) => input as RawSignal)
    .map(({ values, channels = 1 }) => values.length / channels)
    .sort((a, b) => a - b);
  return {
    models: isDefault('models') ? [...COMPARED_MODELS.signal] : models,
    lengths: isDefault('lengths') ? [Math.max(2, lengthFor(steps))] : lengths,
  };
}

const dividedText = ({ train, validation, test }: SplitData): string =>
  `${count(train.length)} examples to learn from, ${count(validation.length)} to choose by, ${count(test.length)} to test on`;

async function run(options: Options, command: CliCommand): Promise<void> {
  const { out } = options;
  const trial = givenOptions(options, trialOptions);
  const read = readOptionsOf(options);
  const tokens = byteTokenizerFor(read, trial.tokenizer);
  const data: DataPlan = {
    source: options.data,
    // Settled once: it says what every trial reads.
    read: (await kindOf(options.data, read)) === 'signal' ? { ...read, input: 'signal' } : read,
    split: options.split,
  };
  const page = join(out, 'report.html');
  await requireOutputsApart([out, page, join(out, 'results.json')], { data: [options.data] });
  await requireOwnPage(page);
  modelsToPair({ models: options.models, pairings: options.match });
  const dataset = await readDataset(data.source, data.read);
  const parts = await splitDataset(dataset, data.split);
  const { models, lengths } = suited(dataset, options, command);
  const unit = holdsSignals(data) ? 'steps' : 'tokens';
  const { queue } = options;
  const remote = queue === undefined ? undefined : await openQueue(options, queue, out, [options.data]);
  const progress = queue === undefined ? oneByOne() : allTogether('trials');
  const signal = interruptSignal();
  const results = await runComparison(
    {
      folder: out,
      command: commandLine(),
      data,
      models,
      lengths,
      seeds: options.seeds,
      options: { ...DEFAULTS, ...trial, ...tokens },
      learningRate: options.learningRate,
      tune: options.tune ?? false,
      threads: options.threads,
      pairings: options.match,
      pairingScale: options.matchBy,
      // Times of this machine say nothing of the workers'.
      profile: options.profile && queue === undefined,
    },
    remote ?? processes,
    {
      onKept: (count) => tell(`${count} finished trials are kept`),
      onTrial: (trial) => progress.begin(trial),
      onProgress: ({ name, share, note }) => progress.update(name, share, note),
      onTrialDone({ name, test, secondsPerEpoch, cutShare = 0, unknownShare = 0, host }) {
        progress.end(name);
        progress.pause();
        tell(
          `${name}${host === undefined ? '' : ` (${host})`}: test accuracy ${percent(test.accuracy)}, ${seconds(secondsPerEpoch)} an epoch; ${percent(cutShare, 1)} of the test ${unit} are not read${unit === 'steps' ? '' : `, ${percent(unknownShare, 1)} of the validation tokens are not in the vocabulary`}`,
        );
      },
      onFailed(name, error) {
        progress.end(name);
        progress.pause();
        tell(`failed: ${error.message}`);
      },
      onNote(note) {
        progress.pause();
        tell(note);
      },
      onPaired({ name, sequenceLength: n, configuration, target, reached }) {
        const { channels, hidden, blocks } = configuration;
        tell(
          `${name} at ${n} ${unit}: ${channels} channels, hidden ${hidden}, ${blocks} blocks cost ${reached.toPrecision(4)} of ${target.toPrecision(4)}`,
        );
      },
      onTuned({ model, sequenceLength, learningRate, validation }) {
        progress.end(`tune-${model}-${sequenceLength}-${learningRate}`);
        progress.pause();
        tell(
          `tuning ${model}: learning rate ${learningRate} gives validation ${percent(validation.accuracy)}`,
        );
      },
    },
    signal,
    parts,
  ).finally(async () => {
    progress.stop();
    await remote?.close();
  });
  const comparison = compareResults(results);
  const content = { origin: originNow(), results, comparison };
  await writePage(out, [{ name: out, results }], content, parts.test);
  if (options.json) writeOut(`${JSON.stringify({ ...results, skipped: dataset.skipped?.count ?? 0 })}\n`);
  else {
    const read = `Data: ${[dataset.name, dataset.description].filter((part) => part !== '').join('; ')}; ${dividedText(parts)}.`;
    writeOut(`${renderComparison(comparison, { ...tableOptions(), data: read })}\n`);
  }
  await keepBest(out, comparison);
  tell(`page: ${page}; data: ${join(out, 'results.json')}`);
}
