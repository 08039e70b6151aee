// The gated linear unit (Dauphin et al. 2017) and its backward. σ(b) = 1 / (1 + 2^(−b log₂ e)).
import { constant, exp2With, ONE } from './mathematics';

/** −b · log₂ e → 1 + 2^z = 1 / σ(b). */
// @ts-expect-error: decorator
@inline
function inverseLogistic(b: v128): v128 {
  const z = f32x4.neg(f32x4.mul(b, constant(20)));
  const power = exp2With(
    z, constant(0), constant(1), constant(2), constant(3), constant(4), constant(5), constant(6), constant(7),
    constant(ONE),
  );
  return f32x4.add(constant(ONE), power);
}

/** y = a · σ(b); y may be a or b. */
export function sigmoidGate(y: usize, a: usize, b: usize, count: i32): void {
  const bytes = <usize>count << 2;
  const pairs = <usize>(count & ~7) << 2;
  let at: usize = 0;
  for (; at < pairs; at += 32) {
    const first = inverseLogistic(v128.load(b + at));
    const second = inverseLogistic(v128.load(b + at, 16));
    const y0 = f32x4.div(v128.load(a + at), first);
    const y1 = f32x4.div(v128.load(a + at, 16), second);
    v128.store(y + at, y0);
    v128.store(y + at, y1, 16);
  }
  for (; at < bytes; at += 4) {
    const rest = inverseLogistic(v128.load32_splat(b + at));
    f32.store(y + at, f32.load(a + at) / f32x4.extract_lane(rest, 0));
  }
}

/** With s = σ(b): da = dy · s, db = da · a · (1 − s). da or db may be dy. */
export function sigmoidGateBackward(da: usize, db: usize, dy: usize, a: usize, b: usize, count: i32): void {
  const bytes = <usize>count << 2;
  const pairs = <usize>(count & ~7) << 2;
  const one = constant(ONE);
  let at: usize = 0;
  for (; at < pairs; at += 32) {
    const s0 = f32x4.div(one, inverseLogistic(v128.load(b + at)));
    const s1 = f32x4.div(one, inverseLogistic(v128.load(b + at, 16)));
    const da0 = f32x4.mul(v128.load(dy + at), s0);
    const da1 = f32x4.mul(v128.load(dy + at, 16), s1);
    const db0 = f32x4.mul(f32x4.mul(da0, v128.load(a + at)), f32x4.sub(one, s0));
    const db1 = f32x4.mul(f32x4.mul(da1, v128.load(a + at, 16)), f32x4.sub(one, s1));
    v128.store(da + at, da0);
    v128.store(da + at, da1, 16);
    v128.store(db + at, db0);
    v128.store(db + at, db1, 16);
  }
  for (; at < bytes; at += 4) {
    const s = f32x4.extract_lane(f32x4.div(one, inverseLogistic(v128.load32_splat(b + at))), 0);
    const change = f32.load(dy + at) * s;
    const slope = change * f32.load(a + at) * (1 - s);
    f32.store(da + at, change);
    f32.store(db + at, slope);
  }
}
