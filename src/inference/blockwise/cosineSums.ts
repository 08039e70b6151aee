/**
 * Cosine modes of the position, of rows whose number is not known before the last: Σ_t cos(π k (t + ½) / L) x[t]. What
 * the cosines are hangs on L, so the rows are kept as moments of bins, whose widths double when there are too many:
 * within a bin every mode is all but a polynomial of third degree.
 */

/** Bins a mode: within one, the highest mode turns by less than π / 64, and what is left out is below 10⁻⁶ of a row. */
const BINS_A_MODE = 64;

/** Σ uᵐ x, m = 0 … 3, of u in ±1 over the bin. */
const MOMENTS = 4;

export class CosineSums {
  readonly #columns: number;
  readonly #modes: number;
  /** An even number. */
  readonly #bins: number;
  /** [bins, MOMENTS, columns] */
  #moments: Float64Array;
  /** Rows of a bin, a power of two. */
  #width = 1;
  #rows = 0;

  constructor(columns: number, modes: number) {
    this.#columns = columns;
    this.#modes = modes;
    this.#bins = BINS_A_MODE * Math.max(1, modes);
    this.#moments = new Float64Array(this.#bins * MOMENTS * columns);
  }

  copy(): CosineSums {
    const copy = new CosineSums(this.#columns, this.#modes);
    copy.#moments = this.#moments.slice();
    copy.#width = this.#width;
    copy.#rows = this.#rows;
    return copy;
  }

  /** The next row: `columns` numbers of `values` from `at` on. */
  add(values: ArrayLike<number>, at: number): void {
    if (this.#rows === this.#bins * this.#width) this.#halve();
    const [columns, width, moments] = [this.#columns, this.#width, this.#moments];
    const bin = Math.floor(this.#rows / width);
    const u = (2 * (this.#rows + 0.5)) / width - (2 * bin + 1);
    const [square, cube] = [u * u, u * u * u];
    const m0 = bin * MOMENTS * columns;
    const [m1, m2, m3] = [m0 + columns, m0 + 2 * columns, m0 + 3 * columns];
    for (let c = 0; c < columns; c++) {
      const x = values[at + c];
      moments[m0 + c] += x;
      moments[m1 + c] += u * x;
      moments[m2 + c] += square * x;
      moments[m3 + c] += cube * x;
    }
    this.#rows++;
  }

  /** 1/L Σ_t cos(π k (t + ½) / L) x[t], [modes, columns], of the L rows so far: what the operation `cosinePool` gives. */
  means(): Float64Array {
    const [columns, width, moments, rows] = [this.#columns, this.#width, this.#moments, this.#rows];
    const means = new Float64Array(this.#modes * columns);
    const used = Math.ceil(rows / width);
    for (let k = 0; k < this.#modes; k++) {
      const turn = (Math.PI * k) / rows;
      const delta = (turn * width) / 2;
      for (let bin = 0; bin < used; bin++) {
        const angle = turn * (bin + 0.5) * width;
        const [cosine, sine] = [Math.cos(angle) / rows, Math.sin(angle) / rows];
        const at = bin * MOMENTS * columns;
        for (let c = 0; c < columns; c++) {
          const even = moments[at + c] - (delta ** 2 / 2) * moments[at + 2 * columns + c];
          const odd = delta * moments[at + columns + c] - (delta ** 3 / 6) * moments[at + 3 * columns + c];
          means[k * columns + c] += cosine * even - sine * odd;
        }
      }
    }
    return means;
  }

  /** Two bins become one: u = (v − 1) / 2 of the left one's v, (v + 1) / 2 of the right one's. */
  #halve(): void {
    const [columns, moments] = [this.#columns, this.#moments];
    const size = MOMENTS * columns;
    const halved = new Float64Array(moments.length);
    for (let bin = 0; bin < this.#bins / 2; bin++) {
      for (let c = 0; c < columns; c++) {
        const at = 2 * bin * size + c;
        for (const [from, s] of [
          [at, -1],
          [at + size, 1],
        ]) {
          const m0 = moments[from];
          const m1 = moments[from + columns];
          const m2 = moments[from + 2 * columns];
          const m3 = moments[from + 3 * columns];
          const to = bin * size + c;
          halved[to] += m0;
          halved[to + columns] += (m1 + s * m0) / 2;
          halved[to + 2 * columns] += (m2 + 2 * s * m1 + m0) / 4;
          halved[to + 3 * columns] += (m3 + 3 * s * m2 + 3 * m1 + s * m0) / 8;
        }
      }
    }
    this.#moments = halved;
    this.#width *= 2;
  }
}
