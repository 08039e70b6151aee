/**
 * The library in a browser.
 *
 * ```ts
 * import { MemoryStore, train } from 'elastic-fourier';
 *
 * const classifier = await train({ data: [{ text: 'Win a free cruise now!', label: 'spam' }, …] });
 * await classifier.predict('A patch for the list'); // [{ label: 'ham', score: 0.98 }, { label: 'spam', score: 0.02 }]
 * ```
 *
 * @module
 */
import { Classifier, type LoadOptions, type Place } from './classifier/classifier.js';

export { train } from './classifier/train.js';
export * from './index.js';

/** Opens a saved model from a store of files. Throws InputError on one that is damaged, foreign or of another version. */
export const load = (place: Place, options?: LoadOptions): Promise<Classifier> =>
  Classifier.load(place, options);
