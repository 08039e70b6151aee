/** Where everything lies in the one memory of a session, all planned before it is allocated. Plain data. */
import { type Plan, planProgram } from '../../program/planner.js';
import { elementCount, type Program } from '../../program/program.js';
import { attentionWorkBytes } from './attentionWork.js';
import { CONTROL_BYTES } from './control.js';
import { FIRST_FREE_BYTE } from './kernels.js';
import { transformPlanBytes, transformWorkBytes } from './transform.js';

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

export interface PackedWeight {
  readonly parameter: string;
  readonly form: 'transposed' | 'plain';
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
  /** Forward program, and for training also forward + backward. */
  readonly forward: PlannedProgram;
  readonly backward?: PlannedProgram;
  // Byte addresses.
  readonly control: number;
  readonly tokens: number;
  readonly offsets: number;
  readonly labels: number;
  /** i32[SHARDS + 1] starts, then i32[maxBatch] sequences in shard order. */
  readonly shards: number;
  readonly losses: number;
  readonly logits: number;
  readonly parameters: number;
  readonly m: number;
  readonly v: number;
  /** SHARDS arrays of `parameterElements`; the first ends as the batch's gradient. */
  readonly gradients: number;
  /** f64 a chunk: Σ gradient². */
  readonly norms: number;
  /** 0: no spectral mixer. */
  readonly transformPlan: number;
  readonly packed: readonly PackedWeight[];
  /** First worker's private memory; each has `privateBytes`. */
  readonly privates: number;
  readonly privateBytes: number;
  /** Within a worker's private memory. */
  readonly workspace: number;
  readonly scratch: number;
  // Sizes.
  readonly parameterElements: number;
  /** Element offset of each parameter in the flat vector. */
  readonly parameterOffsets: ReadonlyMap<string, number>;
  readonly bytes: number;
}

const align = (bytes: number): number => Math.ceil(bytes / LINE) * LINE;

function packedForms(programs: readonly Program[]): Map<string, Omit<PackedWeight, 'at'>> {
  const forms = new Map<string, Omit<PackedWeight, 'at'>>();
  for (const program of programs) {
    for (const { kind, inputs } of program.operations) {
      if (kind !== 'linear' && kind !== 'linearInputGradient') continue;
      const form = kind === 'linear' ? 'transposed' : 'plain';
      const weight = program.tensors[inputs.weight];
      forms.set(`${form} ${weight.parameter}`, {
        parameter: weight.parameter!,
        form,
        outputs: weight.rows as number,
        inputs: weight.columns,
      });
    }
  }
  return forms;
}

/** Bytes of scratch that the program's hungriest kernel needs in each worker. */
function scratchBytes(program: Program): number {
  let most = 0;
  for (const { kind, inputs, attributes } of program.operations) {
    const columns = (key: string): number => program.tensors[inputs[key]].columns;
    if (kind === 'spectralMixer')
      most = Math.max(most, transformWorkBytes(program.sequenceLength, columns('x')));
    if (kind === 'spectralMixerBackward') {
      most = Math.max(most, transformWorkBytes(program.sequenceLength, columns('dy')));
    }
    if (kind === 'attention' || kind === 'attentionBackward') {
      const bytes = attentionWorkBytes(program.sequenceLength, columns('qkv') / 3, attributes.heads);
      most = Math.max(most, bytes);
    }
    if (kind === 'mean') most = Math.max(most, 8 * columns('x'));
  }
  return most;
}

export function planLayout(
  forward: Program,
  backward: Program | undefined,
  { threads, maxBatch }: { threads: number; maxBatch: number },
): Layout {
  const programs = backward === undefined ? [forward] : [forward, backward];
  const training = backward !== undefined;
  const n = forward.sequenceLength;
  const classes = forward.tensors[forward.logits].columns;

  const parameterOffsets = new Map<string, number>();
  let parameterElements = 0;
  for (const { name, shape } of forward.parameters) {
    parameterOffsets.set(name, parameterElements);
    parameterElements += align(4 * elementCount(shape)) / 4;
  }

  let next = FIRST_FREE_BYTE;
  const take = (bytes: number): number => {
    const at = next;
    next += align(bytes);
    return at;
  };
  const control = take(CONTROL_BYTES);
  const tokens = take(4 * maxBatch * n);
  const offsets = take(4 * (maxBatch + 1));
  const labels = take(4 * maxBatch);
  const shards = take(4 * (SHARDS + 1 + maxBatch));
  const losses = take(4 * maxBatch);
  const logits = take(4 * maxBatch * classes);
  const parameters = take(4 * parameterElements);
  const shardCount = Math.min(SHARDS, maxBatch);
  const m = training ? take(4 * parameterElements) : 0;
  const v = training ? take(4 * parameterElements) : 0;
  const gradients = training ? take(4 * parameterElements * shardCount) : 0;
  const norms = training ? take(8 * Math.ceil(parameterElements / CHUNK)) : 0;
  const mixes = programs.some((p) => p.operations.some(({ kind }) => kind === 'spectralMixer'));
  const transformPlan = mixes ? take(transformPlanBytes(n)) : 0;
  const packed = [...packedForms(programs).values()].map((weight) => {
    const [panels, depth] =
      weight.form === 'transposed' ? [weight.outputs, weight.inputs] : [weight.inputs, weight.outputs];
    return { ...weight, at: take(32 * Math.ceil(panels / 8) * depth) };
  });
  const planned = programs.map((program) => ({ program, plan: planProgram(program, TILE_ROWS) }));
  const workspaceBytes = align(4 * Math.max(...planned.map(({ plan }) => plan.elements)));
  const privateBytes = workspaceBytes + align(Math.max(...programs.map(scratchBytes)));
  const privates = take(privateBytes * threads);
  return {
    training,
    threads,
    maxBatch,
    classes,
    forward: planned[0],
    ...(training ? { backward: planned[1] } : {}),
    control,
    tokens,
    offsets,
    labels,
    shards,
    losses,
    logits,
    parameters,
    m,
    v,
    gradients,
    norms,
    transformPlan,
    packed,
    privates,
    privateBytes,
    workspace: 0,
    scratch: workspaceBytes,
    parameterElements,
    parameterOffsets,
    bytes: next,
  };
}
