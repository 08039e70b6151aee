/** `eft compare`: models × lengths × seeds on one dataset, a table, results.json and report.html. */
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { compareResults } from '../comparison/compareResults.js';
import { PAIRING_COSTS, type PairingCost, type PairingScale } from '../comparison/pairing.js';
import { modelsToPair } from '../comparison/pairModels.js';
import { COMPARISON_EPOCHS } from '../comparison/parts.js';
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
import { percent, seconds } from '../report/format.js';
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
  patience: _patience,
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

export function command(): Command {
  const compare = new Command('compare')
    .description(
      'Train several models on the same texts or signals and report, with intervals, which one is best at which length.',
    )
    .option('--data <file>', 'labelled texts as for eft train, or a built-in dataset', 'spam-assassin')
    .option('--models <names>', 'models, with commas', listOf(modelName), COMPARED_MODELS.text)
    .option('--lengths <n,…>', 'sequence lengths', listOf(sequenceLength), [256])
    .option('--seeds <k>', 'trainings of each model at each length', whole(1, 1000), 1)
    .requiredOption(
      '--out <folder>',
      'where trials, results.json and report.html go; finished trials are kept',
      folderPath,
    )
    .option('--split <a/b/c>', 'train/validation/test, per cent or examples', splitArgument, [0.8, 0.1, 0.1])
    .option(
      '--learning-rate <r>',
      'one peak rate for all models, or some of them: elastic-fourier=0.02,standard=0.001 (default: each model its own)',
      learningRates,
    )
    .option(
      '--tune',
      'choose each rate on the validation split first, from a grid that widens while its end is best',
    )
    .option(
      '--match <costs>',
      'also scale the cheaper of two models until it costs what the other does: parameters, flops, seconds',
      listOf(pairingCost),
      [],
    )
    .addOption(
      new Option('--match-by <scale>', 'what grows with --match')
        .choices(['width', 'depth'])
        .default('width'),
    )
    .option('--no-profile', 'leave out the time by operation, which is measured after the trials')
    .option('--resume', 'for symmetry with eft train: the command always continues what the folder holds')
    .option('--json', 'print results.json instead of the table');
  addQueueOptions(compare, 'have the trials run');
  addReaderOptions(
    addOptions(
      compare,
      { ...trialOptions, ...threadOptions },
      {
        ...settingDefaults,
        ...shapeDefaults,
        epochs: `${COMPARISON_EPOCHS}; models with a recipe of their own: that`,
        ...DEFAULTS,
      },
    ),
  );
  return compare
    .addHelpText(
      'after',
      `
Examples:
  eft compare --out runs/mails
  eft compare --data spam-assassin --lengths 256,512,1024 --seeds 3 --out runs/lengths
  eft compare --data reviews.csv --models elastic-fourier,bag --tune --out runs/reviews
  eft compare --match parameters,flops,seconds --out runs/fair
  eft compare --data reviews.csv --seeds 5 --queue redis://127.0.0.1:6379 --out runs/many
  eft worker redis://127.0.0.1:6379 --root .`,
    )
    .action(run);
}

/** Says what the data are; models and lengths suit them where none are named. */
function suited(
  dataset: Dataset,
  { models, lengths }: Options,
  command: Command,
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

async function run(options: Options, command: Command): Promise<void> {
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
          `${name}${host === undefined ? '' : ` (${host})`}: test accuracy ${percent(test.accuracy)}, ${seconds(secondsPerEpoch)} an epoch; ${percent(cutShare, 1)} of the test ${unit} are not read${unit === 'steps' ? '' : `, the vocabulary misses ${percent(unknownShare, 1)} of the validation tokens`}`,
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
  else writeOut(`${renderComparison(comparison, tableOptions())}\n`);
  await keepBest(out, comparison);
  tell(`page: ${page}; data: ${join(out, 'results.json')}`);
}
