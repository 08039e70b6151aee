/** Errors that a user can act on. The command line prints their message alone and maps them to exit codes. */

/** Bad input or usage: what was wrong, where, what to do. Exit code 2. */
export class InputError extends Error {
  override name = 'InputError';
}

/** Something failed that was not the user's input: training diverged, disk full… Exit code 1. */
export class FailureError extends Error {
  override name = 'FailureError';
}

/** Stopped by Ctrl-C after saving. Exit code 130. */
export class InterruptedError extends Error {
  override name = 'InterruptedError';
}
