/** A run folder gives back what it holds, and refuses anything damaged, foreign or of another version. */
import { spawnSync } from 'node:child_process';
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { InputError } from '#eft/errors.js';
import type { EpochRecord } from '#eft/formats/history.js';
import { type RunConfig, RunFolder } from '#eft/formats/runFolder.js';
import type { Safetensors } from '#eft/formats/safetensors.js';
import { WordEncoder } from '#eft/input/words.js';
import { configureModel } from '#eft/model/configuration.js';
import { initialise } from '#eft/model/parameters.js';
import { trainingSettingsSchema } from '#eft/model/trainingSettings.js';
import { FolderStore } from '#eft/platform/node/folder.js';
import { readTensors, writeTensors } from '../tensor-files.js';

const model = configureModel({
  model: 'elastic-fourier',
  sequenceLength: 6,
  channels: 4,
  hidden: 8,
  blocks: 1,
  vocabulary: 5,
});
const encoder = new WordEncoder(['a', 'b'], { vocabulary: 5 });
const config: RunConfig = {
  model,
  classes: ['ham', 'spam'],
  training: trainingSettingsSchema.parse({ learningRate: 0.01, epochs: 2 }),
  reading: { long: 'windows', html: 'strip' },
  data: { name: 'x' },
};
const weights = initialise(model, 1);
/** What a method keeps. */
const shapes = ['m.x', 'v.x'].map((name) => ({ name, shape: [2] }));

let path: string;
let run: RunFolder;
beforeEach(async () => {
  path = join(await mkdtemp(join(tmpdir(), 'eft-run-')), 'run');
  run = new RunFolder(new FolderStore(path));
  await run.prepare();
  await run.begin(config, { encoder, parameters: weights });
});
afterEach(() => rm(join(path, '..'), { recursive: true, force: true }));

test('holds the files that are named in its description', async () => {
  expect((await readdir(path)).sort()).toEqual([
    'config.json',
    'encoder.json',
    'metrics.jsonl',
    'model.safetensors',
    'tokenizer.json',
    'tokenizer_config.json',
  ]);
});

test('gives back the model', async () => {
  const saved = await run.readModel();
  expect(saved.config).toEqual(config);
  expect(saved.encoder.encode('b x', 6).ids).toEqual(encoder.encode('b x', 6).ids);
  expect(saved.epoch).toBe(0);
  expect(new Map(saved.parameters)).toEqual(weights);
});

test('gives back a checkpoint', async () => {
  const other = initialise(model, 2);
  const kept = new Map(shapes.map(({ name }, i) => [name, Float32Array.of(i, 0.5)]));
  await run.writeCheckpoint(model, shapes, {
    kept,
    best: { encoder, parameters: other },
    state: { step: 3 },
  });
  const found = await run.readCheckpoint(model, shapes);
  expect(found.kept).toEqual(kept);
  expect(found.best.parameters).toEqual(other);
  expect(found.best.encoder.toJSON()).toEqual(encoder.toJSON());
  expect(found.state).toEqual({ step: 3 });
});

test('weights of another program do not say their epoch', async () => {
  await edit(({ tensors }) => ({ tensors, metadata: {} }));
  expect((await run.readModel()).epoch).toBeUndefined();
});

test('metrics are cut to a step, a half-written line with them', async () => {
  await run.appendMetrics([{ step: 1 }, { step: 2 }, { step: 3 }]);
  await writeFile(join(path, 'metrics.jsonl'), `${await readFile(join(path, 'metrics.jsonl'), 'utf8')}{"st`);
  await run.truncateMetrics(2);
  expect(await readFile(join(path, 'metrics.jsonl'), 'utf8')).toBe('{"step":1}\n{"step":2}\n');
});

test('each file is read once to open a model', async () => {
  const reads: string[] = [];
  class Counting extends FolderStore {
    override read(name: string, maxBytes?: number): Promise<Uint8Array | undefined> {
      reads.push(name);
      return super.read(name, maxBytes);
    }
  }
  await new RunFolder(new Counting(path)).readModel();
  expect(reads).toEqual(['config.json', 'encoder.json', 'model.safetensors']);
});

