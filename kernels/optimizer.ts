// The end of a training step: the shards' gradients added in order, the norm, AdamW. Any range of the parameters.

/** Σ gradient² in float64, four lanes two by two: the same order whatever the thread. */
export function squaredNorm(gradient: usize, count: i32): f64 {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  const end = gradient + (<usize>(count & ~3) << 2);
  for (; gradient < end; gradient += 16) {
    const four = v128.load(gradient);
    const a = f64x2.promote_low_f32x4(four);
    const b = f64x2.promote_low_f32x4(v128.shuffle<f32>(four, four, 2, 3, 2, 3));
    low = f64x2.add(low, f64x2.mul(a, a));
    high = f64x2.add(high, f64x2.mul(b, b));
  }
  const both = f64x2.add(low, high);
  let sum = f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
  for (let rest = count & 3; rest > 0; rest--) {
    const value = <f64>f32.load(gradient);
    sum += value * value;
    gradient += 4;
  }
  return sum;
}

/**
 * AdamW (Loshchilov & Hutter 2019) as torch.optim.AdamW: p ← p (1 − η λ); m ← β₁ m + (1 − β₁) g;
 * v ← β₂ v + (1 − β₂) g²; p ← p − η / c₁ · m / (√v / √c₂ + ε), with c = 1 − βᵗ and g = gradient · scale (clipping).
 * @param rest1 1 − β₁, rounded once, as is rest2 = 1 − β₂
 * @param stepSize η / c₁
 * @param rootCorrection 1 / √c₂
 * @param decay 1 − η λ
 */
export function adamw(
  parameter: usize, m: usize, v: usize, gradient: usize, count: i32, scale: f32, beta1: f32, rest1: f32,
  beta2: f32, rest2: f32, stepSize: f32, rootCorrection: f32, epsilon: f32, decay: f32,
): void {
  const bytes = <usize>count << 2;
  const vectors = <usize>(count & ~3) << 2;
  const scales = f32x4.splat(scale);
  const beta1s = f32x4.splat(beta1);
  const rest1s = f32x4.splat(rest1);
  const beta2s = f32x4.splat(beta2);
  const rest2s = f32x4.splat(rest2);
  const steps = f32x4.splat(stepSize);
  const roots = f32x4.splat(rootCorrection);
  const epsilons = f32x4.splat(epsilon);
  const decays = f32x4.splat(decay);
  let at: usize = 0;
  for (; at < vectors; at += 16) {
    const g = f32x4.mul(v128.load(gradient + at), scales);
    const first = f32x4.add(f32x4.mul(beta1s, v128.load(m + at)), f32x4.mul(rest1s, g));
    const second = f32x4.add(f32x4.mul(beta2s, v128.load(v + at)), f32x4.mul(rest2s, f32x4.mul(g, g)));
    v128.store(m + at, first);
    v128.store(v + at, second);
    const denominator = f32x4.add(f32x4.mul(f32x4.sqrt(second), roots), epsilons);
    const change = f32x4.div(f32x4.mul(steps, first), denominator);
    v128.store(parameter + at, f32x4.sub(f32x4.mul(v128.load(parameter + at), decays), change));
  }
  for (; at < bytes; at += 4) {
    const g = f32.load(gradient + at) * scale;
    const first = beta1 * f32.load(m + at) + rest1 * g;
    const second = beta2 * f32.load(v + at) + rest2 * g * g;
    f32.store(m + at, first);
    f32.store(v + at, second);
    const change = (stepSize * first) / (sqrt<f32>(second) * rootCorrection + epsilon);
    f32.store(parameter + at, f32.load(parameter + at) * decay - change);
  }
}
