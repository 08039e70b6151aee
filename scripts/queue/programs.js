/** What the scripts on queues share: the command line as programs that can be killed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

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
