/** A model of ours as the side-by-side scripts need it. */
import { configureModel, initialise } from 'elastic-fourier/engine';

/**
 * A model's configuration, its fresh weights and a batch of full-length sequences.
 * @param {'elastic-fourier' | 'standard' | 'elastic'} model
 * @param {number} n
 * @param {number} batch
 */
export function prepare(model, n, batch) {
  const configuration = configureModel({ model, sequenceLength: n, dropout: 0, wordDropout: 0 });
  const { vocabulary, classes } = configuration;
  return {
    configuration,
    weights: initialise(configuration, 1),
    input: fullBatch(batch, n, vocabulary, classes),
  };
}

/**
 * Sequences of one length; any tokens serve, for the time does not depend on them.
 * @param {number} sequences
 * @param {number} length
 * @param {number} vocabulary tokens are 1 … vocabulary
 * @param {number} classes
 */
function fullBatch(sequences, length, vocabulary, classes) {
  return {
    tokens: Int32Array.from({ length: sequences * length }, (_, i) => 1 + ((i * 7919) % vocabulary)),
    offsets: Int32Array.from({ length: sequences + 1 }, (_, b) => b * length),
    labels: Int32Array.from({ length: sequences }, (_, b) => b % classes),
  };
}
