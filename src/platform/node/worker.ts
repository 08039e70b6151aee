/** Entry of a worker thread in Node. */
import { parentPort, workerData } from 'node:worker_threads';
import { serve, type WorkerTask } from '../../engine/wasm/worker.js';

serve(workerData as WorkerTask, (message) => parentPort?.postMessage(message));
