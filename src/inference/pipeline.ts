/// <reference lib="esnext.disposable" preserve="true" />
/** What users of transformers.js know: a function that labels texts. */
import { InputError } from '../errors.js';
import type { TextFields } from '../input/reading.js';
import type { ModelLocation } from '../platform/place.js';
import { Classifier, type LoadOptions } from './classifier.js';
import type { Score } from './prediction.js';

export interface PipelineOptions {
  /** How many classes to give; default 1, null: all. */
  readonly top_k?: number | null;
}

export interface TextClassificationPipeline {
  /** The most probable class, or with `top_k` several, largest first. */
  (text: string | TextFields, options?: PipelineOptions): Promise<Score[]>;
  /** The most probable class of each text; with `top_k` other than 1, several of each. */
  (texts: readonly (string | TextFields)[], options?: PipelineOptions): Promise<Score[] | Score[][]>;
  readonly classifier: Classifier;
  /** Ends the worker threads and gives the memory back. */
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Opens a model and returns a function that labels texts. Throws InputError as `load` does, and for other tasks. */
export async function pipeline(
  task: 'text-classification' | 'sentiment-analysis',
  place: ModelLocation,
  options: LoadOptions = {},
): Promise<TextClassificationPipeline> {
  if (task !== 'text-classification' && task !== 'sentiment-analysis') {
    throw new InputError(`there is no pipeline '${task}': models here do text-classification`);
  }
  const classifier = await Classifier.load(place, options);
  const classify = async (
    texts: string | TextFields | readonly (string | TextFields)[],
    { top_k = 1 }: PipelineOptions = {},
  ): Promise<Score[] | Score[][]> => {
    const topK = top_k ?? undefined;
    if (!Array.isArray(texts)) {
      return [...(await classifier.predict(texts as string | TextFields, { topK }))];
    }
    const predictions = await classifier.predict(texts as readonly (string | TextFields)[], { topK });
    return topK === 1 ? predictions.map(([best]) => best) : predictions.map((scores) => [...scores]);
  };
  return Object.assign(classify as TextClassificationPipeline, {
    classifier,
    dispose: () => classifier.dispose(),
    [Symbol.asyncDispose]: () => classifier.dispose(),
  });
}
