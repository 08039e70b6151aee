/** Trainings with run folders on the wasm engine: whatever happens between, they end with the same bits. */
import { mkdirSync, rmSync } from 'node:fs';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Example } from '#eft/data/dataset.js';
import { encodeDataset } from '#eft/data/encode.js';
import type { Engine } from '#eft/engine/engine.js';
import { createWasmEngine } from '#eft/engine/wasm/engine.js';
import { FailureError, InputError, InterruptedError } from '#eft/errors.js';
import { RunFolder } from '#eft/formats/runFolder.js';
import { WordEncoder } from '#eft/input/words.js';
import { gradientShapes } from '#eft/learning/methods/gradient.js';
import { type RunOptions, trainRun } from '#eft/learning/run.js';
import { configureModel } from '#eft/model/configuration.js';
import { initialise } from '#eft/model/parameters.js';
import { configureTraining } from '#eft/model/trainingSettings.js';
import { FolderStore } from '#eft/platform/node/folder.js';
import { EXHAUSTIVE } from '../exhaustive.js';

const examples: Example<string>[] = Array.from({ length: 44 }, (_, i) =>
  i % 2 === 0
    ? { input: `free cruise offer ${i} click`, label: 'spam' }
    : { input: `patch ${i} in review`, label: 'ham' },
);
const classes = ['ham', 'spam'];
const encoder = WordEncoder.learn(
  examples.map(({ input }) => input),
  { vocabulary: 40 },
);
const model = configureModel({
  model: 'elastic-fourier',
  sequenceLength: 6,
  channels: 8,
  hidden: 16,
  blocks: 2,
  vocabulary: 40,
  dropout: 0.2,
});
const shapes = gradientShapes(model);
const encode = (part: readonly Example[]) =>
  encodeDataset('x', part, classes, encoder, { sequenceLength: 6, long: 'head', overlap: false });

let root: string;
let one: Engine;
let two: Engine;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'eft-training-'));
  one = await createWasmEngine({ threads: 1 });
  two = await createWasmEngine({ threads: 2 });
});
afterAll(async () => {
  await one.dispose();
  await two.dispose();
  await rm(root, { recursive: true, force: true });
});

const folderAt = (name: string): RunFolder => new RunFolder(new FolderStore(join(root, name)));

function optionsOf(name: string, more: Partial<RunOptions> = {}): RunOptions & { folder: RunFolder } {
  return {
    engine: one,
    model,
    classes,
    encoder,
    settings: configureTraining({ epochs: 3, batchSize: 10, seed: 5 }, { learningRate: 0.01 }),
    train: encode(examples.slice(0, 34)),
    validation: encode(examples.slice(34)),
    reading: { long: 'head' },
    data: { name: 'x' },
    ...more,
    folder: folderAt(name),
  };
}

/** All that must be equal: best weights, the whole checkpoint but its times, the metrics but their times. */
async function resultOf(folder: RunFolder) {
  const { kept, best, state } = await folder.readCheckpoint(model, shapes);
  const withoutTimes = (text: string): unknown =>
    JSON.parse(text, (key, value: unknown) => (key === 'seconds' ? 0 : value));
  const lines = (await readFile(join(folder.path, 'metrics.jsonl'), 'utf8')).trimEnd().split('\n');
  return {
    model: await readFile(join(folder.path, 'model.safetensors')),
    checkpoint: { kept, best: best.parameters },
    state: withoutTimes(JSON.stringify(state)),
    metrics: lines.map(withoutTimes),
  };
}

/** Trains until `stopAfter` steps are done; true if it was stopped. */
async function trainUntil(stopAfter: number, options: RunOptions): Promise<boolean> {
  const controller = new AbortController();
  const hooks = { onStep: ({ step }: { step: number }) => step >= stopAfter && controller.abort() };
  return trainRun({ ...options, hooks, signal: controller.signal }).then(
    () => false,
    (error) => {
      expect(error).toBeInstanceOf(InterruptedError);
      return true;
    },
  );
}

describe('resuming', () => {
  let whole: Awaited<ReturnType<typeof resultOf>>;
  beforeAll(async () => {
    const options = optionsOf('whole');
    const { state } = await trainRun(options);
    expect(state.step).toBe(12);
    whole = await resultOf(options.folder);
  });

  test.each(EXHAUSTIVE ? [1, 3, 4, 6, 11] : [3, 4])(
    'after an interruption behind step %i: the same bits',
    async (step) => {
      const options = optionsOf(`interrupted-${step}`);
      expect(await trainUntil(step, options)).toBe(true);
      await options.folder.readModel();
      await trainRun({ ...options, resume: true, engine: two });
      expect(await resultOf(options.folder)).toEqual(whole);
    },
  );

  test('many times over, with a change of threads: the same bits', async () => {
    const options = optionsOf('often');
    let stop = 2;
    while (await trainUntil(stop, { ...options, resume: true, engine: stop % 4 === 0 ? one : two }))
      stop += 2;
    expect(await resultOf(options.folder)).toEqual(whole);
  });

  test('a kill between the checkpoint and the weights beside it is healed', async () => {
    const options = optionsOf('between');
    await trainUntil(9, options);
    // As if the checkpoint alone had been written: the weights beside it are older, the metrics run ahead.
    await options.folder.writeModel(model, { encoder, parameters: initialise(model, 5) }, 0);
    await appendFile(
      join(options.folder.path, 'metrics.jsonl'),
      '{"type":"step","step":10,"loss":1}\n{"type":"st',
    );
    await trainRun({ ...options, resume: true });
    expect(await resultOf(options.folder)).toEqual(whole);
  });

  test('a kill before the first checkpoint begins again', async () => {
    const options = optionsOf('early');
    await options.folder.prepare();
    await options.folder.begin(await folderAt('whole').readConfig(), await folderAt('whole').readModel());
    await trainRun({ ...options, resume: true });
    expect(await resultOf(options.folder)).toEqual(whole);
  });

  test('a finished run changes nothing', async () => {
    const options = optionsOf('whole', { resume: true });
    await trainRun(options);
    expect(await resultOf(options.folder)).toEqual(whole);
  });

  test('without a folder: the same weights', async () => {
    const { folder, ...options } = optionsOf('whole');
    const { best } = await trainRun(options);
    expect(best.parameters).toEqual((await folder.readModel()).parameters);
  });
});

