// Multi-head attention of one sequence of real tokens, and its backward, in tiles: nothing of size tokens² is kept
// (Rabe & Staats 2021; Dao et al. 2022). One head after the other; a tile is TILE_QUERIES × TILE_KEYS scores, which
// stay in the first-level cache. All products go through the matrix micro-kernels.
//
// qkv: [rows, 3 columns], q then k then v, each split into heads of `width` = columns / heads. Scores are kept in base
// 2: q is packed times log₂e / √width, so that a weight is 2^(score − logsumexp). A head is padded with zero channels
// to `padded` (a multiple of 8), keys with zero rows to a multiple of 8 that a bias of −1e30 keeps out.
import { addWeightGradient, product } from './gemm';
import { exp2OfNegative } from './mathematics';
import { horizontalSum, madd } from './vector';

const TILE_QUERIES: i32 = 48;
const TILE_KEYS: i32 = 64;
const LOG2_E: f32 = 1.4426950408889634;
const LN_2: f32 = 0.6931471805599453;
const EXCLUDED: f32 = -1e30;

// @ts-ignore: decorator
@inline
function upTo8(count: i32): i32 {
  return (count + 7) & ~7;
}

// @ts-ignore: decorator
@inline
function floats(count: i32): usize {
  return <usize>count << 2;
}

/** Bytes of work that either direction needs for `rows` tokens. */
export function attentionWorkBytes(rows: i32, columns: i32, heads: i32): usize {
  const padded = upTo8(columns / heads);
  const keys = upTo8(rows);
  const tiles = 2 * TILE_QUERIES * TILE_KEYS + TILE_QUERIES * (padded + 2) + TILE_KEYS;
  return floats(9 * keys * padded + keys + tiles) + 256;
}

// Layouts of a packed head. `rows`: [key][channel]. `blocks`: for each block of TILE_KEYS keys, panels of 8 channels
// [channel / 8][key][8], the right-hand side of a product over keys. `columns`: for each 8 keys [channel][8], the
// right-hand side of a product over channels.

/** out[rows][padded] = x[rows][0 … width) · scale, x with a row stride. */
function packRows(out: usize, x: usize, stride: usize, rows: i32, width: i32, padded: i32, scale: f32): void {
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < width; c++) f32.store(out + floats(c), f32.load(x + floats(c)) * scale);
    for (let c = width; c < padded; c++) f32.store(out + floats(c), 0);
    out += floats(padded);
    x += stride;
  }
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

