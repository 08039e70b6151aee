/**
 * What Ctrl-C (SIGINT) and SIGTERM do to a process that is a program's own. Each of these functions replaces what an
 * earlier one has set.
 */

export type StopSignal = 'SIGINT' | 'SIGTERM';

/** As shells have it: 128 and the number of the signal. */
const EXIT_CODES: Readonly<Record<StopSignal, number>> = { SIGINT: 130, SIGTERM: 143 };
const SIGNALS: readonly StopSignal[] = ['SIGINT', 'SIGTERM'];

let current: ((signal: StopSignal) => void) | undefined;

function listen(signals: readonly StopSignal[], act: (signal: StopSignal) => void): void {
  if (current !== undefined) for (const signal of SIGNALS) process.off(signal, current);
  current = act;
  for (const signal of signals) process.on(signal, act);
}

const end = (signal: StopSignal): never => process.exit(EXIT_CODES[signal]);

/** Ctrl-C ends the process with code 130: it has nothing to save yet. SIGTERM ends it as the system does. */
export const endOnInterrupt = (): void => listen(['SIGINT'], end);

/** The first signal; a second one ends the process at once, with the code of that one. */
export function firstStop(): Promise<StopSignal> {
  return new Promise((resolve) => {
    let stopping = false;
    listen(SIGNALS, (signal) => {
      if (stopping) end(signal);
      stopping = true;
      resolve(signal);
    });
  });
}

/** An AbortSignal that the first signal raises; a second one ends the process at once, with the code of that one. */
export function abortOnStop(onFirst: () => void = () => {}): AbortSignal {
  const controller = new AbortController();
  listen(SIGNALS, (signal) => {
    if (controller.signal.aborted) end(signal);
    onFirst();
    controller.abort();
  });
  return controller.signal;
}

/**
 * The same for a process whose parent waits for it: Ctrl-C reaches the whole group, and the parent says when it is enough.
 */
export function abortOnEveryStop(): AbortSignal {
  const controller = new AbortController();
  listen(SIGNALS, () => controller.abort());
  return controller.signal;
}

/**
 * Lets the process go on when nobody reads what it says: logs are then dropped. Otherwise a closed standard error
 * (`2>&1 | head -1`, a log collector that restarts) would end it.
 */
export function survivesClosedLogs(): void {
  process.stderr.on('error', () => {});
}
