// Multi-head attention of one sequence of real tokens, and its backward, in tiles: nothing of size tokens² is kept
// (Rabe & Staats 2021; Dao et al. 2022). One head after the other; a tile of scores stays in the first-level cache.
//
// qkv: [rows, 3 columns], q then k then v, each split into heads of `width` = columns / heads. Scores are kept in base
// 2: q is packed times log₂e / √width, so that a weight is 2^(score − logsumexp). A head is padded with zero channels
// to `padded` (a multiple of 8), keys with zero rows to a multiple of 8 whose scores are set to EXCLUDED, queries with
// zero rows to a multiple of STRIP.
//
// Everything goes by strips of STRIP queries. What is subtracted from scores (the reference below, logsumexp) and from
// their slopes is what the products' accumulators start with: it costs nothing.
import { exp2Floored } from './mathematics';
import { horizontalSum, madd } from './vector';

/** Queries of a strip: 6 × 8 results are 12 registers. Without fused instructions V8 spills fewer of 4 × 8. */
// @ts-expect-error: decorator
@inline
const STRIP: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 4;
/** Queries that the backward pass takes together: a multiple of STRIP. */
// @ts-expect-error: decorator
@inline
const TILE_QUERIES: i32 = 48;
// @ts-expect-error: decorator
@inline
const TILE_KEYS: i32 = 64;
/** Bytes of a row of scores. */
// @ts-expect-error: decorator
@inline
const ROW: usize = 256;
const LOG2_E: f32 = 1.4426950408889634;
// @ts-expect-error: decorator
@inline
const EXCLUDED: f32 = -1e30;
/** A strip's reference is raised when a row's weights come to more than 2³²: smaller ones do no harm. */
// @ts-expect-error: decorator
@inline
const LARGEST_SUM: f32 = 4294967296;
/** The largest score that exp2Floored takes. */
const MOST = memory.data<f32>([127], 4);
/** Bytes of a row's sum of weights: two vectors. */
// @ts-expect-error: decorator
@inline
const SUM_BYTES: usize = 32;

// @ts-expect-error: decorator
@inline
function upTo8(count: i32): i32 {
  return (count + 7) & ~7;
}

/** Rows of `count` queries in whole strips. */
// @ts-expect-error: decorator
@inline
function upToStrip(count: i32): i32 {
  return (count + STRIP - 1) / STRIP * STRIP;
}

// @ts-expect-error: decorator
@inline
function floats(count: i32): usize {
  return <usize>count << 2;
}

/** Bytes of work that either direction needs for `rows` tokens. */
export function attentionWorkBytes(rows: i32, columns: i32, heads: i32): usize {
  const padded = upTo8(columns / heads);
  // Room for strips of either tier.
  const whole = (rows + 7) * padded;
  return floats(10 * whole + 2 * (rows + 7) + 2 * TILE_QUERIES * TILE_KEYS + 6 * (padded + 17));
}

// Layouts of a packed head. `rows`: [row][channel]. `strips`: for each STRIP rows [channel][STRIP]. `blocks`: for each
// block of TILE_KEYS keys, panels of 8 channels [channel / 8][key][8]. `columns`: for each 8 keys [channel][8].

/** out[rows][padded] = x[rows][0 … width) · scale, x with a row stride; zero rows behind, `packed` in all. */
function packRows(
  out: usize, x: usize, stride: usize, rows: i32, packed: i32, width: i32, padded: i32, scale: f32,
): void {
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < width; c++) f32.store(out + floats(c), f32.load(x + floats(c)) * scale);
    for (let c = width; c < padded; c++) f32.store(out + floats(c), 0);
    out += floats(padded);
    x += stride;
  }
  memory.fill(out, 0, floats((packed - rows) * padded));
}

function packBlocks(out: usize, x: usize, stride: usize, rows: i32, width: i32, padded: i32): void {
  const keys = upTo8(rows);
  for (let first = 0; first < keys; first += TILE_KEYS) {
    const count = min(TILE_KEYS, keys - first);
    for (let panel = 0; panel < padded; panel += 8) {
      for (let k = first; k < first + count; k++) {
        const row = x + <usize>k * stride + floats(panel);
        for (let c = 0; c < 8; c++) {
          f32.store(out + floats(c), k < rows && panel + c < width ? f32.load(row + floats(c)) : 0);
        }
        out += 32;
      }
    }
  }
}