function packColumns(out: usize, x: usize, stride: usize, rows: i32, width: i32, padded: i32): void {
  const keys = upTo8(rows);
  for (let first = 0; first < keys; first += 8) {
    for (let c = 0; c < padded; c++) {
      for (let k = 0; k < 8; k++) {
        const inside = first + k < rows && c < width;
        f32.store(out + floats(k), inside ? f32.load(x + <usize>(first + k) * stride + floats(c)) : 0);
      }
      out += 32;
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

/** Bias of a block of keys: 0 for real ones, EXCLUDED for the padding behind them. */
function writeBias(bias: usize, count: i32, real: i32): void {
  for (let k = 0; k < count; k++) f32.store(bias + floats(k), k < real ? 0 : EXCLUDED);
}

// @ts-ignore: decorator
@inline
function horizontalMax(a: v128): f32 {
  const pairs = f32x4.pmax(a, v128.shuffle<f32>(a, a, 2, 3, 0, 1));
  return max(f32x4.extract_lane(pairs, 0), f32x4.extract_lane(pairs, 1));
}

/**
 * One row of a tile of scores becomes weights 2^(score − largest), with the row's largest score and sum so far
 * (state[0], state[1]) brought up to date; returns the factor by which earlier sums shrink.
 */
// @ts-ignore: decorator
@inline
function softmaxRow(scores: usize, keys: i32, state: usize): f32 {
  const end = scores + floats(keys);
  let largest = v128.load(scores);
  for (let at = scores + 16; at < end; at += 16) largest = f32x4.pmax(largest, v128.load(at));
  const before = f32.load(state);
  const top = max(before, horizontalMax(largest));
  const tops = f32x4.splat(top);
  let sums = f32x4.splat(0);
  for (let at = scores; at < end; at += 32) {
    const first = exp2OfNegative(f32x4.sub(v128.load(at), tops));
    const second = exp2OfNegative(f32x4.sub(v128.load(at, 16), tops));
    v128.store(at, first);
    v128.store(at, second, 16);
    sums = f32x4.add(sums, f32x4.add(first, second));
  }
  const shrink = f32x4.extract_lane(exp2OfNegative(f32x4.splat(before - top)), 0);
  f32.store(state, top);
  f32.store(state, f32.load(state, 4) * shrink + horizontalSum(sums), 4);
  return shrink;
}

/** y[rows, columns]; logsumexp[rows, heads] of the scores, base 2. */
export function attentionForward(
  y: usize, logsumexp: usize, qkv: usize, work: usize, rows: i32, columns: i32, heads: i32,
): void {
  const width = columns / heads;
  const padded = upTo8(width);
  const keys = upTo8(rows);
  const stride = floats(3 * columns);
  const whole = floats(keys * padded);
  const q = work;
  const k = q + whole;
  const v = k + whole;
  const scores = v + whole;
  const sums = scores + floats(TILE_QUERIES * TILE_KEYS);
  const states = sums + floats(TILE_QUERIES * padded);
  const bias = states + floats(2 * TILE_QUERIES);
  const scale = LOG2_E / sqrt<f32>(<f32>width);
  for (let head = 0; head < heads; head++) {
    const at = qkv + floats(head * width);
    packRows(q, at, stride, rows, width, padded, scale);
    packColumns(k, at + floats(columns), stride, rows, width, padded);
    packBlocks(v, at + floats(2 * columns), stride, rows, width, padded);
    for (let firstQuery = 0; firstQuery < rows; firstQuery += TILE_QUERIES) {
      const queries = min(TILE_QUERIES, rows - firstQuery);
      memory.fill(sums, 0, floats(queries * padded));
      for (let r = 0; r < queries; r++) {
        f32.store(states + floats(2 * r), EXCLUDED);
        f32.store(states + floats(2 * r + 1), 0);
      }
      for (let firstKey = 0; firstKey < keys; firstKey += TILE_KEYS) {
        const count = min(TILE_KEYS, keys - firstKey);
        const real = min(count, rows - firstKey);
        if (real < count) writeBias(bias, count, real);
        const packedAt = floats(firstKey * padded);
        product(scores, q + floats(firstQuery * padded), k + packedAt, real < count ? bias : 0, 0, queries, padded, count);
        for (let r = 0; r < queries; r++) {
          const shrink = softmaxRow(scores + floats(r * count), count, states + floats(2 * r));
          if (shrink == 1) continue;
          const shrinks = f32x4.splat(shrink);
          const row = sums + floats(r * padded);
          for (let c = 0; c < padded; c += 4) {
            v128.store(row + floats(c), f32x4.mul(v128.load(row + floats(c)), shrinks));
          }
        }
        product(sums, scores, v + packedAt, 0, sums, queries, count, padded);
      }
      for (let r = 0; r < queries; r++) {
        const total = f32.load(states + floats(2 * r + 1));
        const row = firstQuery + r;
        const out = y + floats(row * columns + head * width);
        unpackRows(out, 0, sums + floats(r * padded), 1, width, padded, <f32>1 / total);
        const log = <f32>(NativeMath.log2(<f64>total) + <f64>f32.load(states + floats(2 * r)));
        f32.store(logsumexp + floats(row * heads + head), log);
      }
    }
  }
}

/** scores → weights = 2^(scores − logsumexp) in place; slopes → weights · (slopes − share) in place. One row. */
// @ts-ignore: decorator
@inline
function backwardRow(scores: usize, slopes: usize, keys: i32, logsumexp: f32, share: f32): void {
  const end = scores + floats(keys);
  const logs = f32x4.splat(logsumexp);
  const shares = f32x4.splat(share);
  for (; scores < end; scores += 32) {
    const first = exp2OfNegative(f32x4.sub(v128.load(scores), logs));
    const second = exp2OfNegative(f32x4.sub(v128.load(scores, 16), logs));
    const firstSlope = f32x4.mul(first, f32x4.sub(v128.load(slopes), shares));
    const secondSlope = f32x4.mul(second, f32x4.sub(v128.load(slopes, 16), shares));
    v128.store(scores, first);
    v128.store(scores, second, 16);
    v128.store(slopes, firstSlope);
    v128.store(slopes, secondSlope, 16);
    slopes += 32;
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
  const stride = floats(3 * columns);
  const whole = floats(keys * padded);
  const q = work;
  const kColumns = q + whole;
  const kBlocks = kColumns + whole;
  const vColumns = kBlocks + whole;
  const d = vColumns + whole;
  const dq = d + whole;
  const dk = dq + whole;
  const dv = dk + whole;
  const shares = dv + whole;
  const scores = shares + floats(keys);
  const slopes = scores + floats(TILE_QUERIES * TILE_KEYS);
  const bias = slopes + floats(TILE_QUERIES * TILE_KEYS);
  const scale = <f32>1 / sqrt<f32>(<f32>width);
  for (let head = 0; head < heads; head++) {
    const at = qkv + floats(head * width);
    packRows(q, at, stride, rows, width, padded, LOG2_E * scale);
    packColumns(kColumns, at + floats(columns), stride, rows, width, padded);
    packBlocks(kBlocks, at + floats(columns), stride, rows, width, padded);
    packColumns(vColumns, at + floats(2 * columns), stride, rows, width, padded);
    packRows(d, dy + floats(head * width), floats(columns), rows, width, padded, 1);
    memory.fill(dq, 0, 3 * whole);
    for (let r = 0; r < rows; r++) {
      let share: f32 = 0;
      const row = floats(r * columns + head * width);
      for (let c = 0; c < width; c++) share += f32.load(dy + row + floats(c)) * f32.load(y + row + floats(c));
      f32.store(shares + floats(r), share);
    }
    for (let firstKey = 0; firstKey < keys; firstKey += TILE_KEYS) {
      const count = min(TILE_KEYS, keys - firstKey);
      const real = min(count, rows - firstKey);
      if (real < count) writeBias(bias, count, real);
      const packedAt = floats(firstKey * padded);
      for (let firstQuery = 0; firstQuery < rows; firstQuery += TILE_QUERIES) {
        const queries = min(TILE_QUERIES, rows - firstQuery);
        const queryAt = floats(firstQuery * padded);
        product(scores, q + queryAt, kColumns + packedAt, real < count ? bias : 0, 0, queries, padded, count);
        product(slopes, d + queryAt, vColumns + packedAt, 0, 0, queries, padded, count);
        for (let r = 0; r < queries; r++) {
          const row = firstQuery + r;
          const log = f32.load(logsumexp + floats(row * heads + head));
          backwardRow(scores + floats(r * count), slopes + floats(r * count), count, log, f32.load(shares + floats(row)));
        }
        product(dq + queryAt, slopes, kBlocks + packedAt, 0, dq + queryAt, queries, count, padded);
        addWeightGradient(dv + packedAt, scores, d + queryAt, queries, padded, count);
        addWeightGradient(dk + packedAt, slopes, q + queryAt, queries, padded, count);
      }
    }
    const out = dqkv + floats(head * width);
    unpackRows(out, stride, dq, rows, width, padded, scale);
    unpackRows(out + floats(columns), stride, dk, rows, width, padded, LN_2);
    unpackRows(out + floats(2 * columns), stride, dv, rows, width, padded, 1);
  }
}
