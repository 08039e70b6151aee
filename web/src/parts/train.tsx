/** Settings, and the training as it goes. */
import { useId } from 'preact/hooks';
import type { StepReport } from '../api.ts';
import { OFFERS } from '../families.ts';
import { percent, timeLeft } from '../figures.ts';
import { busy, data, goOn, machine, settings, stop, type Training, train, training } from '../state.ts';
import { Card, Fault } from './card.tsx';
import { Chart } from './chart.tsx';

const LENGTHS = [32, 64, 128, 256, 512, 1024, 2048];
const MORE = 3;

export function Train() {
  if (data.value === undefined) return null;
  const off = busy.value !== undefined;
  return (
    <Card title="Training" step={2}>
      <Settings />
      <div class="actions">
        {busy.value === 'training' ? (
          <button type="button" onClick={() => void stop()}>
            Stop
          </button>
        ) : (
          <button type="button" class="main" disabled={off} onClick={() => void train()}>
            {training.value === undefined ? 'Train' : 'Train anew'}
          </button>
        )}
        <Further />
        <Threads />
      </div>
      <Fault place="training" />
      {training.value !== undefined && <Progress {...training.value} />}
    </Card>
  );
}

function Further() {
  const now = training.value;
  if (now === undefined || now.state === 'running' || busy.value !== undefined) return null;
  if (now.state === 'stopped') {
    if (now.steps.length === 0) return null;
    return (
      <button type="button" onClick={() => void goOn()}>
        Continue
      </button>
    );
  }
  return (
    <button type="button" class="plain" onClick={() => void goOn(MORE)}>
      Train {MORE} epochs more
    </button>
  );
}

function Threads() {
  const found = machine.value;
  if (found === undefined) return null;
  return (
    <span class="quiet">
      on {found.threads} {found.threads === 1 ? 'thread' : 'threads'}
    </span>
  );
}

function Settings() {
  const id = useId();
  const off = busy.value !== undefined;
  const now = settings.value;
  return (
    <>
      <fieldset class="families" disabled={off}>
        <legend>Kind of model</legend>
        {OFFERS.map(({ model, title, says }) => (
          <label key={model} class={model === now.model ? 'chosen' : ''}>
            <input
              type="radio"
              name="family"
              checked={model === now.model}
              aria-labelledby={`${id}-${model}`}
              aria-describedby={`${id}-${model}-says`}
              onChange={() => {
                settings.value = { ...now, model };
              }}
            />
            <span>
              <strong id={`${id}-${model}`}>{title}</strong>
              <small id={`${id}-${model}-says`}>{says}</small>
            </span>
          </label>
        ))}
      </fieldset>
      <div class="fields">
        <label>
          Words read of a text
          <select
            value={now.sequenceLength}
            disabled={off}
            onChange={({ currentTarget: { value } }) => {
              settings.value = { ...now, sequenceLength: Number(value) };
            }}
          >
            {LENGTHS.map((length) => (
              <option key={length} value={length}>
                the first {length}
              </option>
            ))}
          </select>
        </label>
        <label>
          Epochs
          <input
            type="number"
            min={1}
            max={1000}
            placeholder="as usual"
            value={now.epochs ?? ''}
            disabled={off}
            onInput={({ currentTarget: { valueAsNumber } }) => {
              const epochs = Number.isInteger(valueAsNumber) && valueAsNumber > 0 ? valueAsNumber : undefined;
              settings.value = { ...now, epochs };
            }}
          />
        </label>
        <label>
          Seed
          <input
            type="number"
            min={0}
            max={0x7fffffff}
            value={now.seed}
            disabled={off}
            onInput={({ currentTarget: { valueAsNumber } }) => {
              settings.value = {
                ...now,
                seed: Number.isInteger(valueAsNumber) ? Math.max(0, valueAsNumber) : 0,
              };
            }}
          />
        </label>
      </div>
    </>
  );
}

const STATES = { running: 'training', stopped: 'stopped', done: 'done' } as const;

function Progress(now: Training) {
  const { steps, state } = now;
  const last = steps.at(-1);
  return (
    <div class="progress">
      <div class="line">
        <progress max={last?.totalSteps ?? 1} value={last?.step ?? 0} aria-label="Progress of the training" />
        <span>
          {last === undefined ? (state === 'running' ? 'preparing …' : STATES[state]) : saying(last, state)}
        </span>
      </div>
      {last !== undefined && <Curves {...now} epochsInAll={last.epochs} />}
    </div>
  );
}

function saying({ epoch, epochs, step, totalSteps, left }: StepReport, state: Training['state']): string {
  const place = `epoch ${epoch} of ${epochs}`;
  if (state !== 'running') return `${STATES[state]}, ${place}`;
  return step === totalSteps ? `${place} · validating` : `${place} · ${timeLeft(left)}`;
}

function Curves({ steps, epochs, epochsInAll }: Training & { readonly epochsInAll: number }) {
  const points = [
    ...steps.map(({ at, loss, accuracy }) => ({ at, loss, accuracy, validation: undefined })),
    ...epochs.map((report) => ({ at: report.epoch, loss: null, accuracy: null, validation: report })),
  ].sort((a, b) => a.at - b.at);
  const x = points.map(({ at }) => at);
  const smooth = (of: 'loss' | 'accuracy'): (number | null)[] => {
    let mean: number | undefined;
    return points.map((point) => {
      const value = point[of];
      if (value === null) return null;
      mean = mean === undefined ? value : 0.75 * mean + 0.25 * value;
      return mean;
    });
  };
  const validation = (of: 'loss' | 'accuracy'): (number | null)[] =>
    points.map((point) => point.validation?.[of] ?? null);
  const latest = epochs.at(-1);
  const says = (of: 'loss' | 'accuracy', write: (value: number) => string): string =>
    latest === undefined
      ? 'No epoch is done yet.'
      : `After epoch ${latest.epoch}: validation ${write(latest[of])}.`;
  const lines = (of: 'loss' | 'accuracy') => [
    { label: 'training', color: '--series-0', points: false, values: smooth(of) },
    { label: 'validation', color: '--series-1', points: true, values: validation(of) },
  ];
  return (
    <div class="pair">
      <Chart
        title="Loss by epoch"
        x={x}
        xMax={epochsInAll}
        lines={lines('loss')}
        says={says('loss', (value) => value.toFixed(3))}
      />
      <Chart
        title="Right answers by epoch"
        x={x}
        xMax={epochsInAll}
        percent
        lines={lines('accuracy')}
        says={says('accuracy', (value) => percent(value))}
      />
    </div>
  );
}
