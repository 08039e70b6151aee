/** What the scripts on queues share: a Redis of their own, and the command line as programs that can be killed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {{ port: number }} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}

/** On loopback, in a temporary folder, with an append-only file. */
export async function startRedis() {
  const folder = mkdtempSync(join(tmpdir(), 'eft-redis-'));
  const port = await freePort();
  /** @type {import('node:child_process').ChildProcess | undefined} */
  let server;
  const redis = {
    url: `redis://127.0.0.1:${port}`,
    async start() {
      const settings = [
        '--bind',
        '127.0.0.1',
        '--port',
        String(port),
        '--dir',
        folder,
        '--appendonly',
        'yes',
      ];
      const started = spawn('redis-server', [...settings, '--save', ''], {
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
    async kill() {
      if (server === undefined) return;
      const ended = once(server, 'close');
      server.kill('SIGKILL');
      server = undefined;
      await ended;
    },
  };
  await redis.start();
  return redis;
}

/**
 * Runs `eft` with the arguments, in a group of its own.
 * @param {readonly string[]} args
 */
export function start(args) {
  const child = spawn(process.execPath, [MAIN, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  const program = { child, said: '', end: /** @type {Promise<number | null>} */ (Promise.resolve(null)) };
  child.stderr.on('data', (text) => {
    program.said += text;
  });
  program.end = once(child, 'close').then(([code]) => code);
  return program;
}

/**
 * Runs it to its end. Throws where it fails.
 * @param {readonly string[]} args
 */
export async function run(args) {
  const program = start(args);
  const code = await program.end;
  if (code !== 0) throw new Error(`eft ${args.join(' ')} ended with ${code}: ${program.said}`);
  return program.said;
}
