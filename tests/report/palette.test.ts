/** Looks of models. */
import { describe, expect, it } from 'vitest';
import { looksOf, marked } from '#eft/report/palette.js';

describe('looksOf', () => {
  it('gives a model the same look on every page', () => {
    const all = looksOf(['elastic-fourier', 'standard', 'bag']);
    for (const look of all) expect(looksOf([look.model])).toEqual([look]);
    expect(new Set(all.map(({ color }) => color)).size).toBe(3);
  });
  it('keeps all apart by colour, and families and the forms of one by symbol and dash too', () => {
    const models = ['standard', 'standard, equal FLOPs', 'standard, equal seconds', 'new', 'newer'];
    const looks = looksOf(models);
    expect(looks.map(({ model }) => model)).toEqual(models);
    const different = (some: readonly string[]): void => expect(new Set(some).size).toBe(some.length);
    different(looks.map(({ color }) => color));
    for (const some of [looks.slice(0, 3), [looks[0], ...looks.slice(3)]]) {
      different(some.map(({ symbol }) => symbol));
      different(some.map(({ dash }) => dash));
    }
    expect(looks[1].color).toContain('var(--model-1)');
  });
  it('draws and escapes each', () => {
    const names = Array.from({ length: 12 }, (_, i) => `<b>${i}`);
    for (const look of looksOf(names)) expect(marked(look)).toMatch(/^<svg .*<\/svg>&lt;b&gt;\d+$/);
  });
});
