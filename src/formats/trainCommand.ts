/** The command that trains a saved model again. */

import { configureModel, type ModelOptions } from '../model/configuration.js';
import type { CommonConfiguration } from '../model/families/family.js';
import { familyOf } from '../model/families/index.js';
import type { Recipe } from '../model/families/recipe.js';
import { modelOptions } from '../model/options.js';
import { configureTraining, trainingSettingsSchema } from '../model/trainingSettings.js';
import { flagOf, helpOf } from '../options.js';
import type { SavedModel } from './runFolder.js';

type Options = Readonly<Record<string, unknown>>;

/** Said even where they have their defaults, which depend on the data. */
const ALWAYS = ['epochs', 'batchSize', 'learningRate', 'seed'];

/** What encoders settle themselves, whatever is given. */
const SET_BY_ENCODER: Readonly<Record<string, readonly string[]>> = {
  words: [],
  ngrams: ['vocabulary'],
  views: ['vocabulary'],
};
const SET_BY_OTHER_ENCODERS = ['vocabulary', 'ngrams', 'buckets'];

/**
 * `eft train …` with every option that does not have its default, without where to write. Data are named without the folders
 * above them where their paths are absolute: where they lay is nobody else's business.
 */
export function trainCommand(saved: SavedModel): string {
  const { config } = saved;
  const { reading, data } = config;
  const model: CommonConfiguration = config.model;
  const ignored = familyOf(model).training.ignores ?? [];
  const known = (options: Options): Options =>
    Object.fromEntries(Object.entries(options).filter(([key]) => !ignored.includes(key)));
  const source = recordOf(data.source);
  const unit = unitOf(saved);
  const { patch, window, filters, bands } = model.signal ?? {};
  const flags = [
    ...flagsOf(known({ ...shapeOptions(saved, unit) }), modelOptions),
    ...flagsOf(known(trainingOptions(saved)), trainingSettingsSchema.shape),
    ...flagsOf(
      known({
        tokenizer: unit === 'bytes' && reading.wholeFiles !== true ? unit : undefined,
        long: reading.long === 'head' ? undefined : reading.long,
        ...(bands === undefined ? { patch, window, filters } : { frontend: 'mel' }),
        ...readOptions(source.read, reading),
      }),
    ),
  ];
  const name = typeof data.name === 'string' ? data.name : 'DATA';
  const words = [
    ...['eft', 'train', '--data', ...pathsOf(source.data, [name])],
    ...named('--validation', pathsOf(source.validation)),
    ...named('--unlabelled', pathsOf(source.unlabelled)),
    ...['--model', model.model],
    ...flags,
  ];
  return words.map(shellWord).join(' ');
}

/** What a token was: that of the encoder, or of the n-grams. */
function unitOf({ encoder }: SavedModel): 'words' | 'bytes' {
  return encoder.inputKind === 'bytes' || encoder.kind === 'bytes' ? 'bytes' : 'words';
}

/** The options that make this configuration of the family's own. */
function shapeOptions({ config, encoder }: SavedModel, tokenizer: 'words' | 'bytes'): Options {
  const wanted = config.model as unknown as Options;
  const { model, classes, signal, ...own } = config.model as CommonConfiguration;
  // It was trained at the length that it had before it was resized.
  const { sequenceLength = own.sequenceLength } = recordOf(config.data.resized);
  const settled = SET_BY_ENCODER[encoder.kind] ?? SET_BY_OTHER_ENCODERS;
  // What cross-validation is to choose is no option.
  const keys = Object.keys(modelOptions).filter(
    (key) => key in wanted && wanted[key] !== undefined && wanted[key] !== 'chosen' && !settled.includes(key),
  );
  const given = { model, classes, signal } as unknown as ModelOptions;
  return additions({ sequenceLength }, keys, wanted, (options) =>
    configureModel({ ...given, ...options, tokenizer }),
  );
}

