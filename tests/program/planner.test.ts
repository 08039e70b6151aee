/** The planner: tensors that live at the same time lie apart, and every read finds what was written for it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ModelOptions, modelConfigurationSchema } from '#eft/model/configuration.js';
import { lowerInference, lowerTraining } from '#eft/model/lowering.js';
import { ProgramBuilder } from '#eft/program/builder.js';
import { definitionOf } from '#eft/program/operations/index.js';
import { groupOperations, type Plan, type PlanOptions, planProgram } from '#eft/program/planner.js';
import { type Operation, type Program, rowCount, type TensorId } from '#eft/program/program.js';
import { programStages } from '#eft/program/stages.js';
import { buildRandomProgram, recipes } from '../operations/random-programs.js';

/** An engine that keeps opaque tensors in rows of a multiple of 16 numbers. */
const planFor = (program: Program, tileRows: number): Plan =>
  planProgram(program, { tileRows, opaqueElements: paddedElements(program) });

const paddedElements =
  (program: Program): PlanOptions['opaqueElements'] =>
  ({ outputs }, output) => {
    const tensor = program.tensors[outputs[output]];
    return rowCount(program, tensor) * Math.ceil(tensor.columns / 16) * 16;
  };

/**
 * Runs the plan on a memory that notes, for every element, which tensor and row wrote it last; throws where an
 * operation would read something else than what was written for it, or touch what lies outside.
 */
function replay(program: Program, plan: Plan): void {
  const owner = new Int32Array(plan.elements).fill(-1);
  const stamp = (id: TensorId, row: number): number =>
    id * (program.sequenceLength + program.tensors.length + 1) + row;

  const place = (id: TensorId, row: number): [number, number] => {
    const { columns, name } = program.tensors[id];
    const { offset, elements, tile } = plan.placements.get(id)!;
    const start = offset + (tile ? row % plan.tileRows : row) * columns;
    if (start < offset || start + columns > Math.min(offset + elements, plan.elements)) {
      throw new Error(`row ${row} of '${name}' lies outside its place`);
    }
    return [start, start + columns];
  };
  const rowsOf = (id: TensorId, first: number, last: number): number[] => {
    const { rows } = program.tensors[id];
    const [from, to] = rows === 'tokens' ? [first, last] : [0, rows];
    return Array.from({ length: to - from }, (_, i) => from + i);
  };
  const activations = (ids: Operation['inputs']): TensorId[] =>
    Object.values(ids).filter((id) => program.tensors[id].role === 'activation');
  const run = ({ kind, inputs, outputs, attributes }: Operation, first: number, last: number): void => {
    const adds = attributes.accumulate === 1 || kind === 'accumulate';
    const read = [...activations(inputs), ...(adds ? activations(outputs) : [])];
    for (const id of read) {
      for (const row of rowsOf(id, first, last)) {
        const [start, end] = place(id, row);
        for (let i = start; i < end; i++) {
          if (owner[i] !== stamp(id, row))
            throw new Error(`${kind} does not find row ${row} of '${program.tensors[id].name}'`);
        }
      }
    }
    for (const id of activations(outputs)) {
      for (const row of rowsOf(id, first, last)) owner.fill(stamp(id, row), ...place(id, row));
    }
  };

  for (const { tiled, operations } of plan.groups) {
    const rows = tiled ? plan.tileRows : program.sequenceLength;
    for (let first = 0; first < program.sequenceLength; first += rows) {
      const last = Math.min(first + rows, program.sequenceLength);
      for (const operation of operations) run(operation, first, last);
    }
  }
  for (const id of [program.logits, program.loss]) {
    if (id === undefined) continue;
    const [start, end] = place(id, 0);
    for (let i = start; i < end; i++) expect(owner[i]).toBe(stamp(id, 0));
  }
}

/** First and last group in which each activation is touched, found the plain way. */
function touchedGroups(program: Program, plan: Plan): Map<TensorId, { first: number; last: number }> {
  const lives = new Map<TensorId, { first: number; last: number }>();
  for (const { id, role } of program.tensors) {
    const groups = plan.groups.flatMap(({ operations }, index) =>
      operations.some(({ inputs, outputs }) =>
        [...Object.values(inputs), ...Object.values(outputs)].includes(id),
      )
        ? [index]
        : [],
    );
    if (id === program.logits || id === program.loss) groups.push(plan.groups.length);
    if (role === 'activation' && groups.length > 0)
      lives.set(id, { first: Math.min(...groups), last: Math.max(...groups) });
  }
  return lives;
}

