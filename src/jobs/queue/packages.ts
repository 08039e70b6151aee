/** The packages that a queue needs. They are loaded when one is used, for most installations have no need of them. */
import { loadOptional } from '../../platform/node/optionalPackages.js';

export interface QueuePackages {
  readonly bullmq: typeof import('bullmq');
  readonly ioredis: Pick<typeof import('ioredis'), 'Redis'>;
}

/** Throws InputError that says what to install. */
export const loadPackages = (): Promise<QueuePackages> =>
  loadOptional(
    async () => {
      const [bullmq, ioredis] = await Promise.all([import('bullmq'), import('ioredis')]);
      return { bullmq, ioredis };
    },
    ['bullmq', 'ioredis'],
    'a queue needs two packages that are not installed',
    ' (the submitting machine and every worker need them)',
  );
