/** A redis-server of one's own, for scripts and tests: on loopback, on a port that is free, with an append-only file. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {{ port: number }} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * In a temporary folder.
 * @param {readonly string[]} more settings, e.g. ['--requirepass', 'secret']
 */
export async function startRedis(more = []) {
  const folder = await mkdtemp(join(tmpdir(), 'eft-redis-'));
  const port = await freePort();
  /** @type {import('node:child_process').ChildProcess | undefined} */
  let server;
  const redis = {
    url: `redis://127.0.0.1:${port}`,
    port,
    /** Starts it again on what it has appended. */
    async start() {
      const settings = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--save', ''];
      const started = spawn('redis-server', [...settings, '--appendonly', 'yes', ...more], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      server = started;
      let said = '';
      await new Promise((resolve, reject) => {
        started.on('close', (code) => reject(new Error(`redis-server ended with ${code}: ${said}`)));
        started.stdout.on('data', (text) => {
          said += text;
          if (said.includes('Ready to accept connections')) resolve(undefined);
        });
      });
    },
    /**
     * Ends the server; what it has appended stays.
     * @param {NodeJS.Signals} signal
     */
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
