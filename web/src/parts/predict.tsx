/** A file of texts in, the same file with labels out. */
import { count, percent, plural } from '../figures.ts';
import { busy, choosePrediction, model, predict, prediction, save, stop } from '../state.ts';
import { Card, Fault } from './card.tsx';
import { Choice, DATA_FILES } from './data.tsx';
import { DropZone } from './dropZone.tsx';

export function Predict() {
  if (model.value === undefined) return null;
  const now = prediction.value;
  const off = busy.value !== undefined;
  const { looked, reading, file } = now?.source ?? {};
  return (
    <Card title="Label a whole file" step={4}>
      <DropZone
        label="Choose a file to label, or drop one here"
        accept={DATA_FILES}
        disabled={off}
        small
        onFile={(chosen) => void choosePrediction(chosen)}
      >
        It comes back as CSV, with its own columns, the label and the score.
      </DropZone>
      <Fault place="prediction" />
      {looked !== undefined && (
        <div class="columns">
          <Choice
            title="Column with the text"
            looked={looked}
            value={reading?.textField}
            guessed={looked.text}
            disabled={off}
            onChoose={(name) => void predict(name)}
          />
        </div>
      )}
      {busy.value === 'predicting' && (
        <div class="actions">
          <button type="button" onClick={() => void stop()}>
            Stop
          </button>
          <span class="busy">{count(now?.done ?? 0)} texts labelled …</span>
        </div>
      )}
      {now?.result !== undefined && (
        <>
          <div class="actions">
            <button
              type="button"
              class="main"
              onClick={() =>
                save(now.result!.csv, `${file!.name.replace(/\.[^.]+(\.gz)?$/, '')}-labelled.csv`)
              }
            >
              Save the CSV
            </button>
            <span class="quiet">{plural(now.result.count, 'text')} labelled</span>
          </div>
          <ul class="first">
            {now.result.first.map(({ text, best }, i) => (
              <li key={i}>
                <b>{best.label}</b> <small>{percent(best.score)}</small> <span>{text.slice(0, 120)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </Card>
  );
}
