/** From a signal to its features, by the compiled kernels. */
import { channelsOfRow } from './channels.js';
import { GROUP, GROUP_WEIGHTS, HALF, HYDRA_GROUPS, type Hydra } from './hydra.js';
import { type Instance, instantiate } from './kernels.js';
import { countedSteps, KERNELS, MINIROCKET_FEATURES, SIDE } from './miniRocket.js';
import type { FeaturePlan } from './plan.js';

/** Vectors begin here at least. */
const ALIGNMENT = 16;
/** Numbers behind a row that kernels may read or write: a vector less one. */
const SLACK = 4;
/** Bytes of a group's counts on the way. */
const SCRATCH = 256;
const PAGE = 65_536;

/** Places in the memory for signals of up to so many steps, in bytes. */
interface Layout {
  readonly steps: number;
  /** Of a row with zeros around it: from the first of these on. */
  readonly row: number;
  /** Of a row without. */
  readonly bare: number;
  readonly values: number;
  readonly tripled: number;
  readonly differences: number;
  readonly mixed: number;
  readonly sums: number;
  readonly answers: number;
  readonly chosen: number;
  readonly weights: number;
  readonly counts: number;
  readonly scratch: number;
  readonly biases: number;
  readonly shares: number;
  readonly end: number;
}

/** Features of one signal after the other. */
export class Transform {
  readonly #plan: FeaturePlan;
  readonly #instance: Instance;
  /** Steps before and behind a signal that a kernel sees. */
  readonly #reach: number;
  #layout: Layout;

  constructor(module: WebAssembly.Module, plan: FeaturePlan) {
    this.#plan = plan;
    this.#instance = instantiate(module);
    const { miniRocket, hydra } = plan;
    this.#reach =
      SIDE * Math.max(...miniRocket.dilations.map(({ dilation }) => dilation), ...(hydra?.dilations ?? []));
    this.#layout = this.#planned(0);
  }

  #planned(steps: number): Layout {
    const { channels, hydra } = this.#plan;
    let end = this.#instance.kernels.heapBase();
    const place = (bytes: number): number => {
      const at = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
      end = at + bytes;
      return at;
    };
    const row = 4 * (steps + 2 * this.#reach + SLACK);
    const bare = 4 * (steps + SLACK);
    const layout = {
      ...{ steps, row, bare },
      values: place(channels * row),
      tripled: place(channels * row),
      differences: place(hydra === undefined ? 0 : channels * row),
      mixed: place(hydra === undefined || channels === 1 ? 0 : row),
      sums: place(channels * bare),
      answers: place(bare),
      chosen: place(4 * channels),
      weights: place(4 * GROUP_WEIGHTS),
      counts: place(4 * 2 * GROUP),
      scratch: place(SCRATCH),
      biases: place(4 * MINIROCKET_FEATURES),
      shares: place(4 * MINIROCKET_FEATURES),
    };
    const { memory } = this.#instance;
    const pages = Math.ceil(end / PAGE) - memory.buffer.byteLength / PAGE;
    if (pages > 0) memory.grow(pages);
    return { ...layout, end };
  }

  #floats(at: number, length: number): Float32Array {
    return new Float32Array(this.#instance.memory.buffer, at, length);
  }

