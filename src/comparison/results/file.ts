/** Results as a file: written whole, and checked in themselves and against themselves when they are read. */
import * as z from 'zod/mini';
import { InputError } from '../../errors.js';
import type { FileStore } from '../../platform/store.js';
import { RESULTS_FORMAT, RESULTS_VERSION, type Results, resultsSchema, type Trial } from './schema.js';

const RESULTS_FILE = 'results.json';

type Content = Omit<Results, 'format' | 'version' | 'pairings' | 'operations'> &
  Partial<Pick<Results, 'pairings' | 'operations'>>;

export function makeResults(content: Content): Results {
  return { format: RESULTS_FORMAT, version: RESULTS_VERSION, pairings: [], operations: [], ...content };
}

/** The file's text. */
export function serializeResults(results: Results): string {
  return `${JSON.stringify(results)}\n`;
}

/**
 * Checked in itself and against itself: counts, classes, epochs and names fit together.
 * @param place what to call it in errors: a path
 * Throws InputError where it is damaged, of another version, or not results at all.
 */
export function parseResults(text: string, place: string): Results {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new InputError(`${place} is damaged: not JSON (${(error as Error).message})`);
  }
  const { format, version } = (json ?? {}) as { format?: unknown; version?: unknown };
  if (format !== RESULTS_FORMAT) throw new InputError(`${place} holds no results of eft compare`);
  if (version !== RESULTS_VERSION) {
    throw new InputError(
      `${place} is of version ${JSON.stringify(version)}, this program reads version ${RESULTS_VERSION}`,
    );
  }
  const parsed = resultsSchema.safeParse(json);
  if (!parsed.success) throw new InputError(`${place} is damaged:\n${z.prettifyError(parsed.error)}`);
  const fault = faultOf(parsed.data);
  if (fault !== undefined)
    throw new InputError(`${place} is damaged: ${fault}. Build it anew with eft compare`);
  return parsed.data;
}

/** Throws InputError on a folder without results, damaged ones, or ones of another version. */
export async function readResults(folder: FileStore): Promise<Results> {
  const bytes = await folder.read(RESULTS_FILE);
  if (bytes === undefined) throw new InputError(`${folder.path} holds no ${RESULTS_FILE}`);
  return parseResults(new TextDecoder().decode(bytes), folder.pathOf(RESULTS_FILE));
}

/** The first thing that does not fit; undefined where all does. */
function faultOf(results: Results): string | undefined {
  const { protocol, testLabels, trials } = results;
  const { classes, testClasses, splits } = protocol;
  if (new Set(classes).size < classes.length) return 'two of its classes have the same name';
  if (testClasses.length !== classes.length) {
    return `testClasses has ${testClasses.length} numbers for ${classes.length} classes`;
  }
  const stray = testLabels.find((label) => label >= classes.length);
  if (stray !== undefined) return `testLabels has the label ${stray}, there are ${classes.length} classes`;
  const counts = classes.map(() => 0);
  for (const label of testLabels) counts[label]++;
  const wrong = counts.findIndex((found, c) => found !== testClasses[c]);
  if (wrong >= 0) {
    return `testClasses says ${testClasses[wrong]} test items of class ${JSON.stringify(classes[wrong])}, testLabels has ${counts[wrong]}`;
  }
  if (splits.test !== testLabels.length) {
    return `splits says ${splits.test} test items, testLabels has ${testLabels.length}`;
  }
  if (trials.length > 0 && testLabels.length === 0) return 'it has trials and no test items';
  const names = new Set<string>();
  const places = new Set<string>();
  for (const trial of trials) {
    const place = JSON.stringify([trial.model, trial.sequenceLength, trial.seed]);
    if (names.has(trial.name)) return `two trials are named ${JSON.stringify(trial.name)}`;
    if (places.has(place)) return `two trials are of the same model, length and seed: ${place}`;
    names.add(trial.name);
    places.add(place);
    const fault = faultOfTrial(trial, testLabels, classes.length);
    if (fault !== undefined) return `trial ${JSON.stringify(trial.name)} ${fault}`;
  }
  return undefined;
}

function faultOfTrial(trial: Trial, labels: readonly number[], classes: number): string | undefined {
  const { predictions, confidence, test, epochs, bestEpoch } = trial;
  const items = labels.length;
  if (predictions.length !== items || confidence.length !== items) {
    return `has ${predictions.length} predictions and ${confidence.length} confidences for ${items} test items`;
  }
  const disorder = epochs.findIndex((record, i) => record.epoch !== i + 1);
  if (disorder >= 0) return `has epoch ${epochs[disorder].epoch} where epoch ${disorder + 1} belongs`;
  if (bestEpoch > epochs.length) return `says its best epoch is ${bestEpoch} of ${epochs.length}`;
  const stray = predictions.find((answer) => answer >= classes);
  if (stray !== undefined) return `predicts class ${stray} of ${classes}`;
  if (test.confusion.length !== classes || test.confusion.some((row) => row.length !== classes)) {
    return `has a confusion matrix that is not ${classes} by ${classes}`;
  }
  const counts = test.confusion.map((row) => row.map(() => 0));
  labels.forEach((label, i) => {
    counts[label][predictions[i]]++;
  });
  const truth = counts.findIndex((row, i) => row.some((found, j) => found !== test.confusion[i][j]));
  if (truth >= 0) return `has a confusion matrix that its predictions do not give (row ${truth})`;
  if (test.examples !== items) return `was tested on ${test.examples} examples of ${items}`;
  const right = counts.reduce((sum, row, i) => sum + row[i], 0);
  if (Math.abs(test.accuracy - right / items) > 1e-9) {
    return `has the accuracy ${test.accuracy}, its predictions give ${right / items}`;
  }
  const [low, high] = test.accuracyInterval;
  if (low > test.accuracy + 1e-9 || high < test.accuracy - 1e-9) {
    return `has the accuracy ${test.accuracy} outside its interval ${low} to ${high}`;
  }
  return undefined;
}
