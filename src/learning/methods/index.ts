/** The registry of training methods: one line each. */
import type { MethodName } from '../../model/families/family.js';
import { fused } from './fused.js';
import { gradient } from './gradient.js';
import { linear } from './linear.js';
import type { Method } from './method.js';
import { ridge } from './ridge.js';

export const METHODS: Readonly<Record<MethodName, Method>> = { gradient, linear, fused, ridge };
