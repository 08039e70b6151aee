/** Examples as rows of few numbers, and the products of all rows with each other. */
import type { EncodedDataset } from '../../data/encoded.js';

export interface SparseRows {
  /** `offsets[i] … offsets[i + 1]`: the numbers of row i. */
  readonly offsets: Int32Array;
  /** Columns, from 0. */
  readonly columns: Int32Array;
  readonly values: Float32Array;
  /** Columns there are. */
  readonly width: number;
}

export const countOf = ({ offsets }: SparseRows): number => offsets.length - 1;

/** The features `first + 1 … first + size` of each sequence, their weights scaled to `1 / length` of what they are. */
export function sparseRowsOf(
  { tokens, offsets, labels, weights }: EncodedDataset,
  { first, size, length }: Readonly<Record<'first' | 'size' | 'length', number>>,
): SparseRows {
  const own = (token: number): boolean => token > first && token <= first + size;
  const ends = new Int32Array(labels.length + 1);
  for (let i = 0; i < labels.length; i++) {
    let count = 0;
    // A weight of 0 stands where there was nothing.
    for (let t = offsets[i]; t < offsets[i + 1]; t++) if (own(tokens[t]) && weights![t] !== 0) count++;
    ends[i + 1] = ends[i] + count;
  }
  const columns = new Int32Array(ends[labels.length]);
  const values = new Float32Array(ends[labels.length]);
  for (let i = 0, at = 0; i < labels.length; i++) {
    for (let t = offsets[i]; t < offsets[i + 1]; t++) {
      if (!own(tokens[t]) || weights![t] === 0) continue;
      columns[at] = tokens[t] - first - 1;
      values[at++] = weights![t] / length;
    }
  }
  return { offsets: ends, columns, values, width: size };
}

/** How many rows have each column. */
export function rowsHaving({ columns, width }: SparseRows): Int32Array {
  const having = new Int32Array(width);
  for (const column of columns) having[column]++;
  return having;
}

/**
 * Each row as if it were a new one. Of columns that `least` rows must have to be kept, it would not know those that are
 * kept because of it; what it knows has the length that all of it had.
 */
export function asNewRows(rows: SparseRows, least: number): SparseRows {
  const { offsets, columns, values } = rows;
  const having = rowsHaving(rows);
  const own = values.slice();
  for (let i = 0; i < countOf(rows); i++) {
    let [all, known] = [0, 0];
    for (let t = offsets[i]; t < offsets[i + 1]; t++) {
      all += values[t] ** 2;
      if (having[columns[t]] > least) known += values[t] ** 2;
    }
    const factor = known === 0 ? 0 : Math.sqrt(all / known);
    for (let t = offsets[i]; t < offsets[i + 1]; t++) own[t] *= having[columns[t]] > least ? factor : 0;
  }
  return { ...rows, values: own };
}

/** Where each column's rows begin, in a list of the rows column by column. */
function columnStarts(rows: SparseRows): Int32Array {
  const starts = new Int32Array(rows.width + 1);
  rowsHaving(rows).forEach((count, c) => {
    starts[c + 1] = starts[c] + count;
  });
  return starts;
}

/** Products of each row of `a` with each of `b`, [rows of a, rows of b], of the same columns. */
export function crossProductsOf(a: SparseRows, b: SparseRows): Float64Array {
  const count = countOf(b);
  const starts = columnStarts(b);
  const having = new Int32Array(b.columns.length);
  const numbers = new Float32Array(b.columns.length);
  const ends = starts.slice(0, b.width);
  for (let i = 0; i < count; i++) {
    for (let t = b.offsets[i]; t < b.offsets[i + 1]; t++) {
      const at = ends[b.columns[t]]++;
      having[at] = i;
      numbers[at] = b.values[t];
    }
  }
  const products = new Float64Array(countOf(a) * count);
  for (let i = 0; i < countOf(a); i++) {
    const own = products.subarray(i * count, (i + 1) * count);
    for (let t = a.offsets[i]; t < a.offsets[i + 1]; t++) {
      const [column, value] = [a.columns[t], a.values[t]];
      if (value === 0) continue;
      for (let h = starts[column]; h < starts[column + 1]; h++) own[having[h]] += value * numbers[h];
    }
  }
  return products;
}

/** Row by row, through the columns: only what two rows have in common costs anything. */
export function productsOf(rows: SparseRows): Float64Array {
  const { offsets, columns, values, width } = rows;
  const count = countOf(rows);
  const starts = columnStarts(rows);
  /** Of each column the rows before the one at hand that have it, and their numbers. */
  const having = new Int32Array(columns.length);
  const numbers = new Float32Array(columns.length);
  const ends = starts.slice(0, width);
  const products = new Float64Array(count * count);
  const sums = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    for (let t = offsets[i]; t < offsets[i + 1]; t++) {
      const [column, value] = [columns[t], values[t]];
      having[ends[column]] = i;
      numbers[ends[column]++] = value;
      for (let h = starts[column]; h < ends[column]; h++) sums[having[h]] += value * numbers[h];
    }
    for (let j = 0; j <= i; j++) {
      products[i * count + j] = sums[j];
      products[j * count + i] = sums[j];
      sums[j] = 0;
    }
  }
  return products;
}
