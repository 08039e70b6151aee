/** The tab's side of tab.js: a worker that trains when it is asked. */
import { timedEpochs } from './tabTraining.js';

globalThis.onmessage = async ({ data }) => {
  try {
    globalThis.postMessage({ seconds: await timedEpochs(data) });
  } catch (error) {
    globalThis.postMessage({ fault: String(error) });
  }
};
