/** The report as a string: sections, escaping, odd results. */
import { describe, expect, it } from 'vitest';
import { compareResults } from '#eft/evaluation/comparison.js';
import { logTicks, shortNumber } from '#eft/report/chart.js';
import { renderPage } from '#eft/report/page.js';
import { fakeResults } from '../evaluation/fake-results.js';
import { fakePage } from './fake-page.js';

describe('renderPage', () => {
  const page = fakePage({ items: 100, epochs: 3 });

  it('needs nothing from outside and runs nothing', () => {
    expect(page).not.toMatch(/<script|\bsrc=|url\(|@import|\bon\w+=/i);
    expect(
      [...page.matchAll(/https?:\/\/[^"' <]+/g)].map(([url]) => url).filter((url) => !url.includes('w3.org')),
    ).toEqual([]);
    expect(page.length).toBeLessThan(3e6);
  });
  it('draws no NaN or undefined', () => expect(page).not.toMatch(/NaN|undefined|Infinity/));
  it('gives every chart a name and its data', () => {
    const figures = page.match(/<figure>[\s\S]*?<\/figure>/g)!;
    // 3 of growth, 2 of accuracy, 3 learning curves a length, 2 of operations, 2 of filters.
    expect(figures).toHaveLength(18);
    for (const figure of figures) expect(figure).toMatch(/<svg[^>]*role="img"|<svg[^>]*aria-label="[^"]+"/);
    for (const figure of figures) expect(figure).toMatch(/<details>[\s\S]*<table>/);
  });
  it('shows the paper beside ours, and marks its odd figure', () => {
    for (const part of ['paper: 751,978', 'paper: 87.36 %', 'paper: +3.7 % (*)', '+1.9 %', 'paper: TBD']) {
      expect(page).toContain(part);
    }
  });
  it('escapes what comes from outside', () => {
    const results = fakeResults({ items: 30, seeds: 1, epochs: 1, lengths: [256], classes: ['<b>', '"&\''] });
    results.protocol.data = '<img src=x>';
    results.command = 'eft compare --data "<img src=x>"';
    results.machine.cpu = '<img src=x>';
    const odd = renderPage({ results, comparison: compareResults(results) });
    expect(odd).not.toMatch(/<img|<b>/);
    expect(odd).toContain('&lt;img src=x&gt;');
  });
  it.each([
    ['one model, length, seed and epoch', { models: ['bag'], lengths: [64], seeds: 1, epochs: 1 }],
    ['two lengths', { lengths: [64, 128], seeds: 1, epochs: 2 }],
    [
      'many classes',
      { lengths: [64], seeds: 2, epochs: 2, classes: Array.from({ length: 14 }, (_, i) => `class ${i}`) },
    ],
  ])('takes %s', (_, options) => {
    const results = fakeResults({ items: 60, ...options });
    const odd = renderPage({ results, comparison: compareResults(results) });
    expect(odd).not.toMatch(/NaN|undefined|Infinity/);
  });
  it('sets models of equal cost beside each other, whichever stands first in the pair', () => {
    const results = fakeResults({ items: 200, seeds: 2, epochs: 2, lengths: [64] });
    // The invented bag plays a scaled model.
    for (const [model, name, reference] of [
      ['bag', 'standard, equal parameters', 'elastic-fourier'],
      ['standard', 'elastic-fourier, equal seconds', 'elastic-fourier'],
    ]) {
      for (const trial of results.trials)
        if (trial.model === model) Object.assign(trial, { model: name, paired: true });
      results.pairings.push({
        name,
        model: name.split(',')[0],
        reference,
        cost: name.endsWith('seconds') ? 'seconds' : 'parameters',
        scale: 'width',
        sequenceLength: 64,
        target: 0.0123,
        reached: 0.0124,
        configuration: { channels: 52, hidden: 207, blocks: 8 },
      });
    }
    const comparison = compareResults(results);
    const page = renderPage({ results, comparison });
    expect(page).toContain('At equal cost');
    const rows = page.match(/<section id="pairings"[\s\S]*?<\/section>/)![0].match(/<tr>.*?<\/tr>/g)!;
    expect(rows).toHaveLength(3);
    expect(rows[1]).toMatch(/standard, equal parameters<small>52 channels, hidden 207, 8 blocks/);
    // The bag is 3 points less accurate than either.
    expect(rows[1]).toContain('elastic-fourier is better');
    expect(rows[2]).toContain('12.30 ms');
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
  });
  it('says so where no trial is finished', () => {
    const results = { ...fakeResults({ items: 10, lengths: [64] }), trials: [] };
    expect(renderPage({ results, comparison: compareResults(results) })).toContain(
      'No trial is finished yet.',
    );
  });
});

describe('log axes', () => {
  it.each([
    [
      [256, 2048],
      [300, 1000],
    ],
    [
      [0.2, 60],
      [0.3, 1, 3, 10, 30],
    ],
    [
      [1, 4096],
      [1, 10, 100, 1000],
    ],
    [
      [5, 7.5],
      [5, 7],
    ],
  ])('of %j have round ticks', (values, ticks) => {
    const got = logTicks(values);
    if (values[0] === 256) expect(got).toEqual([500, 1000, 2000]);
    else expect(got).toEqual(ticks);
  });
  it('shortens numbers', () => {
    expect([1_500_000, 20_000, 1500, 0.25].map(shortNumber)).toEqual(['1.5M', '20k', '1,500', '0.25']);
  });
});
