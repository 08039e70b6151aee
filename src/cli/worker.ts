/** `eft worker`: takes trials and parts of a corpus from a queue. */
import { InterruptedError } from '../errors.js';
import { parseAddress } from '../jobs/queue/address.js';
import { DEFAULT_PATIENCE } from '../jobs/queue/connection.js';
import { DEFAULT_LOCK, runWorker } from '../jobs/queue/worker.js';
import { threadOptions } from '../learning/options.js';
import { folderPath, real } from './arguments.js';
import { CliCommand, CliOption } from './command.js';
import { addOptions } from './options.js';
import { exactVersion } from './origin.js';
import { interruptSignal, tell } from './output.js';

interface Options {
  readonly root: string;
  readonly once?: boolean;
  readonly threads?: number;
  readonly name?: string;
  readonly lock: number;
  readonly queueWait: number;
  readonly patience?: number;
}

export function command(): CliCommand {
  const worker = new CliCommand('worker')
    .description(
      'Run the trials of eft compare --queue and the parts of eft predict --queue, one at a time. Any number of workers may run on any number of machines; where one dies, another takes over its job.',
    )
    .under('Service')
    .argument('<address>', 'redis://host:6379, or rediss://… over TLS')
    .requiredOption('--root <folder>', 'the only folder that it reads and writes', folderPath)
    .more('the data must be inside it')
    .option('--once', 'end when the queue is empty')
    .option('--name <name>', "this computer's name in results")
    .option(
      '--lock <s>',
      'seconds without a sign of life until a job is taken over',
      real(0.2, 3600),
      DEFAULT_LOCK,
    )
    .option(
      '--queue-wait <s>',
      'seconds to wait while Redis is unreachable',
      real(0, 86_400),
      DEFAULT_PATIENCE,
    )
    .addOption(
      new CliOption('--patience <s>', 'the older name of --queue-wait').argParser(real(0, 86_400)).hideHelp(),
    );
  return addOptions(worker, threadOptions, { threads: 'as the job says, or one per core, at most 8' })
    .addHelpText(
      'after',
      `
Examples:
  eft worker redis://127.0.0.1:6379 --root /data
  EFT_QUEUE_PASSWORD=… eft worker rediss://queue.example:6380 --root /data --threads 1
  eft worker redis://queue:6379 --root /scratch --once`,
    )
    .action(run);
}

async function run(address: string, options: Options): Promise<void> {
  const { root, once, threads, name, lock, queueWait, patience = queueWait } = options;
  const parsed = parseAddress(address);
  const signal = interruptSignal();
  const log = (line: string): void => tell(`${new Date().toISOString()} ${line.replaceAll(/[\r\n]+/g, ' ')}`);
  await runWorker(
    { address: parsed, version: exactVersion(), root, once, threads, name, lockSeconds: lock, patience, log },
    signal,
  );
  if (signal.aborted) throw new InterruptedError('stopped; an unfinished job goes back to the queue');
}
