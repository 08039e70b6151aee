/**
 * Adam (Kingma & Ba 2015) on a table of which each step touches few rows, in time that goes by the rows touched: what
 * the steps without gradient would have done to a row is made up for when the row is next needed. With m ← β₁ m,
 * v ← β₂ v and no ε, such a step s moves a weight by a(s) m / √v and m / √v itself by the factor q = β₁ / √β₂, so a
 * stretch of them is one sum, known beforehand from the schedule. The same as dense Adam but for rounding.
 */

export interface LazyAdamOptions {
  readonly rows: number;
  readonly columns: number;
  /** Learning rate of each step. */
  readonly rates: Float64Array;
  readonly beta1: number;
  readonly beta2: number;
}

const powers = (base: number, count: number): Float64Array => {
  const values = new Float64Array(count + 1);
  values[0] = 1;
  for (let i = 1; i <= count; i++) values[i] = values[i - 1] * base;
  return values;
};

export class LazyAdam {
  /** [rows, columns]; a row is up to date only after `catchUp`. */
  readonly weights: Float32Array;
  readonly m: Float32Array;
  readonly v: Float32Array;
  /** Step up to which each row is up to date: float32, to be kept with the others; whole numbers up to 2²⁴. */
  readonly last: Float32Array;
  readonly #columns: number;
  readonly #beta1: number;
  readonly #beta2: number;
  /** a(s) = rate · √(1 − β₂ˢ) / (1 − β₁ˢ), from s = 1. */
  readonly #sizes: Float64Array;
  /** What a row moves by from step s on if nothing touches it again: Σ a(s + i) qⁱ, i ≥ 1, in units of m / √v. */
  readonly #tails: Float64Array;
  readonly #powers: { readonly beta1: Float64Array; readonly beta2: Float64Array; readonly q: Float64Array };

  constructor({ rows, columns, rates, beta1, beta2 }: LazyAdamOptions) {
    const steps = rates.length;
    const q = beta1 / Math.sqrt(beta2);
    this.weights = new Float32Array(rows * columns);
    this.m = new Float32Array(rows * columns);
    this.v = new Float32Array(rows * columns);
    this.last = new Float32Array(rows);
    this.#columns = columns;
    this.#beta1 = beta1;
    this.#beta2 = beta2;
    this.#powers = { beta1: powers(beta1, steps), beta2: powers(beta2, steps), q: powers(q, steps) };
    this.#sizes = new Float64Array(steps + 1);
    for (let s = 1; s <= steps; s++) {
      this.#sizes[s] = (rates[s - 1] * Math.sqrt(1 - this.#powers.beta2[s])) / (1 - this.#powers.beta1[s]);
    }
    this.#tails = new Float64Array(steps + 1);
    for (let s = steps - 1; s >= 0; s--) this.#tails[s] = q * (this.#sizes[s + 1] + this.#tails[s + 1]);
  }

  /** Brings a row to where dense Adam has it after `step` steps. */
  catchUp(row: number, step: number): void {
    const from = this.last[row];
    if (from >= step) return;
    this.last[row] = step;
    if (from === 0) return;
    const { weights, m, v } = this;
    const steps = step - from;
    const move = this.#tails[from] - this.#powers.q[steps] * this.#tails[step];
    const [decay1, decay2] = [this.#powers.beta1[steps], this.#powers.beta2[steps]];
    const end = (row + 1) * this.#columns;
    for (let i = row * this.#columns; i < end; i++) {
      if (v[i] === 0) continue;
      weights[i] -= (move * m[i]) / Math.sqrt(v[i]);
      m[i] *= decay1;
      v[i] *= decay2;
    }
  }

  catchUpAll(step: number): void {
    for (let row = 0; row < this.last.length; row++) this.catchUp(row, step);
  }

  /** Step `step` (from 1) of a row that is up to date with the step before; clears its gradient. */
  update(row: number, step: number, gradient: Float32Array): void {
    const { weights, m, v } = this;
    const size = this.#sizes[step];
    const [beta1, beta2] = [this.#beta1, this.#beta2];
    const end = (row + 1) * this.#columns;
    for (let i = row * this.#columns; i < end; i++) {
      const g = gradient[i];
      gradient[i] = 0;
      m[i] = beta1 * m[i] + (1 - beta1) * g;
      v[i] = beta2 * v[i] + (1 - beta2) * g * g;
      if (v[i] !== 0) weights[i] -= (size * m[i]) / Math.sqrt(v[i]);
    }
    this.last[row] = step;
  }
}
