/** The packages that a queue needs. They are loaded when one is used, for most installations have no need of them. */
import { InputError } from '../../errors.js';

export interface QueuePackages {
  readonly bullmq: typeof import('bullmq');
  readonly ioredis: Pick<typeof import('ioredis'), 'Redis'>;
}

const codeOf = (error: unknown): unknown => (error as NodeJS.ErrnoException).code;

/** Throws InputError that says what to install. */
export async function loadPackages(): Promise<QueuePackages> {
  try {
    const [bullmq, ioredis] = await Promise.all([import('bullmq'), import('ioredis')]);
    return { bullmq, ioredis };
  } catch (error) {
    if (codeOf(error) !== 'ERR_MODULE_NOT_FOUND' && codeOf(error) !== 'MODULE_NOT_FOUND') throw error;
    throw new InputError(
      'a queue needs two packages that are not installed: npm install bullmq ioredis (the submitting machine and every worker need them)',
    );
  }
}
