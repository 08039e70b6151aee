/**
 * Plans a program: which operations are taken together in tiles of rows, and where each activation lies in one
 * workspace; what is computed once a step lies outside it. Tensors whose lives do not meet share memory; a tensor that lives within one group needs room for
 * one tile only, and so stays in the first-level cache.
 */
import { definitionOf } from './operations/index.js';
import type { Operation, Program, Tensor, TensorId } from './program.js';
import { independentChains, programStages } from './stages.js';

export interface Group {
  /** Taken tile by tile, all operations on one tile before the next; otherwise one operation on whole tensors. */
  readonly tiled: boolean;
  readonly operations: readonly Operation[];
}

export interface Placement {
  /** In elements from the start of the workspace. */
  readonly offset: number;
  readonly elements: number;
  /** Rows of one tile only. */
  readonly tile: boolean;
}

export interface Plan {
  readonly groups: readonly Group[];
  readonly placements: ReadonlyMap<TensorId, Placement>;
  /** Size of the workspace. */
  readonly elements: number;
  readonly tileRows: number;
  readonly once: OncePlan;
}

/** What is computed once a step, for all sequences. */
export interface OncePlan {
  /** Chains that may run side by side, before the sequences and after them. */
  readonly before: readonly (readonly Operation[])[];
  readonly after: readonly (readonly Operation[])[];
  /** Offsets of derived tensors in one region. */
  readonly derived: ReadonlyMap<TensorId, number>;
  readonly derivedElements: number;
  /** Offsets of the gradients of derived tensors in another: sequences add to them. */
  readonly gradients: ReadonlyMap<TensorId, number>;
  readonly gradientElements: number;
}

/** 64 bytes of float32: tensors start on cache lines. */
const ALIGNMENT = 16;

function isTiled(program: Program, operation: Operation): boolean {
  if (!definitionOf(operation.kind).rowwise) return false;
  const ids = [...Object.values(operation.inputs), ...Object.values(operation.outputs)];
  return ids.some((id) => program.tensors[id].rows === 'tokens');
}

export function groupOperations(program: Program): Group[] {
  const groups: { tiled: boolean; operations: Operation[] }[] = [];
  for (const operation of programStages(program).sequence) {
    const tiled = isTiled(program, operation);
    const last = groups.at(-1);
    if (tiled && last?.tiled) last.operations.push(operation);
    else groups.push({ tiled, operations: [operation] });
  }
  return groups;
}

/** First and last group that touches each activation. */
function lifetimes(
  program: Program,
  groups: readonly Group[],
): Map<TensorId, { first: number; last: number }> {
  const lives = new Map<TensorId, { first: number; last: number }>();
  const touch = (id: TensorId, group: number): void => {
    if (program.tensors[id].role !== 'activation') return;
    const life = lives.get(id);
    if (life === undefined) lives.set(id, { first: group, last: group });
    else life.last = Math.max(life.last, group);
  };
  groups.forEach((group, index) => {
    for (const { inputs, outputs } of group.operations) {
      for (const id of Object.values(inputs)) touch(id, index);
      for (const id of Object.values(outputs)) touch(id, index);
    }
  });
  // What the engine reads after the program has ended.
  for (const id of [program.logits, program.loss]) if (id !== undefined) touch(id, groups.length);
  return lives;
}

/** What a plan takes from the engine that it is for. */
export interface PlanOptions {
  /** Rows of a tile. */
  readonly tileRows: number;
  /** Room for an opaque output of an operation, in elements. */
  opaqueElements(operation: Operation, output: string): number;
}

/** Elements of each opaque tensor, as the operation that writes it wants them. */
function opaqueSizes(program: Program, { opaqueElements }: PlanOptions): Map<TensorId, number> {
  const sizes = new Map<TensorId, number>();
  for (const operation of program.operations) {
    for (const [key, id] of Object.entries(operation.outputs)) {
      const { opaque, role } = program.tensors[id];
      if (opaque && role !== 'gradient') sizes.set(id, opaqueElements(operation, key));
    }
  }
  return sizes;
}

