/** Timing: repeat until the time is spent, keep every measurement. */
export { median } from 'simple-statistics';

/** A call that takes longer needs no warm-up: what it compiles and touches first is nothing beside its work. */
const LONG_SECONDS = 10;

/**
 * Seconds of each call. The first is a warm-up and does not count, unless it alone takes longer than all are to take
 * (very long sequences): it is then the only one.
 * @param seconds go on until this much time is spent
 * @param least but call at least this often
 */
export async function timeRepeatedly(
  call: () => Promise<unknown>,
  { seconds, least }: { seconds: number; least: number },
): Promise<number[]> {
  const timed = async (): Promise<number> => {
    const start = performance.now();
    await call();
    return (performance.now() - start) / 1000;
  };
  const first = await timed();
  if (first > Math.max(seconds, LONG_SECONDS)) return [first];
  const times: number[] = [];
  const end = performance.now() + 1000 * seconds;
  while (times.length < least || performance.now() < end) times.push(await timed());
  return times;
}
