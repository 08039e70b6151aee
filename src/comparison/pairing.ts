/**
 * Fair pairings: a model made wider or deeper until it costs what the reference costs, in parameters, in FLOPs or in
 * time. The size comes first (a bisection), the hidden width then takes what is left of the difference.
 */
import { InputError } from '../errors.js';
import type { ModelConfiguration } from '../model/configuration.js';
import type { Growth, HiddenWidth } from '../model/families/capabilities.js';
import type { Family } from '../model/families/family.js';
import { familyOf } from '../model/families/index.js';

export const PAIRING_COSTS = ['parameters', 'flops', 'seconds'] as const;
export type PairingCost = (typeof PAIRING_COSTS)[number];

/** What grows: channels (hidden with them), or blocks. */
export type PairingScale = 'width' | 'depth';

export interface Scaled {
  readonly configuration: ModelConfiguration;
  readonly cost: number;
}

/** Tries of the hidden width after the size is found. */
const REFINEMENTS = 4;

/** How models of this family grow. Throws InputError for those that do not. */
function growthOf(base: ModelConfiguration): Growth<ModelConfiguration> {
  const { scaling } = (familyOf(base) as Family<ModelConfiguration>).capabilities;
  if (scaling === undefined)
    throw new InputError(`${base.model} cannot be scaled: it has no width or depth to change`);
  return scaling;
}

const away = (cost: number, target: number): number => Math.abs(Math.log(cost / target));

/**
 * The configuration whose cost is nearest to `target` among those tried.
 * @param cost of a configuration; must grow with its size. May be a measurement
 * @param tolerance stop where cost / target is this near to 1
 * Throws InputError where even the smallest costs more than twice the target, or the largest less than half.
 */
export async function scaleTo(
  base: ModelConfiguration,
  scale: PairingScale,
  cost: (configuration: ModelConfiguration) => number | Promise<number>,
  target: number,
  tolerance: number,
): Promise<Scaled> {
  let best: Scaled | undefined;
  const attempt = async (configuration: ModelConfiguration): Promise<number> => {
    const value = await cost(configuration);
    if (best === undefined || away(value, target) < away(best.cost, target))
      best = { configuration, cost: value };
    return value;
  };
  const near = (): boolean => best !== undefined && away(best.cost, target) <= Math.log(1 + tolerance);

  // Doubling brackets the size without trying sizes far above it, which a measurement would take long for.
  const growth = growthOf(base);
  const { size, largest, resize } = growth[scale];
  const tried = new Map<number, number>();
  const attemptSize = async (n: number): Promise<number> => {
    const value = await attempt(resize(base, n));
    tried.set(n, value);
    return value;
  };
  let low = 0;
  let high = size(base);
  while ((await attemptSize(high)) < target && high < largest(base)) {
    low = high;
    high = Math.min(2 * high, largest(base));
  }
  while (high - low > 1 && !near()) {
    const middle = Math.floor((low + high) / 2);
    if ((await attemptSize(middle)) < target) low = middle;
    else high = middle;
  }
  // The next larger size with a smaller hidden width, or the next smaller one with a larger: the nearer comes first.
  const sizes = [low, high]
    .filter((n) => tried.has(n))
    .sort((a, b) => away(tried.get(a)!, target) - away(tried.get(b)!, target));
  for (const n of sizes) {
    if (!near()) await refineHidden(resize(base, n), growth.hidden, tried.get(n)!, attempt, near, target);
  }
  if (best === undefined || away(best.cost, target) > Math.log(2)) {
    throw new InputError(
      `no ${scale} of ${base.model} at ${base.sequenceLength} tokens costs about ${target.toPrecision(4)}: the nearest costs ${best?.cost.toPrecision(4)}`,
    );
  }
  return best;
}

/** Changes the hidden width alone, in which the cost is linear, by a factor of 4 at most. */
async function refineHidden(
  sized: ModelConfiguration,
  width: HiddenWidth<ModelConfiguration>,
  cost: number,
  attempt: (configuration: ModelConfiguration) => Promise<number>,
  near: () => boolean,
  target: number,
): Promise<void> {
  const start = width.of(sized);
  const clamp = (hidden: number): number => Math.max(Math.ceil(start / 4), Math.min(4 * start, hidden));
  let one = { hidden: start, cost };
  let step = Math.max(1, Math.round(start / 4)) * (cost < target ? 1 : -1);
  for (let tries = 0; tries < REFINEMENTS && !near() && step !== 0; tries++) {
    const hidden = clamp(one.hidden + step);
    const other = { hidden, cost: await attempt(width.with(sized, hidden)) };
    // A slope that a noisy measurement turned round leads nowhere.
    const slope = (other.cost - one.cost) / (other.hidden - one.hidden);
    step = slope > 0 ? clamp(hidden + Math.round((target - other.cost) / slope)) - hidden : 0;
    one = other;
  }
}
