/** The real Fourier transform of n numbers and its inverse as matrices, row-major float32. */

/** [2 bins, n]: real parts of bins 0 … ⌊n/2⌋ of x, then imaginary parts. */
export function transformMatrix(n) {
  const bins = Math.floor(n / 2) + 1;
  const matrix = new Float32Array(2 * bins * n);
  for (let k = 0; k < bins; k++) {
    for (let t = 0; t < n; t++) {
      const angle = (2 * Math.PI * ((k * t) % n)) / n;
      matrix[k * n + t] = Math.cos(angle);
      matrix[(bins + k) * n + t] = isReal(k, n) ? 0 : -Math.sin(angle);
    }
  }
  return matrix;
}

/** [n, 2 bins]: back from such a spectrum. The imaginary parts of bin 0 and, for even n, of bin n/2 are ignored. */
export function inverseMatrix(n) {
  const bins = Math.floor(n / 2) + 1;
  const matrix = new Float32Array(n * 2 * bins);
  for (let t = 0; t < n; t++) {
    for (let k = 0; k < bins; k++) {
      const angle = (2 * Math.PI * ((k * t) % n)) / n;
      const share = (isReal(k, n) ? 1 : 2) / n;
      matrix[t * 2 * bins + k] = share * Math.cos(angle);
      matrix[t * 2 * bins + bins + k] = isReal(k, n) ? 0 : -share * Math.sin(angle);
    }
  }
  return matrix;
}

/** True for bins that are real whatever the input. */
const isReal = (bin, n) => bin === 0 || 2 * bin === n;
