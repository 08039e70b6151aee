/** Weights that another program wrote: checked as a whole, so that one message says all that is wrong. */
import { InputError } from '../errors.js';
import type { ModelConfiguration } from '../model/configuration.js';
import type { Safetensors } from './safetensors.js';
import { isEncoders, weightsOf } from './trainedModel.js';

/** What DistributedDataParallel puts before every name. */
const WRAPPED = 'module.';

/** Faults of a kind that a message names. */
const MOST_NAMED = 5;

/**
 * The file as ours would be. Throws InputError naming the weights that are missing, of another shape, or of another
 * model.
 */
export function foreignWeights(file: Safetensors, model: ModelConfiguration, path: string): Safetensors {
  const { metadata } = file;
  const tensors = new Map(unwrapped(file));
  const expected = weightsOf(model, file, path);
  const shown = (shape: readonly number[]): string => `[${shape.join(', ')}]`;
  const missing = [...expected.keys()].filter((name) => !tensors.has(name));
  const others = [...tensors.keys()].filter((name) => !expected.has(name) && !isEncoders(name));
  const shapes = [...expected].flatMap(([name, shape]) => {
    const found = tensors.get(name)?.shape;
    if (found === undefined || found.join() === shape.join()) return [];
    return [`${name}, which is ${shown(found)} and must be ${shown(shape)}`];
  });
  const faults = [
    ['missing', missing],
    ['of another shape', shapes],
    ['not of this model', others],
  ] as const;
  const said = faults.filter(([, names]) => names.length > 0).map(([what, names]) => listed(what, names));
  if (said.length === 0) return { tensors, metadata };
  const undescribed = others.some((name) => name.startsWith('linear.')) && metadata.linear === undefined;
  const advice = undescribed
    ? 'The metadata of the file that was exported are gone: write it by save_pretrained of modeling_eft.py, which keeps them'
    : 'Names and shapes must be those of the model that was exported';
  throw new InputError(`${path} does not fit the model in config.json:\n${said.join('\n')}\n${advice}`);
}

function listed(what: string, names: readonly string[]): string {
  const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : '';
  return `  ${what}: ${names.slice(0, MOST_NAMED).join('; ')}${more}`;
}

function unwrapped({ tensors }: Safetensors): Safetensors['tensors'] {
  const names = [...tensors.keys()];
  if (!names.every((name) => name.startsWith(WRAPPED) || isEncoders(name))) return tensors;
  return new Map(
    Array.from(tensors, ([name, tensor]) => [
      name.startsWith(WRAPPED) ? name.slice(WRAPPED.length) : name,
      tensor,
    ]),
  );
}
