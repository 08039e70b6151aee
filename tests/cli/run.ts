/** Runs the built command line: in a process of its own as a user does, or within the test's. */
import { type ChildProcess, spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { EXHAUSTIVE } from '../exhaustive.js';

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

/**
 * As a user does: for what only a process of its own shows, as signals, pipes and how it ends.
 * @param input for standard input; without it there is none. cwd: the folder it runs in
 */
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

let last: Promise<unknown> = Promise.resolve();
let calls = 0;

/**
 * Its exit code and all that it writes. One after another within this process, where its modules are loaded once;
 * exhaustive tests start a process for each.
 */
export const eft = (...args: readonly string[]): Promise<Outcome> => eftIn('.', args);

/** The same in a folder. */
export function eftIn(cwd: string, args: readonly string[]): Promise<Outcome> {
  if (EXHAUSTIVE) return start(args, undefined, cwd).end;
  const outcome = last.then(() => runHere(args, cwd));
  last = outcome.catch(() => {});
  return outcome;
}

async function runHere(args: readonly string[], cwd: string): Promise<Outcome> {
  const { argv, exitCode } = process;
  const folder = process.cwd();
  const stdin = Object.getOwnPropertyDescriptor(process, 'stdin')!;
  const forget = rememberListeners();
  const [stdout, stderr] = [capture(process.stdout), capture(process.stderr)];
  process.argv = [process.execPath, MAIN, ...args];
  process.exitCode = undefined;
  process.chdir(cwd);
  Object.defineProperty(process, 'stdin', { configurable: true, value: Readable.from([]) });
  try {
    // Another address runs the same module again; what it imports is loaded already.
    await import(/* @vite-ignore */ `${pathToFileURL(MAIN).href}?${calls++}`);
    return { code: Number(process.exitCode), signal: null, stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    stdout.end();
    stderr.end();
    Object.assign(process, { argv, exitCode });
    process.chdir(folder);
    Object.defineProperty(process, 'stdin', stdin);
    forget();
  }
}

/** @returns removes the listeners that a command has added since */
function rememberListeners(): () => void {
  const places: readonly (readonly [NodeJS.EventEmitter, string])[] = [
    [process, 'SIGINT'],
    [process, 'SIGTERM'],
    [process.stdout, 'error'],
    [process.stderr, 'error'],
  ];
  const before = places.map(([emitter, event]) => emitter.listeners(event));
  return () => {
    places.forEach(([emitter, event], i) => {
      for (const listener of emitter.listeners(event)) {
        if (!before[i].includes(listener)) emitter.off(event, listener as () => void);
      }
    });
  };
}

/** Keeps what is written to a stream from now on, instead of writing it. */
function capture(stream: NodeJS.WriteStream): { text(): string; end(): void } {
  const { write } = stream;
  const parts: string[] = [];
  stream.write = ((
    part: string | Uint8Array,
    encoding?: BufferEncoding | (() => void),
    done?: () => void,
  ): boolean => {
    parts.push(typeof part === 'string' ? part : Buffer.from(part).toString());
    const callback = typeof encoding === 'function' ? encoding : done;
    if (callback !== undefined) queueMicrotask(callback);
    return true;
  }) as typeof stream.write;
  return {
    text: () => parts.join(''),
    end() {
      stream.write = write;
    },
  };
}
