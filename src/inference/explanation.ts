/** Why a classifier says what it says, for models whose logits are sums over the pieces of an input. */
import { InputError } from '../errors.js';
import type { SavedModel } from '../formats/runFolder.js';
import type { Input } from '../input/input.js';
import { familyOf, type ModelName, modelsWith } from '../model/families/index.js';

/** What a piece of an input says. */
export interface Evidence {
  /** As it reads, lower-cased. */
  readonly text: string;
  /** What it adds to the logit of each class, in their order: nats. Positive: for the class. */
  readonly evidence: readonly number[];
}

/** The models that can: by themselves, or by the linear path beside them. */
export const EXPLAINING: readonly ModelName[] = [...modelsWith('evidence'), ...modelsWith('shallowPath')];

/** Whether the logits of a model, or of its linear path, are sums over the pieces of an input. */
export function canExplain(saved: SavedModel): boolean {
  const { model, encoder } = saved.linear ?? { ...saved, model: saved.config.model };
  return familyOf(model).capabilities.evidence !== undefined && encoder.pieces !== undefined;
}

/**
 * The pieces of the input that say something, those that say most of class `of` first; of equal ones the earlier. Of
 * an input that is not read from its head, those of the whole of it, as if it were read at once.
 * Throws InputError for a model whose logits are no such sum. Of a model of two paths: what the linear one says.
 */
export function explanationOf(saved: SavedModel, input: Input, of: number): Evidence[] {
  const { model, encoder, parameters } = saved.linear ?? { ...saved, model: saved.config.model };
  const { reading } = saved.config;
  const evidence = familyOf(model).capabilities.evidence;
  const pieces = encoder.pieces?.(
    input,
    reading.long === 'head' ? model.sequenceLength : Number.POSITIVE_INFINITY,
  );
  if (evidence === undefined || pieces === undefined) {
    throw new InputError(
      `the model ${model.model} cannot say which words decided; ${EXPLAINING.join(' and ')} can`,
    );
  }
  return pieces
    .map(({ id, weight, text }) => ({
      text,
      evidence: Array.from(evidence.of(parameters, model, id), (value) => weight * value),
    }))
    .filter(({ evidence }) => evidence.some((value) => value !== 0))
    .sort((a, b) => Math.abs(b.evidence[of]) - Math.abs(a.evidence[of]));
}
