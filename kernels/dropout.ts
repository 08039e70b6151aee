// Dropout (Srivastava et al. 2014): y = x / (1 − rate) where the element's random word is at least rate · 2³², else 0.
// The word of element e is number e mod 4 of the Philox block (⌊e / 4⌋, site, step, sequence) under (seed, purpose):
// the backward pass draws the same mask again.
import { philox, word0, word1, word2, word3 } from './random';

// @ts-ignore: decorator
@inline
function put(y: usize, x: usize, word: u32, threshold: u32, scale: f32): void {
  f32.store(y, word >= threshold ? f32.load(x) * scale : 0);
}

/** Elements first … first + count − 1 of the tensor; x and y point at the first of them; y may be x. */
export function dropout(
  y: usize, x: usize, first: u32, count: u32, threshold: u32, scale: f32,
  site: u32, step: u32, sequence: u32, seed: u32, purpose: u32,
): void {
  const end = first + count;
  let drawn: u32 = 0xffffffff;
  for (let e = first; e < end; e++) {
    if (e >> 2 != drawn) {
      drawn = e >> 2;
      philox(drawn, site, step, sequence, seed, purpose);
    }
    const lane = e & 3;
    put(y, x, lane == 0 ? word0 : lane == 1 ? word1 : lane == 2 ? word2 : word3, threshold, scale);
    x += 4;
    y += 4;
  }
}
