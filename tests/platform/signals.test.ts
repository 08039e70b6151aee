/** What Ctrl-C and SIGTERM do, and a log that nobody reads. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const SIGNALS = fileURLToPath(new URL('../../dist/platform/node/signals.js', import.meta.url));

interface Program {
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; signal: string | null; stdout: string }>;
  said(text: string): Promise<void>;
}

function run(script: string): Program {
  const source = `import * as signals from ${JSON.stringify(SIGNALS)};
    const say = (text) => process.stdout.write(text + '\\n');
    setInterval(() => {}, 1000);
    ${script}
    say('ready');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source]);
  let stdout = '';
  const waiting = new Set<() => void>();
  child.stdout.on('data', (part) => {
    stdout += part;
    for (const look of waiting) look();
  });
  return {
    child,
    ended: new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal, stdout }))),
    said: (text) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!stdout.includes(text)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
}

const CASES: [string, NodeJS.Signals, NodeJS.Signals, number][] = [
  ['a second Ctrl-C', 'SIGINT', 'SIGINT', 130],
  ['a second SIGTERM', 'SIGTERM', 'SIGTERM', 143],
  ['SIGTERM after Ctrl-C', 'SIGINT', 'SIGTERM', 143],
  ['Ctrl-C after SIGTERM', 'SIGTERM', 'SIGINT', 130],
];
for (const [how, script] of [
  ['raises a signal', `signals.abortOnStop(() => say('stopping'));`],
  ['is told', `signals.firstStop().then((signal) => say('stopping by ' + signal));`],
]) {
  test.each(CASES)(`the first one ${how}, %s ends at once`, async (_, first, second, code) => {
    const program = run(`signals.endOnInterrupt(); ${script}`);
    await program.said('ready');
    program.child.kill(first);
    await program.said('stopping');
    program.child.kill(second);
    expect(await program.ended).toMatchObject({ code, signal: null });
  });
}

test('before anything is to be saved, Ctrl-C ends a program with 130', async () => {
  const program = run('signals.endOnInterrupt();');
  await program.said('ready');
  program.child.kill('SIGINT');
  expect(await program.ended).toMatchObject({ code: 130 });
});

test('a process whose parent waits is not ended by any number of them', async () => {
  const program = run(
    `signals.abortOnEveryStop().onabort = () => say('aborted'); process.on('SIGUSR2', () => process.exit(7));`,
  );
  await program.said('ready');
  program.child.kill('SIGTERM');
  await program.said('aborted');
  program.child.kill('SIGTERM');
  program.child.kill('SIGINT');
  program.child.kill('SIGUSR2');
  expect(await program.ended).toMatchObject({ code: 7 });
});

test('where nobody reads its log a program goes on', async () => {
  const program = run(`
    signals.survivesClosedLogs();
    process.stdin.once('data', async () => {
      for (let i = 0; i < 20; i++) {
        process.stderr.write('a line\\n');
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      process.exit(3);
    });`);
  await program.said('ready');
  program.child.stderr!.destroy();
  program.child.stdin!.write('go');
  expect(await program.ended).toMatchObject({ code: 3, signal: null });
});
