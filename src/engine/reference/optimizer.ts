/** Gradient norm, clipping and AdamW, as torch.nn.utils.clip_grad_norm_ and torch.optim.AdamW have them. */
import type { AdamW } from '../engine.js';

type Arrays = ReadonlyMap<string, Float64Array>;

/** Global L2 norm. */
export function gradientNorm(gradients: Arrays): number {
  let sum = 0;
  for (const gradient of gradients.values()) for (const value of gradient) sum += value * value;
  return Math.sqrt(sum);
}

/** What clipping multiplies gradients by. */
export function clipScale(norm: number, clipNorm: number): number {
  return clipNorm === 0 ? 1 : Math.min(1, clipNorm / (norm + 1e-6));
}

/**
 * One step on one parameter, in place (Loshchilov & Hutter 2019):
 * p ← p (1 − lr · decay); m ← β₁ m + (1 − β₁) g; v ← β₂ v + (1 − β₂) g²; p ← p − lr m̂ / (√v̂ + ε).
 *
 * @param steps steps done, this one included
 * @param scale what the gradient is multiplied by first (clipping)
 */
export function adamWStep(
  {
    values,
    gradient,
    m,
    v,
  }: { values: Float64Array; gradient: Float64Array; m: Float64Array; v: Float64Array },
  { learningRate, beta1, beta2, epsilon, weightDecay }: AdamW,
  steps: number,
  scale: number,
): void {
  const correction1 = 1 - beta1 ** steps;
  const correction2 = 1 - beta2 ** steps;
  for (let i = 0; i < values.length; i++) {
    const g = gradient[i] * scale;
    m[i] = beta1 * m[i] + (1 - beta1) * g;
    v[i] = beta2 * v[i] + (1 - beta2) * g * g;
    const decayed = values[i] * (1 - learningRate * weightDecay);
    values[i] = decayed - (learningRate * (m[i] / correction1)) / (Math.sqrt(v[i] / correction2) + epsilon);
  }
}
