// Elementary functions on four floats at once.
//
// Constants are loaded from a table: V8 builds an immediate vector anew in every turn of a loop, a load to all lanes is
// one cheap instruction, for four lanes or eight. A NaN as arithmetic makes it (no payload) gives NaN: training that
// diverges must be seen. Hence pmin and pmax with the argument first: they keep it if it is NaN.
import { madd, nmadd } from './vector';

const TABLE: usize = memory.data<f32>(
  [
    // 0, 1: bounds of the exponent of exp2
    126, -126,
    // 2: 1.5 · 2²³: adding it rounds to a whole number, which then stands in the low bits
    12582912,
    // 3 … 7: 2^r on [−½, ½], degree 5, least largest relative error (9e-8), lowest coefficient 1
    0.0013264727,
    0.0096715127,
    0.0555073374,
    0.2402224208,
    0.6931469776,
    // 8: one
    1,
    // 9: 2/π; 10 … 12: π/2 in three parts, each with few bits (Cody & Waite 1980)
    0.63661977236,
    1.5703125,
    4.837512969970703e-4,
    7.549789948768648e-8,
    // 13 … 15: (sin r − r) / r³ in r²; 16 … 18: (cos r − 1 + r²/2) / r⁴ in r², |r| ≤ π/4 (Cephes sinf, cosf)
    -1.9515295891e-4,
    8.3321608736e-3,
    -1.6666654611e-1,
    2.443315711809948e-5,
    -1.388731625493765e-3,
    4.166664568298827e-2,
    // 19: a half
    0.5,
    // 20: log₂ e
    1.4426950408889634,
    // 21 … 24: GELU, see activation.ts
    -2.302208198,
    -0.1029432397,
    1.5957691216,
    0.21406444488,
    // 25: lower bound of exp2Floored
    -64,
  ],
  4,
);

/** Number `index` of the table in all lanes. */
// @ts-expect-error: decorator
@inline
export function constant(index: i32): v128 {
  return v128.load32_splat(TABLE + (<usize>index << 2));
}

// @ts-expect-error: decorator
@inline
export const ONE: i32 = 8;
// @ts-expect-error: decorator
@inline
export const LOG2_E: i32 = 20;
/** −2 √(2/π) log₂ e, 0.044715 times that, 2 √(2/π), 3 · 0.044715 times that. */
// @ts-expect-error: decorator
@inline
export const GELU: i32 = 21;

/** 2^z for z that needs no bounds: 2^k · 2^r, whole k, |r| ≤ ½. p5 … p1: constants 3 … 7, round: constant 2. */
// @ts-expect-error: decorator
@inline
function exp2Within(
  z: v128, round: v128, p5: v128, p4: v128, p3: v128, p2: v128, p1: v128, one: v128,
): v128 {
  const shifted = f32x4.add(z, round);
  const r = f32x4.sub(z, f32x4.sub(shifted, round));
  let p = madd(r, p5, p4);
  p = madd(p, r, p3);
  p = madd(p, r, p2);
  p = madd(p, r, p1);
  p = madd(p, r, one);
  return i32x4.add(p, i32x4.shl(shifted, 23));
}

/**
 * 2^z, relative error below 2e-7 for −126 ≤ z ≤ 126, exact for whole z; beyond that as at the bounds. The constants
 * (most, least: 0, 1; the others as above) are arguments, for a loop that keeps them in registers.
 */
// @ts-expect-error: decorator
@inline
export function exp2With(
  z: v128, most: v128, least: v128, round: v128, p5: v128, p4: v128, p3: v128, p2: v128, p1: v128, one: v128,
): v128 {
  return exp2Within(f32x4.pmax(f32x4.pmin(z, most), least), round, p5, p4, p3, p2, p1, one);
}

/**
 * 2^z for z ≤ 127, relative error below 2e-7, exact for whole z; z below −64 counts as −64. For weights beside others
 * of size 1, where 2⁻⁶⁴ is nothing: smaller ones make products denormal, and those take processors many times as long.
 */
// @ts-expect-error: decorator
@inline
export function exp2Floored(z: v128): v128 {
  const bounded = f32x4.pmax(z, constant(25));
  return exp2Within(
    bounded, constant(2), constant(3), constant(4), constant(5), constant(6), constant(7), constant(ONE),
  );
}

/** x − k π/2 with whole k, |result| ≤ π/4; `shifted` is x · 2/π with 1.5 · 2²³ added. */
// @ts-expect-error: decorator
@inline
function reduced(x: v128, shifted: v128): v128 {
  const k = f32x4.sub(shifted, constant(2));
  return nmadd(k, constant(12), nmadd(k, constant(11), nmadd(k, constant(10), x)));
}

/** ±sin r or ±cos r as the quadrant says: sin(r + quadrant · π/2). */
// @ts-expect-error: decorator
@inline
function sineOfQuadrant(r: v128, quadrant: v128): v128 {
  const square = f32x4.mul(r, r);
  const s = madd(madd(square, constant(13), constant(14)), square, constant(15));
  const sine = madd(f32x4.mul(s, square), r, r);
  const c = madd(madd(square, constant(16), constant(17)), square, constant(18));
  const cosine = madd(f32x4.mul(c, square), square, nmadd(square, constant(19), constant(ONE)));
  const odd = i32x4.shr_s(i32x4.shl(quadrant, 31), 31);
  const sign = i32x4.shl(i32x4.shr_u(quadrant, 1), 31);
  return v128.xor(v128.bitselect(cosine, sine, odd), sign);
}

/** sin x, absolute error below 1.2e-7 for |x| ≤ 10,000; beyond, it grows with |x| (1e-6 at 10⁵ without fusing). */
// @ts-expect-error: decorator
@inline
export function sine(x: v128): v128 {
  const shifted = madd(x, constant(9), constant(2));
  return sineOfQuadrant(reduced(x, shifted), shifted);
}

/** cos x, absolute error below 1.2e-7 for |x| ≤ 10,000; beyond, as `sine`. */
// @ts-expect-error: decorator
@inline
export function cosine(x: v128): v128 {
  const shifted = madd(x, constant(9), constant(2));
  return sineOfQuadrant(reduced(x, shifted), i32x4.add(shifted, i32x4.splat(1)));
}
