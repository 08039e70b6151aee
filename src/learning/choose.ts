/** Which family suits the data: each candidate is trained on parts of the training examples and scores by the rest. */
import type { Example, ExampleSet } from '../data/dataset.js';
import { labelsIn } from '../data/labelSets.js';
import { foldsOf } from '../data/split.js';
import type { Classifier } from '../inference/classifier.js';
import { isSignal } from '../input/input.js';
import type { ModelName } from '../model/configuration.js';
import { AUTO_CANDIDATES } from '../model/families/index.js';

const FOLDS = 5;
/** Of more examples than this, a fifth says enough. */
const FEW = 1000;

export interface CandidateScore {
  readonly model: ModelName;
  /** Of the examples left out in turn. */
  readonly accuracy: number;
  /** Mean cross-entropy of them. */
  readonly loss: number;
}

export interface Choice {
  readonly model: ModelName;
  /** Every candidate. */
  readonly scores: readonly CandidateScore[];
  /** Examples by which they were scored. */
  readonly examples: number;
}

/**
 * The most accurate; of equal ones that of the least loss. The data's own test part is left alone.
 * @param trainOn trains a model on the dataset's examples, some of which it may keep apart itself
 * @param onFold trainings done, and how many there are
 */
export async function chooseModel(
  { name, examples }: ExampleSet,
  trainOn: (part: ExampleSet, model: ModelName) => Promise<Classifier>,
  onFold: (done: number, all: number) => void = () => {},
): Promise<Choice> {
  const candidates = AUTO_CANDIDATES[isSignal(examples[0].input) ? 'signal' : 'text'];
  const folds = foldsOf(examples, FOLDS).slice(0, examples.length > FEW ? 1 : FOLDS);
  const sums = candidates.map((model) => ({ model, right: 0, loss: 0 }));
  let count = 0;
  let done = 0;
  for (const { rest, part } of folds) {
    const known = new Set(rest.flatMap(labelsIn));
    const held: readonly Example[] = part.filter((example) =>
      labelsIn(example).every((label) => known.has(label)),
    );
    if (held.length === 0) continue;
    count += held.length;
    for (const sum of sums) {
      const classifier = await trainOn({ name, examples: rest }, sum.model);
      try {
        const { accuracy, loss } = await classifier.evaluateRead(held, name);
        sum.right += accuracy * held.length;
        sum.loss += loss * held.length;
      } finally {
        await classifier.dispose();
      }
      onFold(++done, folds.length * sums.length);
    }
  }
  const scores = sums.map(({ model, right, loss }) => ({
    model,
    accuracy: right / count,
    loss: loss / count,
  }));
  const best = scores.reduce((leader, one) => {
    const difference = Math.round((one.accuracy - leader.accuracy) * count);
    return difference > 0 || (difference === 0 && one.loss < leader.loss) ? one : leader;
  });
  return { model: best.model, scores, examples: count };
}
