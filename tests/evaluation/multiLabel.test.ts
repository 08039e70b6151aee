/** Scores of sets of labels against their definitions, thresholds, calibration, stratified parts. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { numberSets, settleLabels, targetsOfSets } from '#eft/data/labelSets.js';
import { stratifiedParts } from '#eft/data/stratify.js';
import { decided, parseThresholdGoal, settleDecision } from '#eft/evaluation/labelDecision.js';
import { fitLabelFusion } from '#eft/evaluation/labelFusion.js';
import {
  answeredLabels,
  averagedLabelLogits,
  confusedPairs,
  logitOf,
  multiLabelScores,
  precisionRecall,
  sigmoid,
} from '#eft/evaluation/multiLabel.js';
import { RandomStream } from '#eft/random.js';

/** Logits that a threshold of one half makes these answers. */
const logitsOf = (answers: readonly number[]): number[] => answers.map((answer) => (answer === 1 ? 2 : -2));

describe('scores', () => {
  // By scikit-learn's f1_score(average=…), but for the example without labels, which counts as right here.
  const targets = [1, 1, 0, 0, 1, 0, 0, 0, 0, 1, 0, 1];
  const answers = [1, 0, 0, 0, 1, 1, 0, 0, 0, 1, 0, 1];
  const scores = multiLabelScores({ logits: logitsOf(answers), targets, classes: 3 }, undefined);

  test('of all labels, by label and by example', () => {
    expect(scores.microF1).toBeCloseTo((2 * 4) / (5 + 5), 12);
    expect(scores.macroF1).toBeCloseTo((1 + 2 / 3 + 2 / 3) / 3, 12);
    expect(scores.sampleF1).toBeCloseTo((2 / 3 + 2 / 3 + 1 + 1) / 4, 12);
    expect(scores.subsetAccuracy).toBe(0.5);
    expect(scores.labelsPerExample).toBe(1.25);
    expect(scores.perLabel.map(({ support }) => support)).toEqual([2, 2, 1]);
  });

  test('labels that the model does not know are missed', () => {
    const more = multiLabelScores(
      { logits: logitsOf(answers), targets, classes: 3 },
      undefined,
      [0, 0, 1, 0],
    );
    expect(more.microF1).toBeCloseTo((2 * 4) / (6 + 5), 12);
    expect(more.subsetAccuracy).toBe(0.25);
    expect(more.sampleF1).toBeCloseTo((2 / 3 + 2 / 3 + 0 + 1) / 4, 12);
  });

  test('average precision is the mean of the precisions at the examples that have the label', () => {
    const [{ averagePrecision }] = multiLabelScores(
      { logits: [3, 2, 1, 0], targets: [1, 0, 1, 0], classes: 1 },
      undefined,
    ).perLabel;
    expect(averagePrecision).toBeCloseTo((1 + 2 / 3) / 2, 12);
  });

  test('a curve of precision and recall ends where all are answered', () => {
    const points = precisionRecall({ logits: [3, 2, 1, 0], targets: [1, 0, 1, 0], classes: 1 }, 0);
    expect(points.map(({ recall }) => recall)).toEqual([0.5, 0.5, 1, 1]);
    expect(points.at(-1)!.precision).toBe(0.5);
  });

  test('what is missed stands beside what is wrongly answered', () => {
    expect(confusedPairs([1, 0, 1, 0], [0, 1, 1, 0], 2)).toEqual([
      [1, 1],
      [0, 0],
    ]);
  });

  test('several answers for one input are averaged as probabilities', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -8, max: 8, noNaN: true }), { minLength: 2, maxLength: 5 }),
        (own) => {
          const [logit] = averagedLabelLogits(Float64Array.from(own), 1);
          const mean = own.reduce((sum, one) => sum + sigmoid(one), 0) / own.length;
          expect(sigmoid(logit)).toBeCloseTo(mean, 9);
        },
      ),
    );
  });
});

/** Labels that a logistic model draws from its own logits, on another scale. */
function drawn(count: number, seed: number, rates: readonly number[]) {
  const classes = rates.length;
  const logits = new Float64Array(count * classes);
  const targets = new Float32Array(count * classes);
  for (let at = 0; at < logits.length; at++) {
    const random = new RandomStream(seed, 'test', at);
    const true_ = rates[at % classes] + 2 * random.nextNormal();
    targets[at] = random.next() < sigmoid(true_) ? 1 : 0;
    logits[at] = true_ / 3 + 1;
  }
  return { logits, targets, classes };
}

