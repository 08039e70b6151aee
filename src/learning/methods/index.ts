/** The registry of training methods: one line each. A training loads the one that it needs. */
import type { MethodName } from '../../model/families/family.js';
import type { Method } from './method.js';

export const METHODS: Readonly<Record<MethodName, () => Promise<Method>>> = {
  gradient: async () => (await import('./gradient.js')).gradient,
  linear: async () => (await import('./linear.js')).linear,
  fused: async () => (await import('./fused.js')).fused,
  kernel: async () => (await import('./kernel.js')).kernel,
  ridge: async () => (await import('./ridge.js')).ridge,
};
