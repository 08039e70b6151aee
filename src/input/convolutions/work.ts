/** What computes features of random convolutions, as one part that is loaded when a model has use for it. */
export { convolutionModule, loadConvolutions } from './kernels.js';
export { Together } from './together.js';
export { Transform } from './transform.js';
