/**
 * The library in Node: data may be paths, and models are saved in folders.
 *
 * ```ts
 * import { load, train } from 'elastic-fourier';
 *
 * const classifier = await train({ data: 'mails.csv', model: 'elastic-fourier', sequenceLength: 256 });
 * await classifier.predict('Win a free cruise now!'); // [{ label: 'spam', score: 0.99 }, { label: 'ham', score: 0.01 }]
 * await classifier.save('runs/mails');
 * await classifier.dispose();
 *
 * const again = await load('runs/mails');
 * ```
 *
 * @module
 */

import { type Dataset, examplesOf, type LabelledInput } from './data/example.js';
import { Classifier, type LoadOptions } from './inference/classifier.js';
import { type TrainOptions as MemoryTrainOptions, trainOn } from './learning/train.js';
import type { Place } from './platform/place.js';
import type { InputName, ReadOptions } from './readers/options.js';
import type { InputDataset } from './readers/readInputs.js';

export * from './index.js';
export { enableFastVectors } from './platform/node/fastVectors.js';

export interface TrainOptions extends Omit<MemoryTrainOptions, 'data' | 'name' | 'html' | 'validation'> {
  /** Labelled texts, or a path or built-in name as `eft train --data` takes it. */
  readonly data: string | readonly LabelledInput[];
  /** What files hold. Default: by their names, text where these say nothing. */
  readonly input?: InputName | undefined;
  /** Brings sounds in files to so many samples a second; predictions take `resample(signal, rate)`. */
  readonly resample?: number | undefined;
  /** Default: 10 % of the data, by content hash. */
  readonly validation?: string | readonly LabelledInput[] | undefined;
}

async function read(
  data: string | readonly LabelledInput[],
  name: string,
  how: ReadOptions,
): Promise<Dataset | InputDataset> {
  if (typeof data !== 'string') return { name, examples: examplesOf(data) };
  // Readers are loaded when a file is to be read.
  const { readInputs } = await import('./readers/readInputs.js');
  return readInputs(data, how);
}

/**
 * Trains a model; the best epoch on validation (`select`) is kept.
 * Throws InputError on data or options that do not serve, FailureError (code `diverged`) if training diverges,
 * InterruptedError when the signal is raised.
 */
export async function train(options: TrainOptions): Promise<Classifier> {
  const { data, validation, input, resample, ...rest } = options;
  const how = { input, resample };
  const dataset = await read(data, 'data', how);
  const own = validation === undefined ? undefined : await read(validation, 'validation', how);
  return trainOn(dataset, own, rest);
}

/** Opens a run folder. Throws InputError on one that is damaged, foreign or of another version. */
export const load = (place: Place, options?: LoadOptions): Promise<Classifier> =>
  Classifier.load(place, options);
