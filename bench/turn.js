/** How the side-by-side scripts take turns. */
import { setTimeout as sleep } from 'node:timers/promises';
import { median } from 'simple-statistics';

/** Stands before each turn: the threads of a library may spin for a while, and neither side pays for the other's. */
export const pause = () => sleep(200);

/** A turn lasts at least this long, so that a run of a few milliseconds is not timed with the other side's caches. */
export const TURN_MS = 100;

/** The median time of the runs of one turn, in milliseconds. */
export async function takeTurn(run) {
  await pause();
  const times = [];
  const start = performance.now();
  let last = start;
  do {
    await run();
    const now = performance.now();
    times.push(now - last);
    last = now;
  } while (last - start < TURN_MS);
  return median(times);
}
