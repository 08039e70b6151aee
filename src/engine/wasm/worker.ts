/** What a worker thread does: waits for commands in the control block and runs its part of each. */
import type { Profile } from '../engine.js';
import { COMMAND, CONTROL, controlViews, PeerFailed, raiseFailure } from './control.js';
import { instantiateKernels } from './kernels.js';
import type { Layout } from './layout.js';
import { Runner } from './runner.js';

/** What the main thread hands over when it starts a worker. */
export interface WorkerTask {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly layout: Layout;
  readonly worker: number;
  readonly profile: boolean;
}

/** What a worker says: that it is ready, that it failed, and where its time went when it is asked. */
export type WorkerMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'profile'; readonly profile: Profile };

/** Returns on the `exit` command. */
export function serve(task: WorkerTask, send: (message: WorkerMessage) => void): void {
  const { layout, memory, worker } = task;
  const { integers } = controlViews(memory.buffer, layout.control);
  const profile = task.profile ? new Map<string, number>() : undefined;
  const runner = new Runner(layout, instantiateKernels(task.module, memory), memory, worker, profile);
  let generation = 0;
  send({ kind: 'ready' });
  for (;;) {
    Atomics.wait(integers, CONTROL.generation, generation);
    generation = Atomics.load(integers, CONTROL.generation);
    const command = Atomics.load(integers, CONTROL.command);
    if (command === COMMAND.exit) return;
    try {
      if (command !== COMMAND.profile) runner.run();
      else if (profile !== undefined) send({ kind: 'profile', profile });
    } catch (error) {
      if (!(error instanceof PeerFailed)) {
        send({ kind: 'failed', message: error instanceof Error ? `${error.stack}` : String(error) });
        raiseFailure(integers);
      }
    }
    if (Atomics.add(integers, CONTROL.finished, 1) === layout.threads - 1) {
      Atomics.add(integers, CONTROL.done, 1);
      Atomics.notify(integers, CONTROL.done);
    }
  }
}