/** For each `group` (8 or STRIP) rows [channel][group], times `scale`. */
function packColumns(
  out: usize, x: usize, stride: usize, rows: i32, width: i32, padded: i32, group: i32, scale: f32,
): void {
  for (let first = 0; first < rows; first += group) {
    for (let c = 0; c < padded; c++) {
      for (let k = 0; k < group; k++) {
        const inside = first + k < rows && c < width;
        f32.store(out + floats(k), inside ? f32.load(x + <usize>(first + k) * stride + floats(c)) * scale : 0);
      }
      out += floats(group);
    }
  }
}

/** x[rows][0 … width), with a row stride, = packed[rows][padded] · scale. */
function unpackRows(x: usize, stride: usize, packed: usize, rows: i32, width: i32, padded: i32, scale: f32): void {
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < width; c++) f32.store(x + floats(c), f32.load(packed + floats(c)) * scale);
    packed += floats(padded);
    x += stride;
  }
}

/** scores[6][16] = Σ_c strip[c][6] · [columns, next][c][8 + 8] − subtracted[6]: 12 registers of 256 bits. */
function stripProductOf16(
  scores: usize, strip: usize, stripEnd: usize, columns: usize, next: usize, subtracted: usize,
): void {
  let c00 = f32x4.neg(v128.load32_splat(subtracted)), c10 = f32x4.neg(v128.load32_splat(subtracted, 4));
  let c20 = f32x4.neg(v128.load32_splat(subtracted, 8)), c30 = f32x4.neg(v128.load32_splat(subtracted, 12));
  let c40 = f32x4.neg(v128.load32_splat(subtracted, 16)), c50 = f32x4.neg(v128.load32_splat(subtracted, 20));
  let c01 = c00, c02 = c00, c03 = c00, c11 = c10, c12 = c10, c13 = c10;
  let c21 = c20, c22 = c20, c23 = c20, c31 = c30, c32 = c30, c33 = c30;
  let c41 = c40, c42 = c40, c43 = c40, c51 = c50, c52 = c50, c53 = c50;
  for (let at = strip; at < stripEnd; at += 24) {
    const b0 = v128.load(columns), b1 = v128.load(columns, 16), b2 = v128.load(next), b3 = v128.load(next, 16);
    let s = v128.load32_splat(at);
    c00 = madd(s, b0, c00); c01 = madd(s, b1, c01); c02 = madd(s, b2, c02); c03 = madd(s, b3, c03);
    s = v128.load32_splat(at, 4);
    c10 = madd(s, b0, c10); c11 = madd(s, b1, c11); c12 = madd(s, b2, c12); c13 = madd(s, b3, c13);
    s = v128.load32_splat(at, 8);
    c20 = madd(s, b0, c20); c21 = madd(s, b1, c21); c22 = madd(s, b2, c22); c23 = madd(s, b3, c23);
    s = v128.load32_splat(at, 12);
    c30 = madd(s, b0, c30); c31 = madd(s, b1, c31); c32 = madd(s, b2, c32); c33 = madd(s, b3, c33);
    s = v128.load32_splat(at, 16);
    c40 = madd(s, b0, c40); c41 = madd(s, b1, c41); c42 = madd(s, b2, c42); c43 = madd(s, b3, c43);
    s = v128.load32_splat(at, 20);
    c50 = madd(s, b0, c50); c51 = madd(s, b1, c51); c52 = madd(s, b2, c52); c53 = madd(s, b3, c53);
    columns += 32;
    next += 32;
  }
  v128.store(scores, c00); v128.store(scores, c01, 16);
  v128.store(scores, c02, 32); v128.store(scores, c03, 48);
  v128.store(scores, c10, ROW); v128.store(scores, c11, ROW + 16);
  v128.store(scores, c12, ROW + 32); v128.store(scores, c13, ROW + 48);
  v128.store(scores, c20, 2 * ROW); v128.store(scores, c21, 2 * ROW + 16);
  v128.store(scores, c22, 2 * ROW + 32); v128.store(scores, c23, 2 * ROW + 48);
  v128.store(scores, c30, 3 * ROW); v128.store(scores, c31, 3 * ROW + 16);
  v128.store(scores, c32, 3 * ROW + 32); v128.store(scores, c33, 3 * ROW + 48);
  v128.store(scores, c40, 4 * ROW); v128.store(scores, c41, 4 * ROW + 16);
  v128.store(scores, c42, 4 * ROW + 32); v128.store(scores, c43, 4 * ROW + 48);
  v128.store(scores, c50, 5 * ROW); v128.store(scores, c51, 5 * ROW + 16);
  v128.store(scores, c52, 5 * ROW + 32); v128.store(scores, c53, 5 * ROW + 48);
}

