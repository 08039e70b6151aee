/**
 * One plain function for every operation of the vocabulary: together they define what the operations mean. A family's
 * file exports nothing but its operations.
 */
import type { OperationKind } from '../../../program/operations/index.js';
import type { ReferenceOperation } from '../operands.js';
import * as activation from './activation.js';
import * as attention from './attention.js';
import * as columns from './columns.js';
import * as depthwise from './depthwise.js';
import * as dropout from './dropout.js';
import * as elementwise from './elementwise.js';
import * as embedding from './embedding.js';
import * as filterBank from './filterBank.js';
import * as frames from './frames.js';
import * as gate from './gate.js';
import * as linear from './linear.js';
import * as longConvolution from './longConvolution.js';
import * as loss from './loss.js';
import * as mixer from './mixer.js';
import * as norm from './norm.js';
import * as pooling from './pooling.js';
import * as rowLoss from './rowLoss.js';
import * as wave from './wave.js';

export const RUNS = {
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
} satisfies Readonly<Record<OperationKind, ReferenceOperation>>;
