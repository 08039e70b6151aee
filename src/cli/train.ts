/** `eft train`: one model on one dataset, into a run folder. */
import { Command } from 'commander';
import { trainRun } from '../classifier/run.js';
import { requireClasses } from '../data/classes.js';
import { encodeDataset } from '../data/encode.js';
import { splitByShares } from '../data/split.js';
import { createWasmEngine } from '../engine/wasm/engine.js';
import { RunFolder } from '../formats/runFolder.js';
import { learnTokenizer } from '../input/learn.js';
import { configureModel, type ModelName } from '../model/configuration.js';
import { countParameters } from '../model/parameters.js';
import { readDataset } from '../readers/read.js';
import { DEFAULT_LEARNING_RATES, trainingSettingsSchema } from '../training/settings.js';
import {
  addFieldOptions,
  addShapeOptions,
  addTrainingOptions,
  type FieldOptions,
  learningRate,
  modelName,
  type ShapeOptions,
  sequenceLength,
  shapeOf,
  type TrainingOptions,
  whole,
} from './arguments.js';
import { interruptSignal, percent, seconds, tell } from './output.js';
import { createProgress } from './progress.js';

/** Share of the data that is kept apart for validation if no other file is named. */
const VALIDATION_SHARE = 0.1;

interface Options extends ShapeOptions, FieldOptions, TrainingOptions {
  readonly data: string;
  readonly validation?: string;
  readonly model: ModelName;
  readonly seqLen: number;
  readonly epochs: number;
  readonly seed: number;
  readonly out: string;
  readonly limit?: number;
  readonly learningRate?: number;
  readonly patience: number;
  readonly resume?: boolean;
}

export function command(): Command {
  const train = new Command('train')
    .description('Train one model on labelled texts; the best epoch by validation accuracy is kept.')
    .requiredOption(
      '--data <file>',
      'CSV, TSV, JSONL, text (all also .gz), a folder of files by class, or spam-assassin',
    )
    .option('--validation <file>', 'validation data (default: 10 % of the data, by content hash)')
    .option('--model <name>', 'elastic-fourier, standard or bag', modelName, 'elastic-fourier')
    .option('--seq-len <n>', 'tokens a model takes; longer texts are cut', sequenceLength, 512)
    .option('--epochs <e>', 'passes over the data', whole(1, 100_000), 5)
    .option('--seed <s>', 'decides initial weights, order and dropout', whole(0, 0x7fffffff), 0)
    .requiredOption('--out <folder>', 'run folder to write')
    .option(
      '--limit <k>',
      'use k examples only: the first of a file, of folders and built-in data of each class in turn',
      whole(1),
    )
    .option('--learning-rate <r>', 'peak of the schedule (default: each model its own)', learningRate)
    .option('--patience <e>', 'stop after so many epochs without a better one; 0 = never', whole(0), 0)
    .option('--resume', 'continue the run in the folder');
  addFieldOptions(addShapeOptions(addTrainingOptions(train)));
  return train
    .addHelpText(
      'after',
      `
Examples:
  eft train --data spam-assassin --model elastic-fourier --seq-len 256 --epochs 3 --out runs/spam
  eft train --data reviews.csv.gz --text-field review --label-field stars --out runs/reviews
  eft train --data reviews.csv.gz --out runs/reviews --resume`,
    )
    .action(run);
}

async function run(options: Options): Promise<void> {
  const folder = new RunFolder(options.out);
  // Before the data are read, which may take long; the folder is made when training begins.
  await folder.requireMakeable();
  const data = await readDataset(options.data, options);
  const classes = requireClasses(data);
  const validationData =
    options.validation === undefined ? undefined : await readDataset(options.validation, options);
  const [train, validation] = validationData
    ? [data.examples, validationData.examples]
    : splitByShares(data.examples, [1 - VALIDATION_SHARE, VALIDATION_SHARE]);
  const { vocabulary, ngrams, buckets } = shapeOf(options, options.model);
  const tokenizer = learnTokenizer(
    train.map(({ text }) => text),
    { kind: options.tokenizer, vocabulary, ngrams, buckets },
  );
  const model = configureModel({
    ...shapeOf(options, options.model),
    vocabulary: tokenizer.vocabulary,
    buckets: tokenizer.buckets,
    model: options.model,
    sequenceLength: options.seqLen,
    classes: classes.length,
  });
  const settings = trainingSettingsSchema.parse({
    epochs: options.epochs,
    batchSize: options.batchSize,
    seed: options.seed,
    learningRate: options.learningRate ?? DEFAULT_LEARNING_RATES[options.model],
    weightDecay: options.weightDecay,
    clipNorm: options.clipNorm,
    warmupShare: options.warmup,
    patience: options.patience,
  });
  const encoded = encodeDataset(data.name, train, classes, tokenizer, options.seqLen);
  const encodedValidation = encodeDataset(
    validationData?.name ?? data.name,
    validation,
    classes,
    tokenizer,
    options.seqLen,
  );
  const fields =
    data.fields === undefined ? '' : `, text '${data.fields.text}', label '${data.fields.label}'`;
  tell(`${data.name}: ${train.length} training and ${validation.length} validation examples${fields}`);
  tell(`classes: ${classes.join(', ')}`);
  // With n-grams, a text of n tokens has n − 1 pairs, n − 2 triples… besides.
  let most = 0;
  for (let order = 0; order < model.ngrams; order++) most += options.seqLen - order;
  const full = train.filter((_, i) => encoded.offsets[i + 1] - encoded.offsets[i] >= most).length;
  let known = 0;
  for (const { text } of validation) known += tokenizer.knownShare(text, options.seqLen);
  tell(
    `${options.model}, ${options.seqLen} tokens: ${countParameters(model).toLocaleString('en')} parameters; ${percent(full / train.length)} of the texts fill the length or are cut to it; the vocabulary misses ${percent(1 - known / validation.length)} of the validation tokens`,
  );
  const engine = await createWasmEngine(options.threads === undefined ? {} : { threads: options.threads });
  let progress: ReturnType<typeof createProgress> | undefined;
  try {
    const { state, peakMemoryBytes } = await trainRun({
      engine,
      folder,
      model,
      classes,
      tokenizer,
      settings,
      train: encoded,
      validation: encodedValidation,
      data: { name: options.data, examples: train.length },
      signal: interruptSignal(),
      ...(options.resume ? { resume: true } : {}),
      onResume: ({ step, epoch }) => tell(`continuing after step ${step} (${epoch} epochs finished)`),
      hooks: {
        onStep({ epoch, batch, batches, loss }) {
          progress ??= createProgress({ label: `epoch ${epoch}/${options.epochs}`, total: batches });
          progress.update(batch, `loss ${loss.toFixed(4)}`);
        },
        onEpoch({ epoch, seconds: time, trainLoss, validation: score }, best) {
          progress?.stop();
          progress = undefined;
          tell(
            `epoch ${epoch}/${options.epochs}  ${seconds(time)}  loss ${trainLoss.toFixed(4)}  validation ${percent(score.accuracy)}, loss ${score.loss.toFixed(4)}${best ? '  best' : ''}`,
          );
        },
      },
    });
    tell(
      `best epoch ${state.bestEpoch}; peak memory ${(peakMemoryBytes / 1e6).toFixed(0)} MB, ${engine.threads} threads, ${engine.tier}; saved in ${options.out}`,
    );
  } finally {
    progress?.stop();
    await engine.dispose();
  }
}