const aligned = (elements: number): number => Math.ceil(elements / ALIGNMENT) * ALIGNMENT;

/** Tensors that operations take or yield. */
const touchedBy = (operations: readonly Operation[]): ReadonlySet<TensorId> =>
  new Set(operations.flatMap(({ inputs, outputs }) => [...Object.values(inputs), ...Object.values(outputs)]));

/** Tensors that the stage before the sequences alone needs share memory with those of the stage after them. */
function planOnce(program: Program, sizes: ReadonlyMap<TensorId, number>): OncePlan {
  const { before, sequence, after } = programStages(program);
  const [early, middle, late] = [before, sequence, after].map(touchedBy);
  const sizeOf = ({ id, rows, columns }: Tensor): number =>
    aligned(sizes.get(id) ?? (rows as number) * columns);
  /** Places tensors one after the other from `first` on; returns where they end. */
  const line = (places: Map<TensorId, number>, tensors: readonly Tensor[], first: number): number =>
    tensors.reduce((next, tensor) => {
      places.set(tensor.id, next);
      return next + sizeOf(tensor.derived === undefined ? tensor : program.tensors[tensor.derived]);
    }, first);
  const once = program.tensors.filter(({ role }) => role === 'derived');
  const isKept = ({ id }: Tensor): boolean => middle.has(id) || (early.has(id) && late.has(id));
  const passing = once.filter((tensor) => !isKept(tensor));
  const derived = new Map<TensorId, number>();
  const kept = line(derived, once.filter(isKept), 0);
  const ends = [early, late].map((stage) =>
    line(
      derived,
      passing.filter(({ id }) => stage.has(id)),
      kept,
    ),
  );
  const gradients = new Map<TensorId, number>();
  const summed = program.tensors.filter((tensor) => tensor.derived !== undefined);
  return {
    before: independentChains(before, program),
    after: independentChains(after, program),
    derived,
    derivedElements: Math.max(...ends),
    gradients,
    gradientElements: line(gradients, summed, 0),
  };
}

export function planProgram(program: Program, options: PlanOptions): Plan {
  const { tileRows } = options;
  const sizes = opaqueSizes(program, options);
  const groups = groupOperations(program);
  const lives = lifetimes(program, groups);
  const placements = new Map<TensorId, Placement>();
  const placed: { offset: number; elements: number; first: number; last: number }[] = [];
  let total = 0;
  const wanted = [...lives].map(([id, life]) => {
    const { rows, columns, opaque } = program.tensors[id];
    // An operation that is not tiled writes whole tensors, even those that nothing reads.
    const tile = rows === 'tokens' && !opaque && life.first === life.last && groups[life.first].tiled;
    const rowsHeld =
      rows !== 'tokens' ? rows : tile ? Math.min(tileRows, program.sequenceLength) : program.sequenceLength;
    const needed = opaque ? sizes.get(id)! : rowsHeld * columns;
    return { id, ...life, tile, elements: aligned(needed) };
  });
  // Largest first, each at the lowest place that is free for its whole life: close to the least total in practice.
  wanted.sort((a, b) => b.elements - a.elements || a.first - b.first || a.id - b.id);
  for (const { id, first, last, tile, elements } of wanted) {
    let offset = 0;
    for (const other of placed) {
      if (other.last < first || other.first > last) continue;
      if (other.offset >= offset + elements) break;
      offset = Math.max(offset, other.offset + other.elements);
    }
    placements.set(id, { offset, elements, tile });
    const place = placed.findIndex((other) => other.offset > offset);
    placed.splice(place < 0 ? placed.length : place, 0, { offset, elements, first, last });
    total = Math.max(total, offset + elements);
  }
  return { groups, placements, elements: total, tileRows, once: planOnce(program, sizes) };
}
