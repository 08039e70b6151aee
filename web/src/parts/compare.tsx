/** Several kinds of model on the same data, with the verdict of the report. */

import type { ModelName, Verdict } from 'elastic-fourier';
import { useState } from 'preact/hooks';
import { OFFERS } from '../families.ts';
import { percent } from '../figures.ts';
import { busy, compare, comparing, comparison, data, settings, stop } from '../state.ts';
import { Card, Fault } from './card.tsx';

export function Compare() {
  const [chosen, setChosen] = useState<readonly ModelName[]>(['elastic', 'linear']);
  const [seeds, setSeeds] = useState(1);
  if (data.value === undefined) return null;
  const off = busy.value !== undefined;
  const toggle = (model: ModelName): void =>
    setChosen(chosen.includes(model) ? chosen.filter((one) => one !== model) : [...chosen, model]);
  const now = comparing.value;
  return (
    <Card title="Which kind of model suits your data?">
      <p>
        Trains several, tests them on the same texts, and says whether a difference is shown. Each reads the
        first {settings.value.sequenceLength} words.
      </p>
      <fieldset class="chips" disabled={off}>
        <legend>Models to compare</legend>
        {OFFERS.map(({ model, title }) => (
          <label key={model} class={chosen.includes(model) ? 'chosen' : ''}>
            <input type="checkbox" checked={chosen.includes(model)} onChange={() => toggle(model)} />
            {title}
          </label>
        ))}
      </fieldset>
      <div class="fields">
        <label>
          Trainings of each
          <select
            value={seeds}
            disabled={off}
            onChange={({ currentTarget: { value } }) => setSeeds(Number(value))}
          >
            <option value={1}>one</option>
            <option value={2}>two</option>
            <option value={3}>three</option>
          </select>
        </label>
      </div>
      <div class="actions">
        {busy.value === 'comparing' ? (
          <button type="button" onClick={() => void stop()}>
            Stop
          </button>
        ) : (
          <button
            type="button"
            disabled={off || chosen.length < 2}
            onClick={() =>
              void compare(
                OFFERS.map(({ model }) => model).filter((one) => chosen.includes(one)),
                seeds,
              )
            }
          >
            Compare
          </button>
        )}
        {chosen.length < 2 && <span class="quiet">choose two or more</span>}
      </div>
      <Fault place="comparison" />
      {now !== undefined && (
        <div class="progress">
          <div class="line">
            <progress max={1} value={now.share} aria-label="Progress of the comparison" />
            <span>
              {percent(now.share, 0)} · {now.note}
            </span>
          </div>
        </div>
      )}
      {comparison.value !== undefined && <Answer {...comparison.value} />}
    </Card>
  );
}

function Answer({ advice, unread, tieRule, columns, rows, missing, methods }: Verdict) {
  return (
    <div class="verdict">
      <h3>Verdict</h3>
      {advice.map((sentence) => (
        <p key={sentence} class="advice">
          {sentence}
        </p>
      ))}
      {[...unread, ...(tieRule === undefined ? [] : [tieRule])].map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      <div class="scroll">
        <table class="stacks">
          <thead>
            <tr>
              {columns.map((title) => (
                <th key={title} scope="col">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row[0]}>
                {row.map((cell, i) => (
                  <td key={columns[i]} data-title={columns[i]}>
                    <span>{cell}</span>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <ul>
        {missing.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      <details>
        <summary>How this was tested</summary>
        <dl class="facts">
          {methods.map(([name, says]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{says}</dd>
            </div>
          ))}
        </dl>
      </details>
    </div>
  );
}
