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
  }
}
