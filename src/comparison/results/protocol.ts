/** Which results may stand side by side: differences between protocols, and between the shapes of a model. */
import type { Protocol, Trial } from './schema.js';

/** Settled by the data and the length, not chosen: they say nothing about the shape of a model. */
const NOT_SHAPE = new Set(['sequenceLength', 'vocabulary', 'classes']);

/**
 * "channels of standard: 32 in standard-256-0 and 64 in standard-256-1" for every option in which two trials of one
 * model differ: such trials are no seeds of one another, and no steps of one growth.
 */
export function shapeDifferences(
  trials: readonly Pick<Trial, 'name' | 'model' | 'configuration' | 'paired'>[],
): string[] {
  const first = new Map<string, (typeof trials)[number]>();
  const differences = new Set<string>();
  for (const trial of trials) {
    const { name, model, configuration, paired } = trial;
    const key = paired ? `${model} ${configuration.sequenceLength}` : model;
    const other = first.get(key) ?? trial;
    first.set(key, other);
    for (const option of new Set([...Object.keys(other.configuration), ...Object.keys(configuration)])) {
      if (NOT_SHAPE.has(option)) continue;
      const [one, two] = [other, trial].map((side) => JSON.stringify(side.configuration[option]));
      if (one !== two)
        differences.add(`${option} of ${model}: ${one} in ${other.name} and ${two} in ${name}`);
    }
  }
  return [...differences];
}

/**
 * "field: a here, b there" for every field in which two protocols differ; a learning rate that one lacks is none, and
 * neither is another path to the same test items.
 */
export function protocolDifferences(a: Protocol, b: Protocol): string[] {
  const differences: string[] = [];
  for (const key of Object.keys(a) as (keyof Protocol)[]) {
    if (key === 'data' && a.testItems === b.testItems) continue;
    if (key === 'learningRates') {
      for (const [model, rate] of Object.entries(a.learningRates)) {
        const other = b.learningRates[model];
        if (other !== undefined && other !== rate)
          differences.push(`learning rate of ${model}: ${rate} and ${other}`);
      }
      continue;
    }
    const [one, other] = [JSON.stringify(a[key]), JSON.stringify(b[key])];
    if (one !== other) differences.push(`${key}: ${one} and ${other}`);
  }
  return differences;
}
