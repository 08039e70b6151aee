/** Whether data say what they seem to say: labels, duplicates, give-aways, classes, drift, and what more of them would bring. */
import type { Dataset, Example, ExampleSet, RawExample } from '../data/dataset.js';
import { InputError, InterruptedError } from '../errors.js';
import { wilsonInterval } from '../evaluation/wilson.js';
import { describeInput, isSignal } from '../input/input.js';
import { readForTraining } from '../learning/train.js';
import { asDataset, type DataInput } from '../readers/asDataset.js';
import type { ReadOptions } from '../readers/options.js';
import { classReport } from '../readers/parse/classReport.js';
import { type ConfidentLearning, confidentLearning } from './confidentLearning.js';
import { learningCurve } from './curve.js';
import { driftBetween } from './drift.js';
import { duplicatesOf } from './duplicates.js';
import { formsOf, type GiveAway, giveAwayColumns, giveAwayPieces } from './giveAways.js';
import { odditiesOf } from './oddities.js';
import { type OutOfFold, outOfFold } from './outOfFold.js';
import {
  CHECKS,
  type CheckName,
  type CheckReport,
  type DuplicateCheck,
  type Issue,
  type LabelCheck,
} from './report.js';
import { piecesFor } from './spokenFor.js';

export interface CheckOptions {
  /** Other data, such as a test file: what both have, and whether they are alike. */
  readonly against?: DataInput | undefined;
  /** How files are read. */
  readonly read?: ReadOptions | undefined;
  /** What to check. Default: everything. */
  readonly only?: readonly CheckName[] | undefined;
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** What is at work. */
  readonly onStep?: ((what: string) => void) | undefined;
}

/** The data as they were read, beside what was found: rows of reports are made of both. */
export interface Checked {
  readonly report: CheckReport;
  readonly examples: readonly Example[];
  readonly raws: readonly RawExample[];
  /** Signals that are probably labelled wrong, or texts, have their input here. */
  readonly dataset: Dataset;
}

/** Characters of a text that an issue shows. */
const SHOWN = 160;

/** The library's `check`. */
export async function check(data: DataInput, options: CheckOptions = {}): Promise<CheckReport> {
  return (await checkData(data, options)).report;
}

export async function checkData(data: DataInput, options: CheckOptions = {}): Promise<Checked> {
  const { against, read = {}, only = CHECKS, threads, signal, onStep = () => {} } = options;
  const unknown = only.find((name) => !CHECKS.includes(name));
  if (unknown !== undefined) {
    throw new InputError(`there is no check '${unknown}'; checks are ${CHECKS.join(', ')}`);
  }
  const started = performance.now();
  const wanted = (name: CheckName): boolean => only.includes(name);
  const step = (what: string): void => {
    if (signal?.aborted) throw new InterruptedError('the check was stopped', { cause: signal.reason });
    onStep(what);
  };
  const dataset = await asDataset(data, 'data', read);
  const other = against === undefined ? undefined : await asDataset(against, 'against', read);
  const { set, validation: otherSet } = await readForTraining(dataset, other);
  const { examples } = set;
  const raws = rawsOf(dataset, examples);
  const counts = new Map<string, number>();
  for (const { label } of examples) counts.set(label, (counts.get(label) ?? 0) + 1);
  const { classes, warnings, twins } = classReport(counts);
  const issues: Issue[] = [];
  const notChecked: string[] = [];
  const issue = (example: number, found: Omit<Issue, 'example' | 'place' | 'label' | 'text'>): void => {
    const { label, input } = examples[example];
    const { place: known, row } = raws[example];
    // Built-in data have no places of their own.
    const place = known === dataset.name ? `${known}: ${row}` : known;
    const text = isSignal(input) ? {} : { text: describeInput(input).slice(0, SHOWN) };
    issues.push({ example, place, label, ...found, ...text });
  };
  let scores: OutOfFold | undefined;
  if (wanted('labels') || wanted('curve')) {
    step('labels: models on what they have not seen');
    try {
      scores = await outOfFold(set, { threads, signal, curve: wanted('curve') });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      notChecked.push(`labels: ${error.message}`);
    }
  }
  const labels = scores && wanted('labels') ? labelIssues(set, scores, issue) : undefined;
  let duplicates: DuplicateCheck | undefined;
  if (wanted('duplicates')) {
    step('duplicates');
    duplicates = duplicateIssues(examples, otherSet?.examples, raws, issue);
  }
  let giveAways: GiveAway[] | undefined;
  if (wanted('leaks') && counts.size > 1) {
    step('give-aways');
    giveAways = giveAwaysOf(examples, raws);
  }
  if (wanted('classes')) {
    step('classes');
    for (const { example, kind, reason } of odditiesOf(examples)) {
      issue(example, { kind, reason, confidence: 1, ...(kind === 'empty' ? { suggestion: 'remove' } : {}) });
    }
    twinIssues(examples, twins, counts, issue);
  }
  let drift: CheckReport['drift'];
  if (wanted('drift') && otherSet !== undefined) {
    step('drift');
    drift = await driftBetween(examples, otherSet.examples, { threads, signal });
  }
  const curve = scores && wanted('curve') ? learningCurve(scores.curve) : undefined;
  const report: CheckReport = {
    name: dataset.name,
    examples: examples.length,
    classes,
    warnings: wanted('classes') ? warnings : [],
    ...(labels === undefined ? {} : { labels }),
    ...(duplicates === undefined ? {} : { duplicates }),
    ...(giveAways === undefined ? {} : { giveAways }),
    ...(drift === undefined ? {} : { drift }),
    ...(curve === undefined ? {} : { curve }),
    issues,
    notChecked,
    seconds: (performance.now() - started) / 1000,
  };
  return { report, examples, raws, dataset };
}

