/** Answers to a stream of questions, a portion at a time and in order. */

/** A portion is not kept back longer than this. */
const LONGEST_WAIT_MS = 20;

/**
 * Memory does not grow with the stream's length, and a slow source (a person, a growing log) does not wait for a full
 * portion.
 * When the source fails, what came before is answered first.
 * @param size of a full portion
 */
export async function* inPortions<Question, Answer>(
  questions: AsyncIterable<Question>,
  size: number,
  answer: (portion: readonly Question[]) => Promise<readonly Answer[]>,
): AsyncGenerator<Answer> {
  const source = questions[Symbol.asyncIterator]();
  const advance = (): Promise<IteratorResult<Question>> => {
    const next = source.next();
    // A fault that comes while a portion is at work is thrown when its turn comes.
    next.catch(() => {});
    return next;
  };
  try {
    let next = advance();
    for (let ended = false; !ended; ) {
      const portion: Question[] = [];
      let fault: { readonly error: unknown } | undefined;
      let timeout: Promise<undefined> | undefined;
      while (portion.length < size) {
        let item: IteratorResult<Question> | undefined;
        try {
          item = timeout === undefined ? await next : await Promise.race([next, timeout]);
        } catch (error) {
          fault = { error };
          break;
        }
        ended = item?.done === true;
        if (item === undefined || item.done) break;
        portion.push(item.value);
        timeout ??= new Promise((resolve) => setTimeout(resolve, LONGEST_WAIT_MS, undefined));
        next = advance();
      }
      if (portion.length > 0) yield* await answer(portion);
      if (fault !== undefined) throw fault.error;
    }
  } finally {
    // Not waited for: a source that is waiting for its next item ends only when that has come.
    source.return?.()?.catch(() => {});
  }
}
