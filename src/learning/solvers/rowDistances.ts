/** Squared distances of all rows of one matrix to all of another, in float64. */

/** |a − b|² for each row of A and of B: [rows of A, rows of B]; exactly 0 of a row to itself. */
export function rowDistances(A: Float32Array, B: Float32Array, width: number): Float64Array {
  const [a, b] = [Float64Array.from(A), A === B ? undefined : Float64Array.from(B)];
  const others = b ?? a;
  const [height, count] = [A.length / width, B.length / width];
  const [own, theirs] = [squaresOf(a, width), squaresOf(others, width)];
  const result = new Float64Array(height * count);
  for (let i = 0; i < height; i++) {
    const end = b === undefined ? i + 1 : count;
    let j = 0;
    // Four rows at a time: each number read serves four sums.
    for (; j + 4 <= end; j += 4) {
      let [s0, s1, s2, s3] = [0, 0, 0, 0];
      const first = i * width;
      const [b0, b1, b2, b3] = [j * width, (j + 1) * width, (j + 2) * width, (j + 3) * width];
      for (let f = 0; f < width; f++) {
        const value = a[first + f];
        s0 += value * others[b0 + f];
        s1 += value * others[b1 + f];
        s2 += value * others[b2 + f];
        s3 += value * others[b3 + f];
      }
      const at = i * count + j;
      result[at] = s0;
      result[at + 1] = s1;
      result[at + 2] = s2;
      result[at + 3] = s3;
    }
    for (; j < end; j++) {
      let sum = 0;
      for (let f = 0; f < width; f++) sum += a[i * width + f] * others[j * width + f];
      result[i * count + j] = sum;
    }
    for (j = 0; j < end; j++) {
      const at = i * count + j;
      result[at] = Math.max(0, own[i] + theirs[j] - 2 * result[at]);
    }
    if (b !== undefined) continue;
    result[i * count + i] = 0;
    for (j = 0; j < i; j++) result[j * count + i] = result[i * count + j];
  }
  return result;
}

function squaresOf(rows: Float64Array, width: number): Float64Array {
  const squares = new Float64Array(rows.length / width);
  for (let at = 0; at < rows.length; at++) squares[Math.floor(at / width)] += rows[at] ** 2;
  return squares;
}
