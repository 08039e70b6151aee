/** The dropout kernel against Philox in TypeScript, word by word: any range of elements has the same bits. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FIRST_FREE_BYTE } from '#eft/engine/wasm/kernels.js';
import { PURPOSE, philox, RandomStream } from '#eft/random.js';
import { kernelsOf, memory, tiers } from './kernel-tiers.js';

const MOST = 200;
const X = FIRST_FREE_BYTE;
const Y = X + 4 * MOST;

const word = fc.integer({ min: 0, max: 0xffffffff }).map((value) => value >>> 0);

it.each(tiers)(
  '%s: keeps what the definition keeps, from any element on, and writes nothing else',
  (tier) => {
    const x = new Float32Array(memory.buffer, X, MOST);
    const y = new Float32Array(memory.buffer, Y, MOST);
    const random = new RandomStream(1, 'test');
    for (let i = 0; i < MOST; i++) x[i] = random.nextNormal();
    const block = new Uint32Array(4);
    fc.assert(
      fc.property(
        fc.record({
          first: fc.integer({ min: 0, max: 1_000_000 }),
          count: fc.integer({ min: 1, max: MOST - 1 }),
          rate: fc.double({ min: 0, max: 0.95, noNaN: true }),
          site: word,
          step: word,
          sequence: word,
          seed: word,
        }),
        ({ first, count, rate, site, step, sequence, seed }) => {
          const threshold = Math.floor(rate * 4294967296);
          const scale = Math.fround(1 / (1 - rate));
          y.fill(7);
          const keys = [site, step, sequence, seed, PURPOSE.dropout] as const;
          kernelsOf(tier).dropout(Y, X, first, count, threshold, scale, ...keys);
          for (let i = 0; i < count; i++) {
            const element = first + i;
            philox(element >>> 2, site, step, sequence, seed, PURPOSE.dropout, block);
            const kept = block[element & 3] >= threshold;
            expect(y[i]).toBe(kept ? Math.fround(x[i] * scale) : 0);
          }
          expect(y[count]).toBe(7);
        },
      ),
      {
        numRuns: 300,
        examples: [[{ first: 0, count: 199, rate: 0.5, site: 0, step: 0, sequence: 0, seed: 0 }]],
      },
    );
  },
);
