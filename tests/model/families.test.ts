import { describe, expect, test } from 'vitest';
import {
  settingDefaults,
  shapeDefaults,
  trainOptionsSchema,
  trainRequestSchema,
} from '#eft/learning/options.js';
import { configureModel } from '#eft/model/configuration.js';
import {
  AUTO_CANDIDATES,
  COMPARED_MODELS,
  DEFAULT_MODEL,
  FAMILIES,
  familyOf,
  LINEAR_PATH,
  MODEL_NAMES,
  modelsWith,
  PAPER_MODELS,
  QUICK_MODEL,
} from '#eft/model/families/index.js';
import { configureTraining } from '#eft/model/trainingSettings.js';
import { otherModelText } from '#eft/report/otherModel.js';

describe('the registry of families', () => {
  test('each family has the name under which it is registered, and a rank of its own', () => {
    for (const model of MODEL_NAMES) expect(FAMILIES[model].name).toBe(model);
    const orders = MODEL_NAMES.map((model) => FAMILIES[model].rank.order);
    expect(new Set(orders).size).toBe(MODEL_NAMES.length);
  });

  test('says who has which capability', () => {
    expect(modelsWith('anyLength')).toEqual(['bag', 'elastic', 'linear', 'rocket', 'spectrum']);
    expect(modelsWith('signals')).toEqual(['elastic-fourier', 'standard', 'elastic', 'rocket', 'spectrum']);
    expect(modelsWith('scaling')).toEqual(['elastic-fourier', 'standard']);
    expect(modelsWith('evidence')).toEqual(['linear']);
    expect(modelsWith('shallowPath')).toEqual(['elastic']);
    expect(modelsWith('blockwise')).toEqual(['elastic']);
    expect(modelsWith('storage')).toEqual(['linear']);
    expect(modelsWith('wordVectors')).toEqual(['elastic-fourier', 'standard', 'elastic']);
  });

  test('what is chosen for signals takes signals, what is chosen for texts takes texts', () => {
    for (const { text, signal } of [AUTO_CANDIDATES, COMPARED_MODELS]) {
      for (const model of signal) expect(modelsWith('signals')).toContain(model);
      for (const model of text) expect(familyOf({ model }).encoder?.kind).not.toBe('rocket');
    }
    expect(modelsWith('evidence')).toContain(LINEAR_PATH);
  });

  test('without a name the recommended model is trained, and compared with the quick one', () => {
    expect(trainOptionsSchema.parse({}).model).toBe(DEFAULT_MODEL);
    expect(trainRequestSchema.parse({}).model).toBe(DEFAULT_MODEL);
    for (const kind of ['text', 'signal'] as const) {
      expect(COMPARED_MODELS[kind]).toContain(DEFAULT_MODEL);
      expect(COMPARED_MODELS[kind]).toContain(QUICK_MODEL[kind]);
      for (const model of PAPER_MODELS) expect(COMPARED_MODELS[kind]).toContain(model);
    }
  });

  test.each<[Record<string, number>, { patience?: number }, number]>([
    [{ epochs: 4 }, {}, 6],
    [{ epochs: 60 }, {}, 20],
    [{ epochs: 60, patience: 0 }, {}, 0],
    [{ epochs: 60 }, { patience: 2 }, 2],
    [{ epochs: 60, patience: 5 }, { patience: 2 }, 5],
  ])('patience of %j with a recipe %j is %d', (options, recipe, patience) => {
    expect(configureTraining(options, { learningRate: 0.01, ...recipe }).patience).toBe(patience);
  });

  test.each(MODEL_NAMES)('another model than %s is named to whoever trains it', (model) => {
    const kinds = modelsWith('signals').includes(model) ? (['text', 'signal'] as const) : (['text'] as const);
    for (const kind of kinds) {
      const text = otherModelText(model, kind, false)!;
      const named = [...text.matchAll(/--model (\S+)/g)].map(([, name]) => name);
      expect(named).not.toContain(model);
      expect(named.length).toBeGreaterThan(0);
    }
  });

  test('recipes for few and many texts are those of before', () => {
    const recipes = (model: keyof typeof FAMILIES, counts: number[]) =>
      counts.map((examples) => familyOf({ model }).training.recipeFor?.(examples, configureModel({ model })));
    expect(recipes('linear', [100, 2000, 25_000, 1_000_000])).toEqual([
      { batchSize: 4, epochs: 28 },
      { batchSize: 14, epochs: 5 },
      { batchSize: 64, epochs: 5 },
      { batchSize: 64, epochs: 5 },
    ]);
    expect(recipes('standard', [100, 2000, 25_000])).toEqual([{ epochs: 40 }, { epochs: 39 }, { epochs: 4 }]);
  });

  test('defaults in help', () => {
    expect(settingDefaults.learningRate).toMatchInlineSnapshot(`"0.003; bag: 0.01"`);
    expect(shapeDefaults.channels).toMatchInlineSnapshot(`"elastic-fourier, standard, bag: 32; elastic: 64"`);
  });
});
