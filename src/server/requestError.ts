/** Why a request gets no answer. */

export type ErrorStatus = 400 | 401 | 403 | 413 | 415 | 422 | 429 | 503;

/** A request that is refused: the answer's status, a code for programs, a message for people. */
export class RequestError extends Error {
  readonly status: ErrorStatus;
  readonly code: string;

  constructor(status: ErrorStatus, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}
