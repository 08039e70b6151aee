/** Where everything lies in the one memory of a session, all planned before it is allocated. Plain data. */
import { type Plan, planProgram } from '../../program/planner.js';
import {
  elementCount,
  type Operation,
  type Program,
  ProgramError,
  type TensorId,
} from '../../program/program.js';
import type { PackedForm, ProgramContext, Table, WasmOperation } from './bindings.js';
import { CONTROL_BYTES } from './control.js';
import { FIRST_FREE_BYTE } from './kernels.js';
import { WASM_OPERATIONS } from './operations/index.js';

/**
 * A batch is cut into at most this many shards whatever the number of threads; each sums its own gradients, and the
 * shards are added in order: the same bits for any number of threads. Also the most threads that help.
 */
export const SHARDS = 8;

/** Parameters are reduced and updated in chunks of this many. */
export const CHUNK = 16384;

/**
 * Rows of a tile: with hidden 128 the feed-forward's two buffers take 2 × 36 KiB. A multiple of the 6 rows of the
 * matrix micro-kernel.
 */
export const TILE_ROWS = 72;

const LINE = 64;

/** A WebAssembly memory has at most 65,536 pages of 64 KiB. */
export const PAGE = 65_536;
export const MOST_PAGES = 65_536;

export interface PackedWeight {
  readonly parameter: string;
  readonly form: PackedForm;
  readonly outputs: number;
  readonly inputs: number;
  /** Byte address of the packed copy. */
  readonly at: number;
}

export interface PlannedProgram {
  readonly program: Program;
  readonly plan: Plan;
}

export interface Layout {
  readonly training: boolean;
  readonly threads: number;
  readonly maxBatch: number;
  readonly classes: number;
  /** The forward program gives a row a token, of `classes` numbers. */
  readonly givesRows: boolean;
  /** Forward program, and for training also forward + backward. */
  readonly forward: PlannedProgram;
  readonly backward?: PlannedProgram;
  // Byte addresses.
  readonly control: number;
  readonly tokens: number;
  /** f32 a token; 0: no operation reads them. */
  readonly weights: number;
  /** f32[frameWidth] a token; 0: no operation reads them. */
  readonly frames: number;
  readonly frameWidth: number;
  readonly offsets: number;
  readonly labels: number;
  /** f32 a sequence, by which its loss counts in training. */
  readonly lossWeights: number;
  /** i32 a sequence: a second class, and f32: its share of the target in training. */
  readonly mixedLabels: number;
  readonly mixedShares: number;
  /** f32[targetWidth] a sequence, and as many weights; 0: no operation reads them. */
  readonly targets: number;
  readonly targetWeights: number;
  readonly targetWidth: number;
  /** i32[SHARDS + 1] starts, then i32[maxBatch] sequences in shard order. */
  readonly shards: number;
  readonly losses: number;
  readonly logits: number;
  readonly parameters: number;
  readonly m: number;
  readonly v: number;
  /** SHARDS arrays of `gradientElements`; the first ends as the batch's gradient. */
  readonly gradients: number;
  /** What follows from parameters alone, of the program that ran last. */
  readonly derived: number;
  /** f64 a chunk: Σ gradient². */
  readonly norms: number;
  /** Tables that kernels read, by name. */
  readonly tables: ReadonlyMap<string, number>;
  readonly packed: readonly PackedWeight[];
  /** First worker's private memory; each has `privateBytes`. */
  readonly privates: number;
  readonly privateBytes: number;
  /** Within a worker's private memory. */
  readonly workspace: number;
  readonly scratch: number;
  // Sizes.
  readonly parameterElements: number;
  /** Parameters, and behind them what sequences add up for derived tensors. */
  readonly gradientElements: number;
  /** Element offset of each parameter in the flat vector. */
  readonly parameterOffsets: ReadonlyMap<string, number>;
  readonly bytes: number;
}

const align = (bytes: number): number => Math.ceil(bytes / LINE) * LINE;

const contextOf = (program: Program): ProgramContext => ({
  sequenceLength: program.sequenceLength,
  tensor: (id) => program.tensors[id],
});

