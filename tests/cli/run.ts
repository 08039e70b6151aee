/** Runs the built command line as a user does. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly end: Promise<Outcome>;
}

/** @param input for standard input; without it there is none. cwd: the folder it runs in */
export function start(args: readonly string[], input?: string, cwd = '.'): Running {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd,
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    // A group of its own, so that a test can kill a command with all its processes.
    detached: true,
  });
  let stdout = '';
  let stderr = '';
  child.stdout!.setEncoding('utf8').on('data', (part: string) => {
    stdout += part;
  });
  child.stderr!.setEncoding('utf8').on('data', (part: string) => {
    stderr += part;
  });
  if (input !== undefined) child.stdin!.end(input);
  const end = new Promise<Outcome>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { child, end };
}

/** Sends the signal to a command and all its processes, unless it has ended already. */
export function signalGroup({ child }: Running, signal: NodeJS.Signals): void {
  try {
    process.kill(-child.pid!, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

export function eft(...args: readonly string[]): Promise<Outcome> {
  return start(args).end;
}