/** scores[STRIP][count] = Σ_c strip[c][STRIP] · columns[c][count] − subtracted[STRIP]. */
function stripProduct(scores: usize, strip: usize, columns: usize, subtracted: usize, depth: i32, count: i32): void {
  const stripEnd = strip + <usize>depth * (STRIP << 2);
  const end = scores + floats(count);
  if (REGISTER_BITS === 256) {
    for (const panel = floats(8 * depth); scores + 64 <= end; scores += 64) {
      stripProductOf16(scores, strip, stripEnd, columns, columns + panel, subtracted);
      columns += 2 * panel;
    }
  }
  for (; scores < end; scores += 32) {
    let b0: v128, b1: v128, s: v128;
    let c00 = f32x4.neg(v128.load32_splat(subtracted)), c01 = c00;
    let c10 = f32x4.neg(v128.load32_splat(subtracted, 4)), c11 = c10;
    let c20 = f32x4.neg(v128.load32_splat(subtracted, 8)), c21 = c20;
    let c30 = f32x4.neg(v128.load32_splat(subtracted, 12)), c31 = c30;
    let c40: v128, c41: v128, c50: v128, c51: v128;
    if (STRIP === 6) {
      c40 = f32x4.neg(v128.load32_splat(subtracted, 16)); c41 = c40;
      c50 = f32x4.neg(v128.load32_splat(subtracted, 20)); c51 = c50;
    }
    for (let at = strip; at < stripEnd; at += STRIP << 2) {
      b0 = v128.load(columns); b1 = v128.load(columns, 16);
      if (STRIP === 6) {
        s = v128.load32_splat(at, 20); c50 = madd(s, b0, c50); c51 = madd(s, b1, c51);
        s = v128.load32_splat(at, 16); c40 = madd(s, b0, c40); c41 = madd(s, b1, c41);
      }
      s = v128.load32_splat(at, 12); c30 = madd(s, b0, c30); c31 = madd(s, b1, c31);
      s = v128.load32_splat(at, 8); c20 = madd(s, b0, c20); c21 = madd(s, b1, c21);
      s = v128.load32_splat(at, 4); c10 = madd(s, b0, c10); c11 = madd(s, b1, c11);
      s = v128.load32_splat(at); c00 = madd(s, b0, c00); c01 = madd(s, b1, c01);
      columns += 32;
    }
    v128.store(scores, c00); v128.store(scores, c01, 16);
    v128.store(scores, c10, ROW); v128.store(scores, c11, ROW + 16);
    v128.store(scores, c20, 2 * ROW); v128.store(scores, c21, 2 * ROW + 16);
    v128.store(scores, c30, 3 * ROW); v128.store(scores, c31, 3 * ROW + 16);
    if (STRIP === 6) {
      v128.store(scores, c40, 4 * ROW); v128.store(scores, c41, 4 * ROW + 16);
      v128.store(scores, c50, 5 * ROW); v128.store(scores, c51, 5 * ROW + 16);
    }
  }
}