/** Calls `visit` with every operation of the programs and what this engine knows of it. */
function eachOperation(
  programs: readonly Program[],
  visit: (operation: Operation, known: WasmOperation, around: ProgramContext) => void,
): void {
  for (const program of programs) {
    const around = contextOf(program);
    for (const operation of program.operations) visit(operation, WASM_OPERATIONS[operation.kind], around);
  }
}

function packedForms(programs: readonly Program[]): Map<string, Omit<PackedWeight, 'at'>> {
  const forms = new Map<string, Omit<PackedWeight, 'at'>>();
  eachOperation(programs, ({ inputs }, { packed }, { tensor }) => {
    if (packed === undefined) return;
    const { form, input } = packed;
    const { name, parameter, rows, columns } = tensor(inputs[input]);
    if (parameter === undefined) throw new ProgramError(`internal: '${name}' is no parameter to be packed`);
    forms.set(`${form} ${parameter}`, {
      parameter,
      form,
      outputs: rows as number,
      inputs: columns,
    });
  });
  return forms;
}

/** Every table that some operation reads, once. */
function tablesOf(programs: readonly Program[]): Map<string, Table> {
  const tables = new Map<string, Table>();
  eachOperation(programs, (operation, known, around) => {
    const table = known.table?.(operation, around);
    if (table !== undefined) tables.set(table.name, table);
  });
  return tables;
}

/** Writes the tables into a session's memory, before anything runs. */
export function writeTables({ forward, backward, tables }: Layout, memory: ArrayBufferLike): void {
  const programs = [forward, ...(backward === undefined ? [] : [backward])].map(({ program }) => program);
  for (const [name, table] of tablesOf(programs)) table.write(memory, tables.get(name)!);
}

function readsWeights(programs: readonly Program[]): boolean {
  let found = false;
  eachOperation(programs, (_, { weights }) => {
    found ||= weights === true;
  });
  return found;
}

/** Numbers of a row that the programs read of the frames; 0: none. */
function frameWidthOf(programs: readonly Program[]): number {
  const widths = new Set<number>();
  eachOperation(programs, (operation, { frameWidth }) => {
    if (frameWidth !== undefined) widths.add(frameWidth(operation));
  });
  if (widths.size > 1) throw new ProgramError('internal: frames of several widths in one program');
  return [...widths][0] ?? 0;
}

/** Targets of a sequence that the programs read; 0: none. */
function targetWidthOf(programs: readonly Program[]): number {
  let width = 0;
  eachOperation(programs, ({ inputs }, known, around) => {
    width = Math.max(width, known.targets?.(inputs, around) ?? 0);
  });
  return width;
}

/** Bytes of scratch that the programs' hungriest kernel needs in each worker. */
function scratchBytes(programs: readonly Program[]): number {
  let most = 0;
  eachOperation(programs, (operation, known, around) => {
    most = Math.max(most, known.scratchBytes?.(operation, around) ?? 0);
  });
  return most;
}

/** Tensors that some operation takes. */
export function readTensors({ operations }: Program): ReadonlySet<TensorId> {
  return new Set(operations.flatMap(({ inputs }) => Object.values(inputs)));
}

function planned(program: Program): PlannedProgram {
  const around = contextOf(program);
  const read = readTensors(program);
  const opaqueElements = (operation: Operation, output: string): number => {
    if (!read.has(operation.outputs[output])) return 0;
    const size = WASM_OPERATIONS[operation.kind].opaque?.[output];
    if (size === undefined) {
      throw new ProgramError(`internal: the wasm engine gives ${operation.kind}.${output} no size`);
    }
    return size(operation, around);
  };
  return { program, plan: planProgram(program, { tileRows: TILE_ROWS, opaqueElements }) };
}

