/** Where a queue is: an address that may hold a password, and what may be shown of it. */
import { InputError } from '../../errors.js';

export interface QueueAddress {
  /** As ioredis takes it, password and all. */
  readonly url: string;
  /** For messages: without user, password and query. */
  readonly shown: string;
}

/** Where the password may stand instead of the address, which others see in the list of processes. */
export const PASSWORD_VARIABLE = 'EFT_QUEUE_PASSWORD';

/** Throws InputError, which does not show the address, on what is none. */
export function parseAddress(text: string, environment: NodeJS.ProcessEnv = process.env): QueueAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (
    url === undefined ||
    !/^rediss?:$/.test(url.protocol) ||
    url.hostname === '' ||
    !/^(\/\d{0,4})?$/.test(url.pathname)
  ) {
    throw new InputError(
      'the queue needs the address of a Redis or Valkey: redis://127.0.0.1:6379, or rediss://user:password@host:6380/0 over TLS',
    );
  }
  const password = environment[PASSWORD_VARIABLE];
  if (url.password === '' && password !== undefined) url.password = encodeURIComponent(password);
  return { url: url.href, shown: `${url.protocol}//${url.host}${url.pathname}` };
}
