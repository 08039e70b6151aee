/** How much an example of each class counts in training. */

/**
 * N / (classes · examples of the class): every class counts alike, and examples 1 on average. Classes without examples
 * are no classes here.
 */
export function balancedWeights(labels: Int32Array, classes: number): Float32Array {
  const counts = new Float64Array(classes);
  for (const label of labels) counts[label]++;
  const present = counts.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0);
  return Float32Array.from(counts, (count) => (count === 0 ? 1 : labels.length / (present * count)));
}