export function planLayout(
  forward: Program,
  backward: Program | undefined,
  { threads, maxBatch }: { threads: number; maxBatch: number },
): Layout {
  const programs = backward === undefined ? [forward] : [forward, backward];
  const training = backward !== undefined;
  const n = forward.sequenceLength;
  const { rows, columns: classes } = forward.tensors[forward.logits];
  const givesRows = rows === 'tokens';

  const parameterOffsets = new Map<string, number>();
  let parameterElements = 0;
  for (const { name, shape } of forward.parameters) {
    parameterOffsets.set(name, parameterElements);
    parameterElements += align(4 * elementCount(shape)) / 4;
  }

  const plans = programs.map(planned);
  const derivedElements = Math.max(...plans.map(({ plan }) => plan.once.derivedElements));
  const gradientElements =
    parameterElements + Math.max(...plans.map(({ plan }) => plan.once.gradientElements));

  let next = FIRST_FREE_BYTE;
  const take = (bytes: number): number => {
    const at = next;
    next += align(bytes);
    return at;
  };
  const control = take(CONTROL_BYTES);
  const tokens = take(4 * maxBatch * n);
  const weights = readsWeights(programs) ? take(4 * maxBatch * n) : 0;
  const frameWidth = frameWidthOf(programs);
  const frames = frameWidth === 0 ? 0 : take(4 * maxBatch * n * frameWidth);
  const offsets = take(4 * (maxBatch + 1));
  const labels = take(4 * maxBatch);
  const lossWeights = training ? take(4 * maxBatch) : 0;
  const mixedLabels = training ? take(4 * maxBatch) : 0;
  const mixedShares = training ? take(4 * maxBatch) : 0;
  const targetWidth = targetWidthOf(programs);
  const targets = targetWidth === 0 ? 0 : take(4 * maxBatch * targetWidth);
  const targetWeights = targetWidth === 0 ? 0 : take(4 * maxBatch * targetWidth);
  const shards = take(4 * (SHARDS + 1 + maxBatch));
  const losses = take(4 * maxBatch);
  const logits = take(4 * maxBatch * classes * (givesRows ? n : 1));
  const parameters = take(4 * parameterElements);
  const shardCount = Math.min(SHARDS, maxBatch);
  const m = training ? take(4 * parameterElements) : 0;
  const v = training ? take(4 * parameterElements) : 0;
  const gradients = training ? take(4 * gradientElements * shardCount) : 0;
  const norms = training ? take(8 * Math.ceil(parameterElements / CHUNK)) : 0;
  const derived = take(4 * derivedElements);
  const tables = new Map(Array.from(tablesOf(programs), ([name, { bytes }]) => [name, take(bytes)]));
  const packed = [...packedForms(programs).values()].map((weight) => {
    const [panels, depth] =
      weight.form === 'transposed' ? [weight.outputs, weight.inputs] : [weight.inputs, weight.outputs];
    return { ...weight, at: take(32 * Math.ceil(panels / 8) * depth) };
  });
  const workspaceBytes = align(4 * Math.max(...plans.map(({ plan }) => plan.elements)));
  const privateBytes = workspaceBytes + align(scratchBytes(programs));
  const privates = take(privateBytes * threads);
  return {
    training,
    threads,
    maxBatch,
    classes,
    givesRows,
    forward: plans[0],
    ...(training ? { backward: plans[1] } : {}),
    control,
    tokens,
    weights,
    frames,
    frameWidth,
    offsets,
    labels,
    lossWeights,
    mixedLabels,
    mixedShares,
    targets,
    targetWeights,
    targetWidth,
    shards,
    losses,
    logits,
    parameters,
    m,
    v,
    gradients,
    norms,
    derived,
    tables,
    packed,
    privates,
    privateBytes,
    workspace: 0,
    scratch: workspaceBytes,
    parameterElements,
    gradientElements,
    parameterOffsets,
    bytes: next,
  };
}

/**
 * For as many threads as there is work and room for: each needs memory of its own, and the result does not depend on
 * their number.
 */
export function fittingLayout(
  forward: Program,
  backward: Program | undefined,
  { threads, maxBatch }: { threads: number; maxBatch: number },
): Layout {
  // Nothing but a sequence at a time is done forwards; a training step has more to share out.
  const most = backward === undefined ? Math.min(threads, maxBatch) : threads;
  const layout = planLayout(forward, backward, { threads: most, maxBatch });
  const beyond = layout.bytes - PAGE * MOST_PAGES;
  if (beyond <= 0) return layout;
  const fewer = most - Math.ceil(beyond / layout.privateBytes);
  return fewer < 1 ? layout : planLayout(forward, backward, { threads: fewer, maxBatch });
}