/** The raw example of each that was read; those that could not be are passed over. */
function rawsOf({ examples: all }: Dataset, examples: readonly Example[]): RawExample[] {
  let at = 0;
  return examples.map(({ place, label }) => {
    while (all[at].place !== place || all[at].label !== label) at++;
    return all[at++];
  });
}

type Tell = (example: number, found: Omit<Issue, 'example' | 'place' | 'label' | 'text'>) => void;

/** Pairs of classes that a report names. */
const CONFUSED = 8;

function labelIssues({ examples }: ExampleSet, scores: OutOfFold, issue: Tell): LabelCheck {
  const { classNames, judged, labels, probabilities, classes } = scores;
  const found = confidentLearning(scores);
  const listed = found.ranking.slice(0, found.estimated).filter((i) => found.margins[i] < 0);
  const isText = typeof examples[0].input === 'string';
  const pieces = isText
    ? piecesFor(
        judged.map((example) => examples[example].input as string),
        labels,
        classes,
        listed.map((i) => ({ example: i, label: labels[i], suggested: found.rivals[i] })),
      )
    : [];
  listed.forEach((i, place) => {
    const [own, rival] = [labels[i], found.rivals[i]].map((c) => probabilities[i * classes + c]);
    const spoken = pieces[place]?.map((piece) => `“${piece}”`).join(', ');
    issue(judged[i], {
      kind: 'label',
      suggestion: classNames[found.rivals[i]],
      confidence: rival / (own + rival),
      reason: `models that have not seen it say ${classNames[found.rivals[i]]}${spoken ? `: ${spoken}` : ''}`,
    });
  });
  const right = Math.round(scores.accuracy * labels.length);
  return {
    accuracy: scores.accuracy,
    interval: wilsonInterval(right, labels.length),
    folds: scores.folds,
    method: scores.method,
    estimated: found.estimated,
    judged: labels.length,
    confused: confusedClasses(found, classNames, labels.length),
  };
}

function confusedClasses(
  { joint }: ConfidentLearning,
  names: readonly string[],
  count: number,
): LabelCheck['confused'] {
  return joint
    .flatMap((row, label) =>
      Array.from(row, (share, c) => ({
        label: names[label],
        suggestion: names[c],
        count: Math.round(share * count),
      })),
    )
    .filter(({ label, suggestion, count: wrong }) => label !== suggestion && wrong > 0)
    .sort((a, b) => b.count - a.count)
    .slice(0, CONFUSED);
}

