// Fewer than 16 columns in rows of 16 numbers, as the transforms take them.
import { ROW } from './fft';

/** y[rows, 16] = the first `columns` (< 16) numbers of each row of x and zeros. */
export function gather(y: usize, x: usize, stride: usize, columns: i32, rows: i32): void {
  const bytes = <usize>columns << 2;
  for (; rows > 0; rows--) {
    memory.fill(y, 0, ROW);
    for (let at: usize = 0; at < bytes; at += 4) f32.store(y + at, f32.load(x + at));
    y += ROW;
    x += stride;
  }
}

/** Undoes gather. */
export function scatter(y: usize, stride: usize, x: usize, columns: i32, rows: i32): void {
  const bytes = <usize>columns << 2;
  for (; rows > 0; rows--) {
    for (let at: usize = 0; at < bytes; at += 4) f32.store(y + at, f32.load(x + at));
    y += stride;
    x += ROW;
  }
}

/** scatter, added to y. */
export function scatterAdd(y: usize, stride: usize, x: usize, columns: i32, rows: i32): void {
  const bytes = <usize>columns << 2;
  for (; rows > 0; rows--) {
    for (let at: usize = 0; at < bytes; at += 4) f32.store(y + at, f32.load(y + at) + f32.load(x + at));
    y += stride;
    x += ROW;
  }
}
