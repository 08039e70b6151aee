/** Works on many items, several at the same time. */
import { codeOf, FailureError } from '../errors.js';

/** Errors that end everything: what comes behind would end the same way. */
const isFinal = (error: unknown): boolean => ['interrupted', 'queue'].includes(codeOf(error));

/**
 * Begins in order, at most `concurrency` at the same time. One at a time, the first error is thrown at once; with several,
 * the others come to their end first, and a FailureError says how many failed.
 * @param onError told of each error that does not end everything
 */
export async function inTurns<T>(
  items: readonly T[],
  concurrency: number,
  act: (item: T, index: number) => Promise<void>,
  onError: (error: Error, item: T) => void = () => {},
): Promise<void> {
  const errors: Error[] = [];
  let next = 0;
  const mayBegin = (): boolean =>
    next < items.length && (errors.length === 0 || (concurrency > 1 && !errors.some(isFinal)));
  const work = async (): Promise<void> => {
    while (mayBegin()) {
      const index = next++;
      try {
        await act(items[index], index);
      } catch (error) {
        errors.push(error as Error);
        if (concurrency > 1 && !isFinal(error)) onError(error as Error, items[index]);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, work));
  if (errors.length === 0) return;
  const final = errors.find(isFinal);
  if (final !== undefined || errors.length === 1) throw final ?? errors[0];
  const [first] = errors;
  throw new FailureError(
    `${errors.length} of ${items.length} failed; the others are kept. The first: ${first.message}`,
    first instanceof FailureError ? first.code : 'failure',
  );
}