function duplicateIssues(
  examples: readonly Example[],
  others: readonly Example[] = [],
  raws: readonly RawExample[],
  issue: Tell,
): DuplicateCheck {
  const all = [...examples, ...others];
  const identical = { groups: 0, surplus: 0 };
  const near = { groups: 0, surplus: 0 };
  let conflicts = 0;
  let shared = 0;
  for (const { members, kind, likeness } of duplicatesOf(all.map(({ input }) => input))) {
    const own = members.filter((i) => i < examples.length);
    const foreign = members.filter((i) => i >= examples.length);
    const how = kind === 'identical' ? 'the same as' : 'nearly the same as';
    const confidence = likeness;
    if (own.length > 0) shared += foreign.length;
    if (own.length > 0 && foreign.length > 0) {
      const place = others[foreign[0] - examples.length].place ?? '';
      for (const i of own)
        issue(i, {
          kind: 'leak',
          suggestion: 'remove',
          confidence,
          reason: `${how} ${place} of the other data`,
        });
    }
    const splits = new Set(own.map((i) => raws[i].split));
    if (splits.size > 1) {
      for (const i of own) {
        if (raws[i].split === 'train') {
          issue(i, {
            kind: 'leak',
            suggestion: 'remove',
            confidence,
            reason: `${how} an example of another part`,
          });
        }
      }
    }
    if (own.length < 2) continue;
    const counts = new Map<string, number>();
    for (const i of own) counts.set(examples[i].label, (counts.get(examples[i].label) ?? 0) + 1);
    const tally = kind === 'identical' ? identical : near;
    tally.groups++;
    tally.surplus += own.length - 1;
    const first = examples[own[0]].place ?? '';
    if (counts.size > 1) {
      conflicts++;
      const [most, second] = [...counts].sort((a, b) => b[1] - a[1]);
      const said = [...counts].map(([label, n]) => `${label} ${n}`).join(', ');
      for (const i of own) {
        issue(i, {
          kind: 'conflict',
          ...(most[1] > second[1] && examples[i].label !== most[0] ? { suggestion: most[0] } : {}),
          confidence,
          reason: `${i === own[0] ? `${own.length} ${kind === 'identical' ? 'of the same' : 'nearly the same'}` : `${how} ${first}`}, labels differ: ${said}`,
        });
      }
      continue;
    }
    for (const i of own.slice(1)) {
      issue(i, {
        kind: kind === 'identical' ? 'duplicate' : 'near duplicate',
        suggestion: 'remove',
        confidence,
        reason: `${how} ${first}`,
      });
    }
  }
  return {
    identical,
    near,
    conflicts,
    ...(others.length > 0 ? { across: { shared, of: others.length } } : {}),
  };
}

function giveAwaysOf(examples: readonly Example[], raws: readonly RawExample[]): GiveAway[] {
  const classes = [...new Set(examples.map(({ label }) => label))].sort();
  const numbers = new Map(classes.map((name, c) => [name, c]));
  const labels = Int32Array.from(examples, ({ label }) => numbers.get(label)!);
  const columns = columnsOf(examples, raws);
  const found = giveAwayColumns(columns, labels, classes);
  const [{ input: first }] = examples;
  if (isSignal(first)) {
    const lengths = examples.map(({ input }) => (isSignal(input) ? String(input.values.length) : undefined));
    const shape = new Map([['the length of the signal', lengths]]);
    return [...found, ...giveAwayColumns(shape, labels, classes, 'form')];
  }
  if (typeof first !== 'string') return found;
  // As they came: what a reading strips may tell as well.
  const texts = examples.map(({ input }, i) =>
    typeof raws[i].input === 'string' ? raws[i].input : (input as string),
  );
  return [
    ...found,
    ...giveAwayColumns(formsOf(texts), labels, classes, 'form'),
    ...giveAwayPieces({ texts, labels, classes }),
  ];
}

/** Other fields of the rows, and the folder of files. */
function columnsOf(
  examples: readonly Example[],
  raws: readonly RawExample[],
): Map<string, (string | undefined)[]> {
  const names = new Set(raws.flatMap(({ kept }) => (kept === undefined ? [] : Object.keys(kept))));
  const columns = new Map<string, (string | undefined)[]>();
  for (const name of names) {
    if (name === 'place' || name === 'file') continue;
    const values = raws.map(({ kept }) => {
      const value = kept?.[name];
      return value === undefined || value === null ? undefined : String(value);
    });
    // The label itself, and the text.
    if (values.every((value, i) => value?.trim() === raws[i].label)) continue;
    if (values.every((value, i) => value === raws[i].input || value === examples[i].input)) continue;
    columns.set(`the field '${name}'`, values);
  }
  return columns;
}

function twinIssues(
  examples: readonly Example[],
  twins: readonly (readonly string[])[],
  counts: ReadonlyMap<string, number>,
  issue: Tell,
): void {
  const better = new Map<string, string>();
  for (const names of twins) {
    const most = names.reduce((a, b) => (counts.get(b)! > counts.get(a)! ? b : a));
    for (const name of names) if (name !== most) better.set(name, most);
  }
  examples.forEach(({ label }, example) => {
    const suggestion = better.get(label);
    if (suggestion === undefined) return;
    issue(example, {
      kind: 'class name',
      suggestion,
      confidence: 1,
      reason: `'${label}' and '${suggestion}' are written alike`,
    });
  });
}
