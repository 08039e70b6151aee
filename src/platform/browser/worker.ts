/** Entry of a worker thread in browsers; scripts/embed.js makes the string of it that `platform.ts` starts. */
import { serve, type WorkerTask } from '../../engine/wasm/worker.js';

globalThis.onmessage = ({ data }) => serve(data as WorkerTask, (message) => globalThis.postMessage(message));
