/** `eft bench`: time and memory of training and inference, each cell in a process of its own. */
import { cpus } from 'node:os';
import { InvalidArgumentError } from 'commander';
import type { CellRequest, CellResult } from '../benchmark/cell.js';
import type { BenchMode } from '../benchmark/step.js';
import { InputError } from '../errors.js';
import { processes } from '../jobs/processes/processes.js';
import { shapeDefaults, threadOptions } from '../learning/options.js';
import { configureModel, type ModelName } from '../model/configuration.js';
import { PAPER_MODELS } from '../model/families/index.js';
import { modelOptions } from '../model/options.js';
import { FolderStore } from '../platform/node/folder.js';
import { renderBenchPage } from '../report/benchPage.js';
import { renderBench } from '../report/benchTable.js';
import { folderPath, listOf, modelName, real, sequenceLength, whole } from './arguments.js';
import { CliCommand } from './command.js';
import { addOptions, givenOptions } from './options.js';
import { originNow } from './origin.js';
import { colorOf, commandLine, tell, writeOut } from './output.js';
import { requireOwnPage } from './outputs.js';
import { createProgress } from './progress.js';

interface Options extends Record<string, unknown> {
  readonly models: ModelName[];
  readonly lengths: number[];
  readonly modes: BenchMode[];
  readonly batch: number;
  readonly threads?: number;
  readonly seconds: number;
  readonly profile?: boolean;
  readonly out?: string;
  readonly json?: boolean;
}

const { sequenceLength: _, ...shape } = modelOptions;
const DEFAULT_THREADS = 2;
const DATA = 'bench.json';

function mode(text: string): BenchMode {
  if (text === 'train' || text === 'inference') return text;
  throw new InvalidArgumentError('Modes are train and inference.');
}

export function command(): CliCommand {
  const bench = new CliCommand('bench')
    .description(
      'Measure time and memory of training and inference on full-length sequences of random tokens.',
    )
    .under('Model')
    .option('--models <names>', 'models to measure, separated by commas', listOf(modelName), PAPER_MODELS)
    .alsoCalled('model')
    .option('--lengths <n,…>', 'sequence lengths, separated by commas', listOf(sequenceLength), [512])
    .alsoCalled('seq-len', 'length')
    .under('Training')
    .option('--modes <modes>', 'what to measure: train, inference', listOf(mode), ['train', 'inference'])
    .option('--batch <b>', 'sequences a step', whole(1, 65_536), 32)
    .alsoCalled('batch-size')
    .option('--seconds <s>', 'measure each cell at least this long', real(0, 3600, false), 3)
    .option('--profile', 'also measure the time by kind of operation')
    .under('Output')
    .option('--out <folder>', 'folder for bench.json and bench.html', folderPath)
    .more('older ones are overwritten')
    .option('--json', 'print an array with one object a cell instead of words');
  addOptions(bench, threadOptions, { threads: DEFAULT_THREADS });
  return addOptions(bench, shape, shapeDefaults)
    .addHelpText(
      'after',
      `
Examples:
  eft bench --lengths 512,1024,2048
  eft bench --models elastic-fourier --lengths 512 --modes inference --batch 1 --threads 1
  eft bench --models elastic-fourier --lengths 512 --modes train --profile
  eft bench --lengths 512,1024,2048,4096 --profile --out runs/bench`,
    )
    .action(run);
}

async function run(options: Options): Promise<void> {
  // First, so that a model that cannot be makes no folder.
  const requests = requestsOf(options);
  const folder = options.out === undefined ? undefined : new FolderStore(options.out);
  if (folder !== undefined) await requireOwnPage(folder.pathOf('bench.html'));
  // Known before an hour of measuring.
  const unlock = await folder?.lock();
  try {
    await folder?.prepare();
    const { cells, leftOut } = await measure(requests, folder);
    const node = process.version;
    if (options.json) writeOut(jsonOf(cells));
    else writeOut(`${renderBench(cells, { color: colorOf(process.stdout), node })}\n`);
    if (folder === undefined) return;
    const cpu = cpus()[0]?.model ?? 'unknown';
    const content = { cells, leftOut, command: commandLine(), cpu, node, origin: originNow() };
    await folder.write('bench.html', renderBenchPage(content));
    tell(`page: ${folder.pathOf('bench.html')}; data: ${folder.pathOf(DATA)}`);
  } finally {
    await unlock?.();
  }
}

function requestsOf(options: Options): CellRequest[] {
  const { batch, seconds, profile = false, threads = DEFAULT_THREADS } = options;
  return options.models.flatMap((model) =>
    options.lengths.flatMap((length) => {
      const configuration = configureModel({
        // What other programs are compared by.
        dropout: 0,
        wordDropout: 0,
        ...givenOptions(options, shape),
        model,
        sequenceLength: length,
      });
      return options.modes.map((mode) => ({ configuration, mode, batch, threads, seconds, profile }));
    }),
  );
}

/** Measures one cell after the other; what there is is written after each. */
async function measure(
  requests: readonly CellRequest[],
  folder: FolderStore | undefined,
): Promise<{ cells: CellResult[]; leftOut: string[] }> {
  const progress = createProgress({ label: 'measuring', total: requests.length });
  const cells: CellResult[] = [];
  const leftOut: string[] = [];
  try {
    for (const [done, request] of requests.entries()) {
      const { model, sequenceLength: length } = request.configuration;
      progress.update(done, `${model} ${length} ${request.mode}`);
      try {
        cells.push(await processes.run('cell', `${model} at ${length} tokens`, request));
      } catch (error) {
        // A cell that does not fit the machine is left out; the others are still worth having.
        if (!(error instanceof InputError) || requests.length === 1) throw error;
        leftOut.push(`${error.message} (${request.mode})`);
        tell(`left out: ${error.message}`);
      }
      await folder?.write(DATA, jsonOf(cells));
    }
    return { cells, leftOut };
  } finally {
    progress.stop();
  }
}

const jsonOf = (results: readonly CellResult[]): string => `${JSON.stringify(results, null, 2)}\n`;
