/** `eft worker`: takes trials and parts of a corpus from a queue. */
import { Command } from 'commander';
import { InterruptedError } from '../errors.js';
import { parseAddress } from '../jobs/queue/address.js';
import { DEFAULT_PATIENCE } from '../jobs/queue/connection.js';
import { DEFAULT_LOCK, runWorker } from '../jobs/queue/worker.js';
import { threadOptions } from '../learning/options.js';
import { folderPath, real } from './arguments.js';
import { addOptions } from './options.js';
import { exactVersion } from './origin.js';
import { interruptSignal, tell } from './output.js';

interface Options {
  readonly root: string;
  readonly once?: boolean;
  readonly threads?: number;
  readonly name?: string;
  readonly lock: number;
  readonly patience: number;
}

export function command(): Command {
  const worker = new Command('worker')
    .description(
      'Run the trials of eft compare --queue and the parts of eft predict --queue from Redis or Valkey, one at a time, each in a process of its own. Any number of workers may run on any number of machines; where one dies, another takes over its job.',
    )
    .argument(
      '<address>',
      'redis://host:6379, or rediss://user:password@host:6380 over TLS; the password may be in EFT_QUEUE_PASSWORD',
    )
    .requiredOption(
      '--root <folder>',
      'the only folder that it reads and writes; the data must be inside it',
      folderPath,
    )
    .option('--once', 'end when the queue is empty')
    .option('--name <name>', "this computer's name in results (default: the system's)")
    .option(
      '--lock <s>',
      'seconds without a heartbeat after which another worker takes a job over',
      real(0.2, 3600),
      DEFAULT_LOCK,
    )
    .option(
      '--patience <s>',
      'seconds to wait while Redis is unreachable',
      real(0, 86_400),
      DEFAULT_PATIENCE,
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
  const { root, once, threads, name, lock, patience } = options;
  const parsed = parseAddress(address);
  const signal = interruptSignal();
  const log = (line: string): void => tell(`${new Date().toISOString()} ${line.replaceAll(/[\r\n]+/g, ' ')}`);
  await runWorker(
    { address: parsed, version: exactVersion(), root, once, threads, name, lockSeconds: lock, patience, log },
    signal,
  );
  if (signal.aborted) throw new InterruptedError('stopped; an unfinished job goes back to the queue');
}
