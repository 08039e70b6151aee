/** A planned program bound to addresses and kernels: runs one sequence, tile by tile where rows are independent. */
import { definitionOf } from '../../program/operations/index.js';
import type { Operation, Program, Rows } from '../../program/program.js';
import type { BindingContext, Call, Situation } from './bindings.js';
import type { Kernels } from './kernels.js';
import { type Layout, type PlannedProgram, TILE_ROWS } from './layout.js';
import { WASM_OPERATIONS } from './operations/index.js';

interface BoundGroup {
  readonly tiled: boolean;
  /** Rows of an untiled operation: those of the sequence, or a fixed number (the head's one row). */
  readonly rows: Rows;
  readonly calls: readonly Call[];
}

/** Milliseconds by kind of operation. */
export type Profile = Map<string, number>;

export interface Executable {
  /** Runs the program for the sequence that the situation describes. */
  run(): void;
  readonly logits: number;
  /** Address of the loss; undefined for a program without one. */
  readonly loss: number | undefined;
}

/** @param base address of the worker's private memory */
export function bindProgram(
  { program, plan }: PlannedProgram,
  layout: Layout,
  base: number,
  kernels: Kernels,
  situation: Situation,
  profile?: Profile,
): Executable {
  const read = new Set(program.operations.flatMap(({ inputs }) => Object.values(inputs)));
  const context: BindingContext = {
    kernels,
    situation,
    sequenceLength: program.sequenceLength,
    scratch: base + layout.scratch,
    tensor: (id) => program.tensors[id],
    isRead: (id) => read.has(id),
    place(id) {
      const tensor = program.tensors[id];
      const stride = 4 * tensor.columns;
      if (tensor.role === 'activation') {
        const { offset, tile } = plan.placements.get(id)!;
        return { base: base + layout.workspace + 4 * offset, stride: tile ? 0 : stride };
      }
      const offset = 4 * layout.parameterOffsets.get(tensor.parameter!)!;
      return { base: tensor.role === 'parameter' ? layout.parameters + offset : offset, stride };
    },
    packed(form, weight) {
      const name = program.tensors[weight].parameter;
      return layout.packed.find((entry) => entry.parameter === name && entry.form === form)!.at;
    },
    table: (name) => layout.tables.get(name)!,
  };
  const bind = (operation: Operation): Call => {
    const call = WASM_OPERATIONS[operation.kind].bind(operation, context);
    return profile === undefined ? call : timed(operation.kind, call, profile);
  };
  const groups: BoundGroup[] = plan.groups.map(({ tiled, operations }) => ({
    tiled,
    rows: rowsOf(program, operations[0]),
    calls: operations.map(bind),
  }));
  return {
    logits: context.place(program.logits).base,
    loss: program.loss === undefined ? undefined : context.place(program.loss).base,
    run() {
      const { tokens } = situation;
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

function timed(kind: string, call: Call, profile: Profile): Call {
  return (row, rows) => {
    const start = performance.now();
    call(row, rows);
    profile.set(kind, (profile.get(kind) ?? 0) + performance.now() - start);
  };
}
