/**
 * Which examples to label next: those of which a model is least sure, but none that is like one chosen before it, in the
 * model's own features, so that a batch does not ask one question many times. To take the farthest from what was chosen
 * (k-centre) picks what is odd, not what is typical, and needs more labels than chance does (docs/research.md).
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

/** What is nearer to a chosen one is like it. */
const UNLIKE = 0.2;
/** So many times as many as are wanted are looked at: the least sure of all. */
const LOOKED_AT = 5;

/**
 * Places of the chosen, in order, each with its distance to the nearest of those before it.
 * @param margins how much more probable the first class is than the second
 * @param features of the example at a place; asked for the least sure alone
 */
export async function leastSureAndUnlike(
  margins: readonly number[],
  count: number,
  features: (place: number) => Promise<Features>,
): Promise<{ readonly place: number; readonly distance: number }[]> {
  const order = margins.map((_, i) => i).sort((a, b) => margins[a] - margins[b] || a - b);
  const chosen: { place: number; distance: number }[] = [];
  const alike: { place: number; distance: number }[] = [];
  const taken: Features[] = [];
  for (const place of order.slice(0, LOOKED_AT * count)) {
    if (chosen.length === count) break;
    const own = await features(place);
    const distance = taken.reduce((least, other) => Math.min(least, distanceOf(own, other)), 1);
    if (distance < UNLIKE) alike.push({ place, distance });
    else {
      chosen.push({ place, distance });
      taken.push(own);
    }
  }
  // Where all are alike, the least sure of them.
  return [...chosen, ...alike.slice(0, Math.min(count, order.length) - chosen.length)];
}
