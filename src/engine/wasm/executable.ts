/** A planned program bound to addresses and kernels: runs one sequence, tile by tile where rows are independent. */
import { definitionOf } from '../../program/operations/index.js';
import type { Operation, Program, Rows, Tensor } from '../../program/program.js';
import type { BindingContext, Call, Situation } from './bindings.js';
import type { Kernels } from './kernels.js';
import { type Layout, type PlannedProgram, readTensors, TILE_ROWS } from './layout.js';
import { WASM_OPERATIONS } from './operations/index.js';

interface BoundGroup {
  readonly tiled: boolean;
  /** Rows of an untiled operation: those of the sequence, or a fixed number (the head's one row). */
  readonly rows: Rows;
  readonly calls: readonly Call[];
}

/** Milliseconds by kind of operation. */
export type ProfileTimes = Map<string, number>;

/** Operations that run once a step, in their order. */
export type Chain = () => void;

export interface Executable {
  /** What runs before the sequences; chains may run side by side. */
  readonly before: readonly Chain[];
  /** Runs the program for the sequence that the situation describes. */
  run(): void;
  /** What runs on the summed gradients. */
  readonly after: readonly Chain[];
  readonly logits: number;
  /** Address of the loss; undefined for a program without one. */
  readonly loss: number | undefined;
}

/** What the programs of one worker have in common. */
export interface Binding {
  readonly layout: Layout;
  /** Address of the worker's private memory. */
  readonly base: number;
  readonly kernels: Kernels;
  /** Of the sequence at hand. */
  readonly situation: Situation;
  /** Of what runs once a step: without tokens, its gradients those of the batch. */
  readonly once: Situation;
  readonly profile?: ProfileTimes | undefined;
}

export function bindProgram({ program, plan }: PlannedProgram, binding: Binding): Executable {
  const { layout, base, kernels, profile } = binding;
  const read = readTensors(program);
  /** Address of a gradient, or its offset within a shard's gradients where `first` is 0. */
  const gradientOf = ({ id, parameter }: Tensor, first: number): number => {
    const offset =
      parameter === undefined
        ? layout.parameterElements + plan.once.gradients.get(id)!
        : layout.parameterOffsets.get(parameter)!;
    return first + 4 * offset;
  };
  const contextOf = (situation: Situation, gradients: number): BindingContext => ({
    kernels,
    situation,
    sequenceLength: program.sequenceLength,
    scratch: base + layout.scratch,
    tensor: (id) => program.tensors[id],
    isRead: (id) => read.has(id),
    place(id) {
      const tensor = program.tensors[id];
      const stride = 4 * tensor.columns;
      switch (tensor.role) {
        case 'activation': {
          const { offset, tile } = plan.placements.get(id)!;
          return { base: base + layout.workspace + 4 * offset, stride: tile ? 0 : stride };
        }
        case 'derived':
          return { base: layout.derived + 4 * plan.once.derived.get(id)!, stride };
        case 'gradient':
          return { base: gradientOf(tensor, gradients), stride };
        case 'parameter':
          return { base: layout.parameters + 4 * layout.parameterOffsets.get(tensor.parameter!)!, stride };
      }
    },
    packed(form, weight) {
      const name = program.tensors[weight].parameter;
      return layout.packed.find((entry) => entry.parameter === name && entry.form === form)!.at;
    },
    table: (name) => layout.tables.get(name)!,
  });
  const context = contextOf(binding.situation, 0);
  const onceContext = contextOf(binding.once, layout.gradients);
  const bind = (operation: Operation, context: BindingContext): Call => {
    const call = WASM_OPERATIONS[operation.kind].bind(operation, context);
    return profile === undefined ? call : timed(operation.kind, call, profile);
  };
  const groups: BoundGroup[] = plan.groups.map(({ tiled, operations }) => ({
    tiled,
    rows: rowsOf(program, operations[0]),
    calls: operations.map((operation) => bind(operation, context)),
  }));
  const chain = (operations: readonly Operation[]): Chain => {
    const calls = operations.map((operation) => {
      const [first] = Object.values(operation.inputs);
      const call = bind(operation, onceContext);
      return () => call(0, program.tensors[first].rows as number);
    });
    return () => {
      for (const call of calls) call();
    };
  };
  return {
    before: plan.once.before.map(chain),
    after: plan.once.after.map(chain),
    logits: context.place(program.logits).base,
    loss: program.loss === undefined ? undefined : context.place(program.loss).base,
    run() {
      const { tokens } = binding.situation;
      for (const { tiled, rows: fixed, calls } of groups) {
        if (!tiled) for (const call of calls) call(0, fixed === 'tokens' ? tokens : fixed);
        else {
          for (let row = 0; row < tokens; row += TILE_ROWS) {
            const rows = Math.min(TILE_ROWS, tokens - row);
            for (const call of calls) call(row, rows);
          }
        }
      }
    },
  };
}

/** An operation on whole sequences takes their tokens; a row-wise one that is not tiled has its own number of rows. */
function rowsOf(program: Program, { kind, inputs }: Operation): Rows {
  if (!definitionOf(kind).rowwise) return 'tokens';
  const activations = Object.values(inputs).map((id) => program.tensors[id]);
  return activations.find(({ role }) => role === 'activation')?.rows ?? 'tokens';
}

function timed(kind: string, call: Call, profile: ProfileTimes): Call {
  return (row, rows) => {
    const start = performance.now();
    call(row, rows);
    profile.set(kind, (profile.get(kind) ?? 0) + performance.now() - start);
  };
}