describe('decisions', () => {
  const data = drawn(4000, 1, [-1, -3]);

  test('logits become those of the probabilities', () => {
    const { slopes, shifts } = settleDecision(data);
    for (const c of [0, 1]) {
      expect(slopes[c]).toBeCloseTo(3, 0);
      expect(shifts[c]).toBeCloseTo(-3, 0);
    }
  });

  test.each(['precision=0.9', 'recall=0.9'])('%s holds on others in the mean', (goal) => {
    const decision = settleDecision(data, parseThresholdGoal(goal)!);
    const others = drawn(4000, 2, [-1, -3]);
    const scores = multiLabelScores(
      { ...others, logits: decided(others.logits, decision) },
      decision.thresholds,
    );
    const found = goal.startsWith('precision') ? scores.microPrecision : scores.microRecall;
    expect(found).toBeGreaterThan(0.86);
    expect(found).toBeLessThan(0.95);
  });

  test('thresholds for F1 are no worse on others than one half', () => {
    const decision = settleDecision(data);
    const others = drawn(4000, 3, [-1, -3]);
    const logits = decided(others.logits, decision);
    expect(multiLabelScores({ ...others, logits }, decision.thresholds).microF1).toBeGreaterThan(
      multiLabelScores({ ...others, logits }, undefined).microF1,
    );
  });

  test('a label of no example has the threshold of all', () => {
    const { thresholds } = settleDecision({
      logits: [1, 1, -1, -1, 2, 0],
      targets: [1, 0, 0, 0, 1, 0],
      classes: 2,
    });
    expect(thresholds.every((threshold) => threshold > 0 && threshold < 1)).toBe(true);
  });

  test('goals are read, others refused', () => {
    expect(parseThresholdGoal('f1')).toEqual({ score: 'f1' });
    expect(parseThresholdGoal('recall=.5')).toEqual({ score: 'recall', least: 0.5 });
    for (const wrong of ['f2', 'precision', 'precision=2', 'recall='])
      expect(parseThresholdGoal(wrong)).toBeUndefined();
  });

  test('a threshold is reached, not passed', () => {
    expect([...answeredLabels([logitOf(0.3)], 1, [0.3])]).toEqual([1]);
  });
});

describe('two paths', () => {
  const linear = drawn(600, 4, [-1, -1]);

  test('a deep path of noise is left out', () => {
    const noise = drawn(600, 5, [0, 0]).logits;
    expect(fitLabelFusion({ ...linear, linear: linear.logits, deep: noise }).deep).toBe(0);
  });

  test('one that knows more has its share', () => {
    const deep = Float64Array.from(linear.targets, (target, at) => 2 * target - 1 + 0.1 * (at % 3));
    expect(fitLabelFusion({ ...linear, linear: linear.logits, deep }).deep).toBeGreaterThan(0);
  });
});

describe('sets', () => {
  test('each is kept once, whatever the order of its labels', () => {
    const { numbers, sets } = numberSets([['b', 'a'], [], ['a', 'b'], ['c']], ['a', 'b', 'c'], () => {});
    expect([...numbers]).toEqual([0, 1, 0, 2]);
    expect([...targetsOfSets(numbers, sets)]).toEqual([1, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 1]);
  });

  test('one label each stays so, unless any number is asked for', () => {
    const examples = [
      { labels: ['a'], place: '1' },
      { label: 'b', place: '2' },
    ];
    expect(settleLabels(examples, undefined)).toEqual([
      { label: 'a', place: '1' },
      { label: 'b', place: '2' },
    ]);
    expect(settleLabels(examples, 'many')).toEqual([
      { labels: ['a'], place: '1' },
      { labels: ['b'], place: '2' },
    ]);
  });

  test('parts have each label about as often, and groups stay whole', () => {
    const random = new RandomStream(1, 'test');
    const examples = Array.from({ length: 600 }, () => ({
      labels: ['a', 'b', 'rare'].filter((name) => random.next() < (name === 'rare' ? 0.02 : 0.4)),
    }));
    const of = Int32Array.from(examples, (_, i) => Math.floor(i / 3));
    const keys = Array.from({ length: 200 }, (_, unit) => String(unit));
    const parts = stratifiedParts({ count: 200, of }, examples, [0.5, 0.5], keys);
    for (const label of ['a', 'b', 'rare']) {
      const having = examples.map(({ labels }, i) => (labels.includes(label) ? parts[of[i]] : -1));
      const [first, second] = [0, 1].map((part) => having.filter((one) => one === part).length);
      expect(Math.abs(first - second)).toBeLessThanOrEqual(Math.max(3, 0.1 * (first + second)));
    }
    const sizes = [0, 1].map((part) => of.filter((unit) => parts[unit] === part).length);
    expect(Math.abs(sizes[0] - sizes[1])).toBeLessThan(30);
  });
});