describe('a model that is saved', () => {
  const record = (epoch: number): EpochRecord => ({
    epoch,
    seconds: 1.5,
    trainLoss: 0.7,
    trainAccuracy: 0.5,
    validation: { accuracy: epoch / 10, loss: 0.6, macroF1: 0.4 },
  });
  const trained = { encoder, parameters: weights };
  const folder = (name: string): RunFolder => new RunFolder(new FolderStore(join(path, '..', name)));
  const other = { ...config, training: trainingSettingsSchema.parse({ learningRate: 0.01, epochs: 7 }) };

  test('keeps its history', async () => {
    const saved = folder('saved');
    await saved.save(config, trained, { epoch: 2, history: [record(1), record(2)] });
    expect(await saved.readHistory()).toEqual([record(1), record(2)]);
    expect(await saved.readAccuracy(1)).toBe(0.1);
    expect(await saved.readAccuracy(2)).toBe(0.2);
    expect(await saved.readAccuracy(3)).toBeUndefined();
    expect((await saved.readModel()).epoch).toBe(2);
    expect(await readdir(saved.path)).not.toContain('.lock');
  });

  test('does not replace another run, unless that is asked for; nothing of it is then left', async () => {
    const kept = new Map(shapes.map(({ name }) => [name, Float32Array.of(1, 2)]));
    await run.writeCheckpoint(model, shapes, { kept, best: trained, state: {} });
    await run.writeHistory([record(1)]);
    await expect(run.save(other, trained, { epoch: 1 })).rejects.toThrow(InputError);
    await expect(run.save(other, trained, { epoch: 1 })).rejects.toThrow(
      `${path} already holds another run: choose another folder, or replace it with { overwrite: true }`,
    );
    expect(await run.readConfig()).toEqual(config);
    await run.save(other, trained, { epoch: 3, history: [record(3)], overwrite: true });
    expect(await run.readConfig()).toEqual(other);
    expect(await run.readHistory()).toEqual([record(3)]);
    expect(await run.hasCheckpoint()).toBe(false);
  });

  test('is written again over itself, and what is beside it stays', async () => {
    const kept = new Map(shapes.map(({ name }) => [name, Float32Array.of(1, 2)]));
    await run.writeCheckpoint(model, shapes, { kept, best: trained, state: {} });
    await run.appendMetrics([
      { type: 'step', step: 1 },
      { type: 'epoch', ...record(1) },
    ]);
    await run.save(config, trained, { epoch: 1, history: [] });
    expect(await run.readHistory()).toEqual([record(1)]);
    expect(await run.hasCheckpoint()).toBe(true);
  });

  test('replaces a damaged run only if that is asked for', async () => {
    await writeFile(join(path, 'config.json'), '{');
    await expect(run.save(config, trained, { epoch: 1 })).rejects.toThrow('already holds another run');
    await run.save(config, trained, { epoch: 1, overwrite: true });
    expect(await run.readConfig()).toEqual(config);
  });

  test('is not written where another program is at work', async () => {
    const unlock = await run.lock();
    await expect(folder('run').save(config, trained, { epoch: 1 })).rejects.toThrow('is in use by process');
    await unlock();
  });
});

/** Changes the weights' file. */
async function edit(change: (content: Safetensors) => Safetensors): Promise<void> {
  const file = join(path, 'model.safetensors');
  await writeTensors(file, change(await readTensors(file)));
}

async function editConfig(change: (config: Record<string, unknown>) => unknown): Promise<void> {
  const file = join(path, 'config.json');
  await writeFile(file, JSON.stringify(change(JSON.parse(await readFile(file, 'utf8')))));
}

test('tells the hub what it is', async () => {
  const json = JSON.parse(await readFile(join(path, 'config.json'), 'utf8'));
  expect(json).toMatchObject({
    model_type: 'elastic-fourier',
    id2label: { 0: 'ham', 1: 'spam' },
    label2id: { ham: 0, spam: 1 },
  });
  const tokenizer = JSON.parse(await readFile(join(path, 'tokenizer.json'), 'utf8'));
  expect(tokenizer.model.vocab).toEqual({ '[PAD]': 0, '[UNK]': 1, a: 2, b: 3 });
});

test('opens a run of version 1, whose tokenizer.json is our own, and leaves it one', async () => {
  await rename(join(path, 'encoder.json'), join(path, 'tokenizer.json'));
  await editConfig((c) => ({ ...c, version: 1 }));
  expect((await run.readModel()).encoder.encode('b x', 6).ids).toEqual(encoder.encode('b x', 6).ids);
  await run.writeConfig({
    ...config,
    training: trainingSettingsSchema.parse({ learningRate: 0.01, epochs: 3 }),
  });
  expect((await run.readModel()).config.training.epochs).toBe(3);
});

