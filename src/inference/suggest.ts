/**
 * Which examples to label next: those of which a model is least sure, and of these such as are unlike each other, so that
 * a batch does not ask one question many times. Margin first, then the farthest from what was chosen (k-centre, Sener and
 * Savarese 2018) in the model's own features.
 */
import type { Encoded } from '../input/encoder.js';

export interface Suggestion {
  /** Place of the example among those given, from 0. */
  readonly index: number;
  /** From 1. */
  readonly batch: number;
  /** The most probable class, and the next. */
  readonly label: string;
  readonly rival: string;
  /** Their probabilities. */
  readonly scores: readonly [number, number];
  /** 0: like one chosen before it, 1: it has nothing in common with any of them. */
  readonly distance: number;
  readonly reason: string;
}

/** A model's features of an input: numbers of features, ascending, and their values, of length 1 in all. */
export interface Features {
  readonly ids: Int32Array;
  readonly values: Float32Array;
}

/** An input as its encoder has it; every row of a signal is one feature for each of its numbers. */
export function modelFeatures({ ids, weights, frames }: Encoded): Features {
  if (frames !== undefined) return unit(Int32Array.from(frames.keys()), Float32Array.from(frames));
  const sums = new Map<number, number>();
  ids.forEach((id, t) => {
    sums.set(id, (sums.get(id) ?? 0) + (weights?.[t] ?? 1));
  });
  const order = [...sums.keys()].sort((a, b) => a - b);
  return unit(
    Int32Array.from(order),
    Float32Array.from(order, (id) => sums.get(id)!),
  );
}

function unit(ids: Int32Array, values: Float32Array): Features {
  const norm = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  return { ids, values: norm === 0 ? values : values.map((value) => value / norm) };
}

/** 1 − the cosine. */
export function distanceOf(a: Features, b: Features): number {
  let [i, j, product] = [0, 0, 0];
  while (i < a.ids.length && j < b.ids.length) {
    if (a.ids[i] === b.ids[j]) product += a.values[i++] * b.values[j++];
    else if (a.ids[i] < b.ids[j]) i++;
    else j++;
  }
  return Math.max(0, Math.min(1, 1 - product));
}

/** So many times as many as are wanted are looked at: the least sure of all. */
const LOOKED_AT = 5;

/**
 * Places of the chosen, in order, each with its distance to those before it.
 * @param margins how much more probable the first class is than the second
 * @param features of the example at a place; asked for the least sure alone
 */
export async function leastSureAndUnlike(
  margins: readonly number[],
  count: number,
  features: (place: number) => Promise<Features>,
): Promise<{ readonly place: number; readonly distance: number }[]> {
  const order = margins.map((_, i) => i).sort((a, b) => margins[a] - margins[b] || a - b);
  const pool = order.slice(0, LOOKED_AT * count);
  const own: Features[] = [];
  for (const place of pool) own.push(await features(place));
  const distances = new Float64Array(pool.length).fill(1);
  const chosen: { place: number; distance: number }[] = [];
  const taken = new Set<number>();
  while (chosen.length < Math.min(count, pool.length)) {
    let best = -1;
    let most = -1;
    for (let p = 0; p < pool.length; p++) {
      if (taken.has(p)) continue;
      // The less sure, the nearer it may be to others.
      const worth = distances[p] * (1 - margins[pool[p]]);
      if (worth > most) [best, most] = [p, worth];
    }
    taken.add(best);
    chosen.push({ place: pool[best], distance: distances[best] });
    for (let p = 0; p < pool.length; p++) {
      if (!taken.has(p)) distances[p] = Math.min(distances[p], distanceOf(own[best], own[p]));
    }
  }
  return chosen;
}
