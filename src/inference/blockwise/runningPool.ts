/** What a family's pooling makes of rows that come one after the other; memory does not grow with their number. */
import type { RowPooling } from '../../model/families/capabilities.js';
import { geluOf } from '../../program/gelu.js';
import { CosineSums } from './cosineSums.js';

export class RunningPool {
  readonly #pooling: RowPooling;
  readonly #cosines: CosineSums | undefined;
  readonly #largest: Float64Array;

  constructor(pooling: RowPooling, cosines?: CosineSums, largest?: Float64Array) {
    const { modes, columns } = pooling;
    this.#pooling = pooling;
    this.#cosines = modes === 0 ? undefined : (cosines ?? new CosineSums(columns, modes));
    this.#largest = largest ?? new Float64Array(pooling.largest.columns).fill(Number.NEGATIVE_INFINITY);
  }

  copy(): RunningPool {
    return new RunningPool(this.#pooling, this.#cosines?.copy(), this.#largest.slice());
  }

  /** Takes rows from … to − 1 of `values`, [rows, width]. */
  add(values: ArrayLike<number>, width: number, from: number, to: number): void {
    const { first, columns } = this.#pooling.largest;
    const largest = this.#largest;
    for (let row = from; row < to; row++) {
      this.#cosines?.add(values, row * width);
      const at = row * width + first;
      for (let c = 0; c < columns; c++) {
        const value = values[at + c];
        // What is no number shall stay: it says that the weights are damaged.
        if (!(value <= largest[c])) largest[c] = value;
      }
    }
  }

  /** The row that the model's last layer takes. */
  pooled(): Float64Array {
    const cosines = this.#cosines?.means() ?? new Float64Array();
    const largest = this.#pooling.gelu ? this.#largest.map(geluOf) : this.#largest;
    const row = new Float64Array(cosines.length + largest.length);
    row.set(cosines);
    row.set(largest, cosines.length);
    return row;
  }
}
