/** What is said of a model of two paths, once validation has judged them. */
import type { FusionRecord } from '../formats/trainedModel.js';

export function fusionText({ linear, deep, gain, error }: FusionRecord): string {
  const measured = `${gain < 0 ? '−' : ''}${Math.abs(gain).toFixed(4)} ± ${error.toFixed(4)}`;
  if (deep === 0) {
    return `the deep path adds nothing that validation shows (held-out loss lower by ${measured}): it is left out, the linear path is the model`;
  }
  return `the deep path adds to the linear one: held-out validation loss lower by ${measured}; scores are ${linear.toFixed(2)} · linear + ${deep.toFixed(2)} · deep`;
}
