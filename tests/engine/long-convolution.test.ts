/** The long convolution where it is cut into blocks, and where its transforms are long: against the float64 reference. */
import { describe, expect, it } from 'vitest';
import { planConvolution } from '#eft/engine/wasm/convolutionPlan.js';
import { createWasmEngine } from '#eft/engine/wasm/engine.js';
import { deriveBackward } from '#eft/program/backward.js';
import { ProgramBuilder } from '#eft/program/builder.js';
import type { CaseProgram } from '../operations/case-programs.js';
import { sessionResults } from '../operations/session-results.js';
import { demandClose, expectFloat32 } from '../tolerance.js';
import { randomBatch, randomParameters } from './conformance-engines.js';

const KEY = { seed: 1, step: 0 };

describe('plan', () => {
  it.each([
    [2, 1],
    [512, 496],
    [700, 14],
    [4096, 112],
    [65_536, 496],
    [65_536, 65_536],
    [1_000_000, 2032],
  ])('for %i rows and a reach of %i lets nothing wrap around', (n, reach) => {
    const { length, blockRows, blocks } = planConvolution(n, reach);
    expect(length % 2).toBe(0);
    expect(blockRows * blocks).toBeGreaterThanOrEqual(n);
    if (blocks === 1) expect(length).toBeGreaterThanOrEqual(n + reach);
    else expect(length).toBeGreaterThanOrEqual(blockRows + 2 * reach);
    expect(planConvolution(n, reach).length).toBeLessThanOrEqual(2 * (n + reach) + 16);
  });

  it('keeps its transforms short where the reach is', () => {
    expect(planConvolution(1_000_000, 496).length).toBeLessThanOrEqual(8192);
  });
});

/** Embedding, convolution, GELU, mean, cross-entropy. */
function convolution(n: number, channels: number, scales: number, lengths: readonly number[]): CaseProgram {
  const builder = new ProgramBuilder(n);
  const token = builder.parameter('embedding.token', [9, channels]);
  const x = builder.emit('embedding', { token }).y;
  const forward = builder.parameter('forward_filter', [scales * 2, channels]);
  const backward = builder.parameter('backward_filter', [scales * 2, channels]);
  const attributes = { width: 2, decay: 0.6, scale: 0.5 };
  const { kernel } = builder.emit('longKernel', { forward, backward }, attributes);
  const { prepared } = builder.emit('preparedKernel', { kernel });
  const { y } = builder.emit('longConvolution', { x, kernel: prepared });
  const activated = builder.emit('gelu', { x: y }).y;
  const logits = builder.emit('mean', { x: activated }).y;
  const { loss } = builder.emit('crossEntropy', { logits }, { smoothing: 0 });
  const evaluation = builder.finish(logits, loss);
  return {
    program: { evaluation, training: deriveBackward(evaluation) },
    parameters: randomParameters(evaluation, 3),
    batch: randomBatch(lengths, 8, channels, 4),
  };
}

describe('against the reference', () => {
  it.each([
    { what: 'blocks, and part of one', n: 700, channels: 17, scales: 3, blocks: true },
    { what: 'many blocks', n: 1700, channels: 3, scales: 3, blocks: true },
    { what: 'one long transform', n: 600, channels: 16, scales: 9, blocks: false },
  ])('$what', async ({ n, channels, scales, blocks }) => {
    expect(planConvolution(n, Math.min(n, 2 * (2 ** scales - 1))).blocks > 1).toBe(blocks);
    const test = convolution(n, channels, scales, [n, 1, Math.floor(n / 3), n - 1]);
    const expected = await expectFloat32(test.program.training, test.batch.tokens.length, (engine) =>
      sessionResults(engine, test, KEY),
    );
    const engine = await createWasmEngine({ threads: 1, shared: false });
    demandClose('wasm', await sessionResults(engine, test, KEY), expected);
    await engine.dispose();
  });
});
