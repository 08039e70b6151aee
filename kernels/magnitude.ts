// How strongly pairs of filters answer, and its backward: y[c] = (x[c]² + x[columns + c]² + 10⁻⁴)^¼.

/** x: [rows, 2 columns], y: [rows, columns]. */
export function magnitude(y: usize, x: usize, rows: i32, columns: i32): void {
  const bytes = <usize>columns << 2;
  const pairs = <usize>(columns & ~7) << 2;
  const least = f32x4.splat(1e-4);
  for (let r = 0; r < rows; r++) {
    const other = x + bytes;
    let at: usize = 0;
    for (; at < pairs; at += 32) {
      const a0 = v128.load(x + at), a1 = v128.load(x + at, 16);
      const b0 = v128.load(other + at), b1 = v128.load(other + at, 16);
      const s0 = f32x4.add(f32x4.add(f32x4.mul(a0, a0), f32x4.mul(b0, b0)), least);
      const s1 = f32x4.add(f32x4.add(f32x4.mul(a1, a1), f32x4.mul(b1, b1)), least);
      const y0 = f32x4.sqrt(f32x4.sqrt(s0)), y1 = f32x4.sqrt(f32x4.sqrt(s1));
      v128.store(y + at, y0);
      v128.store(y + at, y1, 16);
    }
    for (; at < bytes; at += 4) {
      const a = f32.load(x + at), b = f32.load(other + at);
      f32.store(y + at, sqrt<f32>(sqrt<f32>(a * a + b * b + <f32>1e-4)));
    }
    x += 2 * bytes;
    y += bytes;
  }
}

/** dx[c] = x[c] dy[c] / (2 y[c]³), dx[columns + c] = x[columns + c] dy[c] / (2 y[c]³). */
export function magnitudeBackward(dx: usize, dy: usize, x: usize, y: usize, rows: i32, columns: i32): void {
  const bytes = <usize>columns << 2;
  const vectors = <usize>(columns & ~3) << 2;
  const half = f32x4.splat(0.5);
  for (let r = 0; r < rows; r++) {
    let at: usize = 0;
    for (; at < vectors; at += 16) {
      const value = v128.load(y + at);
      const cube = f32x4.mul(f32x4.mul(value, value), value);
      const change = f32x4.div(f32x4.mul(half, v128.load(dy + at)), cube);
      const first = f32x4.mul(v128.load(x + at), change);
      const second = f32x4.mul(v128.load(x + bytes + at), change);
      v128.store(dx + at, first);
      v128.store(dx + bytes + at, second);
    }
    for (; at < bytes; at += 4) {
      const value = f32.load(y + at);
      const change: f32 = (<f32>0.5 * f32.load(dy + at)) / (value * value * value);
      const first: f32 = f32.load(x + at) * change;
      const second: f32 = f32.load(x + bytes + at) * change;
      f32.store(dx + at, first);
      f32.store(dx + bytes + at, second);
    }
    x += 2 * bytes;
    dx += 2 * bytes;
    y += bytes;
    dy += bytes;
  }
}
