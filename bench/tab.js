/**
 * Training in a browser's tab beside training in Node, with the same threads, in turns: so that a noisy machine is as
 * noisy for one as for the other. Node stands twice: as a program that imports the library, and as `eft`, which turns on
 * 256-bit vectors where V8 has them (`enableFastVectors`); a page cannot.
 *
 *   node bench/tab.js [--models elastic-fourier,elastic] [--length 512] [--texts 1280] [--threads 2] [--rounds 5]
 *                     [--node "npx --yes node@24"] [--json]
 *
 * --node is split at spaces; default: the Node that runs this. CHROMIUM names the browser. `npm run build` first.
 */
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { median } from 'simple-statistics';

const { values: options } = parseArgs({
  options: {
    models: { type: 'string', default: 'elastic-fourier,elastic' },
    length: { type: 'string', default: '512' },
    texts: { type: 'string', default: '1280' },
    threads: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '5' },
    node: { type: 'string', default: process.execPath },
    json: { type: 'boolean', default: false },
  },
});
const EPOCHS = 4;
const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/** @param {readonly string[]} args */
function startNode(args) {
  const [command, ...given] = options.node.split(' ');
  const child = spawn(command, [...given, here('./tabNode.js'), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${options.node} ended`);
    return JSON.parse(value);
  };
  return {
    version: next().then(({ version }) => version),
    async train(order) {
      child.stdin.write(`${JSON.stringify(order)}\n`);
      return (await next()).seconds;
    },
    close: async () => void child.stdin.end(),
  };
}

async function startTab() {
  const { outputFiles } = await build({
    entryPoints: [here('./tabWorker.js')],
    bundle: true,
    minify: true,
    format: 'iife',
    write: false,
    logLevel: 'error',
  });
  const files = { '/': '<!doctype html><link rel="icon" href="data:,">', '/worker.js': outputFiles[0].text };
  const server = createServer(({ url = '/' }, response) => {
    response.writeHead(url in files ? 200 : 404, {
      'Content-Type': url === '/' ? 'text/html' : 'text/javascript',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
    });
    response.end(files[url]);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
  });
  const page = await browser.newPage();
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  await page.goto(`http://127.0.0.1:${address.port}/`);
  await page.evaluate("globalThis.worker = new Worker('/worker.js')");
  return {
    version: browser.version(),
    /** @returns {Promise<number[]>} */
    async train(order) {
      const { seconds, fault } = await page.evaluate((sent) => {
        const { worker } = /** @type {any} */ (globalThis);
        return new Promise((resolve) => {
          worker.onmessage = ({ data }) => resolve(data);
          worker.postMessage(sent);
        });
      }, order);
      if (fault !== undefined) throw new Error(fault);
      return seconds;
    },
    async close() {
      await browser.close();
      server.close();
    },
  };
}

const tab = await startTab();
const library = startNode([]);
const eft = startNode(['fast']);
const sides = { tab, library, eft };
const texts = Number(options.texts);
const rows = [];
for (const model of options.models.split(',')) {
  /** @type {Record<string, number[]>} */
  const seconds = { tab: [], library: [], eft: [] };
  const order = {
    model,
    sequenceLength: Number(options.length),
    texts,
    threads: Number(options.threads),
    epochs: EPOCHS,
  };
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const [name, side] of Object.entries(sides)) seconds[name].push(...(await side.train(order)));
  }
  const rate = (name) => texts / median(seconds[name]);
  rows.push({
    model,
    tab: rate('tab'),
    library: rate('library'),
    eft: rate('eft'),
    ofLibrary: rate('tab') / rate('library'),
    ofEft: rate('tab') / rate('eft'),
  });
}
const node = await library.version;
if (options.json) {
  const settings = {
    chromium: tab.version,
    node,
    threads: Number(options.threads),
    length: Number(options.length),
  };
  process.stdout.write(`${JSON.stringify({ ...settings, rows }, null, 2)}\n`);
} else {
  process.stdout.write(
    `Chromium ${tab.version}, Node ${node}, ${options.threads} threads, ${options.length} tokens; texts a second, medians of ${options.rounds} turns\n\n`,
  );
  process.stdout.write(
    '| model | tab | Node, library | Node, eft | tab of library | tab of eft |\n|---|---|---|---|---|---|\n',
  );
  for (const { model, ofLibrary, ofEft, ...rates } of rows) {
    const figures = [rates.tab, rates.library, rates.eft].map((value) => value.toFixed(0));
    const shares = [ofLibrary, ofEft].map((share) => `${Math.round(100 * share)} %`);
    process.stdout.write(`| ${[model, ...figures, ...shares].join(' | ')} |\n`);
  }
}
for (const side of Object.values(sides)) await side.close();
