/** The report as a string: sections, escaping, odd results. */
import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import { compareResults } from '#eft/comparison/compareResults.js';
import { logTicks } from '#eft/report/chart.js';
import { renderPage } from '#eft/report/page.js';
import { fakeResults } from '../comparison/fake-results.js';
import { fakePage, fakeSignalPage } from './fake-page.js';

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
    // 3 of growth, 2 of accuracy, 2 of confidence, 3 learning curves a length, 2 of operations, 2 of filters.
    expect(figures).toHaveLength(20);
    for (const figure of figures) expect(figure).toMatch(/<svg[^>]*role="img"|<svg[^>]*aria-label="[^"]+"/);
    for (const figure of figures) expect(figure).toMatch(/<details>[\s\S]*<table>/);
  });
  it('shows the paper beside ours, and marks its odd figure', () => {
    for (const part of ['paper: 751,978', 'paper: 87.36%', 'paper: +3.7% (*)', '+1.9%', 'paper: TBD']) {
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
  it('says of models of two paths whether the deep one was kept', () => {
    const results = fakeResults({ items: 30, seeds: 2, epochs: 1, lengths: [256], models: ['bag'] });
    results.trials[0].fusion = { linear: 0.8, deep: 0.3, gain: 0.0123, error: 0.004 };
    results.trials[1].fusion = { linear: 1, deep: 0, gain: -0.0012, error: 0.002 };
    const text = renderPage({ results, comparison: compareResults(results) });
    expect(text).toContain('held-out validation loss lower by 0.0123 ± 0.0040');
    expect(text).toContain('0.80 · linear + 0.30 · deep');
    expect(text).toContain('it is left out');
    expect(text).toContain('−0.0012 ± 0.0020');
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
    const results = fakeResults({ items: 600, seeds: 1, epochs: 2, lengths: [64] });
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
    const rows = page
      .match(/<section id="pairings"[\s\S]*?<\/section>/)![0]
      .match(/<tr role="row">.*?<\/tr>/g)!;
    expect(rows).toHaveLength(3);
    expect(rows[1]).toMatch(/standard, equal parameters<small>52 channels, 207 hidden, 8 blocks/);
    // The bag is 3 points less accurate than either.
    expect(rows[1]).toContain('elastic-fourier is better');
    expect(rows[2]).toContain('12.30 ms');
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
  });
  it('takes epochs that took no time', () => {
    const results = fakeResults({ items: 60, seeds: 2, epochs: 2 });
    for (const trial of results.trials) {
      trial.secondsPerEpoch = 0;
      for (const epoch of trial.epochs) epoch.seconds = 0;
    }
    expect(renderPage({ results, comparison: compareResults(results) })).not.toMatch(
      /NaN|undefined|Infinity/,
    );
    for (const epoch of results.trials[0].epochs) epoch.seconds = 1;
    expect(renderPage({ results, comparison: compareResults(results) })).not.toMatch(
      /NaN|undefined|Infinity/,
    );
  });
  it('says what made it and when, where that is known', () => {
    const results = fakeResults({ items: 30, seeds: 1, epochs: 1, lengths: [256] });
    const comparison = compareResults(results);
    const date = new Date('2026-02-03T14:05:59Z');
    const origin = { version: '0.1.0', commit: 'abc1234', date };
    const page = renderPage({ results, comparison, origin });
    expect(page).toContain('<title>Which model for spam-assassin at 256 tokens? – 2026-02-03</title>');
    expect(page).toContain(
      'Written by eft compare of elastic-fourier 0.1.0 (commit abc1234), 2026-02-03 14:05 UTC.',
    );
    expect(renderPage({ results, comparison, origin: { version: '0.1.0', date } })).toContain(
      'elastic-fourier 0.1.0, 2026-02-03',
    );
    expect(renderPage({ results, comparison })).toContain('Written by eft compare of elastic-fourier.');
    const again = { version: '0.1.0', date, command: 'eft report' };
    expect(renderPage({ results, comparison, origin: again })).toContain('Written by eft report of');
  });
  it('counts lengths of bytes in bytes', () => {
    const results = fakeResults({ items: 30, seeds: 1, epochs: 1, lengths: [256] });
    results.protocol.tokenizer = 'bytes';
    const wrong = [
      { model: 'bag', sequenceLength: 256, text: 'a', label: 'x', predicted: 'y', confidence: 0.9, item: 0 },
    ];
    const page = renderPage({ results, comparison: compareResults(results), wrong });
    expect(page).toContain('at 256 bytes?');
    expect(page).toContain('bag, 256 bytes');
    expect(page).not.toMatch(/256 tokens/);
  });
  it('shows nothing of the paper where none of its lengths was run', () => {
    const results = fakeResults({ items: 30, seeds: 1, epochs: 1, lengths: [256] });
    expect(renderPage({ results, comparison: compareResults(results) })).not.toMatch(/paper/i);
  });
  it('lists the trials by length, model and seed, however they ran', () => {
    const results = fakeResults({ items: 30, epochs: 1, seeds: 2, lengths: [64, 128] });
    results.trials.reverse();
    const page = renderPage({ results, comparison: compareResults(results) });
    const list = page.match(/<caption>Every trial<[\s\S]*?<\/table>/)![0];
    const rows = [
      ...list.matchAll(
        /<tr><th scope="row">([^<]*)<\/th><td class="number">([^<]*)<\/td><td class="number">([^<]*)</g,
      ),
    ];
    expect(rows.map(([, model, length, seed]) => `${model} ${length} ${seed}`)).toEqual(
      ['64', '128'].flatMap((length) =>
        ['elastic-fourier', 'standard', 'bag'].flatMap((model) =>
          ['0', '1'].map((seed) => `${model} ${length} ${seed}`),
        ),
      ),
    );
  });
  it('draws ticks that differ', () => {
    const results = fakeResults({ items: 30, seeds: 1, epochs: 1, lengths: [256] });
    results.operations = [{ model: 'bag', sequenceLength: 256, operations: { mean: 0.023, linear: 0.004 } }];
    const { document } = parseHTML(renderPage({ results, comparison: compareResults(results) }));
    const axes = [...document.querySelectorAll('#operations svg > g')].filter(
      (group) => group.querySelectorAll('text').length > 2,
    );
    expect(axes.length).toBeGreaterThan(0);
    for (const axis of axes) {
      const labels = [...axis.querySelectorAll('text')].map(({ textContent }) => textContent);
      expect(new Set(labels).size).toBe(labels.length);
    }
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
  it.each([
    [[0, 0]],
    [[0, 5]],
    [[Number.POSITIVE_INFINITY, 1]],
    [[Number.NaN]],
    [[]],
    [[1e-300, 1e300]],
    [[5e-324, 1]],
  ])('of %j end, with a few ticks at most', (values) => {
    const ticks = logTicks(values);
    expect(ticks.length).toBeLessThanOrEqual(9);
    expect(ticks.every((tick) => tick > 0 && Number.isFinite(tick))).toBe(true);
  });
  it('give the ends of a range without round numbers', () => {
    expect(logTicks([511, 519])).toEqual([511, 519]);
    expect(logTicks([7.3, 7.3])).toEqual([7.3]);
  });
});

describe('a page of signals', () => {
  const page = fakeSignalPage();

  it('shows which pieces of a wrong text decided', () => {
    const page = fakePage({ items: 100, epochs: 3 });
    expect(page).toContain('<q>free &lt;money&gt;</q> +1.25');
    expect(page).toContain('<q>agenda</q> −0.50');
  });

  it('shows what filters answer to, and wrong signals with the parts that decided', () => {
    for (const part of [
      'frequency, kHz',
      'cycles per step',
      'seconds',
      'Strip: red',
      'by 33 points at most',
    ]) {
      expect(page).toContain(part);
    }
    // Spectrograms and answers are pictures within the page; a short trace is lines.
    expect(page.match(/data:image\/bmp;base64,/g)).toHaveLength(3);
    expect(page).toContain('true: &lt;b&gt;&quot;<');
    const words = page.replaceAll(/data:image[^"]*|aria-label="[^"]*"/g, '');
    const odd = words.match(/.{0,40}(?:<b>|<script|NaN|undefined|Infinity|tokens).{0,40}/g) ?? [];
    expect(odd).toEqual([]);
    expect(words.slice(0, words.indexOf('<main>'))).toMatch(/at 300 steps\?.*trained on 2,620 signals/s);
  });
});
