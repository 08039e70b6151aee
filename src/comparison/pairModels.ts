/** Finds the scaled models of a comparison: what each must cost, and which configuration does. */

import { raggedBatch } from '../benchmark/batch.js';
import { prepareStep } from '../benchmark/step.js';
import { median, timeRepeatedly } from '../benchmark/timing.js';
import { encodeDataset } from '../data/encode.js';
import { createWasmEngine } from '../engine/wasm/engine.js';
import { InputError, InterruptedError } from '../errors.js';
import type { Encoder } from '../input/encoder.js';
import { prepareModel } from '../learning/prepare.js';
import { configureModel, type ModelConfiguration, type ModelName } from '../model/configuration.js';
import type { CommonConfiguration } from '../model/families/family.js';
import { modelsWith } from '../model/families/index.js';
import { lowerTraining } from '../model/lowering.js';
import { rowNumbers } from '../model/options.js';
import { countParameters } from '../model/parameters.js';
import { programFlops } from '../program/costs.js';
import { type PairingCost, scaleTo } from './pairing.js';
import type { SplitData } from './parts.js';
import type { ComparisonHooks, ComparisonPlan } from './plan.js';
import type { Pairing } from './results/schema.js';

const WORDS: Record<PairingCost, string> = { parameters: 'parameters', flops: 'FLOPs', seconds: 'seconds' };

/** Counts can be met almost exactly; a measured time is not known better than this. */
const TOLERANCE: Record<PairingCost, number> = { parameters: 0.002, flops: 0.002, seconds: 0.03 };

/** Each measurement of a time, seconds. */
const MEASURE_SECONDS = 1;

type Cost = (configuration: ModelConfiguration) => number | Promise<number>;

/**
 * The pairings of a plan: at each length the model that costs less grows until it costs what the other does; those of an earlier
 * run are kept, for no time is measured twice the same.
 * Throws InputError where nothing can be paired.
 */
export async function pairModels(
  plan: ComparisonPlan,
  data: SplitData,
  earlier: readonly Pairing[],
  hooks: ComparisonHooks,
  signal: AbortSignal | undefined,
): Promise<Pairing[]> {
  const pairings = [...earlier];
  if (plan.pairings.length === 0) return pairings;
  const [reference, ...others] = modelsToPair(plan);
  const options = { ...plan.options, sequenceLength: plan.lengths[0], model: reference };
  const { encoder, model: prepared } = prepareModel(data, options);
  const { signal: frames }: CommonConfiguration = prepared;
  const unit = frames === undefined ? 'tokens' : 'steps';
  const configure = (model: ModelConfiguration['model'], sequenceLength: number): ModelConfiguration =>
    configureModel({
      ...plan.options,
      model,
      sequenceLength,
      vocabulary: encoder.vocabulary,
      classes: data.classes.length,
      signal: frames,
    });
  for (const sequenceLength of plan.lengths) {
    const costs: Record<PairingCost, Cost> = {
      parameters: countParameters,
      flops: (configuration) => programFlops(lowerTraining(configuration).training),
      seconds: timer(plan, data, encoder, sequenceLength),
    };
    for (const cost of plan.pairings) {
      const measure: Cost = (configuration) => {
        if (signal?.aborted) throw new InterruptedError('stopped while scaling models');
        return costs[cost](configuration);
      };
      for (const other of others) {
        const known = pairings.find(
          (pairing) =>
            pairing.cost === cost &&
            pairing.sequenceLength === sequenceLength &&
            [pairing.model, pairing.reference].sort().join() === [reference, other].sort().join(),
        );
        if (known !== undefined) {
          if (known.scale === plan.pairingScale) continue;
          throw new InputError(
            `${plan.folder} holds ${known.name} at ${sequenceLength} ${unit}, scaled by ${known.scale}: choose another folder`,
          );
        }
        hooks.onNote?.(`${reference} and ${other} at ${sequenceLength} ${unit}: equal ${WORDS[cost]}`);
        const presets = [reference, other].map((model) => configure(model, sequenceLength));
        const presetCosts = [await measure(presets[0]), await measure(presets[1])];
        const [less, more] = presetCosts[0] < presetCosts[1] ? [0, 1] : [1, 0];
        const scaled = await scaleTo(
          presets[less],
          plan.pairingScale,
          measure,
          presetCosts[more],
          TOLERANCE[cost],
        );
        const pairing: Pairing = {
          name: `${presets[less].model}, equal ${WORDS[cost]}`,
          model: presets[less].model,
          reference: presets[more].model,
          cost,
          scale: plan.pairingScale,
          sequenceLength,
          target: presetCosts[more],
          reached: scaled.cost,
          configuration: { ...scaled.configuration },
        };
        pairings.push(pairing);
        hooks.onPaired?.(pairing);
      }
    }
  }
  return pairings;
}

/** Throws InputError on a plan with pairings and fewer than two models that can be scaled. */
export function modelsToPair({ models, pairings }: Pick<ComparisonPlan, 'models' | 'pairings'>): ModelName[] {
  const able = modelsWith('scaling');
  const scalable = models.filter((model) => able.includes(model));
  if (pairings.length > 0 && scalable.length < 2)
    throw new InputError(`--match needs two models that can be scaled: ${able.join(',')}`);
  return scalable;
}

/** Seconds of a training sequence as long as those of the data. */
function timer(plan: ComparisonPlan, data: SplitData, encoder: Encoder, sequenceLength: number): Cost {
  const { batchSize: batch = 32 } = plan.options;
  let lengths: number[] | undefined;
  return async (configuration) => {
    lengths ??= typicalLengths(plan, data, encoder, sequenceLength);
    const engine = await createWasmEngine(plan.threads === undefined ? {} : { threads: plan.threads });
    try {
      const { vocabulary, classes, signal: frames }: CommonConfiguration = configuration;
      const width = frames === undefined ? 0 : rowNumbers(frames);
      const input = raggedBatch(lengths, vocabulary, classes, width);
      const { call } = await prepareStep(engine, configuration, 'train', input);
      return median(await timeRepeatedly(call, { seconds: MEASURE_SECONDS, least: 3 })) / batch;
    } finally {
      await engine.dispose();
    }
  };
}

/** Lengths of a batch that stands for the training split: evenly spread over its sorted lengths. */
function typicalLengths(
  { data: { source }, options: { long, batchSize: batch = 32 } }: ComparisonPlan,
  { classes, train }: SplitData,
  encoder: Encoder,
  sequenceLength: number,
): number[] {
  const { offsets, labels } = encodeDataset(source, train, classes, encoder, {
    sequenceLength,
    long,
    overlap: false,
  });
  const all = Array.from(labels, (_, i) => offsets[i + 1] - offsets[i]).sort((a, b) => a - b);
  return Array.from({ length: batch }, (_, i) => all[Math.floor(((i + 0.5) / batch) * all.length)]);
}
