// MiniRocket: answers of kernels of nine taps, six of −1 and three of 2, and the shares of them above biases. A signal
// is rows of float32, one a channel, with zeros before and behind as far as the widest kernel reaches. The bits are those
// of src/input/convolutions/reference.ts: sums of taps in float64, rounded once.

const TAPS: i32 = 9;
const LANES: i32 = 4;

/** sums[t] = −Σ x[t + (j − 4) · dilation], of one channel. Writes up to three numbers more than there are steps. */
export function miniRocketSums(sums: usize, x: usize, steps: i32, dilation: i32): void {
  const reach = <usize>(dilation * 4) << 2;
  const stride = <usize>dilation << 2;
  for (let t = 0; t < steps; t += LANES) {
    const at = <usize>t << 2;
    let sum = f32x4.splat(0);
    let from = x + at - reach;
    for (let j = 0; j < TAPS; j++, from += stride) sum = f32x4.sub(sum, v128.load(from));
    v128.store(sums + at, sum);
  }
}

/** Two numbers as float64. */
// @ts-expect-error: decorator
@inline
function wide(at: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(at));
}

/** Of two numbers: sum of all taps times −1 and of the larger ones times 3. */
// @ts-expect-error: decorator
@inline
function answer(sums: usize, a: usize, b: usize, c: usize): v128 {
  return f64x2.add(f64x2.add(f64x2.add(wide(sums), wide(a)), wide(b)), wide(c));
}

/** Four numbers from two pairs. */
// @ts-expect-error: decorator
@inline
function narrow(low: v128, high: v128): v128 {
  return v128.shuffle<i64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2);
}

/**
 * Answers of one kernel to the sum of its channels. Writes up to three numbers more than there are steps.
 * @param tripled 3 x: a row for each channel from its first step on, `tripledStride` bytes apart
 * @param sums of miniRocketSums: a row for each channel, `sumsStride` bytes apart
 * @param a, b, c where the larger taps look, in steps from the middle one
 * @param chosen numbers of its channels, `channels` of them
 */
export function miniRocketAnswers(
  answers: usize,
  tripled: usize,
  tripledStride: usize,
  sums: usize,
  sumsStride: usize,
  steps: i32,
  a: i32,
  b: i32,
  c: i32,
  chosen: usize,
  channels: i32,
): void {
  const size = <usize>steps << 2;
  for (let i = 0; i < channels; i++) {
    const channel = <usize>i32.load(chosen + ((<usize>i) << 2));
    const own = sums + channel * sumsStride;
    const x = tripled + channel * tripledStride;
    const xa = x + (<isize>a << 2);
    const xb = x + (<isize>b << 2);
    const xc = x + (<isize>c << 2);
    if (i === 0) {
      for (let at: usize = 0; at < size; at += 16) {
        const low = answer(own + at, xa + at, xb + at, xc + at);
        const high = answer(own + at + 8, xa + at + 8, xb + at + 8, xc + at + 8);
        v128.store(answers + at, narrow(low, high));
      }
    } else {
      for (let at: usize = 0; at < size; at += 16) {
        const low = f64x2.add(wide(answers + at), answer(own + at, xa + at, xb + at, xc + at));
        const second = answer(own + at + 8, xa + at + 8, xb + at + 8, xc + at + 8);
        v128.store(answers + at, narrow(low, f64x2.add(wide(answers + at + 8), second)));
      }
    }
  }
}

/** Of the lanes of four, those below `count`. */
// @ts-expect-error: decorator
@inline
function lanesBelow(count: i32): v128 {
  return i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count));
}

// @ts-expect-error: decorator
@inline
function total(counts: v128): i32 {
  return (
    i32x4.extract_lane(counts, 0) +
    i32x4.extract_lane(counts, 1) +
    i32x4.extract_lane(counts, 2) +
    i32x4.extract_lane(counts, 3)
  );
}

// @ts-expect-error: decorator
@inline
function countedAbove(counts: v128, answers: v128, bias: v128): v128 {
  return i32x4.sub(counts, f32x4.gt(answers, bias));
}

/** shares[i] = share of answers[from … to − 1] above biases[i], `count` of them; four biases for each number read. */
export function miniRocketShares(
  shares: usize,
  answers: usize,
  from: i32,
  to: i32,
  biases: usize,
  count: i32,
): void {
  const steps = to - from;
  const whole = <usize>(steps & ~3) << 2;
  const first = answers + (<usize>from << 2);
  const rest = lanesBelow(steps & 3);
  for (let i = 0; i < count; i += 4) {
    const last = count - 1;
    const b0 = v128.load32_splat(biases + (<usize>i << 2));
    const b1 = v128.load32_splat(biases + (<usize>min(i + 1, last) << 2));
    const b2 = v128.load32_splat(biases + (<usize>min(i + 2, last) << 2));
    const b3 = v128.load32_splat(biases + (<usize>min(i + 3, last) << 2));
    let c0 = i32x4.splat(0);
    let c1 = i32x4.splat(0);
    let c2 = i32x4.splat(0);
    let c3 = i32x4.splat(0);
    for (let at: usize = 0; at < whole; at += 16) {
      const x = v128.load(first + at);
      c0 = countedAbove(c0, x, b0);
      c1 = countedAbove(c1, x, b1);
      c2 = countedAbove(c2, x, b2);
      c3 = countedAbove(c3, x, b3);
    }
    const x = v128.load(first + whole);
    c0 = i32x4.sub(c0, v128.and(rest, f32x4.gt(x, b0)));
    c1 = i32x4.sub(c1, v128.and(rest, f32x4.gt(x, b1)));
    c2 = i32x4.sub(c2, v128.and(rest, f32x4.gt(x, b2)));
    c3 = i32x4.sub(c3, v128.and(rest, f32x4.gt(x, b3)));
    const at = shares + (<usize>i << 2);
    f32.store(at, <f32>(<f64>total(c0) / steps));
    if (i + 1 < count) f32.store(at + 4, <f32>(<f64>total(c1) / steps));
    if (i + 2 < count) f32.store(at + 8, <f32>(<f64>total(c2) / steps));
    if (i + 3 < count) f32.store(at + 12, <f32>(<f64>total(c3) / steps));
  }
}
