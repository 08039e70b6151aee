/** A model of ours as the side-by-side scripts need it. */
import { fullBatch } from '../dist/bench/batch.js';
import { modelConfigurationSchema } from '../dist/model/configuration.js';
import { initialise } from '../dist/model/parameters.js';

/** A model's configuration, its fresh weights and a batch of full-length sequences. */
export function prepare(model, n, batch) {
  const configuration = modelConfigurationSchema.parse({ model, sequenceLength: n });
  const { vocabulary, classes } = configuration;
  return {
    configuration,
    weights: initialise(configuration, 1),
    input: fullBatch(batch, n, vocabulary, classes),
  };
}
