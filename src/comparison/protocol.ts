/** What all trials of a comparison share, and whether a folder's earlier trials share it too. */
import { InputError } from '../errors.js';
import { configureModel } from '../model/configuration.js';
import { COMPARISON_EPOCHS, protocolOf, type SplitData } from './parts.js';
import { type ComparisonPlan, recipeIn } from './plan.js';
import { protocolDifferences, shapeDifferences } from './results/protocol.js';
import type { Protocol, Results } from './results/schema.js';
import { holdsSignals } from './splitData.js';

/** The protocol as far as it is known before the tuning: no learning rates. */
export function protocolBeforeTuning(plan: ComparisonPlan, parts: SplitData): Protocol {
  const { data, options, models } = plan;
  const signals = holdsSignals(data);
  const epochs = models.map((model) => recipeIn(plan, model, parts.train.length).epochs ?? COMPARISON_EPOCHS);
  const shared = signals ? Math.max(...epochs) : COMPARISON_EPOCHS;
  const input = signals ? 'signal' : 'text';
  return protocolOf(data.source, input, { ...options, epochs: options.epochs ?? shared }, parts);
}

/** Throws InputError that names every difference where `earlier` has another protocol or models of other shapes. */
export function requireSameProtocol(
  plan: ComparisonPlan,
  protocol: Protocol,
  earlier: Results | undefined,
): void {
  if (earlier === undefined) return;
  const planned = plan.models.map((model) => ({
    name: 'this command',
    model,
    configuration: { ...configureModel({ ...plan.options, model, sequenceLength: plan.lengths[0] }) },
  }));
  const differences = [
    ...protocolDifferences(earlier.protocol, protocol),
    ...shapeDifferences([...earlier.trials, ...planned]),
  ];
  if (differences.length > 0) {
    throw new InputError(
      `${plan.folder} holds a comparison with other settings: ${differences.join('; ')}. Choose another folder`,
    );
  }
}