describe('refuses', () => {
  test('a folder that holds a run, if it is not told to resume', async () => {
    const options = optionsOf('taken');
    await trainUntil(1, options);
    await expect(trainRun(options)).rejects.toThrow(InputError);
    await expect(trainRun(options)).rejects.toThrow(/already holds a run: continue it with --resume/);
  });

  test('to resume with other settings, another model or other data, naming what differs', async () => {
    const options = { ...optionsOf('other'), resume: true };
    await trainUntil(1, options);
    const settings = { ...options.settings, epochs: 2, seed: 6 };
    await expect(trainRun({ ...options, settings })).rejects.toThrow(
      'training.epochs was 3, now 2; training.seed was 5, now 6',
    );
    await expect(trainRun({ ...options, model: { ...model, dropout: 0 } })).rejects.toThrow(
      'model.dropout was 0.2, now 0',
    );
    await expect(trainRun({ ...options, train: encode(examples.slice(1, 34)) })).rejects.toThrow(
      /data\.train was/,
    );
  });

  test('to resume in another arithmetic, unless it is told to', async () => {
    const options = { ...optionsOf('tier'), resume: true };
    await trainUntil(1, options);
    const other = await createWasmEngine({ threads: 1, tier: 'simd' });
    try {
      const resumed = trainRun({ ...options, engine: other });
      await expect(resumed).rejects.toThrow(
        /was begun in the arithmetic float32-fused, this is float32: .*EFT_TIER=simd/,
      );
      const { state } = await trainRun({ ...options, engine: other, allowOtherTier: true });
      expect(state.step).toBe(12);
    } finally {
      await other.dispose();
    }
  });

  const counters: [string, (state: Record<string, unknown>) => object, string][] = [
    [
      'a best epoch that never was',
      (state) => ({ ...state, bestEpoch: 99 }),
      '99 is none of 1 finished epochs',
    ],
    ['epochs without records', (state) => ({ ...state, history: [] }), '0 records of 1 finished epochs'],
    ['negative steps', (state) => ({ ...state, step: -1 }), 'at step'],
    [
      'steps that do not fit the epochs',
      (state) => ({ ...state, step: 7 }),
      'step 7 is not batch 1 behind 1',
    ],
  ];
  test.each(counters)('a checkpoint with %s', async (_, change, message) => {
    const options = { ...optionsOf(`counters-${message}`), resume: true };
    await trainUntil(5, options);
    const checkpoint = await options.folder.readCheckpoint(model, shapes);
    const state = change(checkpoint.state as Record<string, unknown>);
    await options.folder.writeCheckpoint(model, shapes, { ...checkpoint, state });
    await expect(trainRun(options)).rejects.toThrow(InputError);
    await expect(trainRun(options)).rejects.toThrow(message);
  });

  test('a folder in which another training runs', async () => {
    const options = { ...optionsOf('busy'), resume: true };
    await options.folder.prepare();
    const unlock = await options.folder.lock();
    await expect(trainRun(options)).rejects.toThrow(`is in use by process ${process.pid}`);
    await unlock();
    await trainRun(options);
  });

  test('a damaged checkpoint, and leaves it as it is', async () => {
    const options = { ...optionsOf('damaged'), resume: true };
    await trainUntil(5, options);
    const path = join(options.folder.path, 'checkpoint.safetensors');
    const sound = await readFile(path);
    await writeFile(path, sound.subarray(0, sound.length - 100));
    await expect(trainRun(options)).rejects.toThrow(InputError);
    await expect(trainRun(options)).rejects.toThrow(/checkpoint\.safetensors is not a sound.*truncated/);
    expect((await readFile(path)).length).toBe(sound.length - 100);
    await options.folder.readModel();
  });
});

test('a disk that takes no more metrics stops the training with a message, and it can be resumed', async () => {
  const options = optionsOf('full');
  const metrics = join(options.folder.path, 'metrics.jsonl');
  const hooks = {
    onStep({ step }: { step: number }) {
      if (step !== 9) return;
      rmSync(metrics);
      mkdirSync(metrics);
    },
  };
  const training = trainRun({ ...options, hooks });
  await expect(training).rejects.toThrow(FailureError);
  await expect(training).rejects.toThrow(`cannot write ${metrics}`);
  await rm(metrics, { recursive: true });
  const { state } = await trainRun({ ...options, resume: true });
  expect(state.step).toBe(12);
  expect(
    (await readFile(join(options.folder.path, 'model.safetensors'))).equals(
      await readFile(join(root, 'whole', 'model.safetensors')),
    ),
  ).toBe(true);
});
