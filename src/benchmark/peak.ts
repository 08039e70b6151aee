/** The machine's own matrix rate: products and nothing else, on the same engine and number of threads. */
import type { Engine } from '../engine/engine.js';
import { ProgramBuilder } from '../program/builder.js';
import { programFlops } from '../program/costs.js';
import type { Program } from '../program/program.js';
import { fullBatch } from './batch.js';
import { median, timeRepeatedly } from './timing.js';

const ROWS = 480;
const WIDTH = 128;
const PRODUCTS = 16;
const SEQUENCES = 32;

/** A chain of square matrix products on 480 rows of 128 numbers. */
function chainOfProducts(): Program {
  const builder = new ProgramBuilder(ROWS);
  const token = builder.parameter('token', [2, WIDTH]);
  let { y } = builder.emit('embedding', { token });
  for (let i = 0; i < PRODUCTS; i++) {
    const weight = builder.parameter(`weight.${i}`, [WIDTH, WIDTH]);
    const bias = builder.parameter(`bias.${i}`, [WIDTH]);
    y = builder.emit('linear', { x: y, weight, bias }).y;
  }
  return builder.finish(builder.emit('mean', { x: y }).y);
}

/** GFLOP/s of matrix products on all the engine's threads together. Takes about half a second. */
export async function measureMatrixRate(engine: Engine): Promise<number> {
  const program = chainOfProducts();
  const session = await engine.createInference(program, { maxBatch: SEQUENCES });
  try {
    const batch = fullBatch(SEQUENCES, ROWS, 1, 1);
    const seconds = await timeRepeatedly(() => session.forward(batch), { seconds: 0.5, least: 5 });
    return (programFlops(program) * SEQUENCES) / median(seconds) / 1e9;
  } finally {
    await session.dispose();
  }
}
