/** The report in headless Chromium: quiet, self-contained, readable when narrow, accessible. Skipped without one. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CHROMIUM, launchChromium } from '../browser/chromium.js';
import { describeWith } from '../needing.js';
import { fakePage, fakeSignalPage } from './fake-page.js';

describeWith(CHROMIUM, 'report.html in Chromium', () => {
  let browser: Browser;
  let page: Page;
  let folder: string;
  const complaints: string[] = [];
  const requests: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'eft-page-'));
    const path = join(folder, 'report.html');
    await writeFile(path, fakePage({ items: 100 }));
    browser = await launchChromium();
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(pathToFileURL(path).href);
  });
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true });
  });

  it('says nothing on the console and asks for nothing', () => {
    expect(complaints).toEqual([]);
    expect(requests.filter((url) => !url.startsWith('data:'))).toHaveLength(1);
  });
  it.each([1280, 390, 320])('does not overflow at %i px, even with all details open', async (width) => {
    await page.setViewportSize({ width, height: 900 });
    const overflow = await page.evaluate(() => {
      for (const element of document.querySelectorAll('details')) element.open = true;
      return document.documentElement.scrollWidth - document.documentElement.clientWidth;
    });
    expect(overflow).toBe(0);
  });
  it('shows every figure of its main tables at 400 px without scrolling', async () => {
    await page.setViewportSize({ width: 400, height: 900 });
    const cut = await page.evaluate(() => {
      for (const element of document.querySelectorAll('details')) element.open = true;
      return [...document.querySelectorAll('.stacks')]
        .map((table) => table.closest('.scroll')!)
        .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
        .map((frame) => frame.getAttribute('aria-label'));
    });
    expect(cut).toEqual([]);
  });
  it('cuts no table of its sections at 1,300 px', async () => {
    await page.setViewportSize({ width: 1300, height: 900 });
    const cut = await page.evaluate(() =>
      [...document.querySelectorAll('section:not(#settings) > .scroll, .verdict .scroll, .matrices .scroll')]
        .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
        .map((frame) => frame.getAttribute('aria-label')),
    );
    expect(cut).toEqual([]);
  });
  it('covers no label of a chart with another', async () => {
    await page.setViewportSize({ width: 1300, height: 900 });
    const covered = await page.evaluate(() =>
      [...document.querySelectorAll('figure svg')].flatMap((svg) => {
        const labels = [...svg.querySelectorAll('text')].filter(({ textContent }) => textContent?.trim());
        const boxes = labels.map((label) => label.getBoundingClientRect());
        return boxes.flatMap((a, i) =>
          boxes.slice(i + 1).flatMap((b, j) => {
            const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
            const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
            // Boxes have some air above and below their letters.
            return across > 1 && down > 4
              ? [
                  `${svg.getAttribute('aria-label')?.slice(0, 40)}: ${labels[i].textContent} and ${labels[i + 1 + j].textContent}`,
                ]
              : [];
          }),
        );
      }),
    );
    expect(covered).toEqual([]);
  });
  it('names every image, table and scrolling frame', async () => {
    const nameless = await page.evaluate(() => {
      const named = (element: Element): boolean =>
        Boolean(element.getAttribute('aria-label') || element.querySelector('caption')?.textContent);
      const hidden = (element: Element): boolean => element.closest('[aria-hidden="true"]') !== null;
      return [...document.querySelectorAll('svg, table, [role="region"]')]
        .filter((element) => !element.parentElement?.closest('svg'))
        .filter((element) => !hidden(element) && !named(element))
        .map((element) => element.outerHTML.slice(0, 200));
    });
    expect(nameless).toEqual([]);
    const images = await page.getByRole('img').count();
    expect(images).toBe(20);
  });
  it('has its headings in order, one of the first level', async () => {
    const levels = await page.evaluate(() =>
      [...document.querySelectorAll('h1, h2, h3, h4')].map(({ tagName }) => Number(tagName[1])),
    );
    expect(levels[0]).toBe(1);
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    levels.slice(1).forEach((level, i) => {
      expect(level - levels[i]).toBeLessThanOrEqual(1);
    });
  });
  it('reaches every scrolling frame and every detail by keyboard', async () => {
    const unreachable = await page.evaluate(
      () =>
        [...document.querySelectorAll<HTMLElement>('.scroll, summary')].filter(
          ({ tabIndex }) => tabIndex !== 0,
        ).length,
    );
    expect(unreachable).toBe(0);
  });
  it.each(['light', 'dark'] as const)('has contrast of at least 4.5 in %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    const ratios = await page.evaluate(() => {
      const canvas = document.createElement('canvas').getContext('2d')!;
      const luminance = (color: string): number => {
        canvas.fillStyle = color;
        canvas.fillRect(0, 0, 1, 1);
        const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((value) => {
          const share = value / 255;
          return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const style = getComputedStyle(document.documentElement);
      const of = (name: string): number => luminance(style.getPropertyValue(name).trim());
      const names = ['--ink', '--quiet', '--link', ...Array.from({ length: 8 }, (_, i) => `--model-${i}`)];
      return names.flatMap((name) =>
        ['--page', '--panel'].map((behind) => {
          const [low, high] = [of(name), of(behind)].sort((a, b) => a - b);
          return { name, behind, ratio: (high + 0.05) / (low + 0.05) };
        }),
      );
    });
    expect(ratios.filter(({ ratio }) => !(ratio >= 4.5))).toEqual([]);
  });
  it('prints', async () => {
    await page.emulateMedia({ colorScheme: 'light' });
    expect((await page.pdf({ format: 'A4' })).length).toBeGreaterThan(10_000);
  });
  it('shows signals as quietly, and without overflow', async () => {
    const path = join(folder, 'signals.html');
    await writeFile(path, fakeSignalPage());
    complaints.length = 0;
    await page.goto(pathToFileURL(path).href);
    const shown = await page.evaluate(() =>
      Promise.all(
        [...document.querySelectorAll('image')].map(async (image) => {
          const picture = new Image();
          picture.src = image.getAttribute('href')!;
          await picture.decode();
          return picture.width * picture.height > 0;
        }),
      ),
    );
    expect(shown).toEqual([true, true, true]);
    for (const width of [1280, 320]) {
      await page.setViewportSize({ width, height: 900 });
      expect(
        await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        ),
      ).toBe(0);
    }
    expect(complaints).toEqual([]);
  });
});
