/** Every option of a training in one schema: the library's types and the command line's options come from it. */
import * as z from 'zod/mini';
import { InputError } from '../errors.js';
import { inputOptions } from '../input/index.js';
import { foreignOptions, MODEL_NAMES, type ModelName } from '../model/configuration.js';
import type { Family } from '../model/families/family.js';
import { AUTO_CANDIDATES, DEFAULT_MODEL, FAMILIES, modelsWith } from '../model/families/index.js';
import { modelOptions } from '../model/options.js';
import {
  PATIENCE_DEFAULT,
  type TrainingSettings,
  trainingSettingsSchema,
} from '../model/trainingSettings.js';
import {
  defaultOf,
  helpOf,
  inGroup,
  innerSchema,
  metaOf,
  option,
  shownDefault,
  suggestion,
} from '../options.js';
import { doubtOptions, unknownOption } from './doubtOptions.js';
import type { TrainingOptions } from './trainingOptions.js';

const models = MODEL_NAMES.map((name) => `${name} (${FAMILIES[name].summary})`).join('; ');

/** Of the option that names the model. */
const modelHelp = (names: string) =>
  ({
    group: 'Model',
    argument: '<name>',
    help: 'which kind of model to train',
    more: names,
    common: true,
    alias: ['models', 'architecture', 'arch', 'algorithm'],
  }) as const;

/** The same fields, each absent where it is not given: what then holds is the family's recipe, or the default. */
function withoutDefaults<S extends Readonly<Record<string, z.ZodMiniType>>>(
  shape: S,
): { [K in keyof S]: z.ZodMiniOptional<z.ZodMiniType<z.output<S[K]>, z.output<S[K]>>> } {
  const fields = Object.entries(shape).map(([key, schema]) => {
    const optional = z.optional(innerSchema(schema));
    const meta = metaOf(schema);
    return [key, meta === undefined ? optional : optional.check(z.meta(meta))];
  });
  return Object.fromEntries(fields);
}

/** Absent ones have the default of the model's family, or else the training settings' own. */
export const trainOptionsSchema = z.strictObject({
  model: option(z._default(z.enum(MODEL_NAMES), DEFAULT_MODEL), modelHelp(models)),
  ...inputOptions,
  ...z.partial(z.object(modelOptions)).shape,
  ...withoutDefaults(trainingSettingsSchema.shape),
});

/** Instead of a model's name: which one, is for cross-validation to say. */
export const AUTO = 'auto';

/** What may be asked of a training: the same, or a model that is still to be chosen. */
export const trainRequestSchema = z.extend(trainOptionsSchema, {
  model: option(
    z._default(z.enum([...MODEL_NAMES, AUTO]), DEFAULT_MODEL),
    modelHelp(
      `${models}; ${AUTO} (the best of two by cross-validation: ${AUTO_CANDIDATES.signal.join(' or ')} for signals, ${AUTO_CANDIDATES.text.join(' or ')} for texts)`,
    ),
  ),
});

/** What may be asked of a training. */
export type TrainRequest = TrainingOptions;

/** What of a request serves one model: without what means nothing to it. */
export function requestFor(request: TrainRequest, model: ModelName): z.input<typeof trainOptionsSchema> {
  const foreign = new Set(foreignOptions({ ...request, model }));
  const accepted = Object.entries(request).filter(([key]) => !foreign.has(key));
  return { ...Object.fromEntries(accepted), model };
}

/** As the schema gives them: everything checked, model, tokenizer and length settled. */
export type TrainSettings = z.infer<typeof trainOptionsSchema>;

/** Throws InputError naming an option that is unknown or out of range. */
export function parseTrainOptions(options: z.input<typeof trainOptionsSchema>): TrainSettings {
  const parsed = trainOptionsSchema.safeParse(options);
  if (parsed.success) return parsed.data;
  const unknown = parsed.error.issues.find((issue) => issue.code === 'unrecognized_keys');
  if (unknown !== undefined) {
    const [key] = unknown.keys;
    throw new InputError(
      `there is no option '${key}'${suggestion(key, Object.keys(trainOptionsSchema.shape))}`,
    );
  }
  throw new InputError(`invalid options:\n${z.prettifyError(parsed.error)}`);
}

/** "0.003; bag: 0.01": the value of most models, then those of the others; names alone where only some have the option. */
function defaultText(values: ReadonlyMap<ModelName, unknown>): string {
  const names = new Map<unknown, ModelName[]>();
  for (const [name, value] of values) names.set(value, [...(names.get(value) ?? []), name]);
  return [...names]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([value, own]) =>
      2 * own.length > MODEL_NAMES.length ? shownDefault(value) : `${own.join(', ')}: ${shownDefault(value)}`,
    )
    .join('; ');
}

/** What help says of defaults that the models' families set: by the option's name. */
function familyDefaults(
  keys: readonly string[],
  of: (key: string, name: ModelName) => unknown,
): Record<string, string> {
  return Object.fromEntries(
    keys.flatMap((key) => {
      const values = new Map(
        MODEL_NAMES.flatMap((name) => {
          const value = of(key, name);
          return value === undefined ? [] : [[name, value] as const];
        }),
      );
      // A switch that is off says nothing.
      const silent = [...values.values()].every((value) => value === false);
      return silent ? [] : [[key, defaultText(values)]];
    }),
  );
}

/** On texts of words. */
export const shapeDefaults: Readonly<Record<string, string>> = familyDefaults(
  Object.keys(modelOptions),
  (key, name) => {
    const { shape, training }: Family = FAMILIES[name];
    const { schema, complete } = shape;
    if (!(key in schema.shape) || training.ignores?.includes(key)) return undefined;
    return complete?.({}, 'words')[key] ?? defaultOf(schema.shape[key]);
  },
);

export const settingDefaults: Readonly<Record<string, string>> = {
  ...familyDefaults(Object.keys(trainingSettingsSchema.shape), (key, name) => {
    const { recipe, ignores } = (FAMILIES[name] as Family).training;
    if (ignores?.includes(key)) return undefined;
    return (
      (recipe as unknown as Readonly<Record<string, unknown>>)[key] ??
      defaultOf(trainingSettingsSchema.shape[key as keyof TrainingSettings])
    );
  }),
  folds: 'by the number of examples; 0 where there are many',
  patience: PATIENCE_DEFAULT,
};

/** Options of the command line and the library for threads. */
export const threadOptions = inGroup('Training', {
  threads: option(z.optional(z.int().check(z.gte(1), z.lte(8))), {
    argument: '<t>',
    help: 'worker threads (default: one a core, at most 8)',
    more: 'the result does not depend on it',
    common: true,
    alias: ['workers', 'jobs', 'n-jobs', 'num-threads'],
  }),
} as const);

/** Options of whatever opens a trained model. */
export const loadOptions = {
  ...doubtOptions,
  ...unknownOption,
  ...inGroup('Model', {
    threads: option(threadOptions.threads, { ...helpOf(threadOptions.threads)!, group: 'Advanced' }),
    sequenceLength: option(z.optional(modelOptions.sequenceLength), {
      flag: '--seq-len',
      argument: '<n>',
      help: 'tokens to read of a text, if not as many as in training',
      more: `for ${modelsWith('anyLength').join(', ')}`,
      alias: ['sequence-length', 'max-length', 'length'],
    }),
    long: option(withoutDefaults(inputOptions).long, {
      argument: '<part>',
      help: 'what is read of longer texts, if not as in training: head, tail, head-tail or windows',
    }),
  } as const),
};
