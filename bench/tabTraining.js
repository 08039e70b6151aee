/** One training, timed: the same file runs in a tab's worker and in Node (tab.js bundles it for the former). */
import { train } from 'elastic-fourier';

/** Words of a made-up language: which come more often says the class. */
function textsOf(count, words, seed) {
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return Array.from({ length: count }, (_, i) => {
    const label = i % 2;
    const text = Array.from({ length: words }, () => {
      const word = Math.floor(5000 * random() ** 2);
      return `w${random() < 0.1 ? 5000 + label : word}`;
    });
    return { text: text.join(' '), label: String(label) };
  });
}

/**
 * Seconds of the epochs behind the first, in which the engine warms up.
 * @param {{ model: any, sequenceLength: number, texts: number, threads: number, epochs: number }} options
 * @returns {Promise<number[]>}
 */
export async function timedEpochs({ model, sequenceLength, texts, threads, epochs }) {
  const data = textsOf(texts, sequenceLength, 1);
  const validation = textsOf(32, sequenceLength, 2);
  const classifier = await train({ data, validation, model, sequenceLength, threads, epochs, seed: 1 });
  const seconds = classifier.history.slice(1).map((record) => record.seconds);
  await classifier.dispose();
  return seconds;
}
