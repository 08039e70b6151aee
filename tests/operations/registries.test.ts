/** The registries know the same operations, and every operation's cases use it. */
import { describe, expect, it } from 'vitest';
import { RUNS } from '#eft/engine/reference/operations/index.js';
import { WASM_OPERATIONS } from '#eft/engine/wasm/operations/index.js';
import { definitionOf, OPERATIONS, type OperationKind } from '#eft/program/operations/index.js';
import { caseProgram } from './case-programs.js';
import { ALL_CASES } from './cases.js';

const SIZE = { n: 6, channels: 4, width: 8, heads: 2 };
const kinds = Object.keys(OPERATIONS).sort() as OperationKind[];

describe('registries', () => {
  // That none lacks an operation is for the compiler; here: none has one too many.
  it.each([
    ['reference', RUNS],
    ['wasm', WASM_OPERATIONS],
  ])('the %s engine has the operations of the vocabulary and no others', (_, registry) => {
    expect(Object.keys(registry).sort()).toEqual(kinds);
  });

  it.each(ALL_CASES)('%s is in the case’s program', (_, test, kind) => {
    const { training } = caseProgram(test, SIZE).program;
    expect(training.operations.map((operation) => operation.kind)).toContain(kind);
  });

  it('every kind that accumulates does so in some case', () => {
    const programs = ALL_CASES.map(([, test]) => caseProgram(test, SIZE).program.training);
    const found = programs.flatMap(({ operations }) =>
      operations.flatMap(({ kind, attributes }) => (attributes.accumulate === 1 ? [kind] : [])),
    );
    expect([...new Set(found)].sort()).toEqual(kinds.filter((kind) => definitionOf(kind).accumulates));
  });
});
