/** An application in a browser: trains, predicts, saves, loads; the answer is left in a global for the test. */
import { type FileStore, load, MemoryStore, type Prediction, train } from 'elastic-fourier';
import { mails, question, settings } from './mails.js';

async function application(): Promise<{ prediction: Prediction; again: Prediction }> {
  const classifier = await train({ ...settings, data: mails });
  const prediction = await classifier.predict(question);
  const store: FileStore = new MemoryStore();
  await classifier.save(store);
  await classifier.dispose();
  const loaded = await load(store);
  const again = await loaded.predict(question);
  await loaded.dispose();
  return { prediction, again };
}

Object.assign(globalThis, { application: application() });
