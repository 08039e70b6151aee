/**
 * Vectors of words from the texts alone: positive pointwise mutual information of words that stand near one another
 * (Levy & Goldberg 2014), brought to few dimensions by a truncated singular value decomposition (randomised subspace
 * iteration: Halko, Martinsson & Tropp 2011).
 */
import type { Sequences } from '../../data/encoded.js';
import { RandomStream } from '../../random.js';

export interface WordVectorOptions {
  /** Ids `first` … `last` are words, the most frequent first. */
  readonly first: number;
  readonly last: number;
  readonly dimensions: number;
  readonly seed: number;
}

/** Words on each side that count as near, with weight 1 / distance. */
const WINDOW = 5;

/** Power of the context words' shares: rare ones count as if they were less rare. */
const CONTEXT_POWER = 0.75;

/** Rows of the matrix; rarer words say too little of one another. */
const MOST_WORDS = 20_000;

const ITERATIONS = 2;
/** Columns beyond the wanted ones, for accuracy. */
const SPARE = 16;

/** Rows of a sparse matrix one after the other. */
interface Sparse {
  readonly starts: Float64Array;
  readonly columns: Uint16Array;
  readonly values: Float32Array;
}

/** [last − first + 1, dimensions], of mean square 1 over the words that have neighbours; of the others 0. */
export function wordVectors(data: Sequences, options: WordVectorOptions): Float32Array {
  const { first, last, dimensions, seed } = options;
  const vectors = new Float32Array((last - first + 1) * dimensions);
  const words = Math.min(MOST_WORDS, last - first + 1);
  const matrix = mutualInformation(data, first, words);
  const columns = Math.min(words, dimensions + SPARE);
  const random = new RandomStream(seed, 'initialise', 0, 0xffff);
  let basis = Float32Array.from({ length: words * columns }, () => random.nextNormal());
  orthonormalise(basis, columns);
  for (let i = 0; i < ITERATIONS; i++) {
    basis = product(matrix, basis, columns, false);
    orthonormalise(basis, columns);
  }
  // M ≈ Q (Qᵀ M): the left singular vectors are Q times the eigenvectors of (Qᵀ M)(Qᵀ M)ᵀ.
  const projected = product(matrix, basis, columns, true);
  const { values, vectors: turns } = eigen(gram(projected, columns), columns);
  const order = Array.from(values.keys()).sort((a, b) => values[b] - values[a]);
  let [square, known] = [0, 0];
  for (let w = 0; w < words; w++) {
    if (matrix.starts[w + 1] > matrix.starts[w]) known++;
    for (let k = 0; k < Math.min(columns, dimensions); k++) {
      const column = order[k];
      let sum = 0;
      for (let c = 0; c < columns; c++) sum += basis[w * columns + c] * turns[c * columns + column];
      // √σ, the values being σ².
      const value = sum * Math.max(0, values[column]) ** 0.25;
      vectors[w * dimensions + k] = value;
      square += value * value;
    }
  }
  const scale = square === 0 ? 0 : Math.sqrt((known * dimensions) / square);
  return vectors.map((value) => scale * value);
}

/** max(0, ln(p(w, c) / (p(w) p'(c)))) of the first `words` words, p' being the shares to a power. */
function mutualInformation({ tokens, offsets }: Sequences, first: number, words: number): Sparse {
  const wordAt = (t: number): number => {
    const word = tokens[t] - first;
    return word < words ? word : -1;
  };
  /** What every word has of neighbours, and where it stands. */
  const sums = new Float64Array(words);
  const ends = new Int32Array(words + 1);
  const count = offsets.length - 1;
  eachNeighbour(count, offsets, (t, other, weight) => {
    const [word, near] = [wordAt(t), wordAt(other)];
    if (word >= 0 && near >= 0) sums[word] += weight;
  });
  for (let t = 0; t < tokens.length; t++) if (wordAt(t) >= 0) ends[wordAt(t) + 1]++;
  for (let w = 0; w < words; w++) ends[w + 1] += ends[w];
  const places = new Int32Array(ends[words]);
  const next = ends.slice(0, words);
  const texts = new Int32Array(tokens.length);
  for (let i = 0; i < count; i++) texts.fill(i, offsets[i], offsets[i + 1]);
  for (let t = 0; t < tokens.length; t++) if (wordAt(t) >= 0) places[next[wordAt(t)]++] = t;
  const contexts = sums.map((sum) => sum ** CONTEXT_POWER);
  const total = contexts.reduce((sum, value) => sum + value, 0);

  const starts = new Float64Array(words + 1);
  let [columns, values] = [new Uint16Array(1 << 16), new Float32Array(1 << 16)];
  let filled = 0;
  const near = new Float32Array(words);
  const touched = new Int32Array(words);
  for (let w = 0; w < words; w++) {
    let seen = 0;
    for (let p = ends[w]; p < ends[w + 1]; p++) {
      const t = places[p];
      const begin = Math.max(offsets[texts[t]], t - WINDOW);
      const end = Math.min(offsets[texts[t] + 1] - 1, t + WINDOW);
      for (let other = begin; other <= end; other++) {
        const context = wordAt(other);
        if (other === t || context < 0) continue;
        if (near[context] === 0) touched[seen++] = context;
        near[context] += 1 / Math.abs(other - t);
      }
    }
    if (filled + seen > columns.length) {
      const room = 2 * (filled + seen);
      const [more, moreValues] = [new Uint16Array(room), new Float32Array(room)];
      more.set(columns);
      moreValues.set(values);
      [columns, values] = [more, moreValues];
    }
    for (let i = 0; i < seen; i++) {
      const context = touched[i];
      const value = Math.log((near[context] * total) / (sums[w] * contexts[context]));
      near[context] = 0;
      if (value <= 0) continue;
      columns[filled] = context;
      values[filled++] = value;
    }
    starts[w + 1] = filled;
  }
  return { starts, columns, values };
}

