// Sums and products of arrays, whatever their shape: `count` numbers.
// Two vectors at a time, and nothing between the two stores: so V8 joins them into one of 256 bits where it can.

/** y = a + b; y may be a or b. */
export function add(y: usize, a: usize, b: usize, count: i32): void {
  const bytes = <usize>count << 2;
  const pairs = <usize>(count & ~7) << 2;
  let at: usize = 0;
  for (; at < pairs; at += 32) {
    const first = f32x4.add(v128.load(a + at), v128.load(b + at));
    const second = f32x4.add(v128.load(a + at, 16), v128.load(b + at, 16));
    v128.store(y + at, first);
    v128.store(y + at, second, 16);
  }
  for (; at < bytes; at += 4) f32.store(y + at, f32.load(a + at) + f32.load(b + at));
}

/** y = a · b; y may be a or b. */
export function multiply(y: usize, a: usize, b: usize, count: i32): void {
  const bytes = <usize>count << 2;
  const pairs = <usize>(count & ~7) << 2;
  let at: usize = 0;
  for (; at < pairs; at += 32) {
    const first = f32x4.mul(v128.load(a + at), v128.load(b + at));
    const second = f32x4.mul(v128.load(a + at, 16), v128.load(b + at, 16));
    v128.store(y + at, first);
    v128.store(y + at, second, 16);
  }
  for (; at < bytes; at += 4) f32.store(y + at, f32.load(a + at) * f32.load(b + at));
}

/** y = x. */
export function copy(y: usize, x: usize, count: i32): void {
  memory.copy(y, x, <usize>count << 2);
}

/** y = 0. */
export function clear(y: usize, count: i32): void {
  memory.fill(y, 0, <usize>count << 2);
}

/** y[r] = x[r], `count` numbers of each row; rows lie `yWidth` and `xWidth` numbers apart. */
export function copyColumns(y: usize, yWidth: i32, x: usize, xWidth: i32, rows: i32, count: i32): void {
  for (; rows > 0; rows--) {
    memory.copy(y, x, <usize>count << 2);
    y += <usize>yWidth << 2;
    x += <usize>xWidth << 2;
  }
}
