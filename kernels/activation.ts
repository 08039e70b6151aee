// tanh-GELU, the exponential, and the wave features, with their backward.
import { constant, cosine, exp2With, GELU, LOG2_E, ONE, sine } from './mathematics';
import { horizontalSum, madd } from './vector';

// σ(2u) with u = √(2/π) (x + 0.044715 x³) is 1 / (1 + 2^z), z = x (A + B x²): base 2 saves the exponential a product.
// d(2u)/dx = C + D x². A, B, C, D: constants GELU and on.

/** d gelu / dx = s + x s (1 − s) d(2u)/dx, s = σ(2u). */
// @ts-expect-error: decorator
@inline
function slopeOf(x: v128, square: v128, s: v128, c: v128, d: v128, one: v128): v128 {
  const change = f32x4.mul(x, madd(square, d, c));
  return madd(f32x4.mul(change, s), f32x4.sub(one, s), s);
}

/** y = x σ(2u) and, if `keepSlope`, its slope. Absolute error of σ below 2e-7. Two vectors at a time, which V8 joins into one of 256 bits where it can. */
// @ts-expect-error: decorator
@inline
function geluOf(y: usize, slope: usize, x: usize, count: i32, keepSlope: bool): void {
  const bytes = <usize>count << 2;
  const pairs = <usize>(count & ~7) << 2;
  const a = constant(GELU), b = constant(GELU + 1), c = constant(GELU + 2), d = constant(GELU + 3);
  const most = constant(0), least = constant(1), round = constant(2), one = constant(ONE);
  const p5 = constant(3), p4 = constant(4), p3 = constant(5), p2 = constant(6), p1 = constant(7);
  let at: usize = 0;
  for (; at < pairs; at += 32) {
    const x0 = v128.load(x + at), x1 = v128.load(x + at, 16);
    const square0 = f32x4.mul(x0, x0), square1 = f32x4.mul(x1, x1);
    const z0 = f32x4.mul(x0, madd(square0, b, a)), z1 = f32x4.mul(x1, madd(square1, b, a));
    const rest0 = f32x4.add(one, exp2With(z0, most, least, round, p5, p4, p3, p2, p1, one));
    const rest1 = f32x4.add(one, exp2With(z1, most, least, round, p5, p4, p3, p2, p1, one));
    const y0 = f32x4.div(x0, rest0), y1 = f32x4.div(x1, rest1);
    if (keepSlope) {
      const slope0 = slopeOf(x0, square0, f32x4.div(one, rest0), c, d, one);
      const slope1 = slopeOf(x1, square1, f32x4.div(one, rest1), c, d, one);
      v128.store(slope + at, slope0);
      v128.store(slope + at, slope1, 16);
    }
    v128.store(y + at, y0);
    v128.store(y + at, y1, 16);
  }
  for (; at < bytes; at += 4) {
    const value = v128.load32_splat(x + at), square = f32x4.mul(value, value);
    const z = f32x4.mul(value, madd(square, b, a));
    const rest = f32x4.add(one, exp2With(z, most, least, round, p5, p4, p3, p2, p1, one));
    f32.store(y + at, f32x4.extract_lane(f32x4.div(value, rest), 0));
    if (keepSlope) {
      const result = slopeOf(value, square, f32x4.div(one, rest), c, d, one);
      f32.store(slope + at, f32x4.extract_lane(result, 0));
    }
  }
}

/** y = x/2 (1 + tanh(√(2/π) (x + 0.044715 x³))). */
export function gelu(y: usize, x: usize, count: i32): void {
  geluOf(y, 0, x, count, false);
}

/** `gelu`, and its derivative: slope = dy/dx. */
export function geluWithSlope(y: usize, slope: usize, x: usize, count: i32): void {
  geluOf(y, slope, x, count, true);
}

/** y = eˣ for −87 ≤ x ≤ 87, beyond that as at the bounds. */
export function exp(y: usize, x: usize, count: i32): void {
  const bytes = <usize>count << 2;
  const pairs = <usize>(count & ~7) << 2;
  const most = constant(0), least = constant(1), round = constant(2), one = constant(ONE), scale = constant(LOG2_E);
  const p5 = constant(3), p4 = constant(4), p3 = constant(5), p2 = constant(6), p1 = constant(7);
  let at: usize = 0;
  for (; at < pairs; at += 32) {
    const z0 = f32x4.mul(v128.load(x + at), scale), z1 = f32x4.mul(v128.load(x + at, 16), scale);
    const y0 = exp2With(z0, most, least, round, p5, p4, p3, p2, p1, one);
    const y1 = exp2With(z1, most, least, round, p5, p4, p3, p2, p1, one);
    v128.store(y + at, y0);
    v128.store(y + at, y1, 16);
  }
  for (; at < bytes; at += 4) {
    const z = f32x4.mul(v128.load32_splat(x + at), scale);
    f32.store(y + at, f32x4.extract_lane(exp2With(z, most, least, round, p5, p4, p3, p2, p1, one), 0));
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
