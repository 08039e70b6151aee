/**
 * What a training step costs on the same recordings cut into more and more frames: where attention ends, and at what
 * price. Each measurement runs in a process of its own.
 *
 *   node scripts/frames.js --data digits/train --out docs/results/fsdd-frames
 *       [--models elastic,elastic-fourier,standard] [--samples 16384] [--frames 1024,4096,16384] [--batch 4]
 *       [--window 64] [--filters 64] [--threads 2] [--seconds 2] [--accuracy docs/results/fsdd/results.json]
 *
 * A model looks at the same windows through the same number of filters; only how often differs. Measured are recordings as
 * they are (spread evenly over all lengths, cut at --samples) and the same ones repeated until they fill --samples. Writes
 * frames.json, frames.md and frames.svg; cells that frames.json of that folder already has are kept.
 */
import { fork } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { prepareStep } from '../dist/benchmark/step.js';
import { median, timeRepeatedly } from '../dist/benchmark/timing.js';
import { applyReading, readingOf } from '../dist/data/applyReading.js';
import { packSequences } from '../dist/data/encode.js';
import { createWasmEngine } from '../dist/engine/wasm/engine.js';
import { SignalEncoder } from '../dist/input/signal.js';
import { configureModel } from '../dist/model/configuration.js';
import { countParameters } from '../dist/model/parameters.js';
import { enableFastVectors } from '../dist/platform/node/fastVectors.js';
import { readDataset } from '../dist/readers/dataset.js';
import { memory } from '../dist/report/format.js';
import { looksOf } from '../dist/report/palette.js';
import { growthChart } from '../dist/report/scalingCharts.js';

/** @typedef {import('../dist/model/configuration.js').ModelName} ModelName */
/**
 * @typedef {{ data: string, model: ModelName, samples: number, frames: number, batch: number, window: number, filters: number,
 *   threads: number, seconds: number, filled: boolean }} Request
 * @typedef {{ model: string, sequenceLength: number, filled: boolean, meanFrames: number, parameters: number,
 *   msPerSequence: number, steps: number, peakMemoryBytes: number, threads: number, tier: string }} Measured
 */

/** In a process of its own. @param {Request} request @returns {Promise<Measured>} */
async function measure({ data, model, samples, frames, batch, window, filters, threads, seconds, filled }) {
  enableFastVectors();
  const dataset = await readDataset(data, { input: 'signal', limit: 256 });
  const { examples: recordings } = applyReading(dataset, readingOf(dataset).reading);
  const examples = recordings.map(({ input, label }) => {
    if (typeof input === 'string' || input instanceof Uint8Array) throw new Error(`${data}: no recordings`);
    return { input, label };
  });
  const classes = [...new Set(examples.map(({ label }) => label))];
  const inOrder = examples.toSorted((a, b) => a.input.values.length - b.input.values.length);
  const chosen = Array.from(
    { length: batch },
    (_, i) => inOrder[Math.floor(((i + 0.5) / batch) * inOrder.length)],
  );
  const { channels } = chosen[0].input;
  const patch = samples / frames;
  const encoder = SignalEncoder.learn(
    chosen.map(({ input }) => input),
    { patch },
  );
  const sequences = chosen.map(({ input }) => {
    const { values } = input;
    const whole = filled
      ? Float32Array.from({ length: samples * channels }, (_, i) => values[i % values.length])
      : values;
    return encoder.encode({ ...input, values: whole }, samples);
  });
  const { tokens, offsets, frames: numbers } = packSequences(sequences);
  const labels = Int32Array.from(chosen, ({ label }) => classes.indexOf(label));
  const configuration = configureModel({
    model,
    sequenceLength: samples,
    vocabulary: 2,
    classes: classes.length,
    signal: { channels, patch, window: Math.max(window, patch), filters },
  });
  const engine = await createWasmEngine({ threads });
  try {
    if (numbers === undefined) throw new Error('internal: signals without frames');
    const input = { tokens, offsets: Int32Array.from(offsets), labels, frames: numbers };
    const { call } = await prepareStep(engine, configuration, 'train', input);
    const times = await timeRepeatedly(call, { seconds, least: 3 });
    return {
      model,
      sequenceLength: frames,
      filled,
      meanFrames: tokens.length / batch,
      parameters: countParameters(configuration),
      msPerSequence: (1000 * median(times)) / batch,
      steps: times.length,
      peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
      threads: engine.threads,
      tier: engine.tier,
    };
  } finally {
    await engine.dispose();
  }
}

