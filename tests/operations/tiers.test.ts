/** Every case on every tier of the wasm engine, against the reference: loss, logits, and every gradient. */
import { afterAll, beforeAll, describe, it } from 'vitest';
import type { Engine } from '#eft/engine/engine.js';
import { type EngineUnderTest, TIERS_ALONE } from '../engine/conformance-engines.js';
import { EXHAUSTIVE } from '../exhaustive.js';
import { demandClose, type Expectation, expectFloat32 } from '../tolerance.js';
import { type CaseProgram, caseProgram, type Size } from './case-programs.js';
import { ALL_CASES } from './cases.js';
import { sessionResults } from './session-results.js';

/** Narrow and odd; whole vectors and blocks; exhaustively also beyond both, with a length that has a large prime factor. */
const SIZES: readonly Size[] = [
  { n: 5, channels: 3, width: 5, heads: 1 },
  { n: 16, channels: 16, width: 32, heads: 2 },
  ...(EXHAUSTIVE ? [{ n: 74, channels: 21, width: 27, heads: 3 }] : []),
];

const KEY = { seed: 5, step: 3 };

/** Expectations, made once for all tiers. */
const expectations = new Map<string, Promise<Expectation>>();

function expectationOf(name: string, test: CaseProgram): Promise<Expectation> {
  const { program, batch } = test;
  const made =
    expectations.get(name) ??
    expectFloat32(program.training, batch.tokens.length, (engine) => sessionResults(engine, test, KEY));
  expectations.set(name, made);
  return made;
}

describe.each(TIERS_ALONE)('$name', (underTest: EngineUnderTest) => {
  let engine: Engine & { dispose?(): Promise<void> };
  beforeAll(async () => {
    engine = await underTest.create();
  });
  afterAll(() => engine.dispose?.());

  it.each(ALL_CASES)('%s', async (name, test) => {
    for (const size of SIZES) {
      const program = caseProgram(test, size);
      const where = `${name}, n ${size.n}, ${size.channels} channels`;
      const expected = await expectationOf(where, program);
      demandClose(`${underTest.name}, ${where}`, await sessionResults(engine, program, KEY), expected);
    }
  });
});
