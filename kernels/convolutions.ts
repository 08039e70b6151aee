// A module of its own, for encoders (src/input/convolutions/): features of random convolutions.
export { miniRocketAnswers, miniRocketShares, miniRocketSums } from './miniRocket';
export { hydraCounts } from './hydra';

/** Where the module's own constants end. */
export function heapBase(): usize {
  return __heap_base;
}
