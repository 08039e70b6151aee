/** An application in Node: trains, predicts, saves, loads. Prints what it saw as JSON. */
import {
  type Classifier,
  type EpochRecord,
  type Evaluation,
  FailureError,
  InputError,
  load,
  type ModelConfiguration,
  type Prediction,
  type TrainOptions,
  train,
} from 'elastic-fourier';
import {
  configureModel,
  createReferenceEngine,
  createWasmEngine,
  type Engine,
  initialise,
  lowerInference,
  type Session,
} from 'elastic-fourier/engine';
import { mails, question, settings } from './mails.js';

const epochs: EpochRecord[] = [];
const options: TrainOptions = {
  ...settings,
  data: mails,
  threads: 2,
  onEpoch: (record) => epochs.push(record),
};
const classifier: Classifier = await train(options);
const prediction: Prediction = await classifier.predict(question);
const [first]: Prediction[] = await classifier.predict([question], { topK: 1 });
const evaluation: Evaluation = await classifier.evaluate(mails);
const configuration: ModelConfiguration = classifier.configuration;
const history: readonly EpochRecord[] = classifier.history;
await classifier.save('run');
await classifier.dispose();

const loaded = await load('run', { threads: 1 });
const again = await loaded.predict(question);
await loaded.dispose();

let code = '';
try {
  await load('nowhere');
} catch (error) {
  if (error instanceof InputError || error instanceof FailureError) code = error.code;
}

/** The largest difference between the logits of two engines. */
async function engineGap(): Promise<number> {
  const model = configureModel({ model: 'bag', sequenceLength: 8, vocabulary: 20 });
  const batch = {
    tokens: Int32Array.of(1, 2, 3),
    offsets: Int32Array.of(0, 3),
    labels: Int32Array.of(0),
  };
  const engines: Engine[] = [createReferenceEngine(), await createWasmEngine({ threads: 1 })];
  const logits: (readonly number[])[] = [];
  for (const engine of engines) {
    const session: Session = await engine.createInference(lowerInference(model), { maxBatch: 1 });
    for (const [name, values] of initialise(model, 1)) await session.setParameter(name, values);
    logits.push([...(await session.forward(batch)).logits]);
    await engine.dispose();
  }
  const [expected = [], got = []] = logits;
  return Math.max(...expected.map((value, i) => Math.abs(value - (got[i] ?? Number.NaN))));
}

process.stdout.write(
  JSON.stringify({
    prediction,
    first,
    again,
    accuracy: evaluation.accuracy,
    model: configuration.model,
    epochs: [epochs.length, history.length],
    code,
    engineGap: await engineGap(),
  }),
);
