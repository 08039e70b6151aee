/** Measures where the time of a training step goes. */

import { profileOperations } from '../benchmark/cell.js';
import { InterruptedError } from '../errors.js';
import { modelConfigurationSchema } from '../model/configuration.js';
import { familyOf } from '../model/families/index.js';
import type { ComparisonHooks } from './plan.js';
import type { OperationTimes, Trial } from './results/schema.js';

/** Sequences of a step: few, for a step of very long ones takes minutes. */
const PROFILE_BATCH = 4;

/**
 * Where the time goes, of each model at its greatest length: added to `times`, which is not measured again. Throws
 * InterruptedError when stopped, between two models.
 */
export async function profileTrials(
  trials: readonly Trial[],
  times: OperationTimes[],
  threads: number,
  hooks: ComparisonHooks,
  signal?: AbortSignal,
): Promise<void> {
  const longest = new Map<string, Trial>();
  for (const trial of trials) {
    if (trial.sequenceLength > (longest.get(trial.model)?.sequenceLength ?? 0))
      longest.set(trial.model, trial);
  }
  for (const { model, sequenceLength, configuration } of longest.values()) {
    const parsed = modelConfigurationSchema.parse(configuration);
    // Others do not train on an engine.
    if (familyOf(parsed).training.method !== 'gradient') continue;
    if (times.some((known) => known.model === model && known.sequenceLength === sequenceLength)) continue;
    if (signal?.aborted) throw new InterruptedError('stopped while measuring the time by operation');
    hooks.onNote?.(`measuring where the training time of ${model} goes`);
    const operations = await profileOperations({
      configuration: parsed,
      mode: 'train',
      batch: PROFILE_BATCH,
      threads,
      seconds: 0.5,
    });
    times.push({ model, sequenceLength, operations });
  }
}