function eachNeighbour(
  texts: number,
  offsets: ArrayLike<number>,
  visit: (token: number, other: number, weight: number) => void,
): void {
  for (let i = 0; i < texts; i++) {
    for (let t = offsets[i]; t < offsets[i + 1]; t++) {
      const end = Math.min(offsets[i + 1] - 1, t + WINDOW);
      for (let other = t + 1; other <= end; other++) {
        visit(t, other, 1 / (other - t));
        visit(other, t, 1 / (other - t));
      }
    }
  }
}

/** M X, or Mᵀ X. */
function product(
  { starts, columns, values }: Sparse,
  x: Float32Array,
  width: number,
  transposed: boolean,
): Float32Array<ArrayBuffer> {
  const y = new Float32Array(x.length);
  for (let row = 0; row < starts.length - 1; row++) {
    for (let i = starts[row]; i < starts[row + 1]; i++) {
      const [from, to] = transposed ? [row, columns[i]] : [columns[i], row];
      const [value, read, write] = [values[i], from * width, to * width];
      for (let c = 0; c < width; c++) y[write + c] += value * x[read + c];
    }
  }
  return y;
}

/** Columns made orthonormal in place, one after the other, twice: once is not exact enough in float32. */
function orthonormalise(x: Float32Array, width: number): void {
  for (let c = 0; c < width; c++) {
    for (let pass = 0; pass < 2; pass++) {
      const shares = new Float64Array(c);
      for (let at = 0; at < x.length; at += width) {
        for (let k = 0; k < c; k++) shares[k] += x[at + k] * x[at + c];
      }
      let square = 0;
      for (let at = 0; at < x.length; at += width) {
        let value = x[at + c];
        for (let k = 0; k < c; k++) value -= shares[k] * x[at + k];
        x[at + c] = value;
        square += value * value;
      }
      // A column that depends on the others is left out.
      const scale = square > 1e-20 ? 1 / Math.sqrt(square) : 0;
      for (let at = c; at < x.length; at += width) x[at] *= scale;
    }
  }
}

/** Xᵀ X. */
function gram(x: Float32Array, width: number): Float64Array {
  const products = new Float64Array(width * width);
  for (let at = 0; at < x.length; at += width) {
    for (let a = 0; a < width; a++) {
      for (let b = 0; b < width; b++) products[a * width + b] += x[at + a] * x[at + b];
    }
  }
  return products;
}

const SWEEPS = 30;

/** Eigenvalues of a symmetric matrix, and their vectors as columns, by Jacobi's rotations. */
function eigen(matrix: Float64Array, width: number): { values: Float64Array; vectors: Float64Array } {
  const a = matrix.slice();
  const vectors = new Float64Array(width * width);
  for (let i = 0; i < width; i++) vectors[i * width + i] = 1;
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let off = 0;
    let all = 0;
    for (let i = 0; i < a.length; i++) {
      all += a[i] * a[i];
      if (Math.floor(i / width) !== i % width) off += a[i] * a[i];
    }
    if (off <= 1e-24 * all) break;
    for (let p = 0; p < width; p++) {
      for (let q = p + 1; q < width; q++) rotate(a, vectors, width, p, q);
    }
  }
  return { values: Float64Array.from({ length: width }, (_, i) => a[i * width + i]), vectors };
}

/** The rotation of two coordinates that makes a[p, q] zero. */
function rotate(a: Float64Array, vectors: Float64Array, width: number, p: number, q: number): void {
  const off = a[p * width + q];
  if (off === 0) return;
  const slope = (a[q * width + q] - a[p * width + p]) / (2 * off);
  const tangent = (slope >= 0 ? 1 : -1) / (Math.abs(slope) + Math.hypot(slope, 1));
  const cosine = 1 / Math.hypot(tangent, 1);
  const sine = tangent * cosine;
  const turn = (values: Float64Array, i: number, j: number): void => {
    const [x, y] = [values[i], values[j]];
    values[i] = cosine * x - sine * y;
    values[j] = sine * x + cosine * y;
  };
  for (let k = 0; k < width; k++) turn(a, k * width + p, k * width + q);
  for (let k = 0; k < width; k++) turn(a, p * width + k, q * width + k);
  for (let k = 0; k < width; k++) turn(vectors, k * width + p, k * width + q);
}
