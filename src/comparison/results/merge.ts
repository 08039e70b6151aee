/** Several results as one. */
import { InputError } from '../../errors.js';
import { protocolDifferences, shapeDifferences } from './protocol.js';
import type { OperationTimes, Pairing, Results, Trial, TuningTrial } from './schema.js';

/**
 * All trials of several results together, each with its machine where there is more than one; of the same trial the
 * first counts. Throws InputError where their settings conflict, naming the difference.
 */
export function mergeResults(all: readonly { readonly name: string; readonly results: Results }[]): Results {
  const [first, ...others] = all;
  const machines = new Set(all.map(({ results }) => JSON.stringify(results.machine)));
  const trials = new Map<string, Trial>();
  const tuning = new Map<string, TuningTrial>();
  const pairings = new Map<string, Pairing>();
  const operations = new Map<string, OperationTimes>();
  const learningRates: Record<string, number> = {};
  for (const { name, results } of others) {
    const differences = protocolDifferences(first.results.protocol, results.protocol);
    if (differences.length > 0) {
      throw new InputError(
        `${first.name} and ${name} cannot be merged, their settings differ: ${differences.join('; ')}`,
      );
    }
  }
  for (const { results } of all) {
    for (const trial of results.trials) {
      if (trials.has(trial.name)) continue;
      trials.set(trial.name, machines.size > 1 ? { machine: results.machine, ...trial } : trial);
    }
    for (const trial of results.tuning) {
      const key = `${trial.model} ${trial.sequenceLength} ${trial.learningRate}`;
      if (!tuning.has(key)) tuning.set(key, trial);
    }
    for (const [model, rate] of Object.entries(results.protocol.learningRates)) learningRates[model] ??= rate;
    for (const pairing of results.pairings) {
      const key = `${pairing.name} ${pairing.sequenceLength}`;
      if (!pairings.has(key)) pairings.set(key, pairing);
    }
    for (const times of results.operations) {
      const key = `${times.model} ${times.sequenceLength}`;
      if (!operations.has(key)) operations.set(key, times);
    }
  }
  const differences = shapeDifferences([...trials.values()]);
  if (differences.length > 0) {
    throw new InputError(
      `${all.map(({ name }) => name).join(' and ')} hold models of different shapes: ${differences.join('; ')}`,
    );
  }
  const protocol = { ...first.results.protocol, learningRates };
  return {
    ...first.results,
    protocol,
    trials: [...trials.values()],
    tuning: [...tuning.values()],
    pairings: [...pairings.values()],
    operations: [...operations.values()],
  };
}
