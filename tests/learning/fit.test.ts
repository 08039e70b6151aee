/** The training loop, on a session that follows a script. */
import { describe, expect, test } from 'vitest';
import type { EncodedDataset } from '#eft/data/encoded.js';
import { FailureError, InterruptedError } from '#eft/errors.js';
import type { EpochRecord } from '#eft/formats/history.js';
import { type FitOptions, type FitState, fit as fitModel, isBetter } from '#eft/learning/fit.js';
import { configureTraining, type TrainingSettings } from '#eft/model/trainingSettings.js';
import { type Script, ScriptedSession } from './scripted-session.js';

/** `count` examples of one token each: its place + 1; classes in turn. */
function dataset(count: number): EncodedDataset {
  return {
    tokens: Int32Array.from({ length: count }, (_, i) => i + 1),
    offsets: Int32Array.from({ length: count + 1 }, (_, i) => i),
    labels: Int32Array.from({ length: count }, (_, i) => i % 2),
  };
}

const train = dataset(10);
const validation = dataset(20);

function options(
  session: ScriptedSession,
  settings: Partial<TrainingSettings>,
  more: Partial<FitOptions> = {},
): FitOptions {
  return {
    session,
    classes: 2,
    train,
    validation,
    settings: configureTraining(settings, { learningRate: 1e-3 }),
    ...more,
  };
}

async function trained(script: Script, settings: Partial<TrainingSettings>) {
  const session = new ScriptedSession(script);
  const epochs: { record: EpochRecord; best: boolean }[] = [];
  const hooks: FitOptions['hooks'] = {
    onEpoch: async (record, _, best) => void epochs.push({ record, best }),
  };
  const state = await fitModel(options(session, settings, { hooks }));
  return { session, state, epochs };
}