/** @param {Request} request @returns {Promise<Measured>} */
function inOwnProcess(request) {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), ['--cell', JSON.stringify(request)]);
    child.on('message', (/** @type {Measured | { failed: string }} */ answer) =>
      'failed' in answer ? reject(new Error(answer.failed)) : resolve(answer),
    );
    child.on('error', reject);
    child.on('exit', (code) => code !== 0 && reject(new Error(`the measurement ended with ${code}`)));
  });
}

/** @param {number} ms */
const time = (ms) => (ms < 1000 ? `${ms.toPrecision(3)} ms` : `${(ms / 1000).toPrecision(3)} s`);

/** @param {readonly Measured[]} cells @param {readonly string[]} models @param {readonly number[]} lengths @param {ReadonlyMap<string, string>} accuracies */
function tableOf(cells, models, lengths, accuracies) {
  const cellOf = (model, length, filled) =>
    cells.find((one) => one.model === model && one.sequenceLength === length && one.filled === filled);
  const text = (cell) =>
    cell === undefined ? '' : `${time(cell.msPerSequence)}, ${memory(cell.peakMemoryBytes)}`;
  const rows = models.flatMap((model) =>
    lengths.map((length, i) => {
      const own = cellOf(model, length, false);
      const about = own ? Math.round(own.meanFrames).toLocaleString('en') : '';
      return `| ${i === 0 ? `\`${model}\`` : ''} | ${length.toLocaleString('en')} | ${text(own)} | ${about} | ${text(cellOf(model, length, true))} | ${(i === 0 && accuracies.get(model)) || ''} |`;
    }),
  );
  return [
    '| | frames of the longest | a recording as it is: step, peak memory | its frames | one that fills the length | accuracy |',
    '|---|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

/** Where charts stand alone there is no style sheet. @type {Readonly<Record<string, string>>} */
const COLOURS = {
  '--ink': '#1c1f24',
  '--quiet': '#565d68',
  '--model-0': '#0b62b8',
  '--model-1': '#b4380b',
  '--model-2': '#2b7337',
  '--model-3': '#7a3fa8',
};

/** @param {readonly Measured[]} cells @param {readonly string[]} models @param {readonly number[]} lengths */
function chartOf(cells, models, lengths) {
  const looks = looksOf(models);
  const own = cells.filter(({ filled }) => filled).toSorted((a, b) => a.sequenceLength - b.sequenceLength);
  /** @type {import('../dist/report/scalingCharts.js').Quantity<Measured>[]} */
  const quantities = [
    {
      title: 'Training step of a recording that fills the length',
      unit: 'milliseconds',
      value: ({ msPerSequence }) => msPerSequence,
      format: time,
    },
    {
      title: 'Peak memory',
      unit: 'MB',
      value: ({ peakMemoryBytes }) => peakMemoryBytes / 1e6,
      format: (value) => memory(value * 1e6),
    },
  ];
  const drawn = quantities.map((quantity, i) => {
    const figure = growthChart(quantity, own, looks, lengths, 'frames');
    const svg = /<svg[\s\S]*<\/svg>/.exec(figure)?.[0] ?? '';
    return `<text x="${420 * i + 8}" y="18" font-weight="bold">${quantity.title}</text>${svg.replace('<svg', `<svg x="${420 * i}" y="24"`)}`;
  });
  const names = looks.map(
    ({ model, color }, i) =>
      `<rect x="${8 + 150 * i}" y="302" width="12" height="12" fill="${color}"/><text x="${26 + 150 * i}" y="312">${model}</text>`,
  );
  const whole = `<svg xmlns="http://www.w3.org/2000/svg" width="840" height="324" viewBox="0 0 840 324" font-family="system-ui, sans-serif" font-size="12" color="#1c1f24" fill="#1c1f24"><rect width="840" height="324" fill="#ffffff"/>${[...drawn, ...names].join('\n')}</svg>\n`;
  return whole.replace(/var\((--[\w-]+)\)/g, (_, name) => COLOURS[name] ?? '#1c1f24');
}

/** "97.7 % (95.3 to 98.9)" by model, of a comparison's results. @param {string | undefined} path */
function accuraciesIn(path) {
  const { trials } = path === undefined ? { trials: [] } : JSON.parse(readFileSync(path, 'utf8'));
  return new Map(
    trials.map(({ model, test }) => [
      model,
      `${(100 * test.accuracy).toFixed(1)} % (${test.accuracyInterval.map((share) => (100 * share).toFixed(1)).join(' to ')})`,
    ]),
  );
}

async function main() {
  const { values } = parseArgs({
    options: {
      cell: { type: 'string' },
      data: { type: 'string' },
      out: { type: 'string' },
      models: { type: 'string', default: 'elastic,elastic-fourier,standard' },
      samples: { type: 'string', default: '16384' },
      frames: { type: 'string', default: '1024,4096,16384' },
      batch: { type: 'string', default: '4' },
      window: { type: 'string', default: '64' },
      filters: { type: 'string', default: '64' },
      threads: { type: 'string', default: '2' },
      seconds: { type: 'string', default: '2' },
      accuracy: { type: 'string' },
    },
  });
  if (values.cell !== undefined) {
    const answer = await measure(JSON.parse(values.cell)).catch((error) => ({ failed: error.stack }));
    process.send?.(answer, () => process.disconnect());
    return;
  }
  const { data, out } = values;
  if (data === undefined || out === undefined) throw new Error('name the recordings with --data, and --out');
  const models = values.models.split(',');
  const lengths = values.frames.split(',').map(Number);
  const shape = {
    samples: Number(values.samples),
    window: Number(values.window),
    filters: Number(values.filters),
  };
  const batch = Number(values.batch);
  const path = join(out, 'frames.json');
  mkdirSync(out, { recursive: true });
  /** @type {Measured[]} */
  let cells = [];
  try {
    cells = JSON.parse(readFileSync(path, 'utf8')).cells;
  } catch {
    // None yet.
  }
  for (const frames of lengths) {
    for (const filled of [false, true]) {
      for (const model of models) {
        if (
          cells.some((one) => one.model === model && one.sequenceLength === frames && one.filled === filled)
        )
          continue;
        const cell = await inOwnProcess({
          ...{ data, model: /** @type {ModelName} */ (model), frames, filled, batch, ...shape },
          ...{ threads: Number(values.threads), seconds: Number(values.seconds) },
        });
        cells.push(cell);
        process.stderr.write(
          `${model}, ${frames} frames, ${filled ? 'filled' : 'as they are'}: ${time(cell.msPerSequence)} a recording, ${memory(cell.peakMemoryBytes)}\n`,
        );
        const machine = { cpu: cpus()[0]?.model, node: process.version };
        writeFileSync(path, `${JSON.stringify({ machine, batch, ...shape, cells }, undefined, 1)}\n`);
      }
    }
  }
  const table = tableOf(cells, models, lengths, accuraciesIn(values.accuracy));
  writeFileSync(join(out, 'frames.md'), table);
  writeFileSync(join(out, 'frames.svg'), chartOf(cells, models, lengths));
  process.stdout.write(table);
}

await main();
