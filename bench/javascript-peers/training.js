/**
 * One training step (forward, backward, AdamW) of our engine and of jax-js (its WASM backend, in Node), from the
 * same weights on the same batch, side by side in one run: the two take turns step by step, so that a noisy machine
 * is as noisy for one as for the other. The losses of the first two steps must agree (the second also depends on the
 * gradients and the update). Medians a step, and the ratio jax-js / ours (above 1: ours is faster).
 *
 *   node bench/javascript-peers/training.js [--models elastic-fourier,standard] [--lengths 512] [--batch 8]
 *                                           [--threads 1] [--rounds 5] [--json]
 *
 * --threads is for ours: jax-js has one thread in Node. Lengths must be even for the elastic-fourier model.
 */
import { blockUntilReady, defaultDevice, init, numpy as np, tree } from '@jax-js/jax';
import { enableFastVectors } from 'elastic-fourier';
import { createWasmEngine, lowerTraining } from 'elastic-fourier/engine';
import { prepare } from '../ourModel.js';
import { toArrays, trainingStep } from './jaxModel.js';
import { compare, installedVersion, readOptions } from './turns.js';

const TOLERANCE = 1e-4;
const OPTIMIZER = {
  learningRate: 1e-3,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.01,
  clipNorm: 0,
};
const options = readOptions({ batch: '8', rounds: '5' });
const { batch, threads } = options;

await init('wasm');
defaultDevice('wasm');
enableFastVectors();
const engine = await createWasmEngine({ threads });

/** jax-js's side: a function that runs one step and gives its loss. */
function openJax({ configuration, weights, input }) {
  const step = trainingStep(configuration, OPTIMIZER);
  const p = toArrays(configuration, weights);
  let state = { p, m: tree.map(np.zerosLike, tree.ref(p)), v: tree.map(np.zerosLike, tree.ref(p)) };
  const tokens = np.array(input.tokens, { shape: [batch, configuration.sequenceLength], dtype: np.int32 });
  const labels = np.array(input.labels, { dtype: np.int32 });
  let steps = 0;
  return {
    async run() {
      steps++;
      const corrections = [OPTIMIZER.beta1, OPTIMIZER.beta2].map((beta) => np.array(1 - beta ** steps));
      const [loss, next] = step(state, tokens.ref, labels.ref, ...corrections);
      state = next;
      // The loss first: jax-js spends seconds on its own lists if all arrays are waited for while work is pending.
      const [value] = await loss.data();
      await blockUntilReady(state);
      return value;
    },
    close: () => tree.dispose([state, tokens, labels]),
  };
}

/** Both sides of one model and length, ready to step. */
async function open(model, n) {
  const prepared = prepare(model, n, batch);
  const session = await engine.createTraining(lowerTraining(prepared.configuration), { maxBatch: batch });
  for (const [name, values] of prepared.weights) await session.setParameter(name, values);
  let step = 0;
  const jax = openJax(prepared);
  return {
    ours: async () => (await session.step(prepared.input, { seed: 1, step: step++ }, OPTIMIZER)).loss,
    theirs: jax.run,
    difference: (a, b) => Math.abs(a - b),
    async close() {
      await session.dispose();
      jax.close();
    },
  };
}

const machine = { jaxJs: installedVersion('@jax-js/jax'), tier: engine.tier };
await compare({ open, options, peer: 'jax-js', what: 'losses', tolerance: TOLERANCE, machine });
await engine.dispose();