/** out[STRIP][padded] += weights[STRIP][count] · block, one block of keys. */
function addWeighted(out: usize, weights: usize, block: usize, count: i32, padded: i32): void {
  const stride = floats(padded);
  const end = weights + floats(count);
  for (const outEnd = out + stride; out < outEnd; out += 32) {
    let b0: v128, b1: v128, s: v128;
    let o = out;
    let c00 = v128.load(o), c01 = v128.load(o, 16); o += stride;
    let c10 = v128.load(o), c11 = v128.load(o, 16); o += stride;
    let c20 = v128.load(o), c21 = v128.load(o, 16); o += stride;
    let c30 = v128.load(o), c31 = v128.load(o, 16);
    let c40: v128, c41: v128, c50: v128, c51: v128;
    if (STRIP === 6) {
      o += stride;
      c40 = v128.load(o); c41 = v128.load(o, 16); o += stride;
      c50 = v128.load(o); c51 = v128.load(o, 16);
    }
    for (let at = weights; at < end; at += 4) {
      b0 = v128.load(block); b1 = v128.load(block, 16);
      if (STRIP === 6) {
        s = v128.load32_splat(at, 5 * ROW); c50 = madd(s, b0, c50); c51 = madd(s, b1, c51);
        s = v128.load32_splat(at, 4 * ROW); c40 = madd(s, b0, c40); c41 = madd(s, b1, c41);
      }
      s = v128.load32_splat(at, 3 * ROW); c30 = madd(s, b0, c30); c31 = madd(s, b1, c31);
      s = v128.load32_splat(at, 2 * ROW); c20 = madd(s, b0, c20); c21 = madd(s, b1, c21);
      s = v128.load32_splat(at, ROW); c10 = madd(s, b0, c10); c11 = madd(s, b1, c11);
      s = v128.load32_splat(at); c00 = madd(s, b0, c00); c01 = madd(s, b1, c01);
      block += 32;
    }
    o = out;
    v128.store(o, c00); v128.store(o, c01, 16); o += stride;
    v128.store(o, c10); v128.store(o, c11, 16); o += stride;
    v128.store(o, c20); v128.store(o, c21, 16); o += stride;
    v128.store(o, c30); v128.store(o, c31, 16);
    if (STRIP === 6) {
      o += stride;
      v128.store(o, c40); v128.store(o, c41, 16); o += stride;
      v128.store(o, c50); v128.store(o, c51, 16);
    }
  }
}

/** out[6][8] += Σ_q weights[q][0 … 6) · x[q][8] over `queries` rows; `stride` is x's and out's. */
function addTransposed6(out: usize, weights: usize, x: usize, stride: usize, queries: i32): void {
  let b0: v128, b1: v128, s: v128;
  let o = out;
  let c00 = v128.load(o), c01 = v128.load(o, 16); o += stride;
  let c10 = v128.load(o), c11 = v128.load(o, 16); o += stride;
  let c20 = v128.load(o), c21 = v128.load(o, 16); o += stride;
  let c30 = v128.load(o), c31 = v128.load(o, 16); o += stride;
  let c40 = v128.load(o), c41 = v128.load(o, 16); o += stride;
  let c50 = v128.load(o), c51 = v128.load(o, 16);
  for (const end = weights + <usize>queries * ROW; weights < end; weights += ROW) {
    b0 = v128.load(x); b1 = v128.load(x, 16);
    s = v128.load32_splat(weights, 20); c50 = madd(s, b0, c50); c51 = madd(s, b1, c51);
    s = v128.load32_splat(weights, 16); c40 = madd(s, b0, c40); c41 = madd(s, b1, c41);
    s = v128.load32_splat(weights, 12); c30 = madd(s, b0, c30); c31 = madd(s, b1, c31);
    s = v128.load32_splat(weights, 8); c20 = madd(s, b0, c20); c21 = madd(s, b1, c21);
    s = v128.load32_splat(weights, 4); c10 = madd(s, b0, c10); c11 = madd(s, b1, c11);
    s = v128.load32_splat(weights); c00 = madd(s, b0, c00); c01 = madd(s, b1, c01);
    x += stride;
  }
  o = out;
  v128.store(o, c00); v128.store(o, c01, 16); o += stride;
  v128.store(o, c10); v128.store(o, c11, 16); o += stride;
  v128.store(o, c20); v128.store(o, c21, 16); o += stride;
  v128.store(o, c30); v128.store(o, c31, 16); o += stride;
  v128.store(o, c40); v128.store(o, c41, 16); o += stride;
  v128.store(o, c50); v128.store(o, c51, 16);
}

/** The same for 4 keys. */
function addTransposed4(out: usize, weights: usize, x: usize, stride: usize, queries: i32): void {
  let b0: v128, b1: v128, s: v128;
  let o = out;
  let c00 = v128.load(o), c01 = v128.load(o, 16); o += stride;
  let c10 = v128.load(o), c11 = v128.load(o, 16); o += stride;
  let c20 = v128.load(o), c21 = v128.load(o, 16); o += stride;
  let c30 = v128.load(o), c31 = v128.load(o, 16);
  for (const end = weights + <usize>queries * ROW; weights < end; weights += ROW) {
    b0 = v128.load(x); b1 = v128.load(x, 16);
    s = v128.load32_splat(weights); c00 = madd(s, b0, c00); c01 = madd(s, b1, c01);
    s = v128.load32_splat(weights, 4); c10 = madd(s, b0, c10); c11 = madd(s, b1, c11);
    s = v128.load32_splat(weights, 8); c20 = madd(s, b0, c20); c21 = madd(s, b1, c21);
    s = v128.load32_splat(weights, 12); c30 = madd(s, b0, c30); c31 = madd(s, b1, c31);
    x += stride;
  }
  o = out;
  v128.store(o, c00); v128.store(o, c01, 16); o += stride;
  v128.store(o, c10); v128.store(o, c11, 16); o += stride;
  v128.store(o, c20); v128.store(o, c21, 16); o += stride;
  v128.store(o, c30); v128.store(o, c31, 16);
}

