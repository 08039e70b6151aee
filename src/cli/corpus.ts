/** `eft predict --out`: a corpus predicted file by file into a folder, here, by a queue's workers, or a share of it. */
import { stat } from 'node:fs/promises';
import { InvalidArgumentError } from 'commander';
import { FailureError, InputError } from '../errors.js';
import { isLineOutput, LINE_OUTPUTS, type Output, outputFormat } from '../inference/batch/answer.js';
import type { Keep } from '../inference/batch/answerTable.js';
import { type CorpusPlan, type PartRunner, predictCorpus } from '../inference/batch/predictFiles.js';
import { predictPart } from '../inference/batch/predictPart.js';
import { Classifier } from '../inference/classifier.js';
import { loadOptions } from '../learning/options.js';
import { count, percent, seconds } from '../report/format.js';
import { readingChangesOf, readOptionsOf, real } from './arguments.js';
import type { CliCommand } from './command.js';
import { givenOptions } from './options.js';
import { interruptSignal, tell } from './output.js';
import { createProgress } from './progress.js';
import { addQueueOptions, openQueue, type QueueOptions } from './queue.js';
import { tellSkipped } from './reading.js';

export interface CorpusOptions extends QueueOptions {
  readonly data?: readonly string[];
  readonly topK?: number;
  readonly explain?: boolean;
  readonly output?: Output;
  readonly keep: Keep;
  readonly after: number;
  readonly out?: string;
  readonly shard?: readonly [index: number, count: number];
  readonly partSize?: number;
}

/** "3/8". */
function shard(text: string): [number, number] {
  const [index, count, ...more] = text.split('/').map(Number);
  const whole = Number.isSafeInteger(index) && Number.isSafeInteger(count) && more.length === 0;
  if (whole && index >= 1 && index <= count && count <= 100_000) return [index, count];
  throw new InvalidArgumentError('It is which of how many, from 1: 3/8.');
}

export function addCorpusOptions(command: CliCommand): CliCommand {
  command
    .under('Output')
    .option(
      '--shard <i/n>',
      'with a folder as --out: only this share of the files, for Slurm arrays and other schedulers',
      shard,
    )
    .rare()
    .option(
      '--part-size <MB>',
      'with a folder as --out: cut plain JSON lines and texts that are larger into parts (default: 64)',
      real(0.001, 1e6),
    )
    .rare()
    .option('--resume', 'accepted for symmetry with eft train: the command always continues')
    .rare();
  return addQueueOptions(command, 'with a folder as --out: predict the files');
}

/** Whether the answers go into a folder, a file each. */
export async function isCorpus({ out, shard: share, queue }: CorpusOptions): Promise<boolean> {
  if (share !== undefined || queue !== undefined) return true;
  if (out === undefined) return false;
  return (
    /[/\\]$/.test(out) ||
    (await stat(out).then(
      (status) => status.isDirectory(),
      () => false,
    ))
  );
}

function planOf(
  run: string,
  text: string | undefined,
  options: CorpusOptions & Record<string, unknown>,
): CorpusPlan {
  const { data, out, shard: share, queue, topK, keep, after, explain, partSize } = options;
  const format = outputFormat(options.output);
  if (out === undefined)
    throw new InputError('--queue and --shard predict a corpus: name the folder of its answers with --out');
  if (data === undefined || text !== undefined || data.includes('-'))
    throw new InputError('a folder of answers is for files: name them with --data');
  if (share !== undefined && queue !== undefined)
    throw new InputError('--shard is for work without a queue: leave one of them out');
  if (after > 0 || explain)
    throw new InputError('--after and --explain do not go with a folder as --out: its files are whole');
  if (!isLineOutput(format))
    throw new InputError(`--output ${format} is for one file: a corpus is ${LINE_OUTPUTS.join(', ')}`);
  return {
    run,
    data,
    folder: out,
    load: { ...givenOptions(options, loadOptions), reading: readingChangesOf(options) },
    read: readOptionsOf(options),
    answers: { format, keep, ...(topK === undefined ? {} : { topK }) },
    ...(partSize === undefined ? {} : { partBytes: 1e6 * partSize }),
    ...(share === undefined ? {} : { shard: share }),
  };
}

/** One model for all parts. */
async function openHere({ run, load }: CorpusPlan): Promise<PartRunner & { close(): Promise<void> }> {
  const classifier = await Classifier.load(run, load);
  return {
    concurrency: 1,
    run: (request, onProgress, signal) => predictPart(classifier, request, onProgress, signal),
    close: () => classifier.dispose(),
  };
}

async function openThere(
  plan: CorpusPlan,
  options: QueueOptions,
  queue: string,
): Promise<PartRunner & { close(): Promise<void> }> {
  const executor = await openQueue(options, queue, plan.folder, [plan.run, ...plan.data]);
  return {
    concurrency: executor.concurrency,
    run: (request, onProgress, signal) =>
      executor.run('part', request.part.output, request, onProgress, signal),
    close: () => executor.close(),
  };
}

export async function predictIntoFolder(
  run: string,
  text: string | undefined,
  options: CorpusOptions & Record<string, unknown>,
): Promise<void> {
  const plan = planOf(run, text, options);
  const { queue } = options;
  const runner = queue === undefined ? await openHere(plan) : await openThere(plan, options, queue);
  const signal = interruptSignal();
  const started = performance.now();
  let progress: ReturnType<typeof createProgress> | undefined;
  /** Bytes of what is done, and of parts at work. */
  let done = 0;
  const working = new Map<string, number>();
  const show = (note: string): void => {
    const bytes = done + [...working.values()].reduce((sum, one) => sum + one, 0);
    progress?.update(Math.round(bytes / 1e5) / 10, note);
  };
  try {
    const manifest = await predictCorpus(
      plan,
      runner,
      {
        onPlanned({ parts, bytes, kept }) {
          if (kept > 0) tell(`${count(kept)} finished files are kept`);
          progress = createProgress({
            label: `${count(parts)} files, MB`,
            total: Math.round(bytes / 1e5) / 10,
          });
        },
        onProgress(output, bytes, { share, note }) {
          working.set(output, share * bytes);
          show(note);
        },
        onDone({ output, size, range, host }) {
          working.delete(output);
          done += range === undefined ? size : range[1] - range[0];
          show(host === undefined ? output : `${host}: ${output}`);
        },
        onFailed(_, error) {
          tell(`failed: ${error.message}`);
        },
      },
      signal,
    );
    progress?.stop();
    const { rows, unknown, skipped, inputBytes } = manifest.totals;
    const elsewhere = manifest.files.filter((file) => file.elsewhere).length;
    const time = (performance.now() - started) / 1000;
    tell(
      `${count(rows)} texts in ${count(manifest.files.length)} files (${(inputBytes / 1e6).toFixed(1)} MB) in ${seconds(time)}: ${plan.folder}`,
    );
    if (skipped > 0) {
      const first = manifest.files.flatMap(({ skippedRows = [] }) => skippedRows);
      tellSkipped({ count: skipped, first: first.slice(0, 10) });
    }
    if (unknown > 0)
      tell(`warning: of ${count(unknown)} texts (${percent(unknown / rows, 1)}) the model knows no word`);
    if (elsewhere > 0)
      tell(`${count(elsewhere)} files are on the workers that made them: the manifest names them`);
    if (!manifest.complete) throw new FailureError(`${plan.folder}: not all files are predicted`);
  } finally {
    progress?.stop();
    await runner.close();
  }
}
