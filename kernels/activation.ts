// tanh-GELU and the wave features, with their backward.
import { constant, cosine, exp2, GELU, ONE, sine } from './mathematics';
import { horizontalSum, madd } from './vector';

// σ(2u) with u = √(2/π) (x + 0.044715 x³) is 1 / (1 + 2^z), z = x (A + B x²): base 2 saves the exponential a product.
// d(2u)/dx = C + D x². A, B, C, D: constants GELU and on.

/** σ(2u), absolute error below 2e-7. */
// @ts-ignore: decorator
@inline
function gate(x: v128, square: v128): v128 {
  const z = f32x4.mul(x, madd(square, constant(GELU + 1), constant(GELU)));
  const one = constant(ONE);
  return f32x4.div(one, f32x4.add(one, exp2(z)));
}

// @ts-ignore: decorator
@inline
function geluOf(x: v128): v128 {
  return f32x4.mul(x, gate(x, f32x4.mul(x, x)));
}

/** d gelu / dx = s + x s (1 − s) d(2u)/dx, s = σ(2u). */
// @ts-ignore: decorator
@inline
function slopeOf(x: v128, square: v128, s: v128): v128 {
  const change = f32x4.mul(x, madd(square, constant(GELU + 3), constant(GELU + 2)));
  return madd(f32x4.mul(change, s), f32x4.sub(constant(ONE), s), s);
}

/** y = x/2 (1 + tanh(√(2/π) (x + 0.044715 x³))). */
export function gelu(y: usize, x: usize, count: i32): void {
  const bytes = <usize>count << 2;
  // Two vectors at a time share the loads of the constants, and V8 joins them into one of 256 bits where it can.
  const pairs = <usize>(count & ~7) << 2;
  let at: usize = 0;
  for (; at < pairs; at += 32) {
    const first = geluOf(v128.load(x + at));
    const second = geluOf(v128.load(x + at, 16));
    v128.store(y + at, first);
    v128.store(y + at, second, 16);
  }
  for (; at < bytes; at += 4) {
    f32.store(y + at, f32x4.extract_lane(geluOf(v128.load32_splat(x + at)), 0));
  }
}

/** `gelu`, and its derivative: slope = dy/dx. */
export function geluWithSlope(y: usize, slope: usize, x: usize, count: i32): void {
  const bytes = <usize>count << 2;
  const pairs = <usize>(count & ~7) << 2;
  let at: usize = 0;
  for (; at < pairs; at += 32) {
    const first = v128.load(x + at);
    const second = v128.load(x + at, 16);
    const firstSquare = f32x4.mul(first, first);
    const secondSquare = f32x4.mul(second, second);
    const firstGate = gate(first, firstSquare);
    const secondGate = gate(second, secondSquare);
    const firstSlope = slopeOf(first, firstSquare, firstGate);
    const secondSlope = slopeOf(second, secondSquare, secondGate);
    v128.store(y + at, f32x4.mul(first, firstGate));
    v128.store(y + at, f32x4.mul(second, secondGate), 16);
    v128.store(slope + at, firstSlope);
    v128.store(slope + at, secondSlope, 16);
  }
  for (; at < bytes; at += 4) {
    const value = v128.load32_splat(x + at);
    const square = f32x4.mul(value, value);
    const s = gate(value, square);
    f32.store(y + at, f32x4.extract_lane(f32x4.mul(value, s), 0));
    f32.store(slope + at, f32x4.extract_lane(slopeOf(value, square, s), 0));
  }
}

/** y[r] = [sin(w x[r]), cos(w x[r])], w = frequency[0]. y: [rows, 2 columns]. */
export function wave(y: usize, x: usize, frequency: usize, rows: i32, columns: i32): void {
  const w = v128.load32_splat(frequency);
  const bytes = <usize>columns << 2;
  const pairs = <usize>(columns & ~7) << 2;
  for (let r = 0; r < rows; r++) {
    const cosines = y + bytes;
    let at: usize = 0;
    for (; at < pairs; at += 32) {
      const first = f32x4.mul(w, v128.load(x + at));
      const second = f32x4.mul(w, v128.load(x + at, 16));
      const firstSine = sine(first);
      const secondSine = sine(second);
      const firstCosine = cosine(first);
      const secondCosine = cosine(second);
      v128.store(y + at, firstSine);
      v128.store(y + at, secondSine, 16);
      v128.store(cosines + at, firstCosine);
      v128.store(cosines + at, secondCosine, 16);
    }
    for (; at < bytes; at += 4) {
      const phase = f32x4.mul(w, v128.load32_splat(x + at));
      f32.store(y + at, f32x4.extract_lane(sine(phase), 0));
      f32.store(cosines + at, f32x4.extract_lane(cosine(phase), 0));
    }
    x += bytes;
    y += 2 * bytes;
  }
}

/** With p = dsin · cos − dcos · sin: dx (+)= w p; dfrequency += Σ x p. y as the forward pass left it. */
export function waveBackward(
  dx: usize, dfrequency: usize, dy: usize, x: usize, y: usize, frequency: usize, rows: i32, columns: i32,
  accumulate: i32,
): void {
  const w = v128.load32_splat(frequency);
  const bytes = <usize>columns << 2;
  const vectors = <usize>(columns & ~3) << 2;
  let sums = f32x4.splat(0);
  let rest: f32 = 0;
  for (let r = 0; r < rows; r++) {
    let at: usize = 0;
    for (; at < vectors; at += 16) {
      const opposite = f32x4.mul(v128.load(dy + bytes + at), v128.load(y + at));
      const p = f32x4.sub(f32x4.mul(v128.load(dy + at), v128.load(y + bytes + at)), opposite);
      sums = madd(p, v128.load(x + at), sums);
      const value = f32x4.mul(w, p);
      v128.store(dx + at, accumulate ? f32x4.add(v128.load(dx + at), value) : value);
    }
    for (; at < bytes; at += 4) {
      const p = f32.load(dy + at) * f32.load(y + bytes + at) - f32.load(dy + bytes + at) * f32.load(y + at);
      rest += p * f32.load(x + at);
      const value = f32.load(frequency) * p;
      f32.store(dx + at, accumulate ? f32.load(dx + at) + value : value);
    }
    x += bytes;
    dx += bytes;
    dy += 2 * bytes;
    y += 2 * bytes;
  }
  f32.store(dfrequency, f32.load(dfrequency) + horizontalSum(sums) + rest);
}
