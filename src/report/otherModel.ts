/** Which other model is quicker than the one that is trained, or worth trying. */
import type { ModelName } from '../model/configuration.js';
import { DEFAULT_MODEL, QUICK_MODEL } from '../model/families/index.js';

/**
 * A line for whoever trains this model on texts or signals; undefined where there is nothing to say.
 * @param crossValidated few examples: the recommended model is then the quick one, or chooses it
 */
export function otherModelText(
  model: ModelName,
  kind: 'text' | 'signal',
  crossValidated: boolean,
): string | undefined {
  const quick = QUICK_MODEL[kind];
  if (crossValidated && (model === DEFAULT_MODEL || (model === quick && kind === 'text'))) return undefined;
  if (model === DEFAULT_MODEL) {
    return `--model ${quick} trains much faster and is often nearly as accurate; eft compare shows which one suits your data`;
  }
  if (model === quick) return `--model ${DEFAULT_MODEL} takes longer and is often more accurate`;
  return `--model ${DEFAULT_MODEL} is usually more accurate than ${model}, and --model ${quick} trains fastest`;
}
