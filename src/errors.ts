/** Errors that a user can act on. The command line prints their message alone and maps them to exit codes. */

/** What kind of failure it was, for programs: stable, unlike the message. */
export type FailureCode = 'diverged' | 'memory' | 'write' | 'process' | 'queue' | 'failure';

/** Bad input or usage: what was wrong, where, what to do. Exit code 2. */
export class InputError extends Error {
  override name = 'InputError';
  readonly code = 'input';
}

/** Something failed that was not the user's input: training diverged, disk full… Exit code 1. */
export class FailureError extends Error {
  override name = 'FailureError';
  readonly code: FailureCode;

  constructor(message: string, code: FailureCode = 'failure') {
    super(message);
    this.code = code;
  }
}

/** Stopped by Ctrl-C after saving. Exit code 130. */
export class InterruptedError extends Error {
  override name = 'InterruptedError';
  readonly code = 'interrupted';
}

/** `code` of every error that the library throws on purpose. */
export type ErrorCode = FailureCode | InputError['code'] | InterruptedError['code'];

/** The error of a code, with a message: for errors that come from another process. */
export function errorOf(code: ErrorCode, message: string): Error {
  if (code === 'input') return new InputError(message);
  return code === 'interrupted' ? new InterruptedError(message) : new FailureError(message, code);
}

/** The code of an error; `failure` for one that is none of ours. */
export function codeOf(error: unknown): ErrorCode {
  const known =
    error instanceof InputError || error instanceof FailureError || error instanceof InterruptedError;
  return known ? error.code : 'failure';
}
