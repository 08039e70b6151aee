/** Parameters of a model: names and shapes of the PyTorch reference, initial values, counts. */
import { elementCount } from '../program/program.js';
import { RandomStream } from '../random.js';
import type { ModelConfiguration } from './configuration.js';
import type { Initial, ParameterSpecification } from './layers.js';
import { lowerModel } from './lowering.js';

/** In the order of the reference's `named_parameters()`. */
export function modelParameters(configuration: ModelConfiguration): readonly ParameterSpecification[] {
  return lowerModel(configuration, { loss: false, dropout: false }).parameters;
}

export function countParameters(configuration: ModelConfiguration): number {
  return modelParameters(configuration).reduce((sum, { shape }) => sum + elementCount(shape), 0);
}

/** Fresh parameters by name, float32. Each parameter has a random stream of its own, keyed by (seed, its place). */
export function initialise(configuration: ModelConfiguration, seed: number): Map<string, Float32Array> {
  const parameters = new Map<string, Float32Array>();
  modelParameters(configuration).forEach(({ name, shape, initial }, place) => {
    const random = new RandomStream(seed, 'initialise', 0, place);
    parameters.set(name, initialValues(elementCount(shape), initial, random, shape.at(-1)!));
  });
  return parameters;
}

function initialValues(count: number, initial: Initial, random: RandomStream, columns: number): Float32Array {
  const values = new Float32Array(count);
  switch (initial.kind) {
    case 'constant':
      return values.fill(initial.value);
    case 'uniform':
      for (let i = 0; i < count; i++) values[i] = initial.bound * (2 * random.next() - 1);
      return values;
    case 'normal':
      for (let i = 0; i < count; i++) values[i] = initial.deviation * random.nextNormal();
      if (initial.paddingRow) values.fill(0, 0, columns);
      return values;
    case 'waves':
      return waves(values, initial.window, initial.channels);
  }
}

/** Of half the sampling rate, the lowest pitch of a bank of waves. */
const LOWEST = 0.02;

/**
 * Rows of cosines, then as many of sines, under a bell (Hann), each of Euclidean length 1. Pitches lie as ears hear
 * them: close below, far above. Pair k listens to channel k mod channels.
 */
function waves(values: Float32Array, window: number, channels: number): Float32Array {
  const numbers = window * channels;
  const pairs = values.length / numbers / 2;
  const bell = Float64Array.from({ length: window }, (_, t) => Math.sin((Math.PI * (t + 0.5)) / window) ** 2);
  for (let k = 0; k < pairs; k++) {
    // Half of it in proportion, half by octaves.
    const share = (k + 0.5) / pairs;
    const pitch = Math.PI * (0.5 * share + 0.5 * LOWEST ** (1 - share));
    for (const [part, phase] of [
      [0, 0],
      [1, -Math.PI / 2],
    ]) {
      const row = bell.map((size, t) => size * Math.cos(pitch * (t - window / 2) + phase));
      const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
      const first = (part * pairs + k) * numbers + (k % channels);
      for (let t = 0; t < window; t++) values[first + t * channels] = row[t] / length;
    }
  }
  return values;
}
