/** One cell of `eft bench`: one model at one length in one mode, measured in the process that calls it. */

import type { Batch } from '../engine/engine.js';
import { createWasmEngine } from '../engine/wasm/engine.js';
import type { ModelConfiguration } from '../model/configuration.js';
import type { CommonConfiguration } from '../model/families/family.js';
import { lowerInference, lowerTraining, tokenCapacity } from '../model/lowering.js';
import { rowNumbers } from '../model/options.js';
import { programFlops } from '../program/costs.js';
import { fullBatch } from './batch.js';
import { measureMatrixRate } from './peak.js';
import { type BenchMode, prepareStep } from './step.js';
import { median, timeRepeatedly } from './timing.js';

export interface CellRequest {
  readonly configuration: ModelConfiguration;
  readonly mode: BenchMode;
  readonly batch: number;
  readonly threads: number;
  /** Measure for at least this long. */
  readonly seconds: number;
  /** Also the time by kind of operation, in a run of its own. */
  readonly profile: boolean;
}

export interface CellResult {
  readonly model: string;
  readonly sequenceLength: number;
  readonly mode: BenchMode;
  readonly batch: number;
  readonly threads: number;
  readonly tier: string;
  /** Median over the steps, and the middle half of them. */
  readonly msPerSequence: number;
  readonly msPerSequenceSpread: readonly [number, number];
  readonly steps: number;
  readonly tokensPerSecond: number;
  /** The program's own FLOPs; recomputation is not counted. */
  readonly gflops: number;
  /** Matrix products alone on as many threads, in the same process, GFLOP/s: the higher of before and after the steps. */
  readonly matrixGflops: number;
  /** gflops / matrixGflops. */
  readonly shareOfMatrixRate: number;
  /** Planned arrays of the session. */
  readonly plannedMemoryBytes: number;
  /** Largest resident size of the process; the matrix products measured before the steps add some 4 MB. */
  readonly peakMemoryBytes: number;
  /** Milliseconds a sequence by kind of operation, summed over threads. */
  readonly operations?: Readonly<Record<string, number>>;
}

/** Full-length sequences of random tokens; fresh weights. */
export async function measureCell(request: CellRequest): Promise<CellResult> {
  const { configuration, mode, batch, threads } = request;
  const engine = await createWasmEngine({ threads });
  try {
    const program = mode === 'train' ? lowerTraining(configuration).training : lowerInference(configuration);
    const matrixGflopsBefore = await measureMatrixRate(engine);
    const { session, call } = await prepareStep(engine, configuration, mode, inputOf(request));
    const times = await timeRepeatedly(call, { seconds: request.seconds, least: 3 });
    const peakMemoryBytes = process.resourceUsage().maxRSS * 1024;
    const { plannedBytes } = session;
    await session.dispose();
    // A neighbour on the same machine can only slow it down, so the higher is the nearer to the machine's own.
    const matrixGflops = Math.max(matrixGflopsBefore, await measureMatrixRate(engine));
    const sorted = times.map((time) => time / batch).sort((a, b) => a - b);
    const quarter = Math.floor(sorted.length / 4);
    const seconds = median(sorted);
    const gflops = programFlops(program) / seconds / 1e9;
    return {
      model: configuration.model,
      sequenceLength: configuration.sequenceLength,
      mode,
      batch,
      threads,
      tier: engine.tier,
      msPerSequence: 1000 * seconds,
      msPerSequenceSpread: [1000 * sorted[quarter], 1000 * sorted[sorted.length - 1 - quarter]],
      steps: times.length,
      tokensPerSecond: configuration.sequenceLength / seconds,
      gflops,
      matrixGflops,
      shareOfMatrixRate: gflops / matrixGflops,
      plannedMemoryBytes: plannedBytes,
      peakMemoryBytes,
      ...(request.profile ? { operations: await profileOperations(request) } : {}),
    };
  } finally {
    await engine.dispose();
  }
}

function inputOf({ configuration, batch }: Pick<CellRequest, 'configuration' | 'batch'>): Batch {
  const { vocabulary, classes, signal }: CommonConfiguration = configuration;
  const width = signal === undefined ? 0 : rowNumbers(signal);
  return fullBatch(batch, tokenCapacity(configuration), vocabulary, classes, width);
}

/** Milliseconds a sequence by kind of operation, summed over threads, the longest first. */
export async function profileOperations(
  request: Omit<CellRequest, 'profile'>,
): Promise<Record<string, number>> {
  const { configuration, mode, batch, threads } = request;
  const engine = await createWasmEngine({ threads });
  try {
    const { session, call } = await prepareStep(engine, configuration, mode, inputOf(request), {
      profile: true,
    });
    let calls = 0;
    await timeRepeatedly(
      () => {
        calls++;
        return call();
      },
      { seconds: request.seconds, least: 2 },
    );
    const profile = await session.profile();
    return Object.fromEntries(
      [...profile].sort((a, b) => b[1] - a[1]).map(([kind, time]) => [kind, time / (calls * batch)]),
    );
  } finally {
    await engine.dispose();
  }
}
