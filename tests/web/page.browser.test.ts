/** The built page in Chromium: isolated and not, with a network and without, and the model that it gives in Node. */

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { unzipSync } from 'fflate';
import type { Browser, BrowserContext, Download, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { load, type Prediction } from '#eft/node.js';
import { loadSpamAssassin } from '#eft/readers/disk/spamAssassin.js';
import { CHROMIUM, type FolderServer, launchChromium, serveFolder } from '../browser/chromium.js';
import { exhaustively } from '../exhaustive.js';
import { describeWith } from '../needing.js';
import { PATIENCE_MS } from '../patience.js';

/** Bytes of the first load, compressed, with all that the page keeps for use without a network; the sample aside. */
const BUDGET = 420_000;

const QUESTION = 'Win a free cruise now! Click here to claim your prize.';

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/** Spam and ham in turn. */
async function mailsAsCsv(count: number): Promise<string> {
  const examples = await loadSpamAssassin();
  const [ham, spam] = ['ham', 'spam'].map((label) => examples.filter((mail) => mail.label === label));
  const mails = Array.from({ length: count }, (_, i) => (i % 2 === 0 ? ham : spam)[7 * Math.floor(i / 2)]);
  const rows = mails.map(({ input, label }, i) => `${i},${quoted(input.slice(0, 2000))},${label}`);
  return `id,mail body,kind\n${rows.join('\n')}\n`;
}

/** Where the page stands, opened and ready. */
interface Opened {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the console said. */
  readonly complaints: readonly string[];
}

async function openPage(browser: Browser, url: string, width = 1200): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width, height: 900 } });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.stack ?? error.message));
  await page.goto(url);
  await ready(page);
  return { context, page, complaints };
}

const ready = (page: Page): Promise<void> => page.getByText('Ready', { exact: true }).waitFor();

/** As a hand drops it. */
async function drop(page: Page, onto: string, name: string, content: string | Uint8Array): Promise<void> {
  const base64 = Buffer.from(content).toString('base64');
  const transfer = await page.evaluateHandle(
    ([base64, name]) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const transfer = new DataTransfer();
      transfer.items.add(new File([bytes], name));
      return transfer;
    },
    [base64, name],
  );
  const zone = page.locator('.drop', { hasText: onto });
  await zone.dispatchEvent('dragover', { dataTransfer: transfer });
  await zone.dispatchEvent('drop', { dataTransfer: transfer });
}

const DATA = 'Choose a file, or drop one here';
const TO_LABEL = 'Choose a file to label';

async function chooseModel(page: Page, title: string, epochs: number): Promise<void> {
  await page.getByRole('radio', { name: title, exact: true }).check();
  await page.getByLabel('Words read of a text').selectOption('64');
  await page.getByLabel('Epochs').fill(String(epochs));
}

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

const trained = (page: Page): Promise<void> => button(page, 'Train 3 epochs more').waitFor();

async function ask(page: Page, text: string): Promise<Prediction> {
  const box = page.getByLabel('Try it: type or paste a text');
  await box.fill('');
  await page.getByText('The scores come as you type.').waitFor();
  await box.pressSequentially(text);
  await page.locator('.scores li').first().waitFor();
  // The last key's answer: the worker answers in order, and this is asked behind it.
  await page.waitForFunction(
    (count) => document.querySelector('textarea')?.value.length === count,
    text.length,
  );
  await page.waitForTimeout(500);
  return page.locator('.scores li').evaluateAll((items) =>
    items.map((item) => ({
      label: (item as HTMLElement).dataset.label ?? '',
      score: Number((item as HTMLElement).dataset.score),
    })),
  );
}

const contentOf = async (download: Download): Promise<Buffer> => readFile(await download.path());

async function save(page: Page, name: string): Promise<Buffer> {
  const [download] = await Promise.all([page.waitForEvent('download'), button(page, name).click()]);
  return contentOf(download);
}