/** out[count][padded] += weights[queries][count]ᵀ · x[queries][padded]; count is a multiple of 8. */
function addTransposed(out: usize, weights: usize, x: usize, queries: i32, count: i32, padded: i32): void {
  const stride = floats(padded);
  while (count > 0) {
    // 8 are 4 + 4: what 6 leave of a multiple of 8 is then always a multiple of 4.
    const height = ASC_FEATURE_RELAXED_SIMD && count >= 6 && count !== 8 ? 6 : 4;
    for (let at: usize = 0; at < stride; at += 32) {
      if (height === 6) addTransposed6(out + at, weights, x + at, stride, queries);
      else addTransposed4(out + at, weights, x + at, stride, queries);
    }
    out += <usize>height * stride;
    weights += floats(height);
    count -= height;
  }
}

/** Scores of the keys that only pad the last block. */
function exclude(scores: usize, rows: i32, real: i32, count: i32): void {
  for (const end = scores + <usize>rows * ROW; scores < end; scores += ROW) {
    for (let k = real; k < count; k++) f32.store(scores + floats(k), EXCLUDED);
  }
}

/**
 * scores → weights 2^score in place, scores above 127 as 127; adds each row's to sums[STRIP] (two vectors each).
 * Returns whether some sum has become too large.
 */
function weigh(scores: usize, count: i32, sums: usize): bool {
  const most = v128.load32_splat(MOST);
  let above = f32x4.splat(0);
  for (const sumsEnd = sums + <usize>STRIP * SUM_BYTES; sums < sumsEnd; sums += SUM_BYTES) {
    const end = scores + floats(count);
    let sumL = v128.load(sums), sumH = v128.load(sums, 16);
    for (let at = scores; at < end; at += 32) {
      const first = exp2Floored(f32x4.pmin(v128.load(at), most));
      const second = exp2Floored(f32x4.pmin(v128.load(at, 16), most));
      v128.store(at, first);
      v128.store(at, second, 16);
      sumL = f32x4.add(sumL, first);
      sumH = f32x4.add(sumH, second);
    }
    v128.store(sums, sumL);
    v128.store(sums, sumH, 16);
    above = v128.or(above, f32x4.ge(f32x4.add(sumL, sumH), f32x4.splat(LARGEST_SUM)));
    scores += ROW;
  }
  return v128.any_true(above);
}

// @ts-expect-error: decorator
@inline
function horizontalMax(a: v128): f32 {
  const pairs = f32x4.pmax(a, v128.shuffle<f32>(a, a, 2, 3, 0, 1));
  return max(f32x4.extract_lane(pairs, 0), f32x4.extract_lane(pairs, 1));
}

/**
 * Raises references[STRIP] to the rows' largest score where that is larger: scores, sums[STRIP] (two vectors each) and
 * out[STRIP][padded] are brought to the new references. With `first`, sets them.
 */
function raise(scores: usize, count: i32, references: usize, sums: usize, out: usize, padded: i32, first: bool): void {
  for (let r = 0; r < STRIP; r++) {
    const end = scores + floats(count);
    let largest = v128.load(scores);
    for (let at = scores + 16; at < end; at += 16) largest = f32x4.pmax(largest, v128.load(at));
    let rise = horizontalMax(largest);
    if (!first && rise < 0) rise = 0;
    const rises = f32x4.splat(rise);
    for (let at = scores; at < end; at += 16) v128.store(at, f32x4.sub(v128.load(at), rises));
    f32.store(references, f32.load(references) + rise);
    const shrink = first ? f32x4.splat(0) : exp2Floored(f32x4.neg(rises));
    v128.store(sums, f32x4.mul(v128.load(sums), shrink));
    v128.store(sums, f32x4.mul(v128.load(sums, 16), shrink), 16);
    for (let c: usize = 0; c < floats(padded); c += 16) v128.store(out + c, f32x4.mul(v128.load(out + c), shrink));
    scores += ROW;
    references += 4;
    sums += SUM_BYTES;
    out += floats(padded);
  }
}

