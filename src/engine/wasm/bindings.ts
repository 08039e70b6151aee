/** What this engine has to know of an operation, and how one is bound to its kernel and to addresses. */
import type { Operands, Tensor, TensorId } from '../../program/tensor.js';
import type { Kernels } from './kernels.js';

/** What the calls read about the sequence at hand; changed between sequences. */
export interface Situation {
  /** Real tokens of the sequence. */
  tokens: number;
  /** Address of its token ids. */
  ids: number;
  /** Address of its weights; 0 where no operation reads them. */
  weights: number;
  /** Address of its frames; 0 where no operation reads them. */
  frames: number;
  label: number;
  /** By which its loss counts. */
  lossWeight: number;
  /** A second class, and its share of the target. */
  mixedLabel: number;
  mixedShare: number;
  /** Address of what its labels should be, and of how much each counts; 0 where no operation reads them. */
  targets: number;
  targetWeights: number;
  /** 1 / batch size. */
  scale: number;
  /** Address of the shard's gradients. */
  gradients: number;
  // Keys of dropout.
  seed: number;
  step: number;
  sequence: number;
}

/** Address of row r of a tensor: base + r · stride (+ the shard's gradients). */
export interface Address {
  readonly base: number;
  readonly stride: number;
}

/** For operands that are not there: the kernels take address 0 for none. */
export const NOWHERE: Address = { base: 0, stride: 0 };

/** How the matrix kernels take a weight: in panels of 8 columns of Wᵀ (`transposed`) or of W (`plain`). */
export type PackedForm = 'transposed' | 'plain';

/** Numbers that kernels read beside their operands, the same for all workers and all steps: written once a session. */
export interface Table {
  /** The same name is the same table, whichever operation asks for it. */
  readonly name: string;
  readonly bytes: number;
  write(memory: ArrayBufferLike, at: number): void;
}

/** The program around an operation. */
export interface ProgramContext {
  readonly sequenceLength: number;
  tensor(id: TensorId): Tensor;
}

export interface BindingContext extends ProgramContext {
  readonly kernels: Kernels;
  readonly situation: Situation;
  /** This worker's scratch. */
  readonly scratch: number;
  /** False for an output that no operation of the program takes. */
  isRead(id: TensorId): boolean;
  /** For activations and parameters; for gradients the offset within a shard's gradients. */
  place(id: TensorId): Address;
  /** Address of a packed copy of a weight. */
  packed(form: PackedForm, weight: TensorId): number;
  /** Address of a table. */
  table(name: string): number;
}

/** Runs an operation on rows row … row + rows − 1 of one sequence. */
export type Call = (row: number, rows: number) => void;

export interface WasmOperation {
  bind(operation: Operands, context: BindingContext): Call;
  /** Bytes of scratch that its kernel needs in each worker. */
  scratchBytes?(operation: Operands, around: ProgramContext): number;
  /** Reads the sequence's weights. */
  readonly weights?: true;
  /** How many targets of the sequence it reads. */
  targets?(inputs: Operands['inputs'], around: ProgramContext): number;
  /** Numbers of a row that it reads of the sequence's frames. */
  frameWidth?(operation: Operands): number;
  /** Its input that the kernel takes packed; repacked after every update. */
  readonly packed?: { readonly form: PackedForm; readonly input: string };
  /** The table that its kernel reads. */
  table?(operation: Operands, around: ProgramContext): Table;
  /** Elements of its opaque outputs. */
  readonly opaque?: Readonly<Record<string, (operation: Operands, around: ProgramContext) => number>>;
}

/** Operations that belong together, by kind. */
export type WasmFamily = Readonly<Record<string, WasmOperation>>;
