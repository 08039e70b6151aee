/** A progress bar with ETA on a terminal; nothing where there is none, or for what is done within two seconds. */
import { SingleBar } from 'cli-progress';
import { count, percent, seconds } from '../report/format.js';
import type { EpochRecord, StepEvent } from '../training/fit.js';
import { tell } from './output.js';

const PATIENCE_MS = 2000;
/** How often a counter is shown anew. */
const COUNT_MS = 200;

export interface Progress {
  /** @param note shown behind the bar */
  update(done: number, note?: string): void;
  /** Takes the bar away. */
  stop(): void;
}

export interface ProgressOptions {
  readonly label: string;
  readonly total: number;
  /** Default: standard error. */
  readonly stream?: NodeJS.WriteStream;
}

export function createProgress({ label, total, stream = process.stderr }: ProgressOptions): Progress {
  if (!stream.isTTY) return { update() {}, stop() {} };
  const started = performance.now();
  let bar: SingleBar | undefined;
  return {
    update(done, note = '') {
      if (bar === undefined) {
        if (performance.now() - started < PATIENCE_MS) return;
        bar = new SingleBar({
          format: '{label} {bar} {percentage} % | {value}/{total} | {eta_formatted} left | {note}',
          stream,
          hideCursor: true,
          clearOnComplete: true,
          etaBuffer: 50,
        });
        bar.start(total, done, { label, note });
      }
      bar.update(done, { note });
    },
    stop() {
      bar?.stop();
      bar = undefined;
    },
  };
}

/** Progress of what has no end that is known: how many are done. */
export function createCounter(label: string, stream: NodeJS.WriteStream = process.stderr): Progress {
  if (!stream.isTTY) return { update() {}, stop() {} };
  const started = performance.now();
  let shown = started;
  return {
    update(done) {
      const now = performance.now();
      if (now - started < PATIENCE_MS || now - shown < COUNT_MS) return;
      shown = now;
      stream.write(`\r${label} ${count(done)}`);
    },
    stop() {
      if (shown > started) stream.write('\r\x1b[K');
    },
  };
}

/** Hooks of a training that show a bar an epoch and a line when it is done. */
export function trainingProgress(epochs: number): {
  onStep(event: StepEvent): void;
  onEpoch(record: EpochRecord, best: boolean): void;
  stop(): void;
} {
  let bar: Progress | undefined;
  const stop = (): void => {
    bar?.stop();
    bar = undefined;
  };
  return {
    onStep({ epoch, batch, batches, loss }) {
      bar ??= createProgress({ label: `epoch ${epoch}/${epochs}`, total: batches });
      bar.update(batch, `loss ${loss.toFixed(4)}`);
    },
    onEpoch({ epoch, seconds: time, trainLoss, validation: { accuracy, loss } }, best) {
      stop();
      tell(
        `epoch ${epoch}/${epochs}  ${seconds(time)}  loss ${trainLoss.toFixed(4)}  validation ${percent(accuracy)}, loss ${loss.toFixed(4)}${best ? '  best' : ''}`,
      );
    },
    stop,
  };
}