/** y[rows, columns]; logsumexp[rows, heads] of the scores, base 2. */
export function attentionForward(
  y: usize, logsumexp: usize, qkv: usize, work: usize, rows: i32, columns: i32, heads: i32,
): void {
  const width = columns / heads;
  const padded = upTo8(width);
  const keys = upTo8(rows);
  const stride = floats(3 * columns);
  const whole = floats((rows + 7) * padded);
  const q = work;
  const k = q + whole;
  const v = k + whole;
  const scores = v + whole;
  const out = scores + <usize>STRIP * ROW;
  const sums = out + floats(STRIP * padded);
  const saved = sums + <usize>STRIP * SUM_BYTES;
  const references = saved + <usize>STRIP * SUM_BYTES;
  const scale = LOG2_E / sqrt<f32>(<f32>width);
  for (let head = 0; head < heads; head++) {
    const at = qkv + floats(head * width);
    packColumns(q, at, stride, rows, width, padded, STRIP, scale);
    packColumns(k, at + floats(columns), stride, rows, width, padded, 8, 1);
    packBlocks(v, at + floats(2 * columns), stride, rows, width, padded);
    for (let firstQuery = 0; firstQuery < rows; firstQuery += STRIP) {
      const strip = q + floats(firstQuery * padded);
      memory.fill(out, 0, floats(STRIP * padded));
      memory.fill(sums, 0, <usize>STRIP * SUM_BYTES);
      memory.fill(references, 0, STRIP << 2);
      for (let firstKey = 0; firstKey < keys; firstKey += TILE_KEYS) {
        const count = min(TILE_KEYS, keys - firstKey);
        const real = min(count, rows - firstKey);
        const packedAt = floats(firstKey * padded);
        stripProduct(scores, strip, k + packedAt, references, padded, count);
        if (real < count) exclude(scores, STRIP, real, count);
        if (firstKey === 0) raise(scores, count, references, sums, out, padded, true);
        memory.copy(saved, sums, <usize>STRIP * SUM_BYTES);
        if (weigh(scores, count, sums)) {
          memory.copy(sums, saved, <usize>STRIP * SUM_BYTES);
          stripProduct(scores, strip, k + packedAt, references, padded, count);
          if (real < count) exclude(scores, STRIP, real, count);
          raise(scores, count, references, sums, out, padded, false);
          weigh(scores, count, sums);
        }
        addWeighted(out, scores, v + packedAt, count, padded);
      }
      for (let r = 0; r < min(STRIP, rows - firstQuery); r++) {
        const sum = sums + <usize>r * SUM_BYTES;
        const total = horizontalSum(f32x4.add(v128.load(sum), v128.load(sum, 16)));
        const row = firstQuery + r;
        const to = y + floats(row * columns + head * width);
        unpackRows(to, 0, out + floats(r * padded), 1, width, padded, <f32>1 / total);
        const log = <f32>(NativeMath.log2(<f64>total) + <f64>f32.load(references + floats(r)));
        f32.store(logsumexp + floats(row * heads + head), log);
      }
    }
  }
}

/** weights[STRIP] = 2^scores in place; slopes[STRIP] = weights · slopes in place. */
function weighSlopes(scores: usize, slopes: usize, count: i32): void {
  for (const scoresEnd = scores + <usize>STRIP * ROW; scores < scoresEnd; scores += ROW) {
    const end = scores + floats(count);
    let slopesAt = slopes;
    for (let at = scores; at < end; at += 32) {
      const first = exp2Floored(v128.load(at));
      const second = exp2Floored(v128.load(at, 16));
      const firstSlope = f32x4.mul(first, v128.load(slopesAt));
      const secondSlope = f32x4.mul(second, v128.load(slopesAt, 16));
      v128.store(at, first);
      v128.store(at, second, 16);
      v128.store(slopesAt, firstSlope);
      v128.store(slopesAt, secondSlope, 16);
      slopesAt += 32;
    }
    slopes += ROW;
  }
}

