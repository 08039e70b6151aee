/** The page and the terminal's text of a bench: sections, exponents, escaping, what is missing. */
import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import { renderBenchPage } from '#eft/report/benchPage.js';
import { renderBench } from '#eft/report/benchTable.js';
import { lengthTicks } from '#eft/report/scalingCharts.js';
import { fakeBench, fakeCells } from './fake-bench.js';

const ODD = /NaN|undefined|Infinity/;

describe('renderBenchPage', () => {
  const page = renderBenchPage(fakeBench({ profile: true }));
  const { document } = parseHTML(page);
  const texts = (selector: string, within: { querySelectorAll: Document['querySelectorAll'] } = document) =>
    [...within.querySelectorAll(selector)].map(({ textContent }) => textContent);

  it('needs nothing from outside and runs nothing', () => {
    expect(page).toMatch(/^<!doctype html>/);
    expect(page).not.toMatch(/<script|\bsrc=|url\(|@import|\bon\w+=/i);
    expect(
      [...page.matchAll(/https?:\/\/[^"' <]+/g)].map(([url]) => url).filter((url) => !url.includes('w3.org')),
    ).toEqual([]);
    expect(page).not.toMatch(ODD);
  });
  it('has its sections in order, each with its charts by mode', () => {
    expect(texts('h2')).toEqual([
      'All cells',
      'Time of standard and bag over elastic-fourier',
      'Growth with length',
      'Time by operation',
      'How to repeat it',
    ]);
    expect(texts('#growth h3')).toEqual(['Training', 'Inference']);
    // Time, planned and peak memory, two rates.
    expect(texts('#growth figure figcaption strong')).toHaveLength(2 * 5);
    expect(texts('#operations figure')).toHaveLength(2 * 3 * 4);
    for (const figure of document.querySelectorAll('figure')) {
      expect(figure.querySelector('svg')?.getAttribute('aria-label')).toBeTruthy();
      expect(figure.querySelector('details table')).toBeTruthy();
    }
  });
  it('lists all cells, with machine, batch and command', () => {
    const cells = document.querySelector('#table table')!;
    expect(texts('thead th', cells)).toEqual([
      ...['model', 'tokens', 'mode', 'ms/sequence', 'tokens/s', 'GFLOP/s', 'of products', 'planned'],
      'peak memory',
    ]);
    expect(texts('tbody tr', cells)).toHaveLength(24);
    expect(texts('header p')).toEqual([
      'Some CPU @ 3.00GHz, Node.js v24.0.0, 2 threads, relaxed-simd, batches of 32 sequences.',
    ]);
    expect(texts('#settings pre')).toEqual([
      'eft bench --lengths 256,512,1024,2048 --profile --out runs/bench',
    ]);
  });
  it('says with which power time and memory grow', () => {
    const notes = texts('#growth figcaption .quiet');
    expect(notes[0]).toContain('elastic-fourier n^1.10 ± < 0.01, standard n^2.00 ± < 0.01, bag n^1.10');
    expect(notes[1]).toContain('elastic-fourier n^1.00 ± < 0.01');
    expect(notes[2]).toMatch(/elastic-fourier n\^0\.\d\d ± 0\.\d\d, standard/);
  });
  it('says how often the first model that is no baseline is as fast as the others', () => {
    expect(texts('#ratio thead th')).toEqual([
      'tokens',
      'standard, training',
      'standard, inference',
      'bag, training',
      'bag, inference',
    ]);
    const rows = texts('#ratio tbody tr');
    expect(rows).toHaveLength(4);
    // 0.01 n² to n^1.1.
    expect(rows[3]).toMatch(/^2,048× 9\.55.*× 9\.55.*× 1\.00.*× 1\.00/);
  });
  it('escapes what comes from outside', () => {
    const cells = fakeCells({ models: ['<img src=x>', 'standard'] });
    const odd = renderBenchPage({
      cells,
      leftOut: ['<b>too</b> long'],
      command: "eft bench --out '<img src=x>'",
      cpu: '<img src=x>',
      node: '<b>',
    });
    expect(parseHTML(odd).document.querySelectorAll('img, b')).toHaveLength(0);
    // In the name of a chart, an attribute, it needs no escaping.
    expect(odd.replaceAll(/ aria-label="[^"]*"/g, '')).not.toMatch(/<img|<b>/);
    expect(odd).toContain('&lt;b&gt;too&lt;/b&gt; long');
    expect(odd).toContain('&lt;img src=x&gt;');
  });
  it('draws what there is where a model lacks cells', () => {
    const all = fakeBench();
    const cells = all.cells.filter(
      ({ model, sequenceLength: n, mode }) =>
        (model !== 'standard' || (n > 1024 && mode === 'train')) && (model !== 'bag' || mode === 'train'),
    );
    const odd = renderBenchPage({ ...all, cells, leftOut: ['standard at 256 tokens: too little memory'] });
    expect(odd).not.toMatch(ODD);
    expect(odd).toContain('standard at 256 tokens: too little memory');
    const growth = parseHTML(odd).document.querySelectorAll('#growth figure');
    expect(growth).toHaveLength(10);
    const [training, inference] = [growth[0], growth[5]].map(({ textContent }) => textContent);
    // One point has no exponent.
    expect(training).not.toContain('standard n^');
    expect(training).toContain('bag n^1.10');
    expect(inference).not.toMatch(/bag|standard/);
    const { document: shown } = parseHTML(odd);
    expect(texts('#ratio thead th', shown)).toEqual(['tokens', 'standard, training', 'bag, training']);
    expect(texts('#ratio tbody tr', shown)).toHaveLength(4);
  });
  it('has no ratio of one model, or of baselines alone', () => {
    for (const models of [['standard'], ['bag']]) {
      expect(renderBenchPage(fakeBench({ models }))).not.toContain('id="ratio"');
    }
    const other = renderBenchPage(fakeBench({ models: ['bag', 'standard'] }));
    expect(other).toContain('Time of bag over standard');
  });
  it('draws no growth and fits no exponent for a single length', () => {
    const odd = renderBenchPage(fakeBench({ lengths: [512] }));
    expect(odd).not.toMatch(ODD);
    expect(odd).not.toMatch(/n\^|Fitted|<figure/);
    expect(odd).toContain('id="ratio"');
  });
  it('fits an exponent without an error for two lengths, in any order', () => {
    const odd = renderBenchPage(fakeBench({ lengths: [512, 256], modes: ['train'] }));
    expect(odd).not.toMatch(ODD);
    expect(odd).toContain('elastic-fourier n^1.10, standard n^2.00,');
  });
  it('says so where nothing was measured', () => {
    const odd = renderBenchPage({ ...fakeBench(), cells: [], leftOut: ['a: too long'] });
    expect(odd).not.toMatch(ODD);
    expect(odd).toContain('No cell was measured.');
    expect(odd).toContain('a: too long');
  });
});

describe('renderBench', () => {
  it('gives the exponents of time, planned and peak memory from three lengths on', () => {
    const options = { color: false, node: 'v24.0.0' };
    const text = renderBench(fakeCells(), options);
    expect(text).toContain('batch 32, 2 threads, relaxed-simd, Node v24.0.0');
    expect(text).toMatch(
      /standard, train: time grows with length to the power 2\.000 ± 0\.000, planned memory 1\.000 ± 0\.000, peak memory 0\.\d{3} ± 0\.\d{3}\n/,
    );
    expect(text).not.toMatch(ODD);
    expect(renderBench(fakeCells({ lengths: [256, 512] }), options)).not.toContain('to the power');
    expect(renderBench(fakeCells({ profile: true }), options)).toMatch(/standard, 512 tokens, inference:/);
    expect(renderBench([], options)).not.toMatch(ODD);
  });
});

describe('ticks of lengths', () => {
  it.each([
    [[512], [512]],
    [
      [256, 512, 1024, 2048],
      [256, 512, 1024, 2048],
    ],
    [
      [16, 1000, 1024, 4096],
      [16, 1024, 4096],
    ],
  ])('of %j leave room for their labels', (lengths, ticks) => expect(lengthTicks(lengths)).toEqual(ticks));
});
