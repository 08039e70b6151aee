/** What all trials of a comparison share, and whether a folder's earlier trials share it too. */
import { InputError } from '../errors.js';
import { type Protocol, protocolDifferences, type Results, shapeDifferences } from '../formats/results.js';
import { configureModel } from '../model/configuration.js';
import { configureTraining } from '../training/settings.js';
import { COMPARISON_EPOCHS, type ComparisonPlan, recipeIn } from './plan.js';
import { hashItems, holdsSignals, type SplitData } from './splitData.js';

/** The protocol as far as it is known before the tuning: no learning rates. */
export function settleProtocol(
  plan: ComparisonPlan,
  { classes, train, validation, test }: SplitData,
): Protocol {
  const { data, options, models } = plan;
  const epochs = models.map((model) => recipeIn(plan, model, train.length).epochs ?? COMPARISON_EPOCHS);
  // Each model has a rate of its own.
  const settings = configureTraining(options, { learningRate: 1 });
  return {
    data: data.source,
    input: holdsSignals(data) ? 'signal' : 'text',
    testItems: hashItems(test),
    splits: { train: train.length, validation: validation.length, test: test.length },
    classes: [...classes],
    testClasses: classes.map((name) => test.filter(({ label }) => label === name).length),
    epochs: options.epochs ?? (holdsSignals(data) ? Math.max(...epochs) : COMPARISON_EPOCHS),
    batchSize: settings.batchSize,
    tokenizer: options.tokenizer,
    long: options.long,
    vocabulary: options.vocabulary ?? 10_000,
    weightDecay: settings.weightDecay,
    clipNorm: settings.clipNorm,
    warmupShare: settings.warmupShare,
    classWeights: settings.classWeights,
    select: settings.select,
    learningRates: {},
  };
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
