/** scripts/rooms.js, which `npm run check` runs: what it would find. */
import { describe, expect, it } from 'vitest';
import { circleFrom, designFaults, importFaults } from '../scripts/rooms.js';

const faultsOf = (name: string, ...imports: string[]): string[] =>
  importFaults([{ name, text: imports.map((specifier) => `import '${specifier}';`).join('\n') }]);

describe('importFaults', () => {
  it('allows what the table allows, files that all share, and a room’s own files', () => {
    expect(
      faultsOf('src/model/lowering.ts', '../program/builder.js', '../errors.js', './layers.js', 'zod'),
    ).toEqual([]);
    expect(faultsOf('src/engine/wasm/engine.ts', '#platform', '../engine.js')).toEqual([]);
    expect(faultsOf('src/report/page.ts', 'node:util', '@observablehq/plot')).toEqual([]);
    expect(faultsOf('bench/peers.js', './turn.js', 'elastic-fourier/engine', 'node:os')).toEqual([]);
    expect(faultsOf('kernels/gemm.ts', './vector')).toEqual([]);
  });
  it.each([
    ['a room that must not be known', 'src/program/planner.ts', '../engine/engine.js'],
    ['an engine beside this one', 'src/engine/reference/engine.ts', '../wasm/session.js'],
    ['an engine where only the contract is known', 'src/data/encoded.ts', '../engine/wasm/engine.js'],
    ['Node in the core', 'src/learning/fit.ts', 'node:fs'],
    ['a package of another room', 'src/learning/train.ts', 'commander'],
    ['a package’s inner module', 'src/model/options.ts', 'entities/escape'],
    ['an entry from within', 'src/learning/train.ts', '../index.js'],
    ['the library from the kernels', 'kernels/gemm.ts', '../src/random.js'],
    ['the build from bench', 'bench/peers.js', '../dist/engine/wasm/engine.js'],
    ['inner modules by their alias from bench', 'bench/peers.js', '#eft/random.js'],
    ['sources from tests', 'tests/random.test.ts', '../src/random.js'],
  ])('finds %s', (_, name, imported) => {
    expect(faultsOf(name, imported)).toEqual([expect.stringContaining(name)]);
  });
  it('sees imports of types, re-exports and dynamic imports', () => {
    for (const text of [
      "import type { A } from '../cli/main.js';",
      "export * from '../cli/main.js';",
      "export type { A } from '../cli/main.js';",
      "const a = await import('../cli/main.js');",
    ]) {
      expect(importFaults([{ name: 'src/data/split.ts', text }])).toHaveLength(1);
    }
  });
  it('finds files in no room', () => expect(faultsOf('src/other/a.ts')).toHaveLength(1));
  it('finds circles among files, even of types', () => {
    const faults = importFaults([
      { name: 'src/data/a.ts', text: "import { b } from './b.js';" },
      { name: 'src/data/b.ts', text: "import type { A } from './a.js';" },
    ]);
    expect(faults).toEqual([expect.stringContaining('src/data/a.ts src/data/b.ts')]);
  });
});

it('circleFrom finds the way round', () => {
  const circular: Record<string, string[]> = { a: ['b', 'c'], b: [], c: ['d'], d: ['c'] };
  expect(circleFrom('a', (name) => circular[name])).toEqual(['c', 'd', 'c']);
  expect(circleFrom('b', (name) => circular[name])).toBeUndefined();
});

describe('designFaults', () => {
  it('finds rows that are missing, outdated or of rooms that are gone', () => {
    const faults = designFaults('| `src/data/` | examples | nobody |\n| `src/attic/` | things | data |\n', [
      'zod',
    ]);
    expect(faults).toContainEqual(expect.stringContaining('src/data/'));
    expect(faults).toContainEqual(expect.stringContaining('src/model/'));
    expect(faults).toContainEqual(expect.stringContaining('no room attic'));
    expect(faults).toContainEqual(expect.stringContaining('why zod'));
  });
});
