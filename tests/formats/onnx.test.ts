/** Exported graphs give in ONNX Runtime what our engine gives: every family, several lengths, ragged batches. */

import { fromBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from 'onnx-buf';
import * as ort from 'onnxruntime-web';
import { describe, expect, it } from 'vitest';
import { createReferenceEngine } from '#eft/engine/reference/engine.js';
import { onnxModel } from '#eft/formats/onnx/model.js';
import type { SavedModel } from '#eft/formats/runFolder.js';
import { MINIROCKET_FEATURES } from '#eft/input/convolutions/miniRocket.js';
import { learnEncoder } from '#eft/input/index.js';
import { WordEncoder } from '#eft/input/words.js';
import { configureModel, type ModelConfiguration, type ModelName } from '#eft/model/configuration.js';
import { lowerEvaluation, tokenCapacity } from '#eft/model/lowering.js';
import { initialise } from '#eft/model/parameters.js';
import { trainingSettingsSchema } from '#eft/model/trainingSettings.js';
import { RandomStream } from '#eft/random.js';
import { EXHAUSTIVE } from '../exhaustive.js';

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';

const VOCABULARY = 50;
const CLASSES = 3;

/** Relative to the largest logit of the batch. */
const TOLERANCE = 1e-5;

function savedOf(model: ModelConfiguration): SavedModel {
  const random = new RandomStream(7, 'test', 1);
  // Biases and the like start at 0, where a mistake would not show.
  const parameters = new Map(
    Array.from(initialise(model, 3), ([name, values]) => [
      name,
      values.map((value) => value + 0.1 * (random.next() - 0.5)),
    ]),
  );
  return {
    config: {
      model,
      classes: ['a', 'b', 'c'],
      training: trainingSettingsSchema.parse({ learningRate: 0.01 }),
      reading: { long: 'head' },
      data: {},
    },
    encoder: new WordEncoder([], { vocabulary: VOCABULARY }),
    parameters,
    epoch: 1,
  };
}

interface Sequences {
  readonly ids: Int32Array[];
  /** `width` numbers a row, where the model reads signals. */
  readonly frames: Float32Array[] | undefined;
  readonly width: number;
  readonly weights: Float32Array[] | undefined;
}

/** Ragged: one of full length, one of one token, others between. */
function sequencesOf(capacity: number, weighted: boolean, width: number): Sequences {
  const random = new RandomStream(5, 'test', 2);
  const lengths = [capacity, 1, Math.ceil(capacity / 2), Math.ceil(capacity / 3)];
  const ids = lengths.map((length) =>
    Int32Array.from({ length }, () => (width > 0 ? 1 : 1 + Math.floor(random.next() * VOCABULARY))),
  );
  const numbers = (count: number): Float32Array =>
    Float32Array.from({ length: count }, () => random.next() - 0.25);
  return {
    ids,
    frames: width > 0 ? ids.map(({ length }) => numbers(length * width)) : undefined,
    width,
    weights: weighted ? ids.map(({ length }) => numbers(length)) : undefined,
  };
}

async function ourLogits(saved: SavedModel, { ids, frames, weights }: Sequences): Promise<number[]> {
  const engine = createReferenceEngine();
  const program = lowerEvaluation(saved.config.model);
  const session = await engine.createInference(program, { maxBatch: ids.length });
  for (const [name, values] of saved.parameters) await session.setParameter(name, values);
  const offsets = new Int32Array(ids.length + 1);
  ids.forEach((one, i) => {
    offsets[i + 1] = offsets[i] + one.length;
  });
  const { logits } = await session.forward({
    tokens: Int32Array.from(ids.flatMap((one) => [...one])),
    offsets,
    labels: new Int32Array(ids.length),
    ...(frames === undefined ? {} : { frames: Float32Array.from(frames.flatMap((one) => [...one])) }),
    ...(weights === undefined ? {} : { weights: Float32Array.from(weights.flatMap((one) => [...one])) }),
  });
  await engine.dispose();
  return [...logits];
}

/** What a graph takes of them. @param prefix before the names of its inputs */
function feedsOf(
  { ids, frames, width, weights }: Sequences,
  prefix: '' | 'linear_' = '',
): Record<string, ort.Tensor> {
  const batch = ids.length;
  const tokens = Math.max(...ids.map(({ length }) => length));
  const padded = new BigInt64Array(batch * tokens);
  const paddedWeights = new Float32Array(batch * tokens);
  ids.forEach((one, b) => {
    one.forEach((id, t) => {
      padded[b * tokens + t] = BigInt(id);
      paddedWeights[b * tokens + t] = weights?.[b][t] ?? 0;
    });
  });
  const paddedFrames = new Float32Array(batch * tokens * width);
  frames?.forEach((one, b) => {
    paddedFrames.set(one, b * tokens * width);
  });
  const lengths = BigInt64Array.from(ids, ({ length }) => BigInt(length));
  const dims = [batch, tokens];
  return {
    ...(frames === undefined
      ? { [`${prefix}input_ids`]: new ort.Tensor('int64', padded, dims) }
      : { [`${prefix}frames`]: new ort.Tensor('float32', paddedFrames, [...dims, width]) }),
    [`${prefix}lengths`]: new ort.Tensor('int64', lengths, [batch]),
    ...(weights && { [`${prefix}weights`]: new ort.Tensor('float32', paddedWeights, dims) }),
  };
}

async function logitsOf(bytes: Uint8Array, feeds: Record<string, ort.Tensor>): Promise<number[]> {
  const session = await ort.InferenceSession.create(bytes, { executionProviders: ['wasm'] });
  const { logits } = await session.run(feeds);
  await session.release();
  expect(logits.dims).toEqual([feeds.lengths.dims[0], CLASSES]);
  return [...(logits.data as Float32Array)];
}

const onnxLogits = (bytes: Uint8Array, sequences: Sequences): Promise<number[]> =>
  logitsOf(bytes, feedsOf(sequences));

const SHAPES: Readonly<Record<string, Record<string, unknown>>> = {
  'elastic-fourier': { blocks: 2, channels: 8, hidden: 16 },
  standard: { blocks: 2, channels: 8, hidden: 16, heads: 2 },
  bag: { channels: 8 },
  linear: {},
  elastic: { deepOnly: true },
  'elastic on signals': {
    model: 'elastic',
    deepOnly: true,
    signal: { channels: 2, patch: 4, window: 9, filters: 3 },
  },
  'elastic on signals, linear': {
    model: 'elastic',
    deepOnly: true,
    signal: { channels: 2, patch: 4, window: 4, filters: 0 },
  },
  'elastic-fourier on signals': {
    model: 'elastic-fourier',
    blocks: 1,
    channels: 8,
    hidden: 16,
    signal: { channels: 2, patch: 4, window: 9, filters: 3 },
  },
  'standard on signals': {
    model: 'standard',
    blocks: 1,
    channels: 8,
    hidden: 16,
    heads: 2,
    signal: { channels: 2, patch: 4, window: 4, filters: 0 },
  },
  rocket: {},
  spectrum: { signal: { channels: 1, patch: 1, window: 1, filters: 0, features: 7, centres: 5 } },
  'elastic, short kernels': { model: 'elastic', deepOnly: true, scales: 0 },
};

/** Numbers of a row. */
const widthOf = (name: string): number =>
  name === 'rocket' ? MINIROCKET_FEATURES : name === 'spectrum' ? 7 : name.includes('signal') ? 8 : 0;

describe.each(Object.keys(SHAPES))('%s', (name) => {
  it.each(EXHAUSTIVE ? [20, 100, 512, 1000] : [20, 100])('at %i tokens', async (sequenceLength) => {
    const model = configureModel({
      model: name as ModelName,
      ...SHAPES[name],
      sequenceLength,
      vocabulary: VOCABULARY,
      classes: CLASSES,
    });
    const saved = savedOf(model);
    const sequences = sequencesOf(tokenCapacity(model), name === 'linear', widthOf(name));
    const bytes = onnxModel(saved, '1.2.3');
    const [ours, theirs] = [await ourLogits(saved, sequences), await onnxLogits(bytes, sequences)];
    const size = Math.max(...ours.map(Math.abs));
    expect(size).toBeGreaterThan(0.01);
    const worst = Math.max(...ours.map((value, i) => Math.abs(value - theirs[i]))) / size;
    expect(worst).toBeLessThan(TOLERANCE);
  });
});

/** What our encoder gives a text without tokens. */
const EMPTY: Sequences = {
  ids: [Int32Array.of(1)],
  frames: undefined,
  width: 0,
  weights: undefined,
};

describe.each(Object.keys(SHAPES).filter((name) => widthOf(name) === 0))(
  '%s: a text without tokens',
  (name) => {
    const weighted = name === 'linear';
    const model = configureModel({
      model: name as ModelName,
      ...SHAPES[name],
      sequenceLength: 20,
      vocabulary: VOCABULARY,
      classes: CLASSES,
    });
    const saved = savedOf(model);
    const bytes = onnxModel(saved, '');
    const expected = ourLogits(saved, weighted ? { ...EMPTY, weights: [Float32Array.of(0)] } : EMPTY);
    const near = async (found: readonly number[]): Promise<void> => {
      (await expected).forEach((value, c) => {
        expect(Math.abs(found[c] - value)).toBeLessThan(TOLERANCE);
      });
    };
    const int64 = (values: readonly bigint[], dims: readonly number[]) =>
      new ort.Tensor('int64', BigInt64Array.from(values), dims);

    it('among others: a row of padding', async () => {
      const others = sequencesOf(tokenCapacity(model), weighted, 0);
      const none = { ids: new Int32Array(0), weights: new Float32Array(0) };
      const sequences = {
        ...others,
        ids: [others.ids[0], none.ids, others.ids[1]],
        weights: others.weights && [others.weights[0], none.weights, others.weights[1]],
      };
      const found = await onnxLogits(bytes, sequences);
      await near(found.slice(CLASSES, 2 * CLASSES));
      const alone = { ...others, ids: others.ids.slice(0, 2), weights: others.weights?.slice(0, 2) };
      const ours = await ourLogits(saved, alone);
      [...found.slice(0, CLASSES), ...found.slice(2 * CLASSES)].forEach((value, i) => {
        expect(value).toBeCloseTo(ours[i], 4);
      });
    });

    it.each([0, 3])('alone: %i columns of padding', async (columns) => {
      const dims = [1, columns];
      const found = await logitsOf(bytes, {
        input_ids: int64(new Array<bigint>(columns).fill(0n), dims),
        lengths: int64([0n], [1]),
        ...(weighted ? { weights: new ort.Tensor('float32', new Float32Array(columns), dims) } : {}),
      });
      await near(found);
    });
  },
);

it('bytes: an empty text is one space, as our encoder has it', async () => {
  const model = configureModel({
    model: 'bag',
    channels: 8,
    tokenizer: 'bytes',
    sequenceLength: 20,
    classes: CLASSES,
  });
  const saved = { ...savedOf(model), encoder: learnEncoder('bytes', [], {}) };
  const [id] = saved.encoder.encode('', 20).ids;
  const expected = await ourLogits(saved, { ...EMPTY, ids: [Int32Array.of(id)] });
  const found = await onnxLogits(onnxModel(saved, ''), {
    ...EMPTY,
    ids: [Int32Array.of(id), new Int32Array(0)],
  });
  expect(id).toBe(33);
  found.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i % CLASSES], 5);
  });
});