  /** Lays a signal out. @param values [steps, channels] */
  #lay(values: Float32Array): number {
    const { channels, hydra, miniRocket } = this.#plan;
    const steps = values.length / channels;
    if (steps > this.#layout.steps) {
      this.#layout = this.#planned(steps);
      this.#floats(this.#layout.biases, MINIROCKET_FEATURES).set(miniRocket.biases);
    }
    const layout = this.#layout;
    const length = layout.row / 4;
    const rows = (at: number): Float32Array => this.#floats(at, channels * length).fill(0);
    const [own, tripled] = [rows(layout.values), rows(layout.tripled)];
    const differences = hydra === undefined ? undefined : rows(layout.differences);
    for (let c = 0; c < channels; c++) {
      const first = c * length + this.#reach;
      for (let t = 0, at = first; t < steps; t++, at++) {
        own[at] = values[t * channels + c];
        tripled[at] = 3 * own[at];
      }
      if (differences === undefined) continue;
      for (let t = 0, at = first; t < steps - 1; t++, at++) differences[at] = own[at + 1] - own[at];
    }
    return steps;
  }

  /** @param values [steps, channels] @param features as many as `featuresOf` says */
  transform(values: Float32Array, features: Float32Array): void {
    const steps = this.#lay(values);
    this.#shares(steps);
    features.set(this.#floats(this.#layout.shares, MINIROCKET_FEATURES));
    if (this.#plan.hydra !== undefined)
      this.#counts(this.#plan.hydra, steps, features.subarray(MINIROCKET_FEATURES));
  }

  #spread(dilation: number, steps: number): void {
    const { kernels } = this.#instance;
    const { values, row, sums, bare } = this.#layout;
    for (let c = 0; c < this.#plan.channels; c++) {
      kernels.miniRocketSums(sums + c * bare, values + c * row + 4 * this.#reach, steps, dilation);
    }
  }

  #answers(kernel: number, dilation: number, chosen: Uint32Array, steps: number): void {
    const { answers, tripled, row, sums, bare, chosen: place } = this.#layout;
    const [a, b, c] = KERNELS[kernel].map((tap) => (tap - SIDE) * dilation);
    new Uint32Array(this.#instance.memory.buffer, place, chosen.length).set(chosen);
    this.#instance.kernels.miniRocketAnswers(
      ...([answers, tripled + 4 * this.#reach, row, sums, bare, steps] as const),
      ...([a, b, c, place, chosen.length] as const),
    );
  }

  #shares(steps: number): void {
    const { channels, miniRocket } = this.#plan;
    const { answers, shares, biases } = this.#layout;
    let feature = 0;
    for (const [d, { dilation, features }] of miniRocket.dilations.entries()) {
      this.#spread(dilation, steps);
      for (let kernel = 0; kernel < KERNELS.length; kernel++, feature += features) {
        const chosen = channelsOfRow(miniRocket.channels, d * KERNELS.length + kernel, channels);
        this.#answers(kernel, dilation, chosen, steps);
        const [from, to] = countedSteps(steps, d, kernel, dilation);
        this.#instance.kernels.miniRocketShares(
          ...([shares + 4 * feature, answers, from, to, biases + 4 * feature, features] as const),
        );
      }
    }
  }

  /** The answers of each combination of dilation and kernel to a signal: a view that holds until the next call. */
  answersTo(values: Float32Array, d: number, kernel: number): Float32Array {
    const { channels, miniRocket } = this.#plan;
    const steps = this.#lay(values);
    const { dilation } = miniRocket.dilations[d];
    this.#spread(dilation, steps);
    const chosen = channelsOfRow(miniRocket.channels, d * KERNELS.length + kernel, channels);
    this.#answers(kernel, dilation, chosen, steps);
    return this.#floats(this.#layout.answers, steps);
  }

  #counts({ dilations, weights, channels: table }: Hydra, steps: number, features: Float32Array): void {
    const { channels } = this.#plan;
    const layout = this.#layout;
    const place = this.#floats(layout.weights, GROUP_WEIGHTS);
    const counts = this.#floats(layout.counts, 2 * GROUP);
    let at = 0;
    for (const [d, dilation] of dilations.entries()) {
      for (let group = 0; group < HYDRA_GROUPS; group++, at += 2 * GROUP) {
        const row = d * HYDRA_GROUPS + group;
        const differs = group >= HALF;
        const length = differs ? steps - 1 : steps;
        if (length === 0) continue;
        const x = this.#mixed(
          differs ? layout.differences : layout.values,
          channelsOfRow(table, row, channels),
        );
        place.set(weights.subarray(row * GROUP_WEIGHTS, (row + 1) * GROUP_WEIGHTS));
        this.#instance.kernels.hydraCounts(
          ...([layout.counts, layout.counts + 4 * GROUP, x + 4 * this.#reach, length] as const),
          ...([dilation, layout.weights, layout.scratch] as const),
        );
        for (let i = 0; i < 2 * GROUP; i++) features[at + i] = Math.sqrt(Math.max(0, counts[i] / length));
      }
    }
  }

  /** The row of one channel, or the sum of several. */
  #mixed(rows: number, chosen: Uint32Array): number {
    const { row, mixed } = this.#layout;
    if (chosen.length === 1) return rows + chosen[0] * row;
    const sum = this.#floats(mixed, row / 4).fill(0);
    for (const channel of chosen) {
      const own = this.#floats(rows + channel * row, row / 4);
      for (let i = 0; i < sum.length; i++) sum[i] += own[i];
    }
    return mixed;
  }
}
