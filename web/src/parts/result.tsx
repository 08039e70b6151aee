/** The model: how good it is, where it errs, a box to try it, and the file to take along. */
import type { ModelSummary, WrongText } from '../api.ts';
import { titleOf } from '../families.ts';
import { count, percent, plural } from '../figures.ts';
import { answer, ask, busy, download, model, question, training } from '../state.ts';
import { Bar, Card, Fault } from './card.tsx';

export function Result() {
  const now = model.value;
  if (now === undefined) return <Fault place="model" />;
  const { test, classes } = now;
  return (
    <Card
      title="The model"
      step={3}
      aside={
        <button
          type="button"
          class="plain"
          disabled={busy.value !== undefined}
          onClick={() => void download()}
        >
          Download the model
        </button>
      }
    >
      <Fault place="model" />
      <p>{description(now)}</p>
      {now.warnings.map((warning) => (
        <p key={warning} class="warning">
          {warning}
        </p>
      ))}
      <Try />
      {test !== undefined && (
        <>
          <div class="score">
            <p>
              <strong class="figure">{percent(test.accuracy)}</strong> right
            </p>
            <p class="quiet">
              of {plural(test.examples, 'text')} that it has never seen. That is {percent(test.interval[0])}{' '}
              to {percent(test.interval[1])} with 95% confidence. Macro F1 {percent(test.macroF1)}.
              {test.cutShare >= 0.1 &&
                ` It did not read ${percent(test.cutShare, 0)} of their words: reading more of a text may help.`}
            </p>
          </div>
          <div class="pair">
            <Confusion classes={classes} confusion={test.confusion} />
            <Wrong texts={test.wrong} />
          </div>
        </>
      )}
      <p class="quiet">
        The file holds the model as Hugging Face’s hub lays it out: it opens here again, in Node with{' '}
        <code>load('folder')</code>, and with <code>eft predict</code>.
      </p>
    </Card>
  );
}

function description({ family, sequenceLength, epoch, epochs, dataName }: ModelSummary): string {
  const kind = `${titleOf(family)}, reads ${count(sequenceLength)} words, trained on ${dataName}`;
  if (epoch === undefined) return `${kind}.`;
  const all = training.value?.state === 'stopped' || epochs === undefined ? '' : ` of ${epochs}`;
  return `${kind}; the best epoch was ${epoch}${all}.`;
}

/** Scores that are shown. */
const MOST_SCORES = 8;

function Try() {
  const found = answer.value;
  return (
    <div class="try">
      <label>
        Try it: type or paste a text
        <textarea
          rows={4}
          value={question.value}
          spellcheck={false}
          onInput={({ currentTarget: { value } }) => void ask(value)}
        />
      </label>
      <div class="answer" aria-live="polite">
        {found === undefined ? (
          <p class="quiet">The scores come as you type.</p>
        ) : (
          <>
            <ul class="scores" aria-label="Scores">
              {found.scores.slice(0, MOST_SCORES).map(({ label, score }, i) => (
                <li key={label} class={i === 0 ? 'best' : ''} data-label={label} data-score={score}>
                  <span>{label}</span>
                  <Bar share={score} />
                  <b>{percent(score)}</b>
                </li>
              ))}
            </ul>
            {found.known < 0.5 && (
              <p class="warning">
                The model knows {percent(found.known, 0)} of these words: do not give much on its answer.
              </p>
            )}
            {found.evidence !== undefined && found.evidence.length > 0 && (
              <p class="evidence">
                <span class="quiet">What weighed most: </span>
                {found.evidence.map(({ text, weight }) => (
                  <span key={text} class={weight > 0 ? 'for' : 'against'}>
                    {text}
                    <span class="hidden">{weight > 0 ? ' (for it)' : ' (against it)'}</span>{' '}
                  </span>
                ))}
              </p>
            )}
          </>
        )}
      </div>
    </div>
  );
}

/** More classes than these make no matrix that one can read. */
const MOST_CLASSES = 12;

function Confusion({
  classes,
  confusion,
}: {
  classes: readonly string[];
  confusion: readonly (readonly number[])[];
}) {
  if (classes.length > MOST_CLASSES) return <Confused classes={classes} confusion={confusion} />;
  return (
    <div class="matrix">
      <h3>What it took for what</h3>
      <div class="scroll">
        <table>
          <caption class="hidden">Confusion matrix: a row for each label, a column for each answer</caption>
          <thead>
            <tr>
              <th scope="col" class="corner">
                label ↓ answer →
              </th>
              {classes.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {confusion.map((row, label) => {
              const all = row.reduce((sum, cell) => sum + cell, 0);
              return (
                <tr key={classes[label]}>
                  <th scope="row">{classes[label]}</th>
                  {row.map((cell, predicted) => (
                    <td
                      key={classes[predicted]}
                      class={cell === 0 ? 'none' : predicted === label ? 'hit' : 'miss'}
                      style={{ '--share': all === 0 ? 0 : cell / all }}
                    >
                      {count(cell)}
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </div>
  );
}

/** Of many classes: the pairs that were mistaken most often. */
function Confused({
  classes,
  confusion,
}: {
  classes: readonly string[];
  confusion: readonly (readonly number[])[];
}) {
  const pairs = confusion
    .flatMap((row, label) => row.map((times, predicted) => ({ label, predicted, times })))
    .filter(({ label, predicted, times }) => label !== predicted && times > 0)
    .sort((a, b) => b.times - a.times)
    .slice(0, MOST_CLASSES);
  return (
    <div class="matrix">
      <h3>What it took for what</h3>
      <ul>
        {pairs.map(({ label, predicted, times }) => (
          <li key={`${label} ${predicted}`}>
            {classes[label]} for {classes[predicted]}: {count(times)}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Wrong({ texts }: { readonly texts: readonly WrongText[] }) {
  return (
    <div>
      <h3>Wrong, and most sure of it</h3>
      {texts.length === 0 ? (
        <p class="quiet">It got no text wrong.</p>
      ) : (
        <ul class="wrong">
          {texts.map(({ text, label, predicted, confidence }, i) => (
            <li key={i}>
              <p>
                said <b>{predicted}</b> ({percent(confidence)}), is <b>{label}</b>
              </p>
              <details>
                <summary>{text.slice(0, 90)}</summary>
                <blockquote>{text}</blockquote>
              </details>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
