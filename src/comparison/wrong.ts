/** The test texts that models got wrong and were most sure of. */

import type { SignalNumbers, SignalPart } from '../evaluation/signalView.js';
import type { Results } from './results/schema.js';

/** A test text that a model got wrong. */
export interface WrongText {
  readonly model: string;
  readonly sequenceLength: number;
  /** Place in the test split. */
  readonly item: number;
  /** As people read it. */
  readonly text: string;
  /** A signal itself. */
  readonly signal?: SignalNumbers;
  /** Of a signal: what leaving parts of it out does to the answer. */
  readonly parts?: readonly SignalPart[];
  /**
   * Of a text: its pieces that decided most, and what each adds to the logit of the answer more than to that of the
   * label, nats.
   */
  readonly pieces?: readonly { readonly text: string; readonly evidence: number }[];
  readonly label: string;
  readonly predicted: string;
  /** Probability that the model gave its wrong answer, 0 … 1. */
  readonly confidence: number;
}

/**
 * Of each model at the greatest length, first seed.
 * @param texts of the test split, in its order
 * @param most for each model; default 6
 */
export function confidentlyWrong(
  { trials, testLabels, protocol }: Results,
  texts: readonly string[],
  most = 6,
): WrongText[] {
  const longest = Math.max(...trials.map(({ sequenceLength }) => sequenceLength));
  const models = new Set(trials.map(({ model }) => model));
  return [...models].flatMap((model) => {
    const [trial] = trials
      .filter((other) => other.model === model && other.sequenceLength === longest)
      .sort((a, b) => a.seed - b.seed);
    if (trial === undefined) return [];
    return trial.predictions
      .map((predicted, i) => ({
        model,
        sequenceLength: longest,
        item: i,
        text: texts[i],
        label: protocol.classes[testLabels[i]],
        predicted: protocol.classes[predicted],
        confidence: trial.confidence[i],
      }))
      .filter(({ label, predicted }) => label !== predicted)
      .sort((a, b) => b.confidence - a.confidence)
      .slice(0, most);
  });
}
