/** What the wasm engine knows of every operation: one line a family. */
import type { OperationKind } from '../../../program/operations/index.js';
import type { WasmOperation } from '../bindings.js';
import { activation } from './activation.js';
import { attention } from './attention.js';
import { columns } from './columns.js';
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

const BY_KIND = {
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
} satisfies Readonly<Record<OperationKind, WasmOperation>>;

export const WASM_OPERATIONS: Readonly<Record<OperationKind, WasmOperation>> = BY_KIND;