describe('refuses, naming the place', () => {
  const faults: [string, () => Promise<unknown>, string | RegExp][] = [
    ['no folder', () => rm(path, { recursive: true }), 'no such folder'],
    ['a foreign folder', () => rm(join(path, 'config.json')), 'is not a run folder: it has no config.json'],
    [
      'a foreign config.json',
      () => writeFile(join(path, 'config.json'), '{"a":1}'),
      /config\.json is not the conf/,
    ],
    [
      'a config.json cut off',
      () => writeFile(join(path, 'config.json'), '{"a":'),
      /config\.json is not JSON/,
    ],
    [
      'another version',
      () => editConfig((c) => ({ ...c, version: 99 })),
      /config\.json is of version 99, this program reads versions 1 and 2: use the eft that wrote it/,
    ],
    [
      'a setting that is none',
      () => editConfig((c) => ({ ...c, model: { ...model, blocks: -1 } })),
      /at model\.blocks/,
    ],
    [
      'classes that do not fit',
      () => editConfig((c) => ({ ...c, classes: ['a', 'b', 'c'] })),
      '3 classes are named, the model has 2',
    ],
    [
      'two classes of one name',
      () => editConfig((c) => ({ ...c, classes: ['ham', 'ham'] })),
      'two classes are named "ham"; each needs a name of its own',
    ],
    ...([null, Number.NaN, 1, true] as const).map((name): [string, () => Promise<unknown>, RegExp] => [
      `a class that is ${name}`,
      () => editConfig((c) => ({ ...c, classes: ['ham', name] })),
      /at classes\[1\]/,
    ]),
    ['no tokenizer', () => rm(join(path, 'encoder.json')), /encoder\.json: no such file/],
    [
      'a foreign tokenizer',
      () => writeFile(join(path, 'encoder.json'), '{}'),
      /encoder\.json is not a tokenizer/,
    ],
    [
      'the tokenizer of another model',
      () => writeFile(join(path, 'encoder.json'), JSON.stringify(new WordEncoder(['a'], { vocabulary: 7 }))),
      'is of another model: 7 + 0 token ids, the model has 5 + 0',
    ],
    [
      'the tokenizer of a model with n-grams',
      () =>
        writeFile(
          join(path, 'encoder.json'),
          JSON.stringify(new WordEncoder(['a'], { vocabulary: 5, ngrams: 2, buckets: 3 })),
        ),
      'is of another model: 5 + 3 token ids, the model has 5 + 0',
    ],
    ['no weights', () => rm(join(path, 'model.safetensors')), /model\.safetensors: no such file/],
    [
      'foreign weights',
      () => copyFile(join(path, 'config.json'), join(path, 'model.safetensors')),
      /model\.safetensors is not a sound safetensors file/,
    ],
    [
      'a tensor missing',
      () => edit(({ tensors, metadata }) => ({ tensors: new Map([...tensors].slice(1)), metadata })),
      /model\.safetensors: the tensor '.*' is missing/,
    ],
    [
      'another shape',
      () =>
        edit(({ tensors, metadata }) => ({
          tensors: new Map([...tensors, ['head.bias', { shape: [1], data: Float32Array.of(1) }]]),
          metadata,
        })),
      "the tensor 'head.bias' has shape [1], the model needs [2]",
    ],
    [
      'NaN weights',
      () =>
        edit(({ tensors, metadata }) => ({
          tensors: new Map([...tensors, ['head.bias', { shape: [2], data: Float32Array.of(1, Number.NaN) }]]),
          metadata,
        })),
      "the tensor 'head.bias' holds NaN at position 1",
    ],
  ];
  test.each(faults)('%s', async (_, damage, message) => {
    await damage();
    await expect(run.readModel()).rejects.toThrow(InputError);
    await expect(run.readModel()).rejects.toThrow(message);
    await expect(run.readModel()).rejects.toThrow(path);
  });

  test.each(['config.json', 'encoder.json', 'model.safetensors'])(
    '%s that only stands for a file',
    async (name) => {
      await writeFile(
        join(path, name),
        'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab\nsize 12345\n',
      );
      await expect(run.readModel()).rejects.toThrow(InputError);
      await expect(run.readModel()).rejects.toThrow(
        `${join(path, name)} is a Git LFS pointer, not the file itself: run git lfs pull where it was cloned`,
      );
    },
  );

  describe.runIf(process.platform === 'linux')('what is no file, without waiting for it', () => {
    test.each(['config.json', 'encoder.json', 'model.safetensors'])('%s', async (name) => {
      const kinds: [string, () => unknown][] = [
        ['a pipe', () => spawnSync('mkfifo', [join(path, name)])],
        ['a device', () => symlink('/dev/zero', join(path, name))],
        ['a folder', () => mkdir(join(path, name))],
      ];
      for (const [kind, make] of kinds) {
        await rm(join(path, name), { recursive: true });
        await make();
        await expect(run.readModel()).rejects.toThrow(InputError);
        await expect(run.readModel()).rejects.toThrow(
          `${join(path, name)} is ${kind}, a file is needed here`,
        );
      }
    });

    test.each(['config.json', 'encoder.json', 'model.safetensors'])(
      'a huge %s, without reading it',
      async (name) => {
        await truncate(join(path, name), 1.5e9);
        await expect(run.readModel()).rejects.toThrow(InputError);
        await expect(run.readModel()).rejects.toThrow(
          /is larger than the \d+\.\d MB that such a file can have/,
        );
      },
    );
  });

  test.runIf(process.platform === 'linux' && process.getuid?.() !== 0)(
    'a folder that cannot be entered: that is not as if there were none',
    async () => {
      await chmod(path, 0);
      await expect(run.hasRun()).rejects.toThrow('permission denied');
      await chmod(path, 0o700);
    },
  );

  test('a checkpoint that is none', async () => {
    await mkdir(path, { recursive: true });
    await copyFile(join(path, 'model.safetensors'), join(path, 'checkpoint.safetensors'));
    await expect(run.readCheckpoint(model, shapes)).rejects.toThrow(
      /checkpoint\.safetensors: the tensor 'm\.x'/,
    );
    const kept = new Map(shapes.map(({ name }) => [name, Float32Array.of(1, 2)]));
    const best = { encoder, parameters: weights };
    await run.writeCheckpoint(model, shapes, { kept, best, state: undefined });
    await expect(run.readCheckpoint(model, shapes)).rejects.toThrow('does not say where training stood');
  });
});