/** Roles that mean nothing to a screen reader without a name. */
const UNNAMED = /- (button|combobox|textbox|radio|checkbox|spinbutton|progressbar|img|region)(?! ")/;

describeWith(CHROMIUM, 'the page', () => {
  let browser: Browser;
  let folder: string;
  let csv: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'eft-page-'));
    await build({
      configFile: fileURLToPath(new URL('../../web/vite.config.js', import.meta.url)),
      logLevel: 'error',
      build: { outDir: join(folder, 'site'), emptyOutDir: true },
    });
    csv = await mailsAsCsv(500);
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true });
  });

  const serve = (isolated: boolean): Promise<FolderServer> => serveFolder(join(folder, 'site'), isolated);

  it('isolated: reads, trains, stops and goes on, predicts, gives the model to Node, and asks for nothing; then without a network', async () => {
    const server = await serve(true);
    const { context, page, complaints } = await openPage(browser, server.url);
    await page
      .getByText('2 threads', { exact: true })
      .or(page.getByText(/^[3-8] threads$/))
      .waitFor();
    expect(await page.evaluate('crossOriginIsolated')).toBe(true);

    // What the page and its service worker have asked for, together.
    const first = [...server.asked];
    const sizes = await Promise.all(
      first.map(async (name) => gzipSync(await readFile(join(folder, 'site', name))).length),
    );
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(BUDGET);
    expect(first.filter((name) => name.includes('sample'))).toEqual([]);

    await drop(page, DATA, 'mails.csv', csv);
    await page.getByText('500 texts', { exact: true }).waitFor();
    const text = page.getByLabel('Column with the text');
    const label = page.getByLabel('Column with the label');
    expect([await text.inputValue(), await label.inputValue()]).toEqual(['mail body', 'kind']);
    await expect.poll(() => page.locator('.bars th').allTextContents()).toEqual(['ham', 'spam']);
    // A label that is none is refused, and corrected.
    await label.selectOption('id');
    await page.getByRole('alert').getByText('500 different values').waitFor();
    await label.selectOption('kind');
    await page.getByText('500 texts', { exact: true }).waitFor();

    await chooseModel(page, 'Elastic Fourier', 14);
    await button(page, 'Train').click();
    await page.getByText(/^epoch [2-9] of 14/).waitFor();
    await button(page, 'Stop').click();
    await button(page, 'Continue').waitFor();
    // What was learned so far can be asked.
    expect((await ask(page, QUESTION)).map((one) => one.label).sort()).toEqual(['ham', 'spam']);
    await button(page, 'Continue').click();
    await trained(page);
    await page.getByText('done, epoch 14 of 14').waitFor();
    expect(await page.getByRole('img', { name: /^Loss by epoch\. After epoch 14/ }).count()).toBe(1);

    const scores = await ask(page, QUESTION);
    const confusion = await page.locator('.matrix td').allTextContents();
    expect(confusion).toHaveLength(4);
    expect(confusion.reduce((sum, cell) => sum + Number(cell), 0)).toBeGreaterThan(70);

    const zip = await save(page, 'Download the model');
    const files = unzipSync(zip);
    expect(Object.keys(files)).toEqual(
      expect.arrayContaining(['config.json', 'model.safetensors', 'tokenizer.json', 'README.md']),
    );
    const run = join(folder, 'run');
    for (const [name, bytes] of Object.entries(files)) {
      await mkdir(dirname(join(run, name)), { recursive: true });
      await writeFile(join(run, name), bytes);
    }
    const classifier = await load(run, { threads: 1 });
    const expected = await classifier.predict(QUESTION);
    expect(scores.map((one) => one.label)).toEqual(expected.map((one) => one.label));
    scores.forEach(({ score }, i) => {
      expect(Math.abs(score - expected[i].score)).toBeLessThan(1e-6);
    });

    const texts = ['a patch for the list', 'free money, "now"', 'two\nlines'];
    await drop(
      page,
      TO_LABEL,
      'new.csv',
      `nr,mail body\n${texts.map((one, i) => `${i},${quoted(one)}\n`).join('')}`,
    );
    await page.getByText('3 texts labelled', { exact: true }).first().waitFor();
    const answers = await Promise.all(texts.map((one) => classifier.predict(one, { topK: 1 })));
    await classifier.dispose();
    expect((await save(page, 'Save the CSV')).toString()).toBe(
      [
        'nr,mail body,predicted_label,predicted_score',
        ...texts.map((one, i) => {
          const [{ label, score }] = answers[i];
          return `${i},${/["\n]/.test(one) ? quoted(one) : one.includes(',') ? quoted(one) : one},${label},${score.toFixed(6)}`;
        }),
        '',
      ].join('\r\n'),
    );

    // Nothing was asked for since, and nothing can be: neither by the page nor by its worker.
    expect(server.asked).toEqual(first);
    expect(complaints).toEqual([]);
    const attempt = (url: string) =>
      fetch(url).then(
        () => 'fetched',
        ({ message }: Error) => message,
      );
    expect(await page.evaluate(attempt, server.url)).toContain('Failed to fetch');
    // The first: those that it has started wait for their work and answer nobody.
    const [worker] = page.workers();
    expect(await worker.evaluate(attempt, server.url)).toContain('Failed to fetch');
    expect(server.asked).toEqual(first);

    // Without a network.
    await server.close();
    await page.reload();
    await ready(page);
    await drop(page, DATA, 'model.zip', zip);
    await page.getByRole('heading', { name: 'The model' }).waitFor();
    expect(await ask(page, QUESTION)).toEqual(scores);
    await drop(page, DATA, 'mails.csv', csv);
    await chooseModel(page, 'Bag of words', 2);
    await button(page, 'Train').click();
    await trained(page);
    await context.close();
  });

  exhaustively(
    'not isolated: says what is missing, trains with one thread, compares in the words of the report; isolated the next time',
    async () => {
      const server = await serve(false);
      const { context, page, complaints } = await openPage(browser, server.url);
      await page.getByText('1 thread', { exact: true }).waitFor();
      await page.getByText('Why one thread?').click();
      for (const header of [
        'Cross-Origin-Opener-Policy: same-origin',
        'Cross-Origin-Embedder-Policy: require-corp',
      ]) {
        await page.getByText(header).waitFor();
      }
      await drop(page, DATA, 'mails.csv', csv);
      await chooseModel(page, 'Elastic Fourier', 2);
      await button(page, 'Train').click();
      await trained(page);
      expect(await ask(page, QUESTION)).toHaveLength(2);

      await page
        .getByRole('group', { name: 'Models to compare' })
        .getByLabel('Elastic', { exact: true })
        .uncheck();
      await page.getByRole('group', { name: 'Models to compare' }).getByLabel('Bag of words').check();
      await button(page, 'Compare').click();
      await page
        .locator('.advice')
        .getByText(/^Use (linear|bag).* at 64 tokens: /)
        .waitFor();
      expect(complaints).toEqual([]);

      await page.reload();
      await ready(page);
      expect(await page.evaluate('crossOriginIsolated')).toBe(true);
      await context.close();
      await server.close();
    },
  );

  exhaustively(
    'on 400 pixels, by keyboard alone, with names for a screen reader; faults are said where they happen',
    async () => {
      const server = await serve(true);
      const { context, page, complaints } = await openPage(browser, server.url, 400);
      for (const [name, content, message] of [
        ['book.xlsx', 'PK', 'Excel workbook'],
        ['mails.csv', 'text,label\nonly one,ham\n', 'at least two classes'],
        ['mails.csv', 'text,label\none,ham\ntwo,spam\n', '2 texts are too few'],
      ]) {
        await drop(page, DATA, name, content);
        await page.getByRole('alert').getByText(message).waitFor();
      }
      await drop(page, DATA, 'model.zip', 'no zip');
      await page.getByRole('alert').getByText('no zip file').waitFor();

      const focused = (): Promise<string> => page.evaluate('document.activeElement?.textContent ?? ""');
      await page.evaluate('document.activeElement?.blur(); window.scrollTo(0, 0)');
      for (let i = 0; i < 20 && (await focused()) !== 'Use the sample mails'; i++)
        await page.keyboard.press('Tab');
      expect(await focused()).toBe('Use the sample mails');
      await page.keyboard.press('Enter');
      await page.getByText('1,000 texts', { exact: true }).waitFor();
      await page.getByRole('radio', { name: 'Linear', exact: true }).focus();
      await page.keyboard.press('Space');
      for (let i = 0; i < 20 && (await focused()) !== 'Train'; i++) await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await trained(page);
      await ask(page, QUESTION);
      await page.getByText('What weighed most:').waitFor();

      const tree = await page.locator('body').ariaSnapshot();
      expect(tree.split('\n').filter((line) => UNNAMED.test(line))).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(400);
      expect(complaints).toEqual([]);
      await context.close();
      await server.close();
    },
  );
});
