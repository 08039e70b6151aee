/** The configuration of a model: validated data, everything that decides shapes and arithmetic. */
import * as z from 'zod/mini';
import { InputError } from '../errors.js';
import type { Unit } from '../input/encoder.js';
import type { Family } from './families/family.js';
import { FAMILIES, familyOf, MODEL_NAMES, type ModelName, modelsWith } from './families/index.js';
import { modelOptions, type SignalShape } from './options.js';

export type { ModelName };
export { MODEL_NAMES };

type ConfigurationOf<F> = F extends Family<infer C> ? C : never;

/**
 * One of the families' configurations.
 * @useDeclaredType
 */
export type ModelConfiguration = { [N in ModelName]: ConfigurationOf<(typeof FAMILIES)[N]> }[ModelName];

/**
 * What may be asked of a model; a family takes the options that it knows.
 * @useDeclaredType
 */
export type ModelOptions = {
  readonly [K in keyof typeof modelOptions]?: z.infer<(typeof modelOptions)[K]> | undefined;
} & {
  readonly model: ModelName;
  readonly classes?: number | undefined;
  readonly multiLabel?: true | undefined;
  readonly signal?: SignalShape | undefined;
};

type Schemas = readonly [z.ZodMiniObject, ...z.ZodMiniObject[]];

const isFamily = (name: unknown): name is ModelName => Object.hasOwn(FAMILIES, String(name));

/** The shape options among `options` that no configuration of the model has. */
function foreignShape(options: Readonly<Record<string, unknown>>): string[] {
  if (!isFamily(options.model)) return [];
  const { shape } = FAMILIES[options.model].shape.schema;
  return Object.keys(options).filter((key) => key in modelOptions && !(key in shape));
}

/** The options among `options` that mean nothing to the model's family. */
export function foreignOptions(options: Readonly<Record<string, unknown>>): string[] {
  if (!isFamily(options.model)) return foreignShape(options);
  const { ignores = [], foldsFor } = familyOf({ model: options.model }).training;
  const ignored = foldsFor === undefined ? [...ignores, 'folds'] : ignores;
  return [...foreignShape(options), ...ignored.filter((key) => options[key] !== undefined)];
}

function withoutForeign(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const { features } = value as { features?: unknown };
  // Once the number of those that are kept.
  if (typeof features === 'number')
    return withoutForeign({ ...value, features: undefined, maxFeatures: features });
  const foreign = foreignShape(value as Record<string, unknown>);
  return Object.fromEntries(Object.entries(value).filter(([key]) => !foreign.includes(key)));
}

/** Options of other families are passed over: several models may be configured from the same ones. */
export const modelConfigurationSchema = z.pipe(
  z.transform(withoutForeign),
  z
    .discriminatedUnion(
      'model',
      Object.values(FAMILIES).map(({ shape }) => shape.schema) as unknown as Schemas,
    )
    .check(
      z.superRefine((parsed, context) => {
        const configuration = parsed as unknown as ModelConfiguration;
        const fault = familyOf(configuration).shape.fault?.(configuration);
        if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
      }),
    ),
) as unknown as z.ZodMiniType<ModelConfiguration>;

/**
 * A validated configuration with the family's defaults, from the shape options among those given; some follow from what
 * a token is (`tokenizer`; default: words). Throws InputError where options do not fit together.
 */
export function configureModel(
  options: ModelOptions & { readonly tokenizer?: Unit | undefined },
): ModelConfiguration {
  const isShape = (key: string): boolean =>
    key in modelOptions || ['model', 'classes', 'multiLabel', 'signal'].includes(key);
  const given = Object.fromEntries(
    Object.entries(options).filter(([key, value]) => isShape(key) && value !== undefined),
  );
  const completed = isFamily(options.model)
    ? familyOf(options).shape.complete?.(given, options.tokenizer ?? 'words')
    : undefined;
  const parsed = modelConfigurationSchema.safeParse({ ...given, ...completed });
  if (parsed.success) return parsed.data;
  throw new InputError(`the model's options do not fit together:\n${z.prettifyError(parsed.error)}`);
}

/** The same model for texts of another length, with the same weights. Throws InputError where they depend on it. */
export function atLength(configuration: ModelConfiguration, sequenceLength: number): ModelConfiguration {
  if (sequenceLength === configuration.sequenceLength) return configuration;
  if (!familyOf(configuration).capabilities.anyLength) {
    const able = modelsWith('anyLength');
    throw new InputError(
      `weights of ${configuration.model} are those of one length, here ${configuration.sequenceLength} tokens; other lengths are for ${able.join(' and ')}: train at ${sequenceLength} tokens, or leave the length out`,
    );
  }
  return configureModel({ ...configuration, sequenceLength });
}
