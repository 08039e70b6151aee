/** A validated model configuration; options that do not fit together are the user's to mend. */
import { z } from 'zod';
import { InputError } from '../errors.js';
import {
  type ModelConfiguration,
  type ModelOptions,
  modelConfigurationSchema,
} from '../model/configuration.js';

/** Throws InputError. */
export function configure(options: ModelOptions): ModelConfiguration {
  const parsed = modelConfigurationSchema.safeParse(options);
  if (parsed.success) return parsed.data;
  throw new InputError(`the model's options do not fit together:\n${z.prettifyError(parsed.error)}`);
}
