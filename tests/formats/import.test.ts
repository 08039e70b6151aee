/** Weights that another program wrote come back, and those that are not the model's are refused in one message. */
import { beforeAll, expect, it } from 'vitest';
import { importModel } from '#eft/formats/importModel.js';
import { decodeSafetensors, encodeSafetensors, type NamedArray } from '#eft/formats/safetensors.js';
import { type Classifier, load, MemoryStore, train } from '#eft/node.js';

const TEXTS = ['win free money', 'review the patch', 'rain in the north', 'free rain'];
const data = Array.from({ length: 90 }, (_, i) => ({ text: `${TEXTS[i % 3]} ${i}`, label: 'abc'[i % 3] }));

/** The folder of an export whose weights are what `change` makes of them, as float32. */
async function further(
  exported: MemoryStore,
  change: (tensors: Map<string, NamedArray>) => void,
  metadata?: Readonly<Record<string, string>>,
): Promise<MemoryStore> {
  const store = new MemoryStore('further');
  for (const [name, bytes] of exported.files) store.files.set(name, bytes);
  const file = decodeSafetensors(exported.files.get('model.safetensors')!, 'test');
  const tensors = new Map(file.tensors);
  change(tensors);
  await store.write(
    'model.safetensors',
    encodeSafetensors({ tensors, metadata: metadata ?? { ...file.metadata, epoch: '1' } }),
  );
  return store;
}

async function exportOf(classifier: Classifier): Promise<MemoryStore> {
  const store = new MemoryStore('exported');
  await classifier.export(store, { format: 'pytorch' });
  return store;
}

let bag: MemoryStore;
beforeAll(async () => {
  const classifier = await train({
    data,
    model: 'bag',
    sequenceLength: 16,
    channels: 4,
    epochs: 1,
    threads: 1,
  });
  bag = await exportOf(classifier);
  await classifier.dispose();
});

it('comes with the code, and with its use in the card', () => {
  const text = (name: string): string => new TextDecoder().decode(bag.files.get(name));
  expect(text('modeling_eft.py')).toContain('class EftModel(nn.Module)');
  expect(text('README.md')).toContain('`python modeling_eft.py --help`');
});

it('takes back what DistributedDataParallel calls its own', async () => {
  const from = await further(bag, (tensors) => {
    for (const [name, tensor] of [...tensors]) {
      tensors.delete(name);
      tensors.set(`module.${name}`, { shape: tensor.shape, data: Float64Array.from(tensor.data) });
    }
  });
  const to = new MemoryStore('back');
  expect((await importModel(from, to)).model).toBe('bag');
  const [before, after] = await Promise.all([load(bag, { threads: 1 }), load(to, { threads: 1 })]);
  expect(await after.predict(TEXTS)).toEqual(await before.predict(TEXTS));
  expect(after.epoch).toBeUndefined();
  expect(after.training.data).toMatchObject({ trainedElsewhere: true });
  await after.export(to, { format: 'hub' });
  const card = new TextDecoder().decode(to.files.get('README.md'));
  expect(card).toContain('Its accuracy is not recorded.');
  expect(card).toContain('trained further by another program');
  await Promise.all([before.dispose(), after.dispose()]);
  await expect(importModel(from, to)).rejects.toThrow('back already holds a run');
});

it('says all that does not fit', async () => {
  const from = await further(bag, (tensors) => {
    tensors.delete('head.bias');
    tensors.set('head.weight', { shape: [4, 3], data: new Float32Array(12) });
    tensors.set('classifier.weight', { shape: [1], data: new Float32Array(1) });
  });
  await expect(importModel(from, new MemoryStore())).rejects.toThrow(
    [
      'further/model.safetensors does not fit the model in config.json:',
      '  missing: head.bias',
      '  of another shape: head.weight, which is [4, 3] and must be [3, 4]',
      '  not of this model: classifier.weight',
      'Names and shapes must be those of the model that was exported',
    ].join('\n'),
  );
  const diverged = await further(bag, (tensors) => {
    tensors.set('head.bias', { shape: [3], data: Float32Array.of(0, Number.NaN, 0) });
  });
  await expect(importModel(diverged, new MemoryStore())).rejects.toThrow(
    "'head.bias' holds NaN at position 1",
  );
});

it('brings a linear path to bytes again, at little cost, and misses its description', async () => {
  const classifier = await train({ data, model: 'elastic', sequenceLength: 16, epochs: 1, threads: 1 });
  const exported = await exportOf(classifier);
  const table = 'linear.evidence.weight';
  const change = (tensors: Map<string, NamedArray>): void => {
    const { shape, data: levels } = tensors.get(table)!;
    tensors.set(table, {
      shape,
      data: Float32Array.from(levels, (level, i) => level * (1.5 + 0.001 * (i % 7))),
    });
  };
  const from = await further(exported, change);
  const to = new MemoryStore('back');
  await importModel(from, to);
  const file = decodeSafetensors(to.files.get('model.safetensors')!, 'back');
  expect(file.tensors.get(table)!.data).toBeInstanceOf(Int8Array);
  const [wide, narrow] = await Promise.all([load(from, { threads: 1 }), load(to, { threads: 1 })]);
  const [a, b] = await Promise.all([wide.predict(TEXTS), narrow.predict(TEXTS)]);
  a.forEach((prediction, i) => {
    expect(b[i][0].label).toBe(prediction[0].label);
    expect(b[i][0].score).toBeCloseTo(prediction[0].score, 2);
  });
  await Promise.all([wide, narrow, classifier].map((one) => one.dispose()));
  const bare = await further(exported, () => {}, {});
  await expect(importModel(bare, new MemoryStore())).rejects.toThrow(/save_pretrained of modeling_eft\.py/);
});
