/**
 * Damaged files by the thousand, through every reader: an error of ours or sense, never a crash, nor a wait without end.
 *
 *   node scripts/fuzz.js                              20,000 mutants of seed 1
 *   node scripts/fuzz.js --mutants 500 --seed 7
 *   node scripts/fuzz.js --only series,sounds         of these targets alone
 *   node scripts/fuzz.js --from 1234 --mutants 1      that one again, with the stack of its error
 *
 * Mutant i is the same for the same seed and targets, whatever runs before it.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { FailureError, InputError } from '../dist/errors.js';
import { RandomStream } from '../dist/random.js';

/** Milliseconds that one mutant may take; it hangs if it takes longer. */
const PATIENCE = 20_000;

/** @typedef {{ seed: number, from: number, mutants: number, only?: readonly string[] | undefined }} Task */
/** @typedef {{ kind: 'begun', index: number, target: string } | { kind: 'done', accepted: boolean } | { kind: 'fault', stack: string }} Note */
/** @typedef {{ index: number, target: string, what: string }} Fault */

/** In the thread: one mutant after the other. @param {Task} task */
async function work({ seed, from, mutants, only }) {
  const { targetsIn } = await import('./fuzz/targets.js');
  const folder = await mkdtemp(join(tmpdir(), 'eft-fuzz-'));
  const tell = (/** @type {Note} */ note) => parentPort?.postMessage(note);
  try {
    const targets = (await targetsIn(folder)).filter(({ name }) => only === undefined || only.includes(name));
    if (targets.length === 0) throw new Error(`there is no target ${only?.join(', ')}`);
    const shares = targets.flatMap((target) => Array.from({ length: target.weight }, () => target));
    for (let index = from; index < from + mutants; index++) {
      const random = new RandomStream(seed, 'test', index);
      const target = shares[random.nextInteger(shares.length)];
      tell({ kind: 'begun', index, target: target.name });
      try {
        await target.attempt(random);
        tell({ kind: 'done', accepted: true });
      } catch (error) {
        const ours = error instanceof InputError || error instanceof FailureError;
        if (ours) tell({ kind: 'done', accepted: false });
        else tell({ kind: 'fault', stack: /** @type {Error} */ (error).stack ?? String(error) });
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * @param {Task} task
 * @param {(counts: Map<string, { accepted: number, refused: number }>) => void} [onProgress]
 * @returns {Promise<{ faults: Fault[], counts: Map<string, { accepted: number, refused: number }> }>}
 */
export async function fuzz({ seed, from, mutants, only }, onProgress = () => {}) {
  /** @type {Fault[]} */
  const faults = [];
  /** @type {Map<string, { accepted: number, refused: number }>} */
  const counts = new Map();
  const end = from + mutants;
  for (let next = from; next < end; ) {
    const worker = new Worker(fileURLToPath(import.meta.url), {
      workerData: { seed, from: next, mutants: end - next, only },
    });
    let target = '';
    let begun = performance.now();
    const what = await new Promise((resolve) => {
      const watch = setInterval(() => {
        // To begin, models are trained.
        const patience = target === '' ? 6 * PATIENCE : PATIENCE;
        if (performance.now() - begun > patience) resolve(`no answer within ${patience / 1000} s`);
      }, 250);
      worker.on('message', (/** @type {Note} */ note) => {
        begun = performance.now();
        if (note.kind === 'begun') {
          next = note.index;
          target = note.target;
          if (!counts.has(target)) counts.set(target, { accepted: 0, refused: 0 });
          if (next % 500 === 0) onProgress(counts);
        } else if (note.kind === 'fault') faults.push({ index: next, target, what: note.stack });
        else {
          const count = counts.get(target);
          if (count) count[note.accepted ? 'accepted' : 'refused']++;
        }
      });
      worker.on('error', (error) => resolve(error.stack));
      worker.on('exit', () => {
        clearInterval(watch);
        resolve(undefined);
      });
    });
    await worker.terminate();
    if (what !== undefined) {
      if (target === '') throw new Error(`the fuzzing did not begin: ${what}`);
      faults.push({ index: next, target, what });
    }
    next++;
  }
  return { faults, counts };
}

if (!isMainThread && workerData?.mutants !== undefined) await work(workerData);
else if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values } = parseArgs({
    options: {
      mutants: { type: 'string', default: '20000' },
      seed: { type: 'string', default: '1' },
      from: { type: 'string', default: '0' },
      only: { type: 'string' },
    },
  });
  const task = {
    seed: Number(values.seed),
    from: Number(values.from),
    mutants: Number(values.mutants),
    only: values.only?.split(','),
  };
  const began = performance.now();
  const { faults, counts } = await fuzz(task, (found) => {
    const done = [...found.values()].reduce((sum, { accepted, refused }) => sum + accepted + refused, 0);
    process.stderr.write(`\r${done} mutants`);
  });
  process.stderr.write('\r');
  for (const { index, target, what } of faults) process.stdout.write(`mutant ${index}, ${target}: ${what}\n`);
  for (const [target, { accepted, refused }] of counts) {
    process.stdout.write(`${target}: ${refused} refused, ${accepted} read\n`);
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  process.stdout.write(
    `${task.mutants} mutants of seed ${task.seed} in ${seconds} s: ${faults.length} faults\n`,
  );
  process.exitCode = faults.length === 0 ? 0 : 1;
}
