/** Scaling a model to a cost: the search alone, with costs that are counted or invented. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scaleTo } from '#eft/comparison/pairing.js';
import { InputError } from '#eft/errors.js';
import { configureModel, type ModelConfiguration } from '#eft/model/configuration.js';
import type { StandardConfiguration } from '#eft/model/families/standard.js';
import { lowerTraining } from '#eft/model/lowering.js';
import { countParameters } from '#eft/model/parameters.js';
import { programFlops } from '#eft/program/costs.js';

const preset = (model: 'elastic-fourier' | 'standard', sequenceLength: number): ModelConfiguration =>
  configureModel({ model, sequenceLength });
const flops = (configuration: ModelConfiguration): number =>
  programFlops(lowerTraining(configuration).training);

describe('scaleTo', () => {
  it.each([
    { of: 'parameters', scale: 'width', cost: countParameters },
    { of: 'parameters', scale: 'depth', cost: countParameters },
    { of: 'flops', scale: 'width', cost: flops },
    { of: 'flops', scale: 'depth', cost: flops },
  ] as const)('meets $of by $scale within 0.2%, at the paper’s lengths', async ({ of, scale, cost }) => {
    const [less, more] =
      of === 'flops'
        ? (['elastic-fourier', 'standard'] as const)
        : (['standard', 'elastic-fourier'] as const);
    for (const n of [256, 512, 1024]) {
      const target = cost(preset(more, n));
      const { configuration, cost: reached } = await scaleTo(preset(less, n), scale, cost, target, 0.002);
      expect(Math.abs(reached / target - 1)).toBeLessThan(0.002);
      expect(cost(configureModel(configuration))).toBe(reached);
      if (scale === 'depth') expect(configuration).toMatchObject({ channels: 32 });
      else expect(configuration).toMatchObject({ blocks: 8 });
    }
  });

  it('scales down as well', async () => {
    const { cost } = await scaleTo(preset('standard', 512), 'width', countParameters, 250_000, 0.002);
    expect(Math.abs(cost / 250_000 - 1)).toBeLessThan(0.002);
  });

  it('ends after a bounded number of measurements, however noisy, near the target', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.double({ min: 0.5, max: 8, noNaN: true }),
        fc.array(fc.double({ min: 0.9, max: 1.1, noNaN: true }), { minLength: 40, maxLength: 40 }),
        async (factor, noise) => {
          let calls = 0;
          const truth = (candidate: ModelConfiguration): number => {
            const { channels, hidden } = candidate as StandardConfiguration;
            return channels * (4 * channels + 2 * hidden);
          };
          const base = preset('standard', 64);
          const target = factor * truth(base);
          const { configuration } = await scaleTo(
            base,
            'width',
            (candidate) => truth(candidate) * noise[calls++],
            target,
            0.03,
          );
          expect(calls).toBeLessThan(24);
          const { channels, heads } = configuration as StandardConfiguration;
          expect(channels % heads).toBe(0);
          // The noise of the one that was taken, and of the bisection that led there.
          expect(Math.abs(Math.log(truth(configuration) / target))).toBeLessThan(0.35);
        },
      ),
    );
  });

  it('says so where no size will do', async () => {
    await expect(scaleTo(preset('standard', 512), 'width', countParameters, 10, 0.01)).rejects.toThrow(
      InputError,
    );
    await expect(scaleTo(preset('standard', 512), 'depth', countParameters, 1e9, 0.01)).rejects.toThrow(
      InputError,
    );
  });
});
