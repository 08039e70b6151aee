/** Entry of a worker thread that encodes signals, in browsers; a string of it is what `platform.ts` starts. */
import { type ConvolutionTask, serveConvolutions } from '../../input/convolutions/worker.js';

globalThis.onmessage = ({ data }) =>
  serveConvolutions(data as ConvolutionTask, (message) => globalThis.postMessage(message));