/** Chains hold every operation once and in order, and share nothing that one of them writes; tensors lie apart. */
function checkOnce(
  program: Program,
  { once }: Plan,
  before: readonly Operation[],
  after: readonly Operation[],
): void {
  const place = new Map(program.operations.map((operation, i) => [operation, i]));
  for (const [chains, operations] of [
    [once.before, before],
    [once.after, after],
  ] as const) {
    expect(new Set(chains.flat())).toEqual(new Set(operations));
    expect(chains.flat().length).toBe(operations.length);
    const writers = new Map<TensorId, number>();
    for (const [i, chain] of chains.entries()) {
      const places = chain.map((operation) => place.get(operation)!);
      expect(places).toEqual(places.toSorted((a, b) => a - b));
      for (const { outputs } of chain) {
        for (const id of Object.values(outputs)) {
          expect(writers.get(id) ?? i, `two chains write '${program.tensors[id].name}'`).toBe(i);
          writers.set(id, i);
        }
      }
    }
    for (const [i, chain] of chains.entries()) {
      for (const id of chain.flatMap(({ inputs }) => Object.values(inputs))) {
        expect(writers.get(id) ?? i, `two chains share '${program.tensors[id].name}'`).toBe(i);
      }
    }
  }
  // Whose lives meet: what a stage touches, and what a later one still reads.
  const stages = [once.before.flat(), programStages(program).sequence, once.after.flat()].map(
    (operations) =>
      new Set(
        operations.flatMap(({ inputs, outputs }) => [...Object.values(inputs), ...Object.values(outputs)]),
      ),
  );
  const lifeOf = (id: TensorId): [number, number] => {
    const touched = stages.flatMap((ids, stage) => (ids.has(id) ? [stage] : []));
    return [Math.min(...touched), Math.max(...touched)];
  };
  for (const [offsets, end] of [
    [once.derived, once.derivedElements],
    [once.gradients, once.gradientElements],
  ] as const) {
    const placed = [...offsets].map(([id, offset]) => {
      const { rows, columns } = program.tensors[id];
      const [first, last] = offsets === once.derived ? lifeOf(id) : [1, 2];
      return { id, offset, end: offset + (rows as number) * columns, first, last };
    });
    for (const [i, a] of placed.entries()) {
      expect(a.offset).toBeGreaterThanOrEqual(0);
      expect(a.end).toBeLessThanOrEqual(end);
      for (const b of placed.slice(i + 1)) {
        const meet = a.first <= b.last && b.first <= a.last;
        const apart = a.end <= b.offset || b.end <= a.offset;
        if (meet && !apart) throw new Error(`tensors ${a.id} and ${b.id} overlap`);
      }
    }
  }
}

function checkPlan(program: Program, tileRows: number): void {
  const plan = planFor(program, tileRows);
  const { before, sequence, after } = programStages(program);
  expect(plan.groups.flatMap(({ operations }) => operations)).toEqual(sequence);
  checkOnce(program, plan, before, after);
  for (const { tiled, operations } of plan.groups) {
    if (!tiled) expect(operations.length).toBe(1);
    else for (const { kind } of operations) expect(definitionOf(kind).rowwise).toBe(true);
  }
  const lives = [...touchedGroups(program, plan)];
  expect(new Set(plan.placements.keys())).toEqual(new Set(lives.map(([id]) => id)));
  for (const [i, [id, life]] of lives.entries()) {
    const { offset, elements, tile } = plan.placements.get(id)!;
    const tensor = program.tensors[id];
    if (tile) {
      expect(life.first, `'${tensor.name}' outlives its group`).toBe(life.last);
      expect(plan.groups[life.first].tiled).toBe(true);
    }
    const rows = tile ? Math.min(tileRows, program.sequenceLength) : rowCount(program, tensor);
    expect(elements).toBeGreaterThanOrEqual(rows * tensor.columns);
    expect(offset).toBeGreaterThanOrEqual(0);
    expect(offset + elements).toBeLessThanOrEqual(plan.elements);
    for (const [otherId, other] of lives.slice(i + 1)) {
      if (other.first > life.last || other.last < life.first) continue;
      const place = plan.placements.get(otherId)!;
      const apart = place.offset >= offset + elements || offset >= place.offset + place.elements;
      if (!apart) throw new Error(`'${tensor.name}' and '${program.tensors[otherId].name}' overlap`);
    }
  }
  replay(program, plan);
}

