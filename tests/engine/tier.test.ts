/** The choice of a build, and that V8 can compile every kernel in the way the choice has it do. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { availableTiers, chooseTier } from '#eft/engine/wasm/tier.js';

const run = promisify(execFile);

describe('EFT_TIER', () => {
  const before = process.env.EFT_TIER;
  afterEach(() => {
    if (before === undefined) delete process.env.EFT_TIER;
    else process.env.EFT_TIER = before;
  });

  it('names the build', () => {
    for (const tier of availableTiers()) {
      process.env.EFT_TIER = tier;
      expect(chooseTier()).toBe(tier);
    }
  });

  it('that does not exist is refused with those that do', () => {
    process.env.EFT_TIER = 'avx';
    expect(() => chooseTier()).toThrow(
      `EFT_TIER=avx: this runtime has ${availableTiers().join(', ')}; name one of these`,
    );
  });

  it('absent: the fastest that runs here', () => {
    delete process.env.EFT_TIER;
    const chosen = chooseTier();
    expect(availableTiers()).toContain(chosen);
    const [node] = process.versions.node.split('.');
    if (node === '20') expect(chosen).toBe('relaxed-simd');
    if (node === '24' && process.arch === 'x64') expect(chosen).toBe('simd-256');
  });
});

/** The optimizing compiler meets a kernel only after many calls; here it meets all of them at once. */
it('the optimizing compiler takes every kernel of the chosen build', async () => {
  const kernels = (memory: string, tier: string): string =>
    fileURLToPath(new URL(`../../dist/engine/wasm/kernels/${tier}-${memory}.wasm`, import.meta.url));
  const tier = chooseTier();
  const flags = ['--no-liftoff', '--no-wasm-lazy-compilation'];
  if (tier === 'simd-256') flags.push('--experimental-wasm-revectorize');
  else if (tier === 'relaxed-simd' && process.versions.v8.startsWith('11.')) {
    flags.push('--experimental-wasm-relaxed-simd');
  }
  const script = `const { readFileSync } = require('node:fs');
    for (const file of process.argv.slice(1)) new WebAssembly.Module(readFileSync(file));
    console.log('compiled');`;
  const files = ['shared', 'unshared'].map((memory) => kernels(memory, tier));
  const { stdout } = await run(process.execPath, [...flags, '-e', script, ...files]);
  expect(stdout).toBe('compiled\n');
});
