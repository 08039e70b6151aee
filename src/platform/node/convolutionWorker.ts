/** Entry of a worker thread that encodes signals, in Node. */
import { parentPort, workerData } from 'node:worker_threads';
import { type ConvolutionTask, serveConvolutions } from '../../input/convolutions/worker.js';

serveConvolutions(workerData as ConvolutionTask, (message) => parentPort?.postMessage(message));
