/** Runs a command in the test's own process: quicker than a program of its own, where a test needs no signals. */
import type { Command } from 'commander';
import { vi } from 'vitest';

export interface Said {
  readonly stdout: string;
  readonly stderr: string;
}

/** What the command writes; rejects with what it throws, which carries `said`. One at a time. */
export async function runCommand(command: Command, ...args: readonly string[]): Promise<Said> {
  const said = { stdout: '', stderr: '' };
  const capture = (name: 'stdout' | 'stderr') =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      said[name] += String(text);
      return true;
    });
  const before = (['SIGINT', 'SIGTERM'] as const).map((name) => [name, process.listeners(name)] as const);
  const spies = [capture('stdout'), capture('stderr')];
  try {
    await command.exitOverride().parseAsync([...args], { from: 'user' });
    return said;
  } catch (error) {
    throw Object.assign(error as Error, { said });
  } finally {
    for (const spy of spies) spy.mockRestore();
    // A command listens to signals until its process ends: here that is before the test does.
    for (const [name, listeners] of before) {
      for (const added of process.listeners(name)) {
        if (!listeners.includes(added)) process.off(name, added);
      }
    }
  }
}
