// Dropout (Srivastava et al. 2014): y = x / (1 − rate) where the element's random word is at least rate · 2³², else 0.
// The word of element e is number e mod 4 of the Philox block (⌊e / 4⌋, site, step, sequence) under (seed, purpose):
// the backward pass draws the same mask again.
import { philox, philoxFour, word0, word1, word2, word3, words0, words1, words2, words3 } from './random';

// @ts-expect-error: decorator
@inline
function put(y: usize, x: usize, word: u32, threshold: u32, scale: f32): void {
  f32.store(y, word >= threshold ? f32.load(x) * scale : 0);
}

/** Four elements of one block, whose words are `words`. */
// @ts-expect-error: decorator
@inline
function putFour(y: usize, x: usize, words: v128, thresholds: v128, scales: v128): void {
  v128.store(y, v128.and(f32x4.mul(v128.load(x), scales), i32x4.ge_u(words, thresholds)));
}

/** Elements 4 block … 4 block + 15. */
function dropoutSixteen(
  y: usize, x: usize, block: u32, threshold: u32, scale: f32,
  site: u32, step: u32, sequence: u32, seed: u32, purpose: u32,
): void {
  philoxFour(block, site, step, sequence, seed, purpose);
  const thresholds = i32x4.splat(threshold);
  const scales = f32x4.splat(scale);
  // Lanes are blocks, elements are words: transposed.
  const a = v128.shuffle<i32>(words0, words1, 0, 4, 1, 5);
  const b = v128.shuffle<i32>(words0, words1, 2, 6, 3, 7);
  const c = v128.shuffle<i32>(words2, words3, 0, 4, 1, 5);
  const d = v128.shuffle<i32>(words2, words3, 2, 6, 3, 7);
  putFour(y, x, v128.shuffle<i64>(a, c, 0, 2), thresholds, scales);
  putFour(y + 16, x + 16, v128.shuffle<i64>(a, c, 1, 3), thresholds, scales);
  putFour(y + 32, x + 32, v128.shuffle<i64>(b, d, 0, 2), thresholds, scales);
  putFour(y + 48, x + 48, v128.shuffle<i64>(b, d, 1, 3), thresholds, scales);
}

/** Elements first … first + count − 1 of the tensor; x and y point at the first of them; y may be x. */
export function dropout(
  y: usize, x: usize, first: u32, count: u32, threshold: u32, scale: f32,
  site: u32, step: u32, sequence: u32, seed: u32, purpose: u32,
): void {
  const end = first + count;
  let drawn: u32 = 0xffffffff;
  let e = first;
  if ((first & 3) === 0) {
    for (; e + 16 <= end; e += 16) {
      dropoutSixteen(y, x, e >> 2, threshold, scale, site, step, sequence, seed, purpose);
      x += 64;
      y += 64;
    }
  }
  for (; e < end; e++) {
    if (e >> 2 !== drawn) {
      drawn = e >> 2;
      philox(drawn, site, step, sequence, seed, purpose);
    }
    const lane = e & 3;
    put(y, x, lane === 0 ? word0 : lane === 1 ? word1 : lane === 2 ? word2 : word3, threshold, scale);
    x += 4;
    y += 4;
  }
}

/**
 * Word dropout: y[t] = unknown where word t mod 4 of the block ⌊t / 4⌋ is below the threshold, else ids[t]; rows first …
 * first + count − 1, ids and y point at the first of them.
 */
export function dropWords(
  y: usize, ids: usize, first: u32, count: u32, threshold: u32, unknown: i32,
  site: u32, step: u32, sequence: u32, seed: u32, purpose: u32,
): void {
  let drawn: u32 = 0xffffffff;
  for (let t = first, end = first + count; t < end; t++) {
    if (t >> 2 !== drawn) {
      drawn = t >> 2;
      philox(drawn, site, step, sequence, seed, purpose);
    }
    const lane = t & 3;
    const word = lane === 0 ? word0 : lane === 1 ? word1 : lane === 2 ? word2 : word3;
    i32.store(y, word < threshold ? unknown : i32.load(ids));
    ids += 4;
    y += 4;
  }
}
