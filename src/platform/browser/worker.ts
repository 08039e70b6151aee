/** Entry of a worker thread in browsers; scripts/embed.js makes the string of it that `platform.ts` starts. */
import { serve, type WorkerTask } from '../../engine/wasm/worker.js';
import { isConvolutionTask, serveConvolutions } from '../../input/convolutions/worker.js';

const send = (message: unknown): void => globalThis.postMessage(message);
globalThis.onmessage = ({ data }) => {
  if (isConvolutionTask(data)) serveConvolutions(data, send);
  else serve(data as WorkerTask, send);
};
