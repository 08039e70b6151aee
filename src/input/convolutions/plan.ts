/** What features of random convolutions are made with, and how many they are. */
import { type Hydra, hydraFeatures } from './hydra.js';
import { MINIROCKET_FEATURES, type MiniRocket } from './miniRocket.js';

/** Plain data, for any thread. */
export interface FeaturePlan {
  /** Of the signals. */
  readonly channels: number;
  readonly miniRocket: MiniRocket;
  readonly hydra?: Hydra | undefined;
}

export const featuresOf = ({ hydra }: FeaturePlan): number =>
  MINIROCKET_FEATURES + (hydra === undefined ? 0 : hydraFeatures(hydra.dilations.length));
