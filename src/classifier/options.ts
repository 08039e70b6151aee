/** Every option of a training in one schema: the library's types and the command line's options come from it. */
import * as z from 'zod';
import { InputError } from '../errors.js';
import { inputOptions } from '../input/index.js';
import { MODEL_NAMES, type ModelName } from '../model/configuration.js';
import { FAMILIES } from '../model/families/index.js';
import { modelOptions } from '../model/options.js';
import { defaultOf, option } from '../options.js';
import { trainingSettingsSchema } from '../training/settings.js';

const DEFAULT_MODEL: ModelName = 'elastic-fourier';

const models = MODEL_NAMES.map((name) => `${name} (${FAMILIES[name].summary})`).join('; ');

/** Absent ones have the default of the model's family, or else the training settings' own. */
export const trainOptionsSchema = z.strictObject({
  model: option(z.enum(MODEL_NAMES).default(DEFAULT_MODEL), { argument: '<name>', help: models }),
  ...inputOptions,
  ...z.object(modelOptions).partial().shape,
  sequenceLength: option(
    modelOptions.sequenceLength.default(512),
    modelOptions.sequenceLength.meta() as never,
  ),
  ...trainingSettingsSchema.partial().shape,
});

/** As the schema gives them: everything checked, model, tokenizer and length settled. */
export type TrainSettings = z.infer<typeof trainOptionsSchema>;

/** Throws InputError naming an option that is unknown or out of range. */
export function parseTrainOptions(options: z.input<typeof trainOptionsSchema>): TrainSettings {
  const parsed = trainOptionsSchema.safeParse(options);
  if (parsed.success) return parsed.data;
  throw new InputError(`these options do not serve:\n${z.prettifyError(parsed.error)}`);
}

/** What help says of the defaults of shape options: one for all families, or those that know the option. */
export const shapeDefaults: Readonly<Record<string, string>> = Object.fromEntries(
  Object.keys(modelOptions).flatMap((key) => {
    const known = MODEL_NAMES.filter((name) => key in FAMILIES[name].schema.shape);
    const values = new Set(known.map((name) => defaultOf(FAMILIES[name].schema.shape[key])));
    const [value] = values;
    if (value === undefined) return [];
    const own = known.map((name) => `${name} ${defaultOf(FAMILIES[name].schema.shape[key])}`).join(', ');
    return [[key, values.size === 1 && known.length === MODEL_NAMES.length ? String(value) : own]];
  }),
);

/** Options of the command line and the library for threads. */
export const threadOptions = {
  threads: option(z.number().int().min(1).max(8).optional(), {
    argument: '<t>',
    help: 'worker threads (default: one a core, at most 8); the result does not depend on it',
  }),
} as const;

/** Options of whatever opens a trained model. */
export const loadOptions = {
  ...threadOptions,
  sequenceLength: option(modelOptions.sequenceLength.optional(), {
    flag: '--seq-len',
    argument: '<n>',
    help: `tokens to read of a text, if not as many as in training (${MODEL_NAMES.filter((name) => FAMILIES[name].elastic).join(', ')})`,
  }),
} as const;
