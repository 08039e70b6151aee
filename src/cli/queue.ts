/** Options of commands that may leave their work to a queue. */
import { parseAddress } from '../jobs/queue/address.js';
import type { QueueExecutor } from '../jobs/queue/executor.js';
import { folderPath, real } from './arguments.js';
import type { CliCommand } from './command.js';
import { exactVersion } from './origin.js';
import { tell } from './output.js';

export interface QueueOptions {
  readonly queue?: string;
  readonly root?: string;
  readonly queueWait?: number;
}

/** Of the address no parser here: commander would print what it holds. */
export function addQueueOptions(command: CliCommand, work: string): CliCommand {
  return command
    .under('Advanced')
    .option(
      '--queue <address>',
      `${work} on other machines, by 'eft worker' and the Redis or Valkey at redis://… or rediss://… (needs: npm install bullmq ioredis; the password may be in EFT_QUEUE_PASSWORD)`,
    )
    .rare()
    .option(
      '--root <folder>',
      'with --queue: the folder to which paths are relative for the workers (default: the working folder, or the innermost that holds all files)',
      folderPath,
    )
    .rare()
    .option(
      '--queue-wait <s>',
      'with --queue: seconds to wait while Redis is unreachable (default: 60)',
      real(0, 86_400),
    )
    .rare();
}

/** @param paths what the jobs read: files, patterns, folders */
export async function openQueue(
  { root, queueWait: patience }: QueueOptions,
  queue: string,
  out: string,
  paths: readonly string[],
): Promise<QueueExecutor> {
  const address = parseAddress(queue);
  const { QueueExecutor } = await import('../jobs/queue/executor.js');
  return QueueExecutor.open({ address, version: exactVersion(), out, paths, root, patience, onNote: tell });
}
