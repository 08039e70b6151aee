/** A redis-server of a test's own: on loopback, in a temporary folder, on a port that is free. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

function isInstalled(): boolean {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** False where there is no redis-server in the path: tests that need one are then skipped. */
export const hasRedis = isInstalled();
export const NEEDS_REDIS = hasRedis ? '' : ' (skipped: there is no redis-server)';

export interface TestRedis {
  readonly url: string;
  readonly port: number;
  /** Ends the server; what it has appended stays. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again on what it has appended. */
  start(): Promise<void>;
  dispose(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** @param more settings, e.g. ['--requirepass', 'secret'] */
export async function startRedis(more: readonly string[] = []): Promise<TestRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'eft-redis-'));
  const port = await freePort();
  let server: ChildProcess | undefined;
  const redis: TestRedis = {
    url: `redis://127.0.0.1:${port}`,
    port,
    async start() {
      const settings = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--save', ''];
      const started = spawn(
        'redis-server',
        [...settings, '--appendonly', 'yes', '--appendfsync', 'always', ...more],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      server = started;
      await new Promise<void>((resolve, reject) => {
        let said = '';
        started.stdout.on('data', (text: Buffer) => {
          said += text.toString();
          if (said.includes('Ready to accept connections')) resolve();
        });
        started.on('close', (code) => reject(new Error(`redis-server ended with ${code}: ${said}`)));
      });
    },
    async stop(signal = 'SIGTERM') {
      if (server === undefined) return;
      const ended = once(server, 'close');
      server.kill(signal);
      server = undefined;
      await ended;
    },
    async dispose() {
      await redis.stop('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
  await redis.start();
  return redis;
}
