/** The paper's model: blocks of spectral mixers (rfft, one learned complex filter a channel, irfft) and elastic waves. */
import * as z from 'zod/mini';
import type { TensorId } from '../../program/program.js';
import {
  constant,
  feedForward,
  inputRows,
  type ModelBuilder,
  normal,
  normLayer,
  pooledHead,
} from '../layers.js';
import type { Family } from './family.js';
import {
  blockScaling,
  blockShape,
  signalTraining,
  textDropout,
  textTraining,
  wordVectorTable,
} from './shape.js';

const schema = z.strictObject({ model: z.literal('elastic-fourier'), ...blockShape });
export type ElasticFourierConfiguration = z.infer<typeof schema>;

export const elasticFourierFamily: Family<ElasticFourierConfiguration> = {
  name: 'elastic-fourier',
  summary: "the paper's model: a spectral mixer instead of attention; its filters grow with the length",
  rank: { order: 0, baseline: false },
  shape: {
    schema,
    complete: textDropout,
  },
  training: textTraining,
  lower(model, configuration) {
    const { channels, hidden, blocks } = configuration;
    let x = inputRows(model, configuration, { positions: true });
    for (let block = 0; block < blocks; block++) {
      x = elasticFourierBlock(model, `blocks.${block}`, x, channels, hidden);
    }
    return pooledHead(model, x, configuration);
  },
  capabilities: {
    signals: signalTraining(3e-3),
    wordVectors: wordVectorTable,
    scaling: blockScaling(() => 1),
  },
};

function spectralLayer(
  model: ModelBuilder,
  name: string,
  x: TensorId,
  channels: number,
  hidden: number,
): TensorId {
  const bins = Math.floor(model.program.sequenceLength / 2) + 1;
  const normed = normLayer(model, `${name}.norm1`, x, channels);
  const real = model.parameter(`${name}.mixer.real_filter`, [bins, channels], normal);
  const imaginary = model.parameter(`${name}.mixer.imag_filter`, [bins, channels], normal);
  const operands = { x: normed, real, imaginary };
  const mixed = model.dropout(model.program.emit('spectralMixer', operands, {}, `${name}.mixer`).y);
  const sum = model.program.emit('add', { a: x, b: mixed }, {}, `${name}.mixed`).y;
  return feedForward(model, name, sum, channels, hidden);
}

/** x + W [sin(w x); cos(w x)] + b. */
function elasticWaveUnit(model: ModelBuilder, name: string, x: TensorId, channels: number): TensorId {
  const frequency = model.parameter(`${name}.frequency`, [1], constant(1));
  const features = model.program.emit('wave', { x, frequency }, {}, name).y;
  return model.linearOnto(x, `${name}.project`, features, 2 * channels, channels);
}

/** Two spectral layers and an elastic wave unit. */
function elasticFourierBlock(
  model: ModelBuilder,
  name: string,
  x: TensorId,
  channels: number,
  hidden: number,
): TensorId {
  const first = spectralLayer(model, `${name}.layers.0`, x, channels, hidden);
  const second = spectralLayer(model, `${name}.layers.1`, first, channels, hidden);
  return elasticWaveUnit(model, `${name}.wave`, second, channels);
}
