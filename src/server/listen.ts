/** Puts an application on a port, and ends it so that no request is lost. */
import type { Server } from 'node:http';
import { type AddressInfo, isIP, Server as TcpServer } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';
import { FailureError } from '../errors.js';

/** Longest that the headers of a request may take. */
const MOST_HEADERS_MS = 10_000;
/** Between looks for connections on which nothing is under way. */
const LOOK_MS = 100;
/** Requests on their way over the wire when the end was called for arrive within this. */
const GRACE_MS = 500;

export interface Listening {
  readonly url: string;
  /**
   * Takes no new connections, answers what is under way and what still comes on open ones, then ends.
   * @param seconds after which connections are cut off
   */
  end(seconds: number): Promise<void>;
}

/** Whether only programs on this machine reach the address. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

/** Throws FailureError where the port is taken or not allowed. */
export async function listen(
  app: Hono,
  { host, port, timeout }: { host: string; port: number; timeout: number },
): Promise<Listening> {
  const requestTimeout = Math.ceil(timeout * 1000);
  const server = createAdaptorServer({
    fetch: app.fetch,
    serverOptions: {
      // Slow senders do not hold a connection for ever. Whole milliseconds, and headers no later than requests.
      headersTimeout: Math.min(MOST_HEADERS_MS, requestTimeout),
      requestTimeout,
      connectionsCheckingInterval: 1000,
    },
  }) as Server;
  await new Promise<void>((resolve, reject) => {
    server.once('error', ({ message, code }: NodeJS.ErrnoException) =>
      reject(
        new FailureError(
          code === 'EADDRINUSE'
            ? `port ${port} of ${host} is taken: choose another with --port, or 0 for any`
            : `cannot listen on ${host}, port ${port}: ${message}`,
        ),
      ),
    );
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return { url: `http://${name}:${address.port}`, end: (seconds) => end(server, seconds) };
}

async function end(server: Server, seconds: number): Promise<void> {
  // Node's own close ends idle connections at once, also those on which a request is on its way.
  const closed = new Promise<void>((resolve) => TcpServer.prototype.close.call(server, () => resolve()));
  const cut = setTimeout(() => server.closeAllConnections(), seconds * 1000);
  const grace = setTimeout(() => {
    server.closeIdleConnections();
    look = setInterval(() => server.closeIdleConnections(), LOOK_MS);
  }, GRACE_MS);
  let look: ReturnType<typeof setInterval> | undefined;
  await closed;
  clearTimeout(cut);
  clearTimeout(grace);
  clearInterval(look);
}
