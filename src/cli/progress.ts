/** A progress bar with the time left, on a terminal alone; nothing for what is done within two seconds. */
import { SingleBar } from 'cli-progress';
import type { EpochRecord } from '../formats/history.js';
import type { StepEvent } from '../learning/fit.js';
import type { TrainingSettings } from '../model/trainingSettings.js';
import { percent, seconds } from '../report/format.js';
import { crossValidationText } from '../report/validationText.js';
import { tell } from './output.js';

const SHOW_AFTER_MS = 2000;
export interface Progress {
  /** @param note shown behind the bar */
  update(done: number, note?: string): void;
  /** Takes the bar away. */
  stop(): void;
}

export interface ProgressOptions {
  readonly label: string;
  /** Absent: not known; then what is done is counted, without a bar. */
  readonly total?: number;
  /** Default: standard error. */
  readonly stream?: NodeJS.WriteStream;
}

/** @param time seconds; no number as long as nothing is done that would tell */
const timeLeft = (time: number | string): string =>
  typeof time === 'number' && Number.isFinite(time) ? `${shortTime(time)} left` : 'time left not known yet';

function shortTime(time: number): string {
  const whole = Math.ceil(time);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60
    ? `${minutes} min ${whole % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function createProgress({ label, total, stream = process.stderr }: ProgressOptions): Progress {
  if (!stream.isTTY) return { update() {}, stop() {} };
  const bar = new SingleBar({
    format:
      total === undefined
        ? '{label} {value} | {note}'
        : '{label} {bar} {percentage}% | {value}/{total} | {eta_formatted} | {note}',
    stream,
    hideCursor: true,
    clearOnComplete: true,
    etaBuffer: 50,
    formatTime: timeLeft,
  });
  let shown = false;
  let latest = { done: 0, note: '' };
  const show = (): void => {
    shown = true;
    bar.start(total ?? 0, latest.done, { label, note: latest.note });
  };
  // Also where nothing is done yet: it is then that people ask whether anything happens.
  const timer = setTimeout(show, SHOW_AFTER_MS);
  timer.unref();
  return {
    update(done, note = '') {
      latest = { done, note };
      if (shown) bar.update(done, { note });
    },
    stop() {
      clearTimeout(timer);
      if (shown) bar.stop();
      shown = false;
    },
  };
}

/** Hooks of a training that show a bar an epoch, from its beginning, and a line when it is done. */
export function trainingProgress(
  { epochs, select }: Pick<TrainingSettings, 'epochs' | 'select'>,
  batches: number,
): {
  onStep(event: StepEvent): void;
  onEpoch(record: EpochRecord, best: boolean): void;
  stop(): void;
} {
  const barOf = (epoch: number): Progress =>
    createProgress({ label: `epoch ${epoch}/${epochs}`, total: batches });
  // Of a training that goes on, the first step says which epoch it is.
  let bar: Progress | undefined;
  let began = 0;
  const begin = (epoch: number): Progress => {
    if (bar !== undefined && began === epoch) return bar;
    bar?.stop();
    began = epoch;
    bar = barOf(epoch);
    return bar;
  };
  begin(1);
  return {
    onStep({ epoch, batch, loss }) {
      const note = batch === batches ? 'validating' : `loss ${loss.toFixed(4)}`;
      begin(epoch).update(batch, note);
    },
    onEpoch({ epoch, seconds: time, trainLoss, validation }, best) {
      const { accuracy, loss, macroF1 = 0, crossValidation } = validation;
      bar?.stop();
      bar = undefined;
      if (crossValidation !== undefined) return tell(crossValidationText(validation));
      const f1 = select === 'macro-f1' ? `, macro F1 ${percent(macroF1)}` : '';
      tell(
        `epoch ${epoch}/${epochs}  ${seconds(time)}  loss ${trainLoss.toFixed(4)}  validation ${percent(accuracy)}${f1}, loss ${loss.toFixed(4)}${best ? '  best' : ''}`,
      );
      if (epoch < epochs) begin(epoch + 1);
    },
    stop() {
      bar?.stop();
      bar = undefined;
    },
  };
}
