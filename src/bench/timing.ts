/** Timing: repeat until the time is spent, keep every measurement. */
export { median } from 'simple-statistics';

/**
 * Seconds of each call, after one that is not counted.
 * @param seconds go on until this much time is spent
 * @param least but call at least this often
 */
export async function timeRepeatedly(
  call: () => Promise<unknown>,
  { seconds, least }: { seconds: number; least: number },
): Promise<number[]> {
  await call();
  const times: number[] = [];
  const end = performance.now() + 1000 * seconds;
  while (times.length < least || performance.now() < end) {
    const start = performance.now();
    await call();
    times.push((performance.now() - start) / 1000);
  }
  return times;
}