const MODELS: readonly ModelOptions[] = [
  { model: 'elastic-fourier', sequenceLength: 64, blocks: 2, vocabulary: 20 },
  {
    model: 'elastic-fourier',
    sequenceLength: 37,
    blocks: 2,
    channels: 5,
    hidden: 9,
    dropout: 0.1,
    vocabulary: 20,
  },
  { model: 'standard', sequenceLength: 64, blocks: 2, vocabulary: 20 },
  { model: 'standard', sequenceLength: 50, blocks: 1, dropout: 0.1, vocabulary: 20 },
  { model: 'bag', sequenceLength: 20, vocabulary: 20 },
  { model: 'elastic', sequenceLength: 40, blocks: 2, vocabulary: 20, wordDropout: 0.2, dropout: 0.1 },
];

describe('planProgram', () => {
  it.each(MODELS)('places the tensors of $model, n $sequenceLength', (options) => {
    const configuration = modelConfigurationSchema.parse(options);
    const { evaluation, training } = lowerTraining(configuration);
    for (const program of [training, evaluation, lowerInference(configuration)]) {
      for (const tileRows of [16, 24, 1000]) checkPlan(program, tileRows);
    }
  });

  it('places the tensors of the full presets', () => {
    for (const model of ['elastic-fourier', 'standard'] as const) {
      const configuration = modelConfigurationSchema.parse({ model, sequenceLength: 512, dropout: 0.1 });
      checkPlan(lowerTraining(configuration).training, 64);
    }
  });

  it('places the tensors of random programs', () => {
    fc.assert(
      fc.property(recipes, fc.integer({ min: 1, max: 40 }), (recipe, tileRows) => {
        const { evaluation, training } = buildRandomProgram(recipe).program;
        checkPlan(evaluation, tileRows);
        checkPlan(training, tileRows);
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it('lets tensors whose lives do not meet share memory', () => {
    const builder = new ProgramBuilder(100);
    const token = builder.parameter('token', [9, 16]);
    let x = builder.emit('embedding', { token }).y;
    for (let i = 0; i < 10; i++) {
      x = builder.emit('spectralMixer', {
        x,
        real: builder.parameter('real', [51, 16]),
        imaginary: builder.parameter('imaginary', [51, 16]),
      }).y;
    }
    const program = builder.finish(builder.emit('mean', { x }).y);
    // Input, output and spectrum of one mixer, and the mean.
    expect(planFor(program, 16).elements).toBeLessThanOrEqual(3 * 1600 + 16);
  });

  it('gives opaque tensors the room that the engine asks for, and asks for no others', () => {
    const builder = new ProgramBuilder(8);
    const x = builder.emit('embedding', { token: builder.parameter('token', [9, 5]) }).y;
    const real = builder.parameter('real', [5, 5]);
    const imaginary = builder.parameter('imaginary', [5, 5]);
    const { y, spectrum } = builder.emit('spectralMixer', { x, real, imaginary });
    const program = builder.finish(builder.emit('mean', { x: y }).y);
    expect(program.tensors[spectrum].opaque).toBe(true);
    const asked: string[] = [];
    const opaqueElements = ({ kind }: Operation, output: string): number => {
      asked.push(`${kind}.${output}`);
      return 1000;
    };
    const { placements } = planProgram(program, { tileRows: 4, opaqueElements });
    expect(asked).toEqual(['spectralMixer.spectrum']);
    expect(placements.get(spectrum)).toMatchObject({ elements: 1008, tile: false });
  });

  it('takes adjacent operations on rows together', () => {
    const configuration = modelConfigurationSchema.parse({
      model: 'standard',
      sequenceLength: 16,
      blocks: 1,
    });
    const kinds = groupOperations(lowerInference(configuration)).map(({ tiled, operations }) =>
      tiled ? operations.map(({ kind }) => kind).join(' ') : operations[0].kind,
    );
    expect(kinds).toEqual([
      'embedding layerNorm linear',
      'attention',
      'linear layerNorm linear gelu linear',
      'mean',
      'linear',
    ]);
  });
});
