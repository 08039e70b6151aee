// Kernels as long as a text from few numbers (SGConv: Li et al. 2022, arXiv 2210.09298), and the way back. Once a step.
//
// forward, backward: [scales · width, columns]. Scale s covers width · 2^s lags: lag j of them lies at (j + ½) / 2^s − ½ on
// the line through the scale's numbers. Row reach + l of the kernel is lag l; `backward` goes from lag −1 backwards.
import { madd } from './vector';

/** y += a · x0 + b · x1. */
function addBlend(y: usize, x0: usize, x1: usize, a: f32, b: f32, columns: i32): void {
  const bytes = <usize>columns << 2;
  const vectors = <usize>(columns & ~3) << 2;
  const as = f32x4.splat(a), bs = f32x4.splat(b);
  let at: usize = 0;
  for (; at < vectors; at += 16) {
    v128.store(y + at, madd(as, v128.load(x0 + at), madd(bs, v128.load(x1 + at), v128.load(y + at))));
  }
  for (; at < bytes; at += 4) {
    f32.store(y + at, f32.load(y + at) + a * f32.load(x0 + at) + b * f32.load(x1 + at));
  }
}

/** y += a · x. */
function addScaled(y: usize, x: usize, a: f32, columns: i32): void {
  const bytes = <usize>columns << 2;
  const vectors = <usize>(columns & ~3) << 2;
  const as = f32x4.splat(a);
  let at: usize = 0;
  for (; at < vectors; at += 16) v128.store(y + at, madd(as, v128.load(x + at), v128.load(y + at)));
  for (; at < bytes; at += 4) f32.store(y + at, f32.load(y + at) + a * f32.load(x + at));
}

/** Place of lag j on the line through a scale's numbers. */
// @ts-expect-error: decorator
@inline
function placeOf(j: i32, span: f64, width: i32): f64 {
  return min<f64>(<f64>(width - 1), max<f64>(0, (<f64>j + 0.5) / span - 0.5));
}

/** kernel[2 · reach, columns]; `short`: [taps, columns], centred, or 0. */
export function longKernel(
  kernel: usize, forward: usize, backward: usize, short: usize, taps: i32,
  scales: i32, width: i32, reach: i32, columns: i32, decay: f64, scale: f64,
): void {
  const bytes = <usize>columns << 2;
  memory.fill(kernel, 0, 2 * <usize>reach * bytes);
  let ahead = kernel + <usize>reach * bytes, behind = ahead - bytes;
  let lag = 0;
  let size = scale, span: f64 = 1;
  for (let s = 0; s < scales; s++) {
    for (let j = 0, covered = width << s; j < covered && lag < reach; j++, lag++) {
      const place = placeOf(j, span, width);
      const below = <i32>place, above = min(width - 1, below + 1);
      const a = <f32>(size * (1 - (place - <f64>below))), b = <f32>(size * (place - <f64>below));
      const x0 = <usize>below * bytes, x1 = <usize>above * bytes;
      addBlend(ahead, forward + x0, forward + x1, a, b, columns);
      addBlend(behind, backward + x0, backward + x1, a, b, columns);
      ahead += bytes;
      behind -= bytes;
    }
    forward += <usize>width * bytes;
    backward += <usize>width * bytes;
    size *= decay;
    span *= 2;
  }
  for (let j = 0; j < taps; j++) {
    const row = reach + (taps >> 1) - j;
    if (row >= 0 && row < 2 * reach) {
      addScaled(kernel + <usize>row * bytes, short + <usize>j * bytes, 1, columns);
    }
  }
}

/** Adds to dforward, dbackward and (if taps > 0) dshort what dkernel gives them. */
export function longKernelBackward(
  dforward: usize, dbackward: usize, dshort: usize, dkernel: usize, taps: i32,
  scales: i32, width: i32, reach: i32, columns: i32, decay: f64, scale: f64,
): void {
  const bytes = <usize>columns << 2;
  let ahead = dkernel + <usize>reach * bytes, behind = ahead - bytes;
  let lag = 0;
  let size = scale, span: f64 = 1;
  for (let s = 0; s < scales; s++) {
    for (let j = 0, covered = width << s; j < covered && lag < reach; j++, lag++) {
      const place = placeOf(j, span, width);
      const below = <i32>place, above = min(width - 1, below + 1);
      const a = <f32>(size * (1 - (place - <f64>below))), b = <f32>(size * (place - <f64>below));
      const x0 = <usize>below * bytes, x1 = <usize>above * bytes;
      addScaled(dforward + x0, ahead, a, columns);
      addScaled(dforward + x1, ahead, b, columns);
      addScaled(dbackward + x0, behind, a, columns);
      addScaled(dbackward + x1, behind, b, columns);
      ahead += bytes;
      behind -= bytes;
    }
    dforward += <usize>width * bytes;
    dbackward += <usize>width * bytes;
    size *= decay;
    span *= 2;
  }
  for (let j = 0; j < taps; j++) {
    const row = reach + (taps >> 1) - j;
    if (row >= 0 && row < 2 * reach) {
      addScaled(dshort + <usize>j * bytes, dkernel + <usize>row * bytes, 1, columns);
    }
  }
}