it.each(Object.keys(SHAPES).filter((name) => widthOf(name) > 0))(
  '%s: a signal without steps is no NaN',
  async (name) => {
    const sequenceLength = 20;
    const model = configureModel({
      model: name as ModelName,
      ...SHAPES[name],
      sequenceLength,
      vocabulary: VOCABULARY,
      classes: CLASSES,
    });
    const empty = { ...EMPTY, ids: [new Int32Array(0)], frames: [new Float32Array(0)], width: widthOf(name) };
    for (const value of await onnxLogits(onnxModel(savedOf(model), ''), empty)) expect(value).not.toBeNaN();
  },
);

it('its scores are those of the calibrated model', async () => {
  const model = configureModel({ model: 'bag', ...SHAPES.bag, vocabulary: VOCABULARY, classes: CLASSES });
  const sequences = sequencesOf(20, false, 0);
  const plain = await onnxLogits(onnxModel(savedOf(model), ''), sequences);
  const calibrated = await onnxLogits(onnxModel({ ...savedOf(model), temperature: 2 }, ''), sequences);
  calibrated.forEach((value, i) => {
    expect(value).toBeCloseTo(plain[i] / 2, 6);
  });
});

it('adds the logits of two paths', async () => {
  const common = { vocabulary: VOCABULARY, classes: CLASSES };
  const deep = savedOf(configureModel({ model: 'elastic', channels: 8, sequenceLength: 60, ...common }));
  const beside = savedOf(configureModel({ model: 'linear', sequenceLength: 90, ...common }));
  const fusion = { linear: 1, deep: 1, gain: 0.1, error: 0.01 };
  const linear = { ...beside, model: beside.config.model, fusion };
  const [own, others] = [sequencesOf(60, false, 0), sequencesOf(50, true, 0)];
  const [a, b] = [await ourLogits(deep, own), await ourLogits(beside, others)];
  const bytes = onnxModel({ ...deep, linear, temperature: 1.5 }, '');
  const theirs = await logitsOf(bytes, { ...feedsOf(own), ...feedsOf(others, 'linear_') });
  const size = Math.max(...theirs.map(Math.abs));
  theirs.forEach((value, i) => {
    expect(Math.abs(value - (a[i] + b[i]) / 1.5) / size).toBeLessThan(TOLERANCE);
  });
});

it('names its labels', () => {
  const model = configureModel({ ...SHAPES.bag, model: 'bag', vocabulary: VOCABULARY, classes: CLASSES });
  const { metadataProps, graph } = fromBinary(ModelProtoSchema, onnxModel(savedOf(model), '1.2.3'));
  expect(metadataProps.find(({ key }) => key === 'labels')?.value).toBe('["a","b","c"]');
  expect(graph?.input.map(({ name }) => name)).toEqual(['input_ids', 'lengths']);
});
