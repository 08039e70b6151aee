/** `eft bench`: time and memory of training and inference, each cell in a process of its own. */

import { plot } from 'asciichart';
import { Command, InvalidArgumentError } from 'commander';
import type { CellResult } from '../bench/cell.js';
import { runCell } from '../bench/run.js';
import type { BenchMode } from '../bench/step.js';
import { InputError } from '../errors.js';
import { fitPowerLaw } from '../evaluation/intervals.js';
import { configureModel, type ModelName } from '../model/configuration.js';
import { formatMemory } from '../report/comparisonTable.js';
import { createProgress } from '../report/progress.js';
import { renderTable } from '../report/terminal.js';
import {
  addShapeOptions,
  listOf,
  modelName,
  real,
  type ShapeOptions,
  sequenceLength,
  shapeOf,
  threads,
  whole,
} from './arguments.js';
import { colorOf, percent, tell, writeOut } from './output.js';

interface Options extends ShapeOptions {
  readonly models: ModelName[];
  readonly lengths: number[];
  readonly modes: BenchMode[];
  readonly batch: number;
  readonly threads: number;
  readonly seconds: number;
  readonly profile?: boolean;
  readonly json?: boolean;
}

function mode(text: string): BenchMode {
  if (text === 'train' || text === 'inference') return text;
  throw new InvalidArgumentError('Modes are train and inference.');
}

export function command(): Command {
  const bench = new Command('bench')
    .description(
      'Measure time and memory of training and inference on full-length sequences of random tokens.',
    )
    .option('--models <names>', 'models, with commas', listOf(modelName), ['elastic-fourier', 'standard'])
    .option('--lengths <n,…>', 'sequence lengths', listOf(sequenceLength), [512])
    .option('--modes <modes>', 'train, inference', listOf(mode), ['train', 'inference'])
    .option('--batch <b>', 'sequences a step', whole(1, 65_536), 32)
    .option('--threads <t>', 'worker threads', threads, 2)
    .option('--seconds <s>', 'measure each cell at least this long', real(0, 3600, false), 3)
    .option('--profile', 'also the time by kind of operation')
    .option('--json', 'an array with one object a cell');
  return addShapeOptions(bench)
    .addHelpText(
      'after',
      `
Examples:
  eft bench --lengths 512,1024,2048
  eft bench --models elastic-fourier --lengths 512 --modes inference --batch 1 --threads 1
  eft bench --models elastic-fourier --lengths 512 --modes train --profile`,
    )
    .action(run);
}

async function run(options: Options): Promise<void> {
  const cells = options.models.flatMap((model) =>
    options.lengths.flatMap((length) => options.modes.map((cellMode) => ({ model, length, mode: cellMode }))),
  );
  const progress = createProgress({ label: 'measuring', total: cells.length });
  const results: CellResult[] = [];
  const color = colorOf(process.stdout);
  try {
    for (const [done, { model, length, mode: cellMode }] of cells.entries()) {
      progress.update(done, `${model} ${length} ${cellMode}`);
      const configuration = configureModel({ ...shapeOf(options, model), model, sequenceLength: length });
      const { batch, seconds, profile = false } = options;
      try {
        results.push(
          await runCell({ configuration, mode: cellMode, batch, threads: options.threads, seconds, profile }),
        );
      } catch (error) {
        // A cell that does not fit the machine is left out; the others are still worth having.
        if (!(error instanceof InputError) || cells.length === 1) throw error;
        tell(`left out: ${error.message}`);
      }
    }
  } finally {
    progress.stop();
  }
  if (options.json) {
    writeOut(`${JSON.stringify(results, null, 2)}\n`);
    return;
  }
  const header = [
    'model',
    'tokens',
    'mode',
    'ms/sequence',
    'tokens/s',
    'GFLOP/s',
    'of products',
    'planned',
    'peak memory',
  ];
  const rows = results.map((cell) => [
    cell.model,
    cell.sequenceLength.toLocaleString('en'),
    cell.mode,
    `${cell.msPerSequence.toFixed(2)} (${cell.msPerSequenceSpread.map((ms) => ms.toFixed(2)).join(' to ')})`,
    Math.round(cell.tokensPerSecond).toLocaleString('en'),
    cell.gflops.toFixed(1),
    percent(cell.shareOfMatrixRate),
    formatMemory(cell.plannedMemoryBytes),
    formatMemory(cell.peakMemoryBytes),
  ]);
  writeOut(`${renderTable(header, rows, { color })}\n`);
  const [first] = results;
  if (first === undefined) return;
  writeOut(`batch ${first.batch}, ${first.threads} threads, ${first.tier}, Node ${process.version}\n`);
  for (const cell of results) if (cell.operations !== undefined) writeOut(`${operationTable(cell, color)}\n`);
  writeOut(exponents(results));
}

function operationTable(
  { model, sequenceLength: n, mode: cellMode, operations = {} }: CellResult,
  color: boolean,
): string {
  const total = Object.values(operations).reduce((sum, time) => sum + time, 0);
  const rows = Object.entries(operations).map(([kind, ms]) => [kind, ms.toFixed(3), percent(ms / total)]);
  return `${model}, ${n} tokens, ${cellMode}:\n${renderTable(['operation', 'ms/sequence, all threads', 'share'], rows, { color })}`;
}

/** Fitted exponents against length, and a chart of the times, for what has at least three lengths. */
function exponents(results: readonly CellResult[]): string {
  const groups = new Map<string, CellResult[]>();
  for (const cell of results) {
    const key = `${cell.model}, ${cell.mode}`;
    groups.set(key, [...(groups.get(key) ?? []), cell]);
  }
  let text = '';
  for (const [name, cells] of groups) {
    if (cells.length < 3) continue;
    const lengths = cells.map(({ sequenceLength: n }) => n);
    const time = fitPowerLaw(
      lengths,
      cells.map(({ msPerSequence }) => msPerSequence),
    );
    const memory = fitPowerLaw(
      lengths,
      cells.map(({ plannedMemoryBytes }) => plannedMemoryBytes),
    );
    const logs = cells.map(({ msPerSequence }) => Math.log10(msPerSequence));
    // Repeated points make the few columns wide enough to read.
    const columns = logs.flatMap((value) => new Array<number>(8).fill(value));
    text += `${name}: time grows with length to the power ${time.exponent.toFixed(3)} ± ${time.standardError.toFixed(3)}, planned memory ${memory.exponent.toFixed(3)} ± ${memory.standardError.toFixed(3)}\n`;
    text += `log₁₀ of ms/sequence at ${lengths.join(', ')} tokens:\n${plot(columns, { height: 8 })}\n`;
  }
  return text;
}
