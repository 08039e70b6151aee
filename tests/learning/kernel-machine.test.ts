import { expect, it } from 'vitest';
import type { AdamW } from '#eft/engine/engine.js';
import { softmax } from '#eft/evaluation/metrics.js';
import type { Signal } from '#eft/input/input.js';
import { kernel } from '#eft/learning/methods/kernel.js';
import { parseTrainOptions } from '#eft/learning/options.js';
import { partsOf, prepare } from '#eft/learning/prepare.js';
import { chooseKernel, fitKernelMachine, type KernelData } from '#eft/learning/solvers/kernelMachine.js';
import { rowDistances } from '#eft/learning/solvers/rowDistances.js';
import { train } from '#eft/learning/train.js';
import { RandomStream } from '#eft/random.js';

/** Points around the corners of a square, opposite corners alike: no line divides them. The third number is noise. */
function corners(count: number, seed: number): KernelData {
  const random = new RandomStream(seed, 'test');
  const rows = new Float32Array(count * 3);
  const labels = Int32Array.from({ length: count }, (_, i) => {
    const [x, y] = [random.nextInteger(2), random.nextInteger(2)];
    rows.set([x + 0.15 * random.nextNormal(), y + 0.15 * random.nextNormal(), random.nextNormal()], 3 * i);
    return x === y ? 0 : 1;
  });
  return { rows, width: 3, labels, classes: 2 };
}

const scaledBy = (data: KernelData, scale: number): KernelData => ({
  ...data,
  rows: data.rows.map((value) => scale * value),
});

function without({ rows, width, labels, classes }: KernelData, place: number): KernelData {
  const keep = Array.from(labels.keys()).filter((i) => i !== place);
  const kept = keep.flatMap((i) => Array.from(rows.subarray(width * i, width * (i + 1))));
  return { rows: Float32Array.from(kept), width, labels: Int32Array.from(keep, (i) => labels[i]), classes };
}

/** Logit differences of rows, from a machine. */
function answers(
  machine: { head: Float32Array; centres: Uint32Array },
  data: KernelData,
  rows: Float32Array,
): number[] {
  const { width } = data;
  const centres = Float32Array.from(machine.centres, () => 0);
  const own = new Float32Array(centres.length * width);
  machine.centres.forEach((place, i) => {
    own.set(data.rows.subarray(width * place, width * (place + 1)), width * i);
  });
  const squares = rowDistances(rows, own, width);
  return Array.from({ length: rows.length / width }, (_, e) =>
    machine.centres.reduce((sum, _place, i) => {
      const value = Math.exp(-squares[e * centres.length + i] / 2);
      return sum + value * (machine.head[centres.length + i] - machine.head[i]);
    }, 0),
  );
}

it('knows what each example would get from a machine without it', async () => {
  const data = scaledBy(corners(30, 1), 2);
  // One penalty, not the best of several.
  const limits = { exact: 100, some: 40, sought: 0 };
  const { score } = await fitKernelMachine(data, 0.1, 0, limits);
  expect(score.accuracy).toBeLessThan(1);
  let right = 0;
  for (let i = 0; i < 30; i++) {
    const others = without(data, i);
    const machine = await fitKernelMachine(others, 0.1, 0, limits);
    const [answer] = answers(machine, others, data.rows.subarray(3 * i, 3 * i + 3));
    right += answer > 0 === (data.labels[i] === 1) ? 1 : 0;
  }
  expect(right).toBe(Math.round(30 * score.accuracy));
});

it('chooses features that tell classes apart, and a width', async () => {
  const data = corners(120, 2);
  const weighings = [
    { name: 'noise', factors: [0, 1] },
    { name: 'all', factors: [1, 1] },
    { name: 'corners', factors: [1, 0] },
  ];
  const choice = await chooseKernel(data, [2, 1], weighings, 1);
  expect(choice.weighing.name).toBe('corners');
  expect(choice.candidates.map(({ name }) => name)).toEqual(['noise', 'all', 'corners']);
  const [noise, , best] = choice.candidates;
  expect(best.accuracy).toBeGreaterThan(0.95);
  expect(noise.accuracy).toBeLessThan(0.7);
  expect(choice).toEqual(await chooseKernel(data, [2, 1], weighings, 1));
});

it('learns from all examples though only some are centres', async () => {
  const data = scaledBy(corners(400, 3), 2);
  const limits = { exact: 100, some: 40, sought: 0 };
  const some = await fitKernelMachine(data, 0.1, 1, limits);
  expect(some.centres.length).toBeGreaterThanOrEqual(38);
  expect(some.centres.length).toBeLessThanOrEqual(40);
  const all = await fitKernelMachine(data, 0.1, 1);
  expect(all.centres.length).toBe(400);
  const test = scaledBy(corners(200, 4), 2);
  const share = (machine: typeof all): number =>
    answers(machine, data, test.rows).filter((answer, i) => answer > 0 === (test.labels[i] === 1)).length /
    200;
  expect(share(some)).toBeGreaterThan(0.95);
  expect(some.score.accuracy).toBeGreaterThan(0.95);
  expect(some.score.loss).toBeLessThan(0.4);
});

it('stays finite where all examples are the same', async () => {
  const data: KernelData = {
    rows: new Float32Array(30),
    width: 3,
    labels: Int32Array.from({ length: 10 }, (_, i) => i % 2),
    classes: 2,
  };
  const { penalty, scale } = await chooseKernel(data, [2, 1], [{ name: 'all', factors: [1, 1] }], 0);
  expect(scale).toBeGreaterThan(0);
  const { head, score } = await fitKernelMachine(data, penalty, 0);
  expect(head.every(Number.isFinite)).toBe(true);
  expect(score.loss).toBeGreaterThan(0);
});

it('says in float32 what it says in float64', async () => {
  const random = new RandomStream(5, 'test');
  const data = Array.from({ length: 40 }, (_, i) => {
    const pitch = (i % 2 === 0 ? 0.3 : 0.32) + 0.01 * random.nextNormal();
    const values = Float32Array.from(
      { length: 1500 },
      (_v, t) => Math.sin(pitch * t) + 0.3 * random.nextNormal(),
    );
    return {
      input: { channels: 1, rate: 8000, values } satisfies Signal,
      label: i % 2 === 0 ? 'low' : 'high',
    };
  });
  const options = parseTrainOptions({ model: 'spectrum', seed: 3 });
  const prepared = await prepare(partsOf({ name: 'tones', examples: data }, undefined, options), options);
  const trainer = await kernel({ ...prepared, shallow: [], engine: undefined as never });
  const { frames, labels } = prepared.train;
  const batch = {
    tokens: new Int32Array(40).fill(1),
    offsets: Int32Array.from({ length: 41 }, (_, i) => i),
    frames: frames!,
    labels,
  };
  await trainer.step(batch, { seed: 3, step: 0 }, {} as AdamW);
  const { logits } = await trainer.forward(batch);
  const classifier = await train({ data, model: 'spectrum', seed: 3, threads: 1 });
  const predictions = await classifier.predict(data.map(({ input }) => input));
  const { classes } = classifier;
  predictions.forEach((one, i) => {
    const scores = softmax(logits.subarray(2 * i, 2 * i + 2));
    for (const { label, score } of one) {
      expect(Math.abs(score - scores[classes.indexOf(label)])).toBeLessThan(1e-4);
    }
  });
  await classifier.dispose();
});
