/** Invented measurements of a bench, for tests: time grows as n^1.1 and n², memory as n. */
import type { BenchPageContent } from '#eft/report/benchPage.js';
import type { BenchCell } from '#eft/report/benchTable.js';

export interface FakeBenchOptions {
  readonly models?: readonly string[];
  readonly lengths?: readonly number[];
  readonly modes?: readonly BenchCell['mode'][];
  readonly profile?: boolean;
}

export function fakeCells({
  models = ['elastic-fourier', 'standard', 'bag'],
  lengths = [256, 512, 1024, 2048],
  modes = ['train', 'inference'],
  profile = false,
}: FakeBenchOptions = {}): BenchCell[] {
  return models.flatMap((model, m) =>
    lengths.flatMap((n) =>
      modes.map((mode): BenchCell => {
        const ms = 0.01 * (mode === 'train' ? 3 : 1) * (model === 'standard' ? n ** 2 / 100 : n ** 1.1);
        const gflops = 30 - 10 * m - n / 500;
        return {
          model,
          sequenceLength: n,
          mode,
          batch: 32,
          threads: 2,
          tier: 'relaxed-simd',
          msPerSequence: ms,
          msPerSequenceSpread: [ms * 0.9, ms * 1.2],
          tokensPerSecond: (1000 * n) / ms,
          gflops,
          matrixGflops: 40,
          shareOfMatrixRate: gflops / 40,
          plannedMemoryBytes: (1 + m) * 4e4 * n,
          peakMemoryBytes: 60e6 + (1 + m) * 4e4 * n,
          ...(profile
            ? {
                operations: Object.fromEntries(
                  Array.from({ length: 13 }, (_, i) => [`operation<${i}>`, ms / (1 + i)]),
                ),
              }
            : {}),
        };
      }),
    ),
  );
}

export function fakeBench(options: FakeBenchOptions = {}): BenchPageContent {
  return {
    cells: fakeCells(options),
    command: 'eft bench --lengths 256,512,1024,2048 --profile --out runs/bench',
    cpu: 'Some CPU @ 3.00GHz',
    node: 'v24.0.0',
  };
}
