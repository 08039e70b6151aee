// Token and position embedding and its backward. ids: i32, one a row; row 0 of the token table is zero: padding, which
// never occurs here, and what word dropout may put in a word's place. position may be 0: no positions. Pointers of ids, y and positions are those of the first row at hand.
import { add, copy } from './elementwise';

/** y[t] = token[ids[t]] (+ position[t]). */
export function embedding(y: usize, ids: usize, token: usize, position: usize, rows: i32, columns: i32): void {
  const bytes = <usize>columns << 2;
  for (let r = 0; r < rows; r++) {
    const row = token + <usize>i32.load(ids) * bytes;
    if (position !== 0) {
      add(y, row, position, columns);
      position += bytes;
    } else copy(y, row, columns);
    y += bytes;
    ids += 4;
  }
}

/** dtoken[ids[t]] += dy[t] but for id 0; dposition[t] += dy[t]. */
export function embeddingBackward(
  dtoken: usize, dposition: usize, ids: usize, dy: usize, rows: i32, columns: i32,
): void {
  const bytes = <usize>columns << 2;
  for (let r = 0; r < rows; r++) {
    const id = i32.load(ids);
    const row = dtoken + <usize>id * bytes;
    if (id !== 0) add(row, row, dy, columns);
    dy += bytes;
    ids += 4;
  }
  if (dposition !== 0) add(dposition, dposition, dy - <usize>rows * bytes, rows * columns);
}
