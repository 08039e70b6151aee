// Binary cross-entropy of rows whose targets stand among the sequence's frames. Few numbers: in float64, one by one.

/** loss = 1/rows Σ max(x, 0) − x y + log(1 + e^−|x|) over the targets y ≥ 0; `stride`: bytes from row to row of targets. */
export function rowEntropy(loss: usize, x: usize, targets: usize, stride: i32, rows: i32, columns: i32): void {
  let sum: f64 = 0;
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++, x += 4) {
      const y = <f64>f32.load(targets + (<usize>c << 2));
      const value = <f64>f32.load(x);
      if (y >= 0) sum += max(value, 0) - value * y + NativeMath.log(1 + NativeMath.exp(-abs(value)));
    }
    targets += stride;
  }
  f32.store(loss, <f32>(sum / <f64>rows));
}

/** dx = (σ(x) − y) · scale, 0 where y is negative. */
export function rowEntropyBackward(
  dx: usize, x: usize, targets: usize, stride: i32, rows: i32, columns: i32, scale: f64,
): void {
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++, x += 4, dx += 4) {
      const y = <f64>f32.load(targets + (<usize>c << 2));
      const slope = y < 0 ? 0 : 1 / (1 + NativeMath.exp(-<f64>f32.load(x))) - y;
      f32.store(dx, <f32>(slope * scale));
    }
    targets += stride;
  }
}
