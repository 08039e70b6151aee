/** The same names in Node and browsers, for a compiler that was told of no condition. Compiled, not run. */
import {
  type Classifier,
  type CompareOptions,
  compare,
  enableFastVectors,
  inspectFile,
  load,
  pipeline,
  type ReadOptions,
  readDataset,
  split,
  type TrainOptions,
  train,
} from 'elastic-fourier';
import * as browser from 'elastic-fourier/browser';
import * as node from 'elastic-fourier/node';

const read: ReadOptions = { labelField: 'kind', skipBad: 3 };
const options: TrainOptions = { data: 'mails.csv', epochs: 3, learningRate: 0.01, sequenceLength: 64, read };
const comparison: CompareOptions = { data: 'mails.csv', models: ['linear', 'elastic'], epochs: 2 };

export const inBrowsers: typeof node = browser;
export const inNode: typeof browser = node;

export async function program(file: File): Promise<Classifier> {
  await using classifier = await train(options);
  const mails = await readDataset(file, read);
  const [, test = mails] = split(mails, [0.9, 0.1]);
  const { verdict } = await compare({ ...comparison, data: mails });
  const { fields } = await inspectFile(file);
  const spam = await pipeline('text-classification', 'runs/mails');
  const { accuracy } = await classifier.evaluate(test);
  enableFastVectors();
  return load(`${accuracy} ${verdict} ${fields} ${spam}`);
}
