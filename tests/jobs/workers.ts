/** Workers as a test starts them; those it leaves are ended behind it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach } from 'vitest';
import { type Outcome, type Running, signalGroup, start } from '../cli/run.js';
import { PATIENCE_MS } from '../patience.js';

/** A program whose words can be waited for. */
export interface Followed extends Running {
  /** What it has said so far. */
  readonly log: () => string;
}

const running = new Set<Running>();

/** Call once a file: no worker outlives a test that failed. */
export function endWorkersAfterEach(): void {
  afterEach(() => {
    for (const worker of running) signalGroup(worker, 'SIGKILL');
    running.clear();
  });
}

/** With locks short enough for a test. */
export function startWorker(url: string, root: string, ...more: readonly string[]): Followed {
  const worker = start(['worker', url, '--root', root, '--lock', '1', ...more]);
  running.add(worker);
  void worker.end.then(() => running.delete(worker));
  return follow(worker);
}

export function follow(program: Running): Followed {
  let said = '';
  program.child.stderr!.on('data', (part: string) => {
    said += part;
  });
  return { ...program, log: () => said };
}

/** Waits until the program has said it. Throws where it has ended without. */
export async function hasSaid(worker: Followed, pattern: RegExp): Promise<void> {
  let ended: Outcome | undefined;
  void worker.end.then((outcome) => {
    ended = outcome;
  });
  for (const last = Date.now() + PATIENCE_MS; !pattern.test(worker.log()); ) {
    if (Date.now() > last) throw new Error(`it has not said ${pattern}: ${worker.log()}`);
    if (ended !== undefined) throw new Error(`it ended: ${JSON.stringify(ended)}`);
    await sleep(20);
  }
}
