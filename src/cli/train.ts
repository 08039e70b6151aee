/** `eft train`: one model on one dataset, into a run folder. */
import { Command } from 'commander';
import {
  parseTrainOptions,
  settingDefaults,
  shapeDefaults,
  threadOptions,
  trainOptionsSchema,
} from '../classifier/options.js';
import {
  fullShare,
  type Parts,
  type Prepared,
  partsOf,
  prepare,
  unknownShare,
} from '../classifier/prepare.js';
import { trainRun } from '../classifier/run.js';
import { createWasmEngine } from '../engine/wasm/engine.js';
import { RunFolder } from '../formats/runFolder.js';
import { foreignOptions } from '../model/configuration.js';
import { countParameters } from '../model/parameters.js';
import { FolderStore } from '../platform/node/folder.js';
import { type ReadResult, readDataset } from '../readers/read.js';
import { addFieldOptions, type FieldOptions, whole } from './arguments.js';
import { addOptions, givenOptions } from './options.js';
import { interruptSignal, percent, tell } from './output.js';
import { trainingProgress } from './progress.js';

interface Options extends FieldOptions, Record<string, unknown> {
  readonly data: string;
  readonly validation?: string;
  readonly out: string;
  readonly limit?: number;
  readonly threads?: number;
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
    .requiredOption('--out <folder>', 'run folder to write')
    .option(
      '--limit <k>',
      'use k examples only: the first of a file, of folders and built-in data of each class in turn',
      whole(1),
    )
    .option('--resume', 'continue the run in the folder');
  addFieldOptions(addOptions(train, { ...trainOptionsSchema.shape, ...threadOptions }, { ...settingDefaults, ...shapeDefaults }));
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
  const given = givenOptions(options, trainOptionsSchema.shape);
  const settings = parseTrainOptions(given);
  for (const key of foreignOptions({ ...given, model: settings.model })) tell(`note: '${key}' means nothing to ${settings.model}`);
  const folder = new RunFolder(new FolderStore(options.out));
  // Before the data are read, which may take long; the folder is made when training begins.
  await folder.requireMakeable();
  const data = await readDataset(options.data, options);
  const validation =
    options.validation === undefined ? undefined : await readDataset(options.validation, options);
  const parts = partsOf(data, validation);
  const prepared = prepare(parts, settings);
  tellPrepared(data, parts, prepared);
  const engine = await createWasmEngine(options.threads === undefined ? {} : { threads: options.threads });
  const progress = trainingProgress(prepared.settings.epochs);
  try {
    const { state, peakMemoryBytes } = await trainRun({
      engine,
      folder,
      ...prepared,
      data: { name: options.data, examples: parts.train.length },
      signal: interruptSignal(),
      ...(options.resume ? { resume: true } : {}),
      onResume: ({ step, epoch }) => tell(`continuing after step ${step} (${epoch} epochs finished)`),
      hooks: progress,
    });
    tell(
      `best epoch ${state.bestEpoch}; peak memory ${(peakMemoryBytes / 1e6).toFixed(0)} MB, ${engine.threads} threads, ${engine.tier}; saved in ${options.out}`,
    );
  } finally {
    progress.stop();
    await engine.dispose();
  }
}

/** What was read and made of it, before the training that may take long. */
function tellPrepared(
  { name, fields }: ReadResult,
  { train, validation }: Parts,
  prepared: Prepared,
): void {
  const { classes, encoder, model } = prepared;
  const { sequenceLength } = model;
  const used = fields === undefined ? '' : `, text '${fields.text}', label '${fields.label}'`;
  tell(`${name}: ${train.length} training and ${validation.length} validation examples${used}`);
  tell(`classes: ${classes.join(', ')}`);
  const full = percent(fullShare(prepared.train, model));
  const unknown = percent(unknownShare(validation, encoder, sequenceLength));
  tell(
    `${model.model}, ${sequenceLength} tokens: ${countParameters(model).toLocaleString('en')} parameters; ${full} of the texts fill the length or are cut to it; the vocabulary misses ${unknown} of the validation tokens`,
  );
}
