/** Where the command line writes: results to standard output, what it tells people meanwhile to standard error. */
import type { WriteStream } from 'node:tty';
import { withoutSecrets } from '../platform/address.js';
import { abortOnStop } from '../platform/node/signals.js';
import { safeForTerminal } from '../report/terminalText.js';

export function writeOut(text: string): void {
  process.stdout.write(text);
}

/** Waits until standard output has taken the text, so that a long stream does not pile up in memory. */
export async function writeOutGently(text: string): Promise<void> {
  if (process.stdout.write(text)) return;
  await new Promise((resolve) => process.stdout.once('drain', resolve));
}

/** Data in it cannot move the cursor or colour the terminal. */
export function tell(text: string): void {
  process.stderr.write(`${safeForTerminal(text, { multiline: true })}\n`);
}

/** Whether to colour what goes to the stream: a terminal, and NO_COLOR is not set. */
export function colorOf(stream: NodeJS.WriteStream | WriteStream): boolean {
  return Boolean(stream.isTTY) && !process.env.NO_COLOR;
}

/** How a table on standard output may look: as wide as the terminal, or free where there is none. */
export function tableOptions(): { color: boolean; width?: number } {
  const { columns } = process.stdout;
  return { color: colorOf(process.stdout), ...(columns === undefined ? {} : { width: columns }) };
}

/** Raised by the first Ctrl-C or SIGTERM, for commands that save what they have; a second one ends the program at once. */
export const interruptSignal = (): AbortSignal =>
  abortOnStop(() => tell('stopping after this step; press Ctrl-C again to stop at once'));

/** This call of the program, so that it can be pasted into a shell; without passwords and tokens in addresses. */
export function commandLine(): string {
  return `eft ${process.argv.slice(2).map(withoutSecrets).map(shellWord).join(' ')}`;
}

/** The argument as a shell takes it. */
export function shellWord(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}
