/** Parsers of option values: each says what is wrong with a value and what would be right. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { MODEL_NAMES, type ModelName } from '../model/configuration.js';
import { FORMATS } from '../readers/options.js';

/** A whole number from `least` to `most`. */
export function whole(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least && value <= most) return value;
    const range = most === Number.MAX_SAFE_INTEGER ? `≥ ${least}` : `from ${least} to ${most}`;
    throw new InvalidArgumentError(`It must be a whole number ${range}.`);
  };
}

/** A number from `least` (itself only if `inclusive`) to `most`. */
export function real(least: number, most: number, inclusive = true): (text: string) => number {
  return (text) => {
    const value = Number(text);
    const enough = inclusive ? value >= least : value > least;
    if (text.trim() !== '' && Number.isFinite(value) && enough && value <= most) return value;
    throw new InvalidArgumentError(
      `It must be a number ${inclusive ? 'from' : 'above'} ${least} up to ${most}.`,
    );
  };
}

/** Several values with commas between them, none twice. */
export function listOf<T>(one: (text: string) => T): (text: string) => T[] {
  return (text) => {
    const values = text.split(',').map((part) => one(part.trim()));
    const repeated = values.find((value, i) => values.indexOf(value) !== i);
    if (repeated !== undefined) throw new InvalidArgumentError(`'${repeated}' stands twice.`);
    return values;
  };
}

export function modelName(text: string): ModelName {
  const found = MODEL_NAMES.find((name) => name === text);
  if (found === undefined) throw new InvalidArgumentError(`Models are ${MODEL_NAMES.join(', ')}.`);
  return found;
}

/** The shortest sequence length that has a transform. */
export const sequenceLength = whole(2, 1_048_576);

export const threads = whole(1, 8);

/** Options that change a model's shape; absent ones keep the preset. */
export interface ShapeOptions {
  readonly channels?: number;
  readonly hidden?: number;
  readonly blocks?: number;
  readonly heads?: number;
  readonly vocabulary?: number;
  readonly ngrams?: number;
  readonly buckets?: number;
  readonly dropout?: number;
  readonly labelSmoothing?: number;
}

export function addShapeOptions(command: Command): Command {
  return command
    .option('--channels <d>', 'width of the model (default: 32)', whole(1, 4096))
    .option('--hidden <h>', 'width of the feed-forward layers (default: 128)', whole(1, 65536))
    .option('--blocks <b>', 'number of blocks (default: 8)', whole(0, 256))
    .option('--heads <k>', 'heads of attention (default: 4)', whole(1, 256))
    .option('--vocabulary <v>', 'most frequent words that have an id (default: 10000)', whole(2, 100_000_000))
    .option('--ngrams <n>', 'bag: longest n-gram (default: 1)', whole(1, 5))
    .option(
      '--buckets <b>',
      'bag: rows for hashed n-grams (default: 131072 with --ngrams)',
      whole(1, 100_000_000),
    )
    .option('--dropout <p>', 'dropout rate (default: 0)', real(0, 0.95))
    .option('--label-smoothing <s>', 'label smoothing (default: 0)', real(0, 0.95));
}

/** The shape options that were given, as far as they mean something for the model. */
export function shapeOf(options: ShapeOptions, model: ModelName): Partial<ShapeOptions> {
  const { channels, hidden, blocks, heads, vocabulary, dropout, labelSmoothing } = options;
  const ngrams = model === 'bag' ? (options.ngrams ?? 1) : 1;
  const buckets = ngrams > 1 ? (options.buckets ?? 131_072) : 0;
  const given = { channels, hidden, blocks, heads, vocabulary, ngrams, buckets, dropout, labelSmoothing };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** A peak learning rate. */
export const learningRate = real(0, 10, false);

/** How any model is trained. */
export interface TrainingOptions {
  readonly threads?: number;
  readonly tokenizer: 'words' | 'bytes';
  readonly batchSize: number;
  readonly weightDecay: number;
  readonly clipNorm: number;
  readonly warmup: number;
}

export function addTrainingOptions(command: Command): Command {
  return command
    .option('--threads <t>', 'worker threads (default: one a core, at most 8)', threads)
    .addOption(
      new Option('--tokenizer <kind>', 'what a token is').choices(['words', 'bytes']).default('words'),
    )
    .option('--batch-size <b>', 'sequences a step', whole(1, 65_536), 32)
    .option('--weight-decay <w>', 'AdamW weight decay', real(0, 1), 0.01)
    .option('--clip-norm <c>', 'largest norm of the gradient; 0 = off', real(0, 1e9), 1)
    .option('--warmup <share>', 'share of the steps in which the learning rate rises', real(0, 1), 0.1);
}

export interface FieldOptions {
  readonly textField?: string;
  readonly labelField?: string;
  readonly format?: (typeof FORMATS)[number];
}

export function addFieldOptions(command: Command): Command {
  return command
    .option('--text-field <name>', 'field that holds the text (default: guessed)')
    .option('--label-field <name>', 'field that holds the label (default: guessed)')
    .addOption(new Option('--format <format>', 'format of the data (default: by the name)').choices(FORMATS));
}
