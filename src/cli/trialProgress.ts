/** Progress of many jobs: a bar each where they come one after the other, one for all where many are at work. */
import { createProgress, type Progress } from './progress.js';

export interface JobsProgress {
  begin(job: { name: string; index: number; total: number }): void;
  /** @param share of the job, 0 … 1 */
  update(name: string, share: number, note: string): void;
  /** The job is over, well or not. */
  end(name: string): void;
  /** Takes the bar away, for a line in its place. */
  pause(): void;
  stop(): void;
}

export function oneByOne(): JobsProgress {
  let bar: Progress | undefined;
  const stop = (): void => {
    bar?.stop();
    bar = undefined;
  };
  return {
    begin({ name, index, total }) {
      stop();
      bar = createProgress({ label: `trial ${index + 1}/${total} ${name}`, total: 100 });
    },
    update: (_, share, note) => bar?.update(Math.round(100 * share), note),
    end: stop,
    pause: stop,
    stop,
  };
}

/** Shares of the work, so that the time left is that of all. */
const STEPS = 1000;

export function allTogether(label: string): JobsProgress {
  /** By name: how far it is, of those that are not over. */
  const shares = new Map<string, number>();
  let over = 0;
  let total = 0;
  let bar: Progress | undefined;
  let last = '';
  const show = (): void => {
    if (total === 0) return;
    bar ??= createProgress({ label, total: STEPS });
    const done = over + [...shares.values()].reduce((sum, share) => sum + share, 0);
    const working = [...shares.values()].filter((share) => share > 0).length;
    bar.update(Math.round((STEPS * done) / total), `${over}/${total} done, ${working} at work${last}`);
  };
  const pause = (): void => {
    bar?.stop();
    bar = undefined;
  };
  return {
    begin({ name }) {
      shares.set(name, 0);
      total = Math.max(total, over + shares.size);
      show();
    },
    update(name, share, note) {
      if (shares.has(name)) shares.set(name, share);
      last = ` | ${name} ${note}`;
      show();
    },
    end(name) {
      if (shares.delete(name)) over++;
      show();
    },
    pause,
    stop: pause,
  };
}
