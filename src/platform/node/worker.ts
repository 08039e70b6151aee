/** Entry of a worker thread in Node. */
import { parentPort, workerData } from 'node:worker_threads';
import { serve, type WorkerTask } from '../../engine/wasm/worker.js';
import { isConvolutionTask, serveConvolutions } from '../../input/convolutions/worker.js';

const send = (message: unknown): void => parentPort?.postMessage(message);
if (isConvolutionTask(workerData)) serveConvolutions(workerData, send);
else serve(workerData as WorkerTask, send);
