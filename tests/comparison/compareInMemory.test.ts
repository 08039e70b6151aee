/** A comparison in this process: what a page does, in the words of the report. */
import { describe, expect, it } from 'vitest';
import { compare, InputError, InterruptedError } from '#eft/browser.js';

const words = ['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta'];
const data = Array.from({ length: 400 }, (_, i) => ({
  text: `${words[i % 6]} ${i % 2 === 0 ? 'cruise' : 'patch'} ${words[(i * 7) % 5]} ${i}`,
  label: i % 2 === 0 ? 'spam' : 'ham',
}));

describe('compare', () => {
  it('tests models on the same items and says which to use', async () => {
    const shares: number[] = [];
    const { results, verdict } = await compare({
      data,
      models: ['bag', 'elastic-fourier'],
      sequenceLength: 8,
      channels: 8,
      epochs: 8,
      threads: 1,
      onProgress: ({ share }) => shares.push(share),
    });
    expect(results.trials.map(({ name }) => name)).toEqual(['bag-0', 'elastic-fourier-0']);
    const { train, validation, test } = results.protocol.splits;
    expect(train + validation + test).toBe(400);
    expect(results.testLabels).toHaveLength(test);
    for (const trial of results.trials) expect(trial.test.accuracy).toBeGreaterThan(0.95);
    expect(verdict.advice).toHaveLength(1);
    expect(verdict.advice[0]).toMatch(/^Use (bag|elastic-fourier).* at 8 tokens: no/);
    expect(verdict.rows[0]).toHaveLength(verdict.columns.length);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(shares.at(-1)).toBe(1);
  });

  it('can be stopped, and names what is missing', async () => {
    await expect(compare({ data, models: [] })).rejects.toThrow(InputError);
    await expect(
      compare({ data: data.map((one) => ({ ...one, label: 'a' })), models: ['bag'] }),
    ).rejects.toThrow('at least two classes');
    const signal = AbortSignal.abort();
    await expect(compare({ data, models: ['bag'], sequenceLength: 8, signal })).rejects.toThrow(
      InterruptedError,
    );
  });
});
