/** Simulated answers of two models on the same test items, for tests of what compares them. */
import { RandomStream } from '#eft/random.js';

export interface Simulated {
  readonly items: number;
  readonly seeds: number;
  /** Expected share of right answers of a and b. */
  readonly accuracies: readonly [number, number];
  /** Standard deviation over seeds of a model's expected accuracy. Default 0. */
  readonly spread?: number;
}

/**
 * [model][seed][item]: whether the answer was right. Items are hard or easy for both models alike: six of ten answers
 * follow from the item, the others are the model's own chance.
 */
export function simulate(
  { items, seeds, accuracies, spread = 0 }: Simulated,
  repetition: number,
): [boolean[][], boolean[][]] {
  const random = new RandomStream(repetition, 'test', items, seeds);
  const difficulty = Array.from({ length: items }, () => random.next());
  const run = (accuracy: number): boolean[] => {
    const reached = accuracy + spread * random.nextNormal();
    return difficulty.map((own) => (random.next() < 0.6 ? own : random.next()) < reached);
  };
  const model = (accuracy: number): boolean[][] => Array.from({ length: seeds }, () => run(accuracy));
  return [model(accuracies[0]), model(accuracies[1])];
}