/** The options that make these settings of the family's recipe. */
function trainingOptions({ config, encoder }: SavedModel): Options {
  const { model: configuration, training, data } = config;
  const settings: Options = training;
  const { training: how, capabilities } = familyOf(configuration);
  const { signal }: CommonConfiguration = configuration;
  const examples = Number(data.examples) || 1;
  const sounds = signal !== undefined && signal.filters > 0 && encoder.rate !== undefined;
  const more: Partial<Recipe> | undefined =
    encoder.inputKind === 'signal'
      ? capabilities.signals?.recipe(examples, sounds)
      : how.recipeFor?.(examples, configuration);
  // What is solved at once is one step, whatever the recipe says.
  const settled = training.folds > 0 ? ['epochs', 'batchSize'] : [];
  const keys = Object.keys(trainingSettingsSchema.shape).filter(
    (key) => settings[key] !== undefined && helpOf(fieldOf(key)) !== undefined && !settled.includes(key),
  );
  const always = Object.fromEntries(
    keys.filter((key) => ALWAYS.includes(key)).map((key) => [key, settings[key]]),
  );
  return additions(always, keys, training, (options) =>
    configureTraining(options, { ...how.recipe, ...more }),
  );
}

const fieldOf = (key: string) =>
  trainingSettingsSchema.shape[key as keyof typeof trainingSettingsSchema.shape];

/** Adds what is not as wanted without it, until all of the keys are: some defaults follow from other options. */
function additions(
  options: Options,
  keys: readonly string[],
  wanted: Options,
  complete: (options: Options) => object,
): Options {
  const found = complete(options) as Options;
  const missing = keys.filter((key) => !(key in options) && found[key] !== wanted[key]);
  if (missing.length === 0) return options;
  return additions(
    { ...options, ...Object.fromEntries(missing.map((key) => [key, wanted[key]])) },
    keys,
    wanted,
    complete,
  );
}

/** How the data were read, as options: what the model's reading says, before what was given. */
function readOptions(given: unknown, reading: SavedModel['config']['reading']): Options {
  const { fields, mono, missing, html, resample, wholeFiles } = recordOf(reading);
  const { textField = Array.isArray(fields) ? fields.join(',') : undefined, ...others } = recordOf(given);
  return {
    ...others,
    textField,
    html: html ?? others.html,
    resample: resample ?? others.resample,
    missing: missing ?? others.missing,
    mono: mono ?? others.mono,
    ...(wholeFiles === true ? { input: 'bytes' } : {}),
  };
}

/** Values with their flags; switches alone where they are on. */
function flagsOf(
  options: Options,
  shape: Readonly<Record<string, Parameters<typeof flagOf>[1]>> = {},
): string[] {
  return Object.entries(options).flatMap(([key, value]) => {
    if (value === undefined || value === false) return [];
    const flag = key in shape ? flagOf(key, shape[key]) : `--${kebab(key)}`;
    return value === true ? [flag] : [flag, String(value)];
  });
}

const kebab = (key: string): string => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const recordOf = (value: unknown): Options =>
  typeof value === 'object' && value !== null ? (value as Options) : {};

const named = (flag: string, paths: readonly string[]): string[] =>
  paths.length === 0 ? [] : [flag, ...paths];

/** Absolute ones by their last part. */
function pathsOf(paths: unknown, otherwise: readonly string[] = []): string[] {
  const all = typeof paths === 'string' ? [paths] : Array.isArray(paths) ? paths.map(String) : otherwise;
  return all.map((path) => (/^(?:[a-z]:)?[\\/]/i.test(path) ? path.replace(/^.*[\\/](?=.)/s, '') : path));
}

/** The argument as a shell takes it, in one line. */
function shellWord(argument: string): string {
  if (/\p{Cc}/u.test(argument)) {
    const escaped = argument.replace(/[\\']/g, '\\$&').replace(/\p{Cc}/gu, hexadecimal);
    return `$'${escaped}'`;
  }
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}

const hexadecimal = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
