/** A connection to the queue's Redis that outlives a restart of it, and says so when it is gone for too long. */
import type { Redis } from 'ioredis';
import { FailureError } from '../../errors.js';
import { withoutSecrets } from '../../platform/address.js';
import type { QueueAddress } from './address.js';
import { loadPackages, type QueuePackages } from './packages.js';

/** Of all queues of this program in one Redis. */
export const QUEUE_NAME = 'elastic-fourier';

/** Seconds that a Redis which was there may be gone. */
export const DEFAULT_PATIENCE = 60;

const CONNECT_MS = 10_000;
const MOST_RETRY_MS = 2000;

export interface ConnectOptions {
  /** Seconds that Redis may be gone once it was there. Default: DEFAULT_PATIENCE. */
  readonly patience?: number | undefined;
  /** Told when the connection is lost, and when it is back. */
  readonly onNote?: (note: string) => void;
}

export interface QueueConnection extends QueuePackages {
  readonly redis: Redis;
  readonly address: QueueAddress;
  /** Aborted, with the error as its reason, when Redis has been gone for too long. */
  readonly gone: AbortSignal;
  /** A command waits for as long as Redis is gone: so not longer than the patience. */
  orGone<T>(command: Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** What went wrong, in words that hold no secret. */
function causeOf(error: unknown): string {
  const { code, message = String(error) } = error as NodeJS.ErrnoException;
  if (/WRONGPASS|invalid (username-)?password/i.test(message)) return 'the user or password is wrong';
  if (/NOAUTH|NOPERM/.test(message))
    return `it wants another user or a password (${withoutSecrets(message)})`;
  if (code === 'ECONNREFUSED') return 'nothing answers there (ECONNREFUSED)';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `there is no such host (${code})`;
  return withoutSecrets(code === undefined || message.includes(code) ? message : `${message} (${code})`);
}

/** Throws InputError where the packages are missing, and FailureError where no Redis answers that takes us. */
export async function connect(
  address: QueueAddress,
  { patience = DEFAULT_PATIENCE, onNote = () => {} }: ConnectOptions = {},
): Promise<QueueConnection> {
  const packages = await loadPackages();
  const redis = new packages.ioredis.Redis(address.url, {
    lazyConnect: true,
    // Blocking commands wait for as long as it takes; `gone` says when that is too long.
    maxRetriesPerRequest: null,
    connectTimeout: CONNECT_MS,
    retryStrategy: (times) => Math.min(100 * times, MOST_RETRY_MS),
  });
  await firstContact(redis, address);
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  redis.on('close', () => {
    if (timer !== undefined || controller.signal.aborted) return;
    onNote(`lost the queue at ${address.shown}; trying again for ${patience} s`);
    timer = setTimeout(() => {
      controller.abort(
        new FailureError(
          `the queue at ${address.shown} has been unreachable for ${patience} s; what is finished is kept: start Redis again and repeat the command`,
          'queue',
        ),
      );
    }, 1000 * patience);
  });
  redis.on('ready', () => {
    if (timer !== undefined) onNote(`the queue at ${address.shown} is back`);
    clearTimeout(timer);
    timer = undefined;
  });
  return {
    ...packages,
    redis,
    address,
    gone: controller.signal,
    orGone: (command) => unlessAborted(command, controller.signal),
    async close() {
      redis.removeAllListeners('close');
      clearTimeout(timer);
      // Said farewell where somebody hears it.
      if (redis.status === 'ready') await redis.quit().catch(() => {});
      redis.disconnect();
    },
  };
}

function unlessAborted<T>(command: Promise<T>, gone: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const fail = (): void => reject(gone.reason as Error);
    if (gone.aborted) fail();
    gone.addEventListener('abort', fail, { once: true });
    command.then(resolve, reject).finally(() => gone.removeEventListener('abort', fail));
  });
}

async function firstContact(redis: Redis, { shown }: QueueAddress): Promise<void> {
  let cause: unknown;
  const keep = (error: unknown): void => {
    cause ??= error;
  };
  redis.on('error', keep);
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error(`no answer within ${CONNECT_MS / 1000} s`)), CONNECT_MS).unref();
  });
  try {
    await Promise.race([redis.connect().then(() => redis.ping()), late]);
  } catch (error) {
    redis.disconnect();
    throw new FailureError(
      `cannot use the queue at ${shown}: ${causeOf(cause ?? error)}. Start Redis or Valkey there (redis-server), or correct the address`,
      'queue',
    );
  } finally {
    redis.off('error', keep);
    // From now on 'close' tells; an 'error' without a listener would be printed.
    redis.on('error', () => {});
  }
}
