/** Errors that a user can act on. The command line prints their message alone and maps them to exit codes. */

/**
 * What kind of input was wrong, for programs: `disposed`: something was used after its `dispose`; `unsupported`: this
 * platform has not what was asked for (folders in a browser); `input`: anything else.
 */
export type InputCode = 'input' | 'disposed' | 'unsupported';

/**
 * What kind of failure it was, for programs: stable, unlike the message. `diverged`: training did; `memory`: there is not
 * enough; `write`: a file or folder cannot be written; `network`: an address does not answer as it should; `process`: one
 * that did part of the work ended early; `queue`: the queue's server; `failure`: anything else.
 */
export type FailureCode = 'diverged' | 'memory' | 'write' | 'network' | 'process' | 'queue' | 'failure';

/** Bad input or usage: what was wrong, where, what to do. Exit code 2. */
export class InputError extends Error {
  override name = 'InputError';
  readonly code: InputCode;

  constructor(message: string, code: InputCode = 'input') {
    super(message);
    this.code = code;
  }
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

/** What a classifier answers after its `dispose`. */
export const disposedError = (): InputError =>
  new InputError('this classifier was disposed of: load or train another', 'disposed');

/** `code` of every error that the library throws on purpose. */
export type ErrorCode = InputCode | FailureCode | InterruptedError['code'];

const INPUT_CODES: readonly string[] = ['input', 'disposed', 'unsupported'] satisfies InputCode[];

const isInputCode = (code: ErrorCode): code is InputCode => INPUT_CODES.includes(code);

/** The error of a code, with a message: for errors that come from another process. */
export function errorOf(code: ErrorCode, message: string): Error {
  if (isInputCode(code)) return new InputError(message, code);
  return code === 'interrupted' ? new InterruptedError(message) : new FailureError(message, code);
}

/** The code of an error; `failure` for one that is none of ours. */
export function codeOf(error: unknown): ErrorCode {
  const known =
    error instanceof InputError || error instanceof FailureError || error instanceof InterruptedError;
  return known ? error.code : 'failure';
}
