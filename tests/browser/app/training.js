/** Trains a small model for three steps on the wasm engine; tells threads, tier, and all parameters as bytes. */
import { createWasmEngine } from '#eft/engine/wasm/engine.js';
import { configureModel } from '#eft/model/configuration.js';
import { lowerTraining } from '#eft/model/lowering.js';
import { initialise } from '#eft/model/parameters.js';

const OPTIMIZER = {
  learningRate: 1e-2,
  beta1: 0.9,
  beta2: 0.99,
  epsilon: 1e-8,
  weightDecay: 0.01,
  clipNorm: 1,
};

export async function train(tier) {
  const shape = { sequenceLength: 60, channels: 16, hidden: 24, blocks: 1, vocabulary: 50, classes: 2 };
  const model = configureModel({ model: 'elastic-fourier', ...shape, dropout: 0.1 });
  const engine = await createWasmEngine({ threads: 2, tier });
  const session = await engine.createTraining(lowerTraining(model), { maxBatch: 4 });
  const parameters = initialise(model, 5);
  for (const [name, values] of parameters) await session.setParameter(name, values);
  const tokens = Int32Array.from({ length: 4 * 60 }, (_, i) => 1 + ((i * i) % 50));
  const offsets = Int32Array.from({ length: 5 }, (_, b) => 60 * b);
  const batch = { tokens, offsets, labels: Int32Array.of(0, 1, 1, 0) };
  for (let step = 0; step < 3; step++) await session.step(batch, { seed: 2, step }, OPTIMIZER);
  const bytes = [];
  for (const name of parameters.keys()) {
    bytes.push(...new Uint8Array((await session.parameter(name)).buffer));
  }
  await engine.dispose();
  return { threads: engine.threads, tier: engine.tier, bytes: bytes.join() };
}
