/** The models: counts, names and shapes of the PyTorch reference; initial values; refused configurations. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { InputError } from '#eft/errors.js';
import {
  atLength,
  configureModel,
  foreignOptions,
  type ModelOptions,
  modelConfigurationSchema,
} from '#eft/model/configuration.js';
import { lowerInference, lowerTraining, tokenCapacity } from '#eft/model/lowering.js';
import { countParameters, initialise, modelParameters } from '#eft/model/parameters.js';

const golden = fileURLToPath(new URL('../golden', import.meta.url));
const parse = (options: ModelOptions) => modelConfigurationSchema.parse(options);

describe('parameters', () => {
  it.each([
    ['elastic-fourier', 256, 612_714],
    ['elastic-fourier', 512, 751_978],
    ['elastic-fourier', 1024, 1_030_506],
    ['standard', 256, 429_922],
    ['standard', 512, 438_114],
    ['standard', 1024, 454_498],
    ['bag', 512, 10_001 * 32 + 2 * 32 + 2],
    ['elastic', 256, 844_610],
    ['elastic', 4096, 844_610],
  ] as const)('%s at %i tokens has %i', (model, sequenceLength, count) => {
    expect(countParameters(parse({ model, sequenceLength }))).toBe(count);
  });

  it.each(readdirSync(golden).filter((name) => /^(elastic-fourier|standard|elastic)_/.test(name)))(
    'have the names, shapes and order of %s',
    (name) => {
      const { meta, tensors } = JSON.parse(readFileSync(`${golden}/${name}`, 'utf8'));
      const { model, n, d, adamw: _, batch: _batch, ...shape } = meta;
      const expected = Object.keys(tensors)
        .filter((key) => key.startsWith('param.'))
        .map((key) => ({ name: key.slice('param.'.length), shape: tensors[key].shape }));
      const found = modelParameters(parse({ model, sequenceLength: n, channels: d, ...shape }));
      expect(found.map(({ name, shape }) => ({ name, shape: [...shape] }))).toEqual(expected);
    },
  );

  it('are the same for training, evaluation and inference, in the same order', () => {
    const configuration = parse({ model: 'standard', sequenceLength: 32, blocks: 2, dropout: 0.1 });
    const { training, evaluation } = lowerTraining(configuration);
    expect(training.parameters).toEqual(evaluation.parameters);
    expect(lowerInference(configuration).parameters).toEqual(evaluation.parameters);
  });
});

describe('initialise', () => {
  const configuration = parse({ model: 'elastic-fourier', sequenceLength: 64, blocks: 1, vocabulary: 500 });
  const parameters = initialise(configuration, 5);
  const deviation = (values: Float32Array): number =>
    Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);

  it('is decided by the seed', () => {
    expect(initialise(configuration, 5)).toEqual(parameters);
    expect(initialise(configuration, 6)).not.toEqual(parameters);
  });

  it("follows the reference's distributions, with smaller numbers in the embedding", () => {
    const token = parameters.get('embedding.token.weight')!;
    expect([...token.subarray(0, 32)]).toEqual(new Array(32).fill(0));
    // Five standard errors of the deviation of N normal numbers: 5 / √(2N).
    expect(Math.abs(deviation(token.subarray(32)) / 0.02 - 1)).toBeLessThan(5 / Math.sqrt(2 * 500 * 32));
    const position = parameters.get('embedding.position.weight')!;
    expect(Math.abs(deviation(position) / 0.02 - 1)).toBeLessThan(5 / Math.sqrt(2 * 64 * 32));
    const filter = parameters.get('blocks.0.layers.1.mixer.imag_filter')!;
    expect(Math.abs(deviation(filter) / 0.02 - 1)).toBeLessThan(5 / Math.sqrt(2 * filter.length));
    const weight = parameters.get('blocks.0.layers.0.feed_forward.contract.weight')!;
    const bound = 1 / Math.sqrt(128);
    expect(Math.max(...weight)).toBeLessThanOrEqual(bound);
    expect(Math.max(...weight)).toBeGreaterThan(0.99 * bound);
    expect(Math.min(...weight)).toBeLessThan(-0.99 * bound);
    expect([...parameters.get('blocks.0.wave.frequency')!]).toEqual([1]);
    expect(new Set(parameters.get('blocks.0.layers.0.norm1.weight'))).toEqual(new Set([1]));
    expect(new Set(parameters.get('blocks.0.layers.0.norm1.bias'))).toEqual(new Set([0]));
  });

  it('gives different parameters different numbers', () => {
    const first = parameters.get('blocks.0.layers.0.mixer.real_filter')!;
    expect(parameters.get('blocks.0.layers.1.mixer.real_filter')).not.toEqual(first);
  });
});

describe('configuration', () => {
  it('has the presets of the founding text as defaults', () => {
    expect(parse({ model: 'standard', sequenceLength: 512 })).toMatchObject({
      channels: 32,
      hidden: 128,
      blocks: 8,
      heads: 4,
      vocabulary: 10_000,
      classes: 2,
      dropout: 0,
      labelSmoothing: 0,
    });
  });

  it.each<[string, ModelOptions | Record<string, unknown>]>([
    ['one token', { model: 'standard', sequenceLength: 1 }],
    ['half a token', { model: 'standard', sequenceLength: 2.5 }],
    ['an unknown model', { model: 'lstm', sequenceLength: 8 }],
    ['an unknown option', { model: 'standard', sequenceLength: 8, depth: 3 }],
    ['heads that do not divide the channels', { model: 'standard', sequenceLength: 8, heads: 5 }],
    ['one class', { model: 'standard', sequenceLength: 8, classes: 1 }],
    ['dropout of everything', { model: 'standard', sequenceLength: 8, dropout: 1 }],
  ])('refuses %s', (_, options) => {
    expect(modelConfigurationSchema.safeParse(options).success).toBe(false);
  });

  it('passes over what belongs to other families, so that several models can be configured alike', () => {
    const options = { model: 'elastic-fourier', sequenceLength: 8, heads: 5, ngrams: 2 } as const;
    expect(foreignOptions(options)).toEqual(['heads', 'ngrams']);
    expect(Object.keys(parse(options))).not.toContain('heads');
  });

  it('gives the bag buckets where n-grams are asked for and none are named', () => {
    expect(configureModel({ model: 'bag', sequenceLength: 8, ngrams: 2 })).toMatchObject({
      buckets: 131_072,
    });
    expect(configureModel({ model: 'bag', sequenceLength: 8, buckets: 9 })).toMatchObject({ buckets: 0 });
  });

  it('gives a model of any length another one, with the same parameters', () => {
    const configuration = parse({ model: 'elastic', sequenceLength: 64, blocks: 1, wordDropout: 0.1 });
    const longer = atLength(configuration, 4096);
    expect(longer).toEqual({ ...configuration, sequenceLength: 4096 });
    expect(modelParameters(longer)).toEqual(modelParameters(configuration));
    expect(() => atLength(configuration, 1)).toThrow(InputError);
    const grows = parse({ model: 'elastic-fourier', sequenceLength: 64 });
    expect(atLength(grows, 64)).toBe(grows);
    expect(() => atLength(grows, 128)).toThrow(InputError);
  });

  it('gives the bag room for the n-grams of its tokens', () => {
    const configuration = parse({ model: 'bag', sequenceLength: 10, ngrams: 3, buckets: 100 });
    expect(tokenCapacity(configuration)).toBe(30);
    expect(lowerInference(configuration).sequenceLength).toBe(30);
  });
});
