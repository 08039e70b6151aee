/**
 * The vocabulary: one line a family. Every operation's facts stand in its family's file: inputs, shapes, FLOPs, whether
 * its rows are independent, and how its backward operations follow from it. Engines implement exactly these kinds.
 */
import { ProgramError } from '../tensor.js';
import { activation } from './activation.js';
import { attention } from './attention.js';
import { columns } from './columns.js';
import type { Definition, Gradients } from './definition.js';
import { depthwise } from './depthwise.js';
import { dropout } from './dropout.js';
import { elementwise } from './elementwise.js';
import { embedding } from './embedding.js';
import { filterBank } from './filterBank.js';
import { frames } from './frames.js';
import { gate } from './gate.js';
import { linear } from './linear.js';
import { longConvolution } from './longConvolution.js';
import { loss } from './loss.js';
import { mixer } from './mixer.js';
import { norm } from './norm.js';
import { pooling } from './pooling.js';
import { rowLoss } from './rowLoss.js';
import { wave } from './wave.js';

export const OPERATIONS = {
  ...activation,
  ...attention,
  ...columns,
  ...depthwise,
  ...dropout,
  ...embedding,
  ...filterBank,
  ...frames,
  ...gate,
  ...linear,
  ...longConvolution,
  ...loss,
  ...mixer,
  ...norm,
  ...pooling,
  ...rowLoss,
  ...elementwise,
  ...wave,
} satisfies Readonly<Record<string, Definition>>;

type Operations = typeof OPERATIONS;

export type OperationKind = keyof Operations;

/** The kinds that a rule adds, as the type of its first argument names them. */
type Added<Rule> = Rule extends (gradients: Gradients<infer Kind>, operation: never) => void ? Kind : never;

type AddedBy<D> = D extends { backward: infer Rule; recompute: { emit: infer Again } }
  ? Added<Rule> | Added<Again>
  : D extends { backward: infer Rule }
    ? Added<Rule>
    : never;

/** Every kind that some rule adds. An error here: a rule adds an operation that does not exist. */
type Registered<Kind extends OperationKind> = Kind;
export type BackwardKind = Registered<AddedBy<Operations[OperationKind]>>;

/** Throws ProgramError if there is no such operation. */
export function definitionOf(kind: OperationKind): Definition {
  if (!Object.hasOwn(OPERATIONS, kind)) throw new ProgramError(`internal: no operation '${kind}'`);
  return OPERATIONS[kind];
}
