/** A session gives its memory back: in a process of its own, where the garbage collector can be called. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = promisify(execFile);

/**
 * Trains and disposes 20 times, after as many rounds in which the allocator finds its size, keeping every session and
 * the engine; prints by how much resident and buffer memory grew, and what one session plans.
 */
const SCRIPT = `
import { createWasmEngine } from '#eft/engine/wasm/engine.js';
import { configureModel } from '#eft/model/configuration.js';
import { lowerTraining } from '#eft/model/lowering.js';
const [threads, shared] = JSON.parse(process.argv[1]);
const model = configureModel({ model: 'elastic-fourier', sequenceLength: 32, vocabulary: 10000, blocks: 1, classes: 2 });
const program = lowerTraining(model);
const engine = await createWasmEngine({ threads, shared });
const tokens = Int32Array.from({ length: 8 * 32 }, (_, i) => 1 + (i % 999));
const offsets = Int32Array.from({ length: 9 }, (_, b) => 32 * b);
const batch = { tokens, offsets, labels: new Int32Array(8) };
const optimizer = { learningRate: 1e-3, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0, clipNorm: 1 };
const kept = [];
let planned = 0;
const round = async () => {
  const session = await engine.createTraining(program, { maxBatch: 8 });
  await session.step(batch, { seed: 1, step: 0 }, optimizer);
  planned = session.plannedBytes;
  await session.dispose();
  kept.push(session);
};
const settle = async () => {
  for (let i = 0; i < 4; i++) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { rss, external, arrayBuffers, heapUsed } = process.memoryUsage();
  return { rss, external, arrayBuffers, heapUsed };
};
for (let i = 0; i < 20; i++) await round();
const before = await settle();
for (let i = 0; i < 20; i++) await round();
const after = await settle();
const grown = Object.fromEntries(Object.entries(after).map(([key, value]) => [key, value - before[key]]));
process.stdout.write(JSON.stringify({ planned, ...grown }));
`;

const MEGABYTE = 1e6;

it.each([
  ['two threads', [2, true]],
  ['without shared memory', [1, false]],
])('20 trainings, each disposed of, leave less than 5 MB: %s', async (_, engine) => {
  const args = ['--expose-gc', '--input-type=module', '-e', SCRIPT, JSON.stringify(engine)];
  const { stdout } = await run(process.execPath, args, { cwd: new URL('../..', import.meta.url) });
  const { planned, rss, external, arrayBuffers, heapUsed } = JSON.parse(stdout);
  // One session that stayed would show.
  expect(planned).toBeGreaterThan(10 * MEGABYTE);
  expect(external, stdout).toBeLessThan(MEGABYTE);
  expect(arrayBuffers, stdout).toBeLessThan(MEGABYTE);
  expect(heapUsed, stdout).toBeLessThan(MEGABYTE);
  expect(rss, stdout).toBeLessThan(5 * MEGABYTE);
});
