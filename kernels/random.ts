// Philox-4x32-10 (Salmon et al. 2011): src/random.ts in WebAssembly. The words of one block, or of four neighbouring
// blocks, stay in globals.

const M0: u64 = 0xd2511f53;
const M1: u64 = 0xcd9e8d57;
const W0: u32 = 0x9e3779b9;
const W1: u32 = 0xbb67ae85;

export let word0: u32 = 0;
export let word1: u32 = 0;
export let word2: u32 = 0;
export let word3: u32 = 0;

/** Counter c0…c3, key key0, key1 → word0…word3. */
export function philox(c0: u32, c1: u32, c2: u32, c3: u32, key0: u32, key1: u32): void {
  for (let round = 0; round < 10; round++) {
    const p0 = M0 * <u64>c0;
    const p1 = M1 * <u64>c2;
    c0 = <u32>(p1 >> 32) ^ c1 ^ key0;
    c1 = <u32>p1;
    c2 = <u32>(p0 >> 32) ^ c3 ^ key1;
    c3 = <u32>p0;
    key0 += W0;
    key1 += W1;
  }
  word0 = c0;
  word1 = c1;
  word2 = c2;
  word3 = c3;
}

/** Words 0 … 3 of four blocks, lane by lane. */
export let words0: v128 = i32x4.splat(0);
export let words1: v128 = i32x4.splat(0);
export let words2: v128 = i32x4.splat(0);
export let words3: v128 = i32x4.splat(0);

// @ts-expect-error: decorator
@inline
function lowWords(low: v128, high: v128): v128 {
  return v128.shuffle<i32>(low, high, 0, 2, 4, 6);
}

// @ts-expect-error: decorator
@inline
function highWords(low: v128, high: v128): v128 {
  return v128.shuffle<i32>(low, high, 1, 3, 5, 7);
}

/** Counters (first … first + 3, c1, c2, c3) → words0…words3: four blocks at once. */
export function philoxFour(first: u32, c1: u32, c2: u32, c3: u32, key0: u32, key1: u32): void {
  const m0 = i32x4.splat(<i32>(<u32>M0));
  const m1 = i32x4.splat(<i32>(<u32>M1));
  let v0 = i32x4.add(i32x4.splat(first), i32x4(0, 1, 2, 3));
  let v1 = i32x4.splat(c1);
  let v2 = i32x4.splat(c2);
  let v3 = i32x4.splat(c3);
  let k0 = i32x4.splat(key0);
  let k1 = i32x4.splat(key1);
  for (let round = 0; round < 10; round++) {
    const low0 = i64x2.extmul_low_i32x4_u(v0, m0);
    const high0 = i64x2.extmul_high_i32x4_u(v0, m0);
    const low1 = i64x2.extmul_low_i32x4_u(v2, m1);
    const high1 = i64x2.extmul_high_i32x4_u(v2, m1);
    v0 = v128.xor(v128.xor(highWords(low1, high1), v1), k0);
    v1 = lowWords(low1, high1);
    v2 = v128.xor(v128.xor(highWords(low0, high0), v3), k1);
    v3 = lowWords(low0, high0);
    k0 = i32x4.add(k0, i32x4.splat(<i32>W0));
    k1 = i32x4.add(k1, i32x4.splat(<i32>W1));
  }
  words0 = v0;
  words1 = v1;
  words2 = v2;
  words3 = v3;
}
