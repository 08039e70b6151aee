/** Learning rate by step: linear warm-up, then half a cosine down to zero (Loshchilov & Hutter 2017). */
import type { TrainingSettings } from '../model/trainingSettings.js';

/** @param step 0 … totalSteps − 1 */
export function learningRateAt(
  { learningRate, warmupShare }: Pick<TrainingSettings, 'learningRate' | 'warmupShare'>,
  step: number,
  totalSteps: number,
): number {
  const warmup = Math.round(warmupShare * totalSteps);
  if (step < warmup) return (learningRate * (step + 1)) / warmup;
  const progress = (step - warmup) / Math.max(1, totalSteps - warmup);
  return 0.5 * learningRate * (1 + Math.cos(Math.PI * progress));
}
