/** The registry of model families: one line each. */
import { bag } from './bag.js';
import { elastic } from './elastic.js';
import { elasticFourier } from './elasticFourier.js';
import type { CommonConfiguration, Family } from './family.js';
import { linear } from './linear.js';
import { rocket } from './rocket.js';
import { standard } from './standard.js';

export const FAMILIES = {
  'elastic-fourier': elasticFourier,
  standard,
  bag,
  elastic,
  linear,
  rocket,
} as const satisfies Readonly<Record<string, Family>>;

/** @useDeclaredType */
export type ModelName = keyof typeof FAMILIES;

export const MODEL_NAMES = Object.keys(FAMILIES) as ModelName[];

export function familyOf({ model }: Pick<CommonConfiguration, 'model'>): Family {
  return FAMILIES[model as ModelName];
}
