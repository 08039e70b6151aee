/** Runs the command line as a user does: a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** @param cwd folder it runs in; `input` goes to standard input */
export function start(cwd: string, args: readonly string[], input: string | Buffer = ''): Running {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd,
    stdio: 'pipe',
    env: { ...process.env, EFT_DEBUG: '' },
  });
  // It may end without having read all.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { child, ended };
}

export function eft(cwd: string, args: readonly string[], input?: string | Buffer): Promise<Ended> {
  return start(cwd, args, input).ended;
}

/** A table of mails that are easy to tell apart. */
export function mails(count: number): string {
  const rows = Array.from({ length: count }, (_, i) =>
    i % 2 === 0 ? `"win a free cruise now, offer ${i}",spam` : `"the patch for issue ${i} is in review",ham`,
  );
  return `text,label\n${rows.join('\n')}\n`;
}