/**
 * dqkv[rows, 3 columns]. With weights P, dP = dy Vᵀ, share D = Σ dy · y a row: dS = P (dP − D), dV = Pᵀ dy,
 * dQ = dS K / √width, dK = dSᵀ Q / √width.
 */
export function attentionBackward(
  dqkv: usize, dy: usize, y: usize, qkv: usize, logsumexp: usize, work: usize, rows: i32, columns: i32, heads: i32,
): void {
  const width = columns / heads;
  const padded = upTo8(width);
  const keys = upTo8(rows);
  const queryRows = upToStrip(rows);
  const stride = floats(3 * columns);
  const dyStride = floats(columns);
  const whole = floats((rows + 7) * padded);
  const qStrips = work;
  const qRows = qStrips + whole;
  const kColumns = qRows + whole;
  const kBlocks = kColumns + whole;
  const vColumns = kBlocks + whole;
  const dStrips = vColumns + whole;
  const dRows = dStrips + whole;
  const dq = dRows + whole;
  const dk = dq + whole;
  const dv = dk + whole;
  const scores = dv + whole;
  const slopes = scores + <usize>TILE_QUERIES * ROW;
  const logs = slopes + <usize>TILE_QUERIES * ROW;
  const shares = logs + floats(rows + 7);
  const scale = <f32>1 / sqrt<f32>(<f32>width);
  for (let head = 0; head < heads; head++) {
    const at = qkv + floats(head * width);
    const dyAt = dy + floats(head * width);
    packColumns(qStrips, at, stride, rows, width, padded, STRIP, LOG2_E * scale);
    packRows(qRows, at, stride, rows, queryRows, width, padded, 1);
    packColumns(kColumns, at + floats(columns), stride, rows, width, padded, 8, 1);
    packBlocks(kBlocks, at + floats(columns), stride, rows, width, padded);
    packColumns(vColumns, at + floats(2 * columns), stride, rows, width, padded, 8, 1);
    packColumns(dStrips, dyAt, dyStride, rows, width, padded, STRIP, 1);
    packRows(dRows, dyAt, dyStride, rows, queryRows, width, padded, 1);
    memory.fill(dq, 0, 3 * whole);
    for (let r = 0; r < rows; r++) {
      let share: f32 = 0;
      const row = floats(r * columns + head * width);
      for (let c = 0; c < width; c++) share += f32.load(dy + row + floats(c)) * f32.load(y + row + floats(c));
      f32.store(shares + floats(r), share);
      f32.store(logs + floats(r), f32.load(logsumexp + floats(r * heads + head)));
    }
    memory.fill(logs + floats(rows), 0, floats(queryRows - rows));
    memory.fill(shares + floats(rows), 0, floats(queryRows - rows));
    for (let firstKey = 0; firstKey < keys; firstKey += TILE_KEYS) {
      const count = min(TILE_KEYS, keys - firstKey);
      const real = min(count, rows - firstKey);
      const packedAt = floats(firstKey * padded);
      for (let firstQuery = 0; firstQuery < queryRows; firstQuery += TILE_QUERIES) {
        const queries = min(TILE_QUERIES, queryRows - firstQuery);
        for (let s = 0; s < queries; s += STRIP) {
          const queryAt = floats((firstQuery + s) * padded);
          const scoresAt = scores + <usize>s * ROW;
          const slopesAt = slopes + <usize>s * ROW;
          stripProduct(scoresAt, qStrips + queryAt, kColumns + packedAt, logs + floats(firstQuery + s), padded, count);
          if (real < count) exclude(scoresAt, STRIP, real, count);
          stripProduct(slopesAt, dStrips + queryAt, vColumns + packedAt, shares + floats(firstQuery + s), padded, count);
          weighSlopes(scoresAt, slopesAt, count);
          addWeighted(dq + queryAt, slopesAt, kBlocks + packedAt, count, padded);
        }
        const queryAt = floats(firstQuery * padded);
        addTransposed(dv + packedAt, scores, dRows + queryAt, queries, count, padded);
        addTransposed(dk + packedAt, slopes, qRows + queryAt, queries, count, padded);
      }
    }
    const to = dqkv + floats(head * width);
    unpackRows(to, stride, dq, rows, width, padded, scale);
    unpackRows(to + floats(columns), stride, dk, rows, width, padded, scale);
    unpackRows(to + floats(2 * columns), stride, dv, rows, width, padded, 1);
  }
}
