/**
 * Work of many callers at one thread, in slices: while something long is at work, others come between its slices, and
 * callers take turns, so that one with much to do does not hold up one with little.
 */
import { turn } from './turns.js';

/** Milliseconds that the thread is held at once, but for single pieces of work that last longer. */
const SLICE_MS = 10;

/** Of each caller the pieces of work that wait, in the order of their turns. None is empty. */
const lines = new Map<object, (() => void)[]>();
let draining = false;
/** Since when nobody else has had the thread, as far as is known here. */
let since: number | undefined;

/** Milliseconds since others had the thread. */
function held(): number {
  if (since === undefined) {
    since = performance.now();
    void turn().then(() => {
      since = undefined;
    });
  }
  return performance.now() - since;
}

/**
 * Does a piece of work: at once where the thread has not been held long, otherwise when its caller's turn comes.
 * @param caller whose work it is: pieces of one caller are done in order
 */
export function inTurn<T>(caller: object, work: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    const piece = (): void => {
      try {
        resolve(work());
      } catch (error) {
        reject(error);
      }
    };
    if (lines.size === 0 && held() < SLICE_MS) piece();
    else {
      const line = lines.get(caller);
      if (line === undefined) lines.set(caller, [piece]);
      else line.push(piece);
      if (!draining) void drain();
    }
  });
}

/**
 * Does work that can be interrupted where it yields, in as many slices as it takes.
 * @throws the signal's reason when it is aborted between two of them
 */
export async function inSlices(caller: object, work: Iterator<unknown>, signal?: AbortSignal): Promise<void> {
  const slice = (): boolean => {
    signal?.throwIfAborted();
    const start = performance.now();
    while (work.next().done !== true) if (performance.now() - start >= SLICE_MS) return false;
    return true;
  };
  while (!(await inTurn(caller, slice)));
}

async function drain(): Promise<void> {
  draining = true;
  while (lines.size > 0) {
    await turn();
    const start = performance.now();
    held();
    do next()();
    while (lines.size > 0 && performance.now() - start < SLICE_MS);
  }
  draining = false;
}

/** The next piece of the caller whose turn it is; the caller goes to the end of the order. */
function next(): () => void {
  const [[caller, line]] = lines;
  const piece = line.shift()!;
  lines.delete(caller);
  if (line.length > 0) lines.set(caller, line);
  return piece;
}
