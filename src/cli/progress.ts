/** A progress bar with ETA on a terminal; nothing where there is none, or for what is done within two seconds. */
import { SingleBar } from 'cli-progress';
import { percent, seconds } from '../report/format.js';
import type { EpochRecord, StepEvent } from '../training/fit.js';
import type { TrainingSettings } from '../training/settings.js';
import { tell } from './output.js';

const PATIENCE_MS = 2000;

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

/** Hooks of a training that show a bar an epoch and a line when it is done. */
export function trainingProgress({ epochs, select }: Pick<TrainingSettings, 'epochs' | 'select'>): {
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
    onEpoch({ epoch, seconds: time, trainLoss, validation: { accuracy, loss, macroF1 = 0 } }, best) {
      stop();
      tell(
        `epoch ${epoch}/${epochs}  ${seconds(time)}  loss ${trainLoss.toFixed(4)}  validation ${percent(accuracy)}${select === 'macro-f1' ? `, macro F1 ${percent(macroF1)}` : ''}, loss ${loss.toFixed(4)}${best ? '  best' : ''}`,
      );
    },
    stop,
  };
}
