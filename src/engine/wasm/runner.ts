/**
 * One worker's part of every command: shards of sequences, then ranges of parameters, with barriers between. The
 * same code runs in worker threads and, without SharedArrayBuffer, on the calling thread.
 */

import type { Situation } from './bindings.js';
import { barrier, COMMAND, CONTROL, type Control, controlViews, SETTINGS } from './control.js';
import { bindProgram, type Chain, type Executable, type ProfileTimes } from './executable.js';
import type { Kernels } from './kernels.js';
import { CHUNK, type Layout } from './layout.js';

/** Phases that claim work: each has its own counter in the control block. */
const CLAIM = {
  sequences: CONTROL.claim,
  reduce: CONTROL.claim + 1,
  update: CONTROL.claim + 2,
  pack: CONTROL.claim + 3,
  before: CONTROL.claim + 4,
  after: CONTROL.claim + 5,
  reduceDerived: CONTROL.claim + 6,
  norms: CONTROL.claim + 7,
};
export const CLAIMS = Object.values(CLAIM);

export class Runner {
  readonly #layout: Layout;
  readonly #kernels: Kernels;
  readonly #worker: number;
  readonly #control: Control;
  readonly #situation: Situation = {
    tokens: 0,
    ids: 0,
    weights: 0,
    frames: 0,
    label: 0,
    lossWeight: 1,
    mixedLabel: 0,
    mixedShare: 0,
    targets: 0,
    targetWeights: 0,
    scale: 0,
    gradients: 0,
    seed: 0,
    step: 0,
    sequence: 0,
  };
  /** Of what runs once a step. */
  readonly #once: Situation = { ...this.#situation };
  readonly #forward: Executable;
  readonly #backward: Executable | undefined;
  readonly #offsets: Int32Array;
  readonly #labels: Int32Array;
  readonly #lossWeights: Float32Array | undefined;
  readonly #mixed: { readonly labels: Int32Array; readonly shares: Float32Array } | undefined;
  readonly #shards: Int32Array;
  readonly #norms: Float64Array;
  readonly #floats: Float32Array;

  /** @param worker 0 … threads − 1 */
  constructor(
    layout: Layout,
    kernels: Kernels,
    memory: WebAssembly.Memory,
    worker: number,
    profile?: ProfileTimes,
  ) {
    const { buffer } = memory;
    this.#layout = layout;
    this.#kernels = kernels;
    this.#worker = worker;
    this.#control = controlViews(buffer, layout.control);
    const base = layout.privates + worker * layout.privateBytes;
    const binding = { layout, base, kernels, situation: this.#situation, once: this.#once, profile };
    const bind = (planned: NonNullable<Layout['backward']>): Executable => bindProgram(planned, binding);
    this.#forward = bind(layout.forward);
    this.#backward = layout.backward === undefined ? undefined : bind(layout.backward);
    this.#offsets = new Int32Array(buffer, layout.offsets, layout.maxBatch + 1);
    this.#labels = new Int32Array(buffer, layout.labels, layout.maxBatch);
    this.#lossWeights = layout.training
      ? new Float32Array(buffer, layout.lossWeights, layout.maxBatch)
      : undefined;
    this.#mixed = layout.training
      ? {
          labels: new Int32Array(buffer, layout.mixedLabels, layout.maxBatch),
          shares: new Float32Array(buffer, layout.mixedShares, layout.maxBatch),
        }
      : undefined;
    this.#shards = new Int32Array(buffer, layout.shards);
    this.#norms = new Float64Array(buffer, layout.norms, Math.ceil(layout.parameterElements / CHUNK));
    this.#floats = new Float32Array(buffer);
  }

  /** Runs this worker's part of the command that the control block holds. */
  run(): void {
    const { integers } = this.#control;
    const command = integers[CONTROL.command];
    if (command === COMMAND.forward) this.#forwardBatch(integers[CONTROL.batch]);
    if (command === COMMAND.backward || command === COMMAND.step) this.#differentiate();
    if (command === COMMAND.update || command === COMMAND.step) this.#update();
  }

  /** Every packed weight, by this thread alone: after parameters were set from outside. */
  packAll(): void {
    for (let i = 0; i < this.#layout.packed.length; i++) this.#packOne(i);
  }

  /** What the forward program derives from parameters, by this thread alone: after they changed, before `forward`. */
  deriveAll(): void {
    for (const chain of this.#forward.before) chain();
  }

  #forwardBatch(batch: number): void {
    for (let b = this.#claim(CLAIM.sequences); b < batch; b = this.#claim(CLAIM.sequences)) {
      this.#sequence(this.#forward, b);
    }
  }

  /** Forward and backward of the batch: leaves its gradient and the norm of it. */
  #differentiate(): void {
    const { integers, settings } = this.#control;
    for (const situation of [this.#situation, this.#once]) {
      situation.scale = 1 / integers[CONTROL.batch];
      situation.seed = integers[CONTROL.seed];
      situation.step = integers[CONTROL.step];
    }
    const { before, after } = this.#backward!;
    this.#chains(CLAIM.before, before);
    const shardCount = integers[CONTROL.shardCount];
    for (let s = this.#claim(CLAIM.sequences); s < shardCount; s = this.#claim(CLAIM.sequences))
      this.#shard(s);
    this.#barrier();
    this.#reduce(shardCount);
    this.#barrier();
    if (after.length > 0) {
      this.#chains(CLAIM.after, after);
      const { parameterElements } = this.#layout;
      this.#chunks(CLAIM.norms, 0, parameterElements, (first, count, chunk) => {
        this.#norms[chunk] = this.#squaredNorm(first, count);
      });
      this.#barrier();
    }
    if (this.#worker === 0) settings[SETTINGS.gradientNorm] = this.#gradientNorm();
  }

  /** Runs the chains that this worker claims, and waits for the others. */
  #chains(counter: number, chains: readonly Chain[]): void {
    if (chains.length === 0) return;
    for (let i = this.#claim(counter); i < chains.length; i = this.#claim(counter)) chains[i]();
    this.#barrier();
  }

  #claim(counter: number): number {
    return Atomics.add(this.#control.integers, counter, 1);
  }

  #barrier(): void {
    barrier(this.#control.integers, this.#layout.threads);
  }

  #sequence(executable: Executable, b: number): void {
    const { layout, situation, floats } = {
      layout: this.#layout,
      situation: this.#situation,
      floats: this.#floats,
    };
    situation.ids = layout.tokens + 4 * this.#offsets[b];
    situation.weights = layout.weights + 4 * this.#offsets[b];
    situation.frames = layout.frames + 4 * layout.frameWidth * this.#offsets[b];
    situation.tokens = this.#offsets[b + 1] - this.#offsets[b];
    situation.label = this.#labels[b];
    situation.lossWeight = this.#lossWeights?.[b] ?? 1;
    situation.mixedShare = this.#mixed?.shares[b] ?? 0;
    situation.mixedLabel = situation.mixedShare === 0 ? situation.label : this.#mixed!.labels[b];
    situation.targets = layout.targets + 4 * layout.targetWidth * b;
    situation.targetWeights = layout.targetWeights + 4 * layout.targetWidth * b;
    situation.sequence = b;
    executable.run();
    const logits = executable.logits / 4;
    const [row, rows] = layout.givesRows ? [this.#offsets[b], situation.tokens] : [b, 1];
    const { classes } = layout;
    floats.copyWithin(layout.logits / 4 + row * classes, logits, logits + rows * classes);
    if (executable.loss !== undefined) floats[layout.losses / 4 + b] = floats[executable.loss / 4];
  }

  /** Forward and backward of one shard's sequences, in order, into the shard's own gradients. */
  #shard(s: number): void {
    const { gradients, gradientElements } = this.#layout;
    this.#situation.gradients = gradients + 4 * gradientElements * s;
    this.#kernels.clear(this.#situation.gradients, gradientElements);
    for (let i = this.#shards[s]; i < this.#shards[s + 1]; i++)
      this.#sequence(this.#backward!, this.#shards[i]);
  }

  /** Calls `work` for the chunks of elements from … to − 1 that this worker claims. */
  #chunks(
    counter: number,
    from: number,
    to: number,
    work: (first: number, count: number, chunk: number) => void,
  ): void {
    const count = to - from;
    for (let chunk = this.#claim(counter); chunk * CHUNK < count; chunk = this.#claim(counter)) {
      const done = chunk * CHUNK;
      work(from + done, Math.min(CHUNK, count - done), chunk);
    }
  }

  /** Adds the shards' gradients to the first shard's, in order, and sums the squares of each chunk of parameters. */
  #reduce(shardCount: number): void {
    const { gradients, gradientElements, parameterElements } = this.#layout;
    const add = (first: number, count: number): void => {
      const total = gradients + 4 * first;
      for (let s = 1; s < shardCount; s++) {
        this.#kernels.add(total, total, total + 4 * gradientElements * s, count);
      }
    };
    this.#chunks(CLAIM.reduce, 0, parameterElements, (first, count, chunk) => {
      add(first, count);
      this.#norms[chunk] = this.#squaredNorm(first, count);
    });
    this.#chunks(CLAIM.reduceDerived, parameterElements, gradientElements, add);
  }

  #squaredNorm(first: number, count: number): number {
    return this.#kernels.squaredNorm(this.#layout.gradients + 4 * first, count);
  }

  #gradientNorm(): number {
    let sum = 0;
    for (const square of this.#norms) sum += square;
    return Math.sqrt(sum);
  }

  /** Clips and applies the gradient that lies there, if its norm is finite; then packs the new weights. */
  #update(): void {
    // Each worker sums it for itself: that is quicker than to wait for one.
    const norm = this.#gradientNorm();
    if (!Number.isFinite(norm)) return;
    this.#applyAdamW(norm);
    this.#barrier();
    this.#pack();
  }

  #applyAdamW(norm: number): void {
    const { settings, integers } = this.#control;
    const { parameters, parameterElements, m, v, gradients } = this.#layout;
    const clip = settings[SETTINGS.clipNorm];
    const scale = clip > 0 ? Math.min(1, clip / (norm + 1e-6)) : 1;
    const beta1 = settings[SETTINGS.beta1];
    const beta2 = settings[SETTINGS.beta2];
    const rate = settings[SETTINGS.learningRate];
    const time = integers[CONTROL.step] + 1;
    const stepSize = rate / (1 - beta1 ** time);
    const rootCorrection = 1 / Math.sqrt(1 - beta2 ** time);
    const decay = 1 - rate * settings[SETTINGS.weightDecay];
    this.#chunks(CLAIM.update, 0, parameterElements, (first, count) => {
      const at = 4 * first;
      this.#kernels.adamw(
        parameters + at,
        m + at,
        v + at,
        gradients + at,
        count,
        scale,
        beta1,
        1 - beta1,
        beta2,
        1 - beta2,
        stepSize,
        rootCorrection,
        settings[SETTINGS.epsilon],
        decay,
      );
    });
  }

  #pack(): void {
    const { length } = this.#layout.packed;
    for (let i = this.#claim(CLAIM.pack); i < length; i = this.#claim(CLAIM.pack)) this.#packOne(i);
  }

  #packOne(i: number): void {
    const { packed, parameters, parameterOffsets } = this.#layout;
    const { parameter, form, outputs, inputs, at } = packed[i];
    const weight = parameters + 4 * parameterOffsets.get(parameter)!;
    if (form === 'transposed') this.#kernels.packTransposed(at, weight, outputs, inputs);
    else this.#kernels.packPlain(at, weight, outputs, inputs);
  }
}
