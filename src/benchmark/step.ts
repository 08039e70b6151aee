/** A training step or an inference that can be called again and again. */
import type { Batch, Engine, Session } from '../engine/engine.js';
import type { ModelConfiguration } from '../model/configuration.js';
import { lowerInference, lowerTraining } from '../model/lowering.js';
import { initialise } from '../model/parameters.js';

export type BenchMode = 'train' | 'inference';

const OPTIMIZER = {
  learningRate: 1e-3,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.01,
  clipNorm: 1,
} as const;

/** Fresh weights, one batch; the session is the caller's to dispose of. */
export async function prepareStep(
  engine: Engine,
  configuration: ModelConfiguration,
  mode: BenchMode,
  input: Batch,
  { profile = false } = {},
): Promise<{ session: Session; call: () => Promise<unknown> }> {
  const options = { maxBatch: input.labels.length, profile };
  const session =
    mode === 'train'
      ? await engine.createTraining(lowerTraining(configuration), options)
      : await engine.createInference(lowerInference(configuration), options);
  for (const [name, values] of initialise(configuration, 1)) await session.setParameter(name, values);
  let step = 0;
  const call =
    mode === 'train'
      ? () => session.step(input, { seed: 1, step: step++ }, OPTIMIZER)
      : () => session.forward(input);
  return { session, call };
}
