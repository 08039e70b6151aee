/** Measures where the time of a training step goes. */

import { profileOperations } from '../benchmark/cell.js';
import { modelConfigurationSchema } from '../model/configuration.js';
import { familyOf } from '../model/families/index.js';
import type { ComparisonHooks } from './plan.js';
import type { OperationTimes, Trial } from './results.js';

/** Sequences of a step: few, for a step of very long ones takes minutes. */
const PROFILE_BATCH = 4;

/** Where the time goes, of each model at its greatest length; what `known` holds already is not measured again. */
export async function profileTrials(
  trials: readonly Trial[],
  known: readonly OperationTimes[],
  threads: number,
  hooks: ComparisonHooks,
): Promise<OperationTimes[]> {
  const longest = new Map<string, Trial>();
  for (const trial of trials) {
    if (trial.sequenceLength > (longest.get(trial.model)?.sequenceLength ?? 0))
      longest.set(trial.model, trial);
  }
  const found: OperationTimes[] = [];
  for (const { model, sequenceLength, configuration } of longest.values()) {
    const parsed = modelConfigurationSchema.parse(configuration);
    // Others do not train on an engine.
    if (familyOf(parsed).training.method !== 'gradient') continue;
    if (known.some((times) => times.model === model && times.sequenceLength === sequenceLength)) continue;
    hooks.onNote?.(`time by operation of ${model}`);
    const operations = await profileOperations({
      configuration: parsed,
      mode: 'train',
      batch: PROFILE_BATCH,
      threads,
      seconds: 0.5,
    });
    found.push({ model, sequenceLength, operations });
  }
  return found;
}
