// Mean over tokens, sum with weights, cross-entropy with label smoothing, and their backward. One sequence.
// Sums over tokens and classes run in float64: they are long, and few.

/** y[c] = mean over the rows of x[r, c]. `sums`: scratch of `columns` f64. */
export function mean(y: usize, x: usize, sums: usize, rows: i32, columns: i32): void {
  for (let c = 0; c < columns; c++) f64.store(sums + (<usize>c << 3), 0);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const at = sums + (<usize>c << 3);
      f64.store(at, f64.load(at) + <f64>f32.load(x));
      x += 4;
    }
  }
  for (let c = 0; c < columns; c++) {
    f32.store(y + (<usize>c << 2), <f32>(f64.load(sums + (<usize>c << 3)) / <f64>rows));
  }
}

/** dx[r, c] = dy[c] / tokens for `rows` rows. */
export function meanBackward(dx: usize, dy: usize, rows: i32, tokens: i32, columns: i32): void {
  const share = <f32>1 / <f32>tokens;
  const bytes = <usize>columns << 2;
  for (let c = 0; c < columns; c++) {
    const value = f32.load(dy + (<usize>c << 2)) * share;
    let at = dx + (<usize>c << 2);
    for (let r = 0; r < rows; r++) {
      f32.store(at, value);
      at += bytes;
    }
  }
}

/** y[c] = Σ weights[r] x[r, c]. `sums`: scratch of `columns` f64. */
export function weightedSum(y: usize, x: usize, weights: usize, sums: usize, rows: i32, columns: i32): void {
  if (columns === 1) {
    let sum: f64 = 0;
    for (let r = 0; r < rows; r++) {
      const at = <usize>r << 2;
      sum += <f64>f32.load(weights + at) * <f64>f32.load(x + at);
    }
    f32.store(y, <f32>sum);
    return;
  }
  for (let c = 0; c < columns; c++) f64.store(sums + (<usize>c << 3), 0);
  for (let r = 0; r < rows; r++) {
    const weight = <f64>f32.load(weights + (<usize>r << 2));
    for (let c = 0; c < columns; c++) {
      const at = sums + (<usize>c << 3);
      f64.store(at, f64.load(at) + weight * <f64>f32.load(x));
      x += 4;
    }
  }
  for (let c = 0; c < columns; c++) f32.store(y + (<usize>c << 2), <f32>f64.load(sums + (<usize>c << 3)));
}

/** dx[r, c] = weights[r] dy[c] for `rows` rows; the weights are those of the first row at hand. */
export function weightedSumBackward(dx: usize, dy: usize, weights: usize, rows: i32, columns: i32): void {
  for (let r = 0; r < rows; r++) {
    const weight = f32.load(weights + (<usize>r << 2));
    for (let c = 0; c < columns; c++) {
      f32.store(dx, weight * f32.load(dy + (<usize>c << 2)));
      dx += 4;
    }
  }
}

/**
 * loss = −Σ target log softmax(logits); probabilities = softmax(logits).
 * target = (1 − s) ((1 − share) [label] + share [other]) + s / classes.
 */
export function crossEntropy(
  loss: usize, probabilities: usize, logits: usize, label: i32, other: i32, share: f64, classes: i32, smoothing: f64,
): void {
  let largest = f32.load(logits);
  for (let c = 1; c < classes; c++) largest = max(largest, f32.load(logits + (<usize>c << 2)));
  let total: f64 = 0;
  let shifted: f64 = 0;
  for (let c = 0; c < classes; c++) {
    const z = <f64>f32.load(logits + (<usize>c << 2)) - <f64>largest;
    shifted += z;
    total += NativeMath.exp(z);
  }
  const logTotal = NativeMath.log(total);
  for (let c = 0; c < classes; c++) {
    const z = <f64>f32.load(logits + (<usize>c << 2)) - <f64>largest;
    f32.store(probabilities + (<usize>c << 2), <f32>NativeMath.exp(z - logTotal));
  }
  const first = <f64>f32.load(logits + (<usize>label << 2)) - <f64>largest;
  const second = <f64>f32.load(logits + (<usize>other << 2)) - <f64>largest;
  const chosen = (1 - share) * first + share * second;
  const value = logTotal - (1 - smoothing) * chosen - (smoothing * shifted) / <f64>classes;
  f32.store(loss, <f32>value);
}

/** dlogits = (probabilities − target) · scale; scale = 1 / batch size. */
export function crossEntropyBackward(
  dlogits: usize, probabilities: usize, label: i32, other: i32, share: f32, classes: i32, smoothing: f32, scale: f32,
): void {
  const everywhere = smoothing / <f32>classes;
  for (let c = 0; c < classes; c++) {
    const own = (c === label ? <f32>1 - share : <f32>0) + (c === other ? share : <f32>0);
    const target = (<f32>1 - smoothing) * own + everywhere;
    f32.store(dlogits + (<usize>c << 2), (f32.load(probabilities + (<usize>c << 2)) - target) * scale);
  }
}

/**
 * loss = 1 / labels Σ weight (max(z, 0) − z target + log(1 + e^−|z|)), target = (1 − s) t + s / 2;
 * slopes = weight (sigmoid(z) − target).
 */
export function binaryEntropy(
  loss: usize, slopes: usize, logits: usize, targets: usize, weights: usize, labels: i32, smoothing: f64,
): void {
  let sum: f64 = 0;
  for (let c = 0; c < labels; c++) {
    const at = <usize>c << 2;
    const z = <f64>f32.load(logits + at);
    const target = (1 - smoothing) * <f64>f32.load(targets + at) + 0.5 * smoothing;
    const weight = <f64>f32.load(weights + at);
    const small = NativeMath.exp(-abs(z));
    sum += weight * (max(z, 0) - z * target + NativeMath.log(1 + small));
    const probability = (z >= 0 ? 1 : small) / (1 + small);
    f32.store(slopes + at, <f32>(weight * (probability - target)));
  }
  f32.store(loss, <f32>(sum / <f64>labels));
}

/** dlogits = slopes · scale. */
export function binaryEntropyBackward(dlogits: usize, slopes: usize, labels: i32, scale: f32): void {
  for (let c = 0; c < labels; c++) {
    const at = <usize>c << 2;
    f32.store(dlogits + at, f32.load(slopes + at) * scale);
  }
}
