/** The families: one line each, and which of them the program uses where nobody names one. */
import { bagFamily } from './bag.js';
import { elasticFamily } from './elastic.js';
import { elasticFourierFamily } from './elasticFourier.js';
import type { CommonConfiguration, Family } from './family.js';
import { linearFamily } from './linear.js';
import { rocketFamily } from './rocket.js';
import { spectrumFamily } from './spectrum.js';
import { standardFamily } from './standard.js';

export const FAMILIES = {
  'elastic-fourier': elasticFourierFamily,
  standard: standardFamily,
  bag: bagFamily,
  elastic: elasticFamily,
  linear: linearFamily,
  rocket: rocketFamily,
  spectrum: spectrumFamily,
} as const satisfies Readonly<Record<string, Family>>;

/** @useDeclaredType */
export type ModelName = keyof typeof FAMILIES;

export const MODEL_NAMES = Object.keys(FAMILIES) as ModelName[];

type ByInput = Readonly<Record<'text' | 'signal', readonly ModelName[]>>;

/** What is recommended, and trained where no model is named: on the command line, by the library, on the page. */
export const DEFAULT_MODEL: ModelName = 'elastic';

/** What `--model auto` chooses from: the quickest baseline, and the model that may be worth more. */
export const AUTO_CANDIDATES: ByInput = { text: ['linear', 'elastic'], signal: ['rocket', 'elastic'] };

/** What `eft compare` compares: the paper's two models, what is recommended, and the quick baseline. */
export const COMPARED_MODELS: ByInput = {
  text: ['elastic-fourier', 'standard', 'elastic', 'linear'],
  signal: ['elastic', 'elastic-fourier', 'standard', 'rocket'],
};

/** The quickest model worth having: a linear one, or a closed form. */
export const QUICK_MODEL = { text: 'linear', signal: 'rocket' } as const satisfies Record<string, ModelName>;

/** The two models of the founding paper: what `eft bench` and `eft params` measure. */
export const PAPER_MODELS: readonly ModelName[] = ['elastic-fourier', 'standard'];

/** The family of the linear path beside a deep one. */
export const LINEAR_PATH = 'linear' satisfies ModelName;

export function familyOf({ model }: Pick<CommonConfiguration, 'model'>): Family {
  return FAMILIES[model as ModelName];
}

/** The models that have a capability. */
export function modelsWith(capability: keyof Family['capabilities']): ModelName[] {
  return MODEL_NAMES.filter((model) => familyOf({ model }).capabilities[capability] !== undefined);
}