describe('epochs', () => {
  test('every example once an epoch, in another order each time; the last batch is what is left', async () => {
    const { session, state } = await trained({}, { epochs: 2, batchSize: 4 });
    expect(session.steps.map(({ labels }) => labels.length)).toEqual([4, 4, 2, 4, 4, 2]);
    expect(session.steps.map(({ key }) => key.step)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(state).toMatchObject({ epoch: 2, batch: 0, step: 6, stopped: false });
  });

  test('the same seed gives the same weights, another one others', async () => {
    const settings = { epochs: 3, batchSize: 4 };
    const { session: a } = await trained({}, settings);
    const { session: b } = await trained({}, settings);
    const { session: c } = await trained({}, { ...settings, seed: 1 });
    expect(b.weight).toBe(a.weight);
    expect(c.weight).not.toBe(a.weight);
  });

  test('the mean loss counts examples, not batches', async () => {
    const { state } = await trained({ loss: (step) => [1, 2, 6][step] }, { epochs: 1, batchSize: 4 });
    expect(state.history[0].trainLoss).toBeCloseTo((4 * 1 + 4 * 2 + 2 * 6) / 10, 12);
    expect(state.history[0].trainAccuracy).toBe(3 / 10);
  });
});

test('balanced classes: the losses of a class of fewer examples count more', async () => {
  const uneven = { ...train, labels: Int32Array.from({ length: 10 }, (_, i) => (i < 8 ? 0 : 1)) };
  const session = new ScriptedSession();
  await fitModel(options(session, { epochs: 1, batchSize: 4, classWeights: 'balanced' }, { train: uneven }));
  const given = session.steps.flatMap(({ labels, lossWeights }) =>
    labels.map((label, i) => `${label} ${lossWeights?.[i]}`),
  );
  expect(new Set(given)).toEqual(new Set(['0 0.625', '1 2.5']));
  const plain = new ScriptedSession();
  await fitModel(options(plain, { epochs: 1, batchSize: 4 }, { train: uneven }));
  expect(plain.steps.every(({ lossWeights }) => lossWeights === undefined)).toBe(true);
});

describe('the best epoch', () => {
  test('is that of the highest accuracy, of equal ones that of the lower loss, of equal ones the first', () => {
    expect(isBetter({ accuracy: 0.9, loss: 5 }, { accuracy: 0.8, loss: 1 })).toBe(true);
    expect(isBetter({ accuracy: 0.9, loss: 0.9 }, { accuracy: 0.9, loss: 1 })).toBe(true);
    expect(isBetter({ accuracy: 0.9, loss: 1 }, { accuracy: 0.9, loss: 1 })).toBe(false);
  });

  test('is that of the highest macro F1 or of the lowest loss, when asked', () => {
    const common = { accuracy: 0.9, loss: 2, macroF1: 0.2 };
    const even = { accuracy: 0.8, loss: 3, macroF1: 0.6 };
    expect(isBetter(even, common)).toBe(false);
    expect(isBetter(even, common, 'macro-f1')).toBe(true);
    expect(isBetter({ ...even, loss: 1 }, even, 'macro-f1')).toBe(true);
    expect(isBetter(common, even, 'loss')).toBe(true);
    expect(isBetter({ ...common, accuracy: 1 }, common, 'loss')).toBe(false);
  });

  const scores = [0.5, 0.8, 0.6, 0.8, 0.7];
  const script: Script = { validation: (k) => ({ correct: scores[k], loss: 1 }) };

  test('is told and kept', async () => {
    const { state, epochs } = await trained(script, { epochs: 5, batchSize: 10 });
    expect(epochs.map(({ best }) => best)).toEqual([true, true, false, false, false]);
    expect(state.bestEpoch).toBe(2);
    expect(state.history.map((record) => record.validation.accuracy)).toEqual(scores);
  });

  test('is chosen by the score that is asked for', async () => {
    const losses = [1, 4, 3, 0.5, 2];
    const byLoss: Script = { validation: (k) => ({ correct: scores[k], loss: losses[k] }) };
    const { state } = await trained(byLoss, { epochs: 5, batchSize: 10, select: 'loss' });
    expect(state.bestEpoch).toBe(4);
    // The first so many of validation are right: of two classes in turn, so both have the same F1.
    expect(state.history[1].validation.macroF1).toBeCloseTo(0.8, 12);
  });

  test('has the temperature that makes its scores most likely', async () => {
    const { state } = await trained(script, { epochs: 3, batchSize: 10 });
    // Logits of 1 and 0 at 80 % right: the score should be 0.8, so 1 / t = ln(0.8 / 0.2).
    expect(state.history[1].temperature).toBeCloseTo(1 / Math.log(4), 6);
    // Half of them right: no temperature makes them less sure than certain nonsense.
    expect(state.history[0].temperature).toBe(20);
    expect(state.history[2].temperature).toBeUndefined();
  });

  test('ends a training with patience', async () => {
    const { state } = await trained(script, { epochs: 5, batchSize: 10, patience: 2 });
    expect(state).toMatchObject({ epoch: 4, bestEpoch: 2, stopped: true });
    const again = new ScriptedSession();
    expect(await fitModel(options(again, { epochs: 5, batchSize: 10, patience: 2 }, { state }))).toEqual(
      state,
    );
    expect(again.steps).toEqual([]);
  });
});

describe('divergence', () => {
  const onlyAt = (step: number, value: number) => (at: number) => (at === step ? value : 1);
  test.each<[string, Script, RegExp]>([
    [
      'a loss',
      { loss: onlyAt(5, Number.NaN) },
      /diverged at step 6: the loss became NaN\. The checkpoint of epoch 1 is kept\. Try a lower learning rate \(--learning-rate\)/,
    ],
    [
      'a loss at once',
      { loss: onlyAt(0, Infinity) },
      /diverged at step 1: the loss became Infinity\. No epoch was finished/,
    ],
    ['a gradient', { gradientNorm: onlyAt(4, Infinity) }, /diverged at step 5: the gradient became Infinity/],
    [
      'a validation',
      { validation: (k) => ({ correct: 1, loss: k === 1 ? Number.NaN : 1 }) },
      /at step 6: the validation loss became NaN/,
    ],
  ])('of %s stops with the step and advice, and saves nothing more', async (_, script, message) => {
    const session = new ScriptedSession(script);
    const saved: number[] = [];
    const hooks: FitOptions['hooks'] = { onEpoch: async ({ epoch }) => void saved.push(epoch) };
    const training = fitModel(options(session, { epochs: 3, batchSize: 4 }, { hooks }));
    await expect(training).rejects.toThrow(FailureError);
    await expect(training).rejects.toThrow(message);
    expect(saved).toEqual(session.steps.length < 3 ? [] : [1]);
  });
});

describe('interruption', () => {
  const settings = { epochs: 3, batchSize: 4, seed: 3 };

  test('after any step: what follows is the same to the bit', async () => {
    const { session: whole, state: end } = await trained({}, settings);
    for (let stopAfter = 0; stopAfter <= 8; stopAfter++) {
      const controller = new AbortController();
      if (stopAfter === 0) controller.abort();
      const first = new ScriptedSession();
      let at: FitState | undefined;
      const hooks: FitOptions['hooks'] = {
        onStep: ({ step }) => step === stopAfter && controller.abort(),
        onInterrupt: async (state) => {
          at = structuredClone(state);
        },
      };
      const stopped = fitModel(options(first, settings, { hooks, signal: controller.signal }));
      await expect(stopped).rejects.toThrow(InterruptedError);
      await expect(stopped).rejects.toThrow(`stopped after step ${stopAfter} of 9`);
      expect(at?.step).toBe(stopAfter);

      const second = new ScriptedSession();
      await second.setParameter('w', await first.parameter());
      await second.setMoment('m', 'w', await first.moment());
      const state = JSON.parse(JSON.stringify(at)) as FitState;
      const resumed = await fitModel(options(second, settings, { state }));
      expect([...first.steps, ...second.steps]).toEqual(whole.steps);
      expect(second.weight).toBe(whole.weight);
      const scores = (history: readonly EpochRecord[]) => history.map(({ seconds: _, ...record }) => record);
      expect(scores(resumed.history)).toEqual(scores(end.history));
    }
  });

  test('does not change the state it was given', async () => {
    const { state } = await trained({}, { ...settings, epochs: 1 });
    const before = structuredClone(state);
    await fitModel(options(new ScriptedSession(), settings, { state }));
    expect(state).toEqual(before);
  });
});
