/**
 * Inference of our engine and of ONNX Runtime (onnxruntime-node, CPU) with the same weights, side by side in one run:
 * the two take turns batch by batch, so that a noisy machine is as noisy for one as for the other. Before the
 * timing both must give the same logits. Medians a batch, and the ratio ONNX Runtime / ours (above 1: ours is faster).
 *
 *   node bench/javascript-peers/inference.js [--models elastic-fourier,standard] [--lengths 512] [--batch 1]
 *                                            [--threads 1] [--rounds 15] [--json]
 */

import { enableFastVectors } from 'elastic-fourier';
import { createWasmEngine, lowerInference } from 'elastic-fourier/engine';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { prepare } from '../ourModel.js';
import { buildOnnxModel } from './onnxModel.js';
import { compare, installedVersion, readOptions } from './turns.js';

const TOLERANCE = 1e-5;
const options = readOptions({ batch: '1', rounds: '15' });
const { batch, threads } = options;

enableFastVectors();
const engine = await createWasmEngine({ threads });

/** Both sides of one model and length, ready to run. */
async function open(model, n) {
  const { configuration, weights, input } = prepare(model, n, batch);
  const session = await engine.createInference(lowerInference(configuration), { maxBatch: batch });
  for (const [name, values] of weights) await session.setParameter(name, values);
  const theirs = await InferenceSession.create(buildOnnxModel(configuration, weights, batch), {
    executionProviders: ['cpu'],
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
  });
  const feeds = { tokens: new Tensor('int32', input.tokens, [batch, n]) };
  const [output] = theirs.outputNames;
  return {
    ours: async () => (await session.forward(input)).logits,
    theirs: async () => (await theirs.run(feeds))[output].data,
    difference: (a, b) => a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i])), 0),
    async close() {
      await session.dispose();
      await theirs.release();
    },
  };
}

const machine = { onnxruntime: installedVersion('onnxruntime-node'), tier: engine.tier };
await compare({ open, options, peer: 'ONNX Runtime', what: 'logits', tolerance: TOLERANCE, machine });
await engine.dispose();
