/**
 * Models exported for PyTorch give there what they give here, from raw texts and signals; gradients are those of the
 * golden cases; weights trained further come back. Needs a Python with PyTorch: $PYTHON, python3 or /usr/bin/python3.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { exportModel } from '#eft/formats/exportModel.js';
import type { SavedModel } from '#eft/formats/runFolder.js';
import { encoderFromJSON, learnEncoder, prepareEncoder } from '#eft/input/index.js';
import type { Input, Signal } from '#eft/input/input.js';
import type { LongMode } from '#eft/input/long.js';
import { configureModel, type ModelConfiguration, type ModelOptions } from '#eft/model/configuration.js';
import type { CommonConfiguration } from '#eft/model/families/family.js';
import { familyOf } from '#eft/model/families/index.js';
import { encoderOptions } from '#eft/model/lowering.js';
import { initialise, modelParameters } from '#eft/model/parameters.js';
import { trainingSettingsSchema } from '#eft/model/trainingSettings.js';
import { load } from '#eft/node.js';
import { FolderStore } from '#eft/platform/node/folder.js';
import { RandomStream } from '#eft/random.js';
import { eft } from '../cli/run.js';
import { describeWith, lookFor } from '../needing.js';

const TORCH = lookFor('torch');

/** Of probabilities. */
const TOLERANCE = 1e-5;

const TEXTS = [
  'Win a FREE cruise now!!! Win it, win it <br /> now',
  "It's the l’amour of don't-worry's '' 'quoted' o'",
  '<p>Tom &amp; Jerry<BR/>said: "hi"</p>',
  '😀👩‍👩‍👧‍👦 and 🇩🇪, flags',
  'Cafe\u0301 Zürich naïve ÅNGSTRÖM İstanbul ΟΔΟΣ ΣΑΣ',
  'مرحبا بالعالم، كيف حالك؟',
  'a\u00a0b\u2003c\td\r\ne\ufefff\u0085g',
  '',
  'one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen '.repeat(
    4,
  ),
  'the the the patch of the list, and the patch',
];

const random = new RandomStream(11, 'test', 1);
const SIGNALS: readonly Signal[] = [37, 4, 61, 150].map((steps) => ({
  channels: 2,
  values: Float32Array.from({ length: 2 * steps }, (_, i) => Math.sin(i / 5) + random.next()),
}));
const SIGNAL = { channels: 2, patch: 4, window: 9, filters: 3 };
/** Sounds, whose encoder hears a spectrum over time. */
const SOUNDS: readonly Signal[] = SIGNALS.map((signal, s) => ({
  channels: 2,
  rate: 8000,
  values: Float32Array.from({ length: 2 * (1500 + 700 * s) }, (_, i) =>
    i < 300 * s ? 0 : Math.sin(i * (0.2 + 0.1 * s) + i * i * 1e-5) + signal.values[i % 8],
  ),
}));

const perturbed = (model: ModelConfiguration): Map<string, Float32Array> => {
  // So that scores are neither all alike nor all 0 and 1.
  const size = model.model === 'rocket' ? 0.02 : model.model === 'spectrum' ? 0.1 : 0.4;
  const stored = new Map(modelParameters(model).map((one) => [one.name, one.stored]));
  return new Map(
    Array.from(initialise(model, 3), ([name, values]) => {
      const own = values.map((value) => value + size * (random.next() - 0.5));
      // Padding has no vector; tables are kept in bytes or halves.
      const columns = modelParameters(model)
        .find((one) => one.name === name)!
        .shape.at(-1)!;
      if (/(token|evidence)\.weight$/.test(name)) own.fill(0, 0, columns);
      // The sum of squares is large beside the numbers that it is of.
      if (name === 'centres.weight')
        for (let at = columns - 1; at < own.length; at += columns) own[at] = -1e-4;
      return [name, stored.get(name) === 'I8' ? own.map((value) => Math.round(15 * value)) : own];
    }),
  );
};

await prepareEncoder('rocket');

const inputsFor = ({ model, signal }: CommonConfiguration, signals: boolean): readonly Input[] =>
  model === 'spectrum' || signal?.bands !== undefined ? SOUNDS : signals ? SIGNALS : TEXTS;

/** Random weights, an encoder learned from the inputs. */
function modelOf(options: ModelOptions, tokenizer: 'words' | 'bytes', long: LongMode = 'head'): SavedModel {
  const common = { classes: 3, sequenceLength: 24, vocabulary: tokenizer === 'bytes' ? 256 : 40 };
  const asked = configureModel({ ...common, ...options });
  const signals = options.signal !== undefined || ['rocket', 'spectrum'].includes(options.model);
  const { bands } = options.signal ?? {};
  const kind = familyOf(asked).encoder?.kind ?? (bands ? 'mel' : signals ? 'signal' : tokenizer);
  const inputs = inputsFor(asked, signals);
  const learned = learnEncoder(kind, inputs, {
    ...encoderOptions(asked),
    ...{ patch: SIGNAL.patch, seed: 1, unit: tokenizer },
  });
  const encoder = encoderFromJSON(JSON.parse(JSON.stringify(learned)), 'test', learned.arrays);
  const { vocabulary, rowWidth } = encoder;
  const signal =
    rowWidth === undefined
      ? {}
      : {
          signal: {
            ...(options.model === 'spectrum'
              ? { channels: 2, patch: 1, window: 1, filters: 0, centres: 5 }
              : SIGNAL),
            features: rowWidth,
          },
        };
  const model = configureModel({ ...asked, vocabulary, ...signal });
  const saved: SavedModel = {
    config: {
      model,
      classes: ['a', 'b', 'c'].slice(0, model.classes),
      training: trainingSettingsSchema.parse({ learningRate: 0.01 }),
      reading: { long },
      data: {},
    },
    encoder,
    parameters: perturbed(model),
    temperature: 1.3,
    epoch: 1,
  };
  if (!familyOf(model).capabilities.shallowPath?.families(model).includes('linear')) return saved;
  const { config, ...path } = modelOf(
    { model: 'linear', classes: model.classes, sequenceLength: 90 },
    'words',
  );
  const fusion = { linear: 1, deep: 1, gain: 0.1, error: 0.01 };
  return { ...saved, linear: { model: config.model, ...path, fusion } };
}

function withoutDeepPath(saved: SavedModel): SavedModel {
  const { linear } = saved;
  return { ...saved, parameters: new Map(), linear: { ...linear!, fusion: { ...linear!.fusion, deep: 0 } } };
}

const MODELS: Readonly<Record<string, SavedModel>> = {
  'elastic-fourier': modelOf({ model: 'elastic-fourier', blocks: 2, channels: 8, hidden: 16 }, 'words'),
  'elastic-fourier on bytes, 25 tokens': modelOf(
    { model: 'elastic-fourier', blocks: 1, channels: 8, hidden: 16, sequenceLength: 25 },
    'bytes',
    'tail',
  ),
  standard: modelOf(
    { model: 'standard', blocks: 2, channels: 8, hidden: 16, heads: 2 },
    'words',
    'head-tail',
  ),
  'bag of bigrams': modelOf({ model: 'bag', channels: 8, ngrams: 3, buckets: 1000 }, 'words'),
  'bag in windows': modelOf({ model: 'bag', channels: 8 }, 'words', 'windows'),
  'linear, presence': modelOf({ model: 'linear', classes: 2 }, 'words'),
  'linear, tf-idf': modelOf({ model: 'linear' }, 'words', 'windows'),
  'linear, bytes': modelOf({ model: 'linear', ngrams: 7 }, 'bytes', 'head-tail'),
  'elastic, two paths': modelOf(
    { model: 'elastic', channels: 8, bank: 12, sequenceLength: 40 },
    'words',
    'windows',
  ),
  'elastic, linear path alone': withoutDeepPath(modelOf({ model: 'elastic', channels: 8 }, 'words')),
  'elastic with blocks': modelOf(
    { model: 'elastic', deepOnly: true, channels: 8, blocks: 2, scales: 2, bank: 0, cosineModes: 3 },
    'words',
  ),
  'elastic with fine kernels': modelOf(
    { model: 'elastic', deepOnly: true, channels: 8, blocks: 1, longKernel: 'fine', scales: 5, taps: 0 },
    'words',
  ),
  'elastic with broad kernels': modelOf(
    { model: 'elastic', deepOnly: true, channels: 8, bank: 10, longKernel: 'broad', scales: 3, taps: 3 },
    'words',
  ),
  'elastic, short kernels, bytes': modelOf(
    { model: 'elastic', deepOnly: true, channels: 8, blocks: 1, scales: 0, taps: 5, bank: 6, cosineModes: 1 },
    'bytes',
  ),
  'elastic on signals': modelOf({ model: 'elastic', channels: 8, signal: SIGNAL }, 'words', 'windows'),
  'elastic-fourier on signals': modelOf(
    { model: 'elastic-fourier', blocks: 1, channels: 8, hidden: 16, sequenceLength: 61, signal: SIGNAL },
    'words',
  ),
  'elastic on mel frames': modelOf(
    {
      model: 'elastic',
      channels: 8,
      sequenceLength: 4000,
      signal: { channels: 2, patch: 80, window: 160, filters: 0, bands: 40 },
    },
    'words',
  ),
  'standard on signals': modelOf(
    { model: 'standard', blocks: 1, channels: 8, hidden: 16, signal: { ...SIGNAL, filters: 0 } },
    'words',
  ),
  rocket: modelOf({ model: 'rocket', sequenceLength: 100 }, 'words'),
  spectrum: modelOf({ model: 'spectrum', sequenceLength: 3000 }, 'words'),
};
const NAMES = Object.keys(MODELS);
const takesTexts = (name: string): boolean => MODELS[name].encoder.inputKind !== 'signal';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** As it is in other languages: half a surrogate pair, and decomposed letters. */
const DECOMPOSED = 'Cafe\u0301 Zu\u0308rich';

const withReading = (saved: SavedModel, reading: object): SavedModel => ({
  ...saved,
  config: { ...saved.config, reading: { ...saved.config.reading, ...reading } },
});

/** Models whose inputs are not read as they come. */
const READINGS: Readonly<Record<string, SavedModel>> = {
  'read nfc': withReading(MODELS['elastic-fourier'], { unicode: 'nfc' }),
  'read as it comes': MODELS['elastic-fourier'],
  'read html and fields': withReading(MODELS['elastic-fourier'], {
    html: 'strip',
    fields: ['subject', 'body'],
  }),
  'read mono': withReading(
    modelOf(
      { model: 'elastic', channels: 8, signal: { ...SIGNAL, channels: 1, window: 4, filters: 0 } },
      'words',
    ),
    { mono: true, resample: 8000, missing: 'interpolate' },
  ),
};

interface Answers {
  /** By folder: of rows of padding, and of an empty text. */
  readonly padding: number[][][];
  readonly readings: { readonly ids: unknown[]; readonly warnings: string[] }[];
  /** By model and input. */
  readonly scores: number[][][];
  readonly golden: number[];
}

describeWith(TORCH, 'in PyTorch', () => {
  let folder: string;
  const at = (name: string): string => join(folder, name);
  const inputsOf = (name: string): readonly Input[] =>
    inputsFor(MODELS[name].config.model, MODELS[name].encoder.inputKind === 'signal');
  const GOLDEN = fileURLToPath(new URL('../golden', import.meta.url));
  let cases: string[];
  let answers: Answers;

  async function ask(job: object): Promise<Answers> {
    const child = spawn(TORCH.command!, [fileURLToPath(new URL('./pytorch_driver.py', import.meta.url))], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    child.stdin.end(JSON.stringify(job));
    let output = '';
    for await (const part of child.stdout.setEncoding('utf8')) output += part as string;
    return JSON.parse(output) as Answers;
  }

  async function run(args: readonly string[], environment: Record<string, string>): Promise<string> {
    const child = spawn(TORCH.command!, args, {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...environment },
    });
    let output = '';
    for await (const part of child.stdout.setEncoding('utf8')) output += part as string;
    return output;
  }

  const plain = (input: Input): unknown => {
    if (typeof input === 'string') return input;
    const { channels, values } = input as Signal;
    const steps = values.length / channels;
    return Array.from({ length: steps }, (_, t) => [...values.subarray(t * channels, (t + 1) * channels)]);
  };

  async function ourScores(place: string, inputs: readonly Input[]): Promise<number[][]> {
    const classifier = await load(place, { threads: 1 });
    const predictions = await classifier.predict(inputs);
    const { classes } = classifier;
    await classifier.dispose();
    return predictions.map((one) => classes.map((c) => one.find(({ label }) => label === c)!.score));
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'eft-pytorch-'));
    for (const name of NAMES) {
      await exportModel(MODELS[name], undefined, new FolderStore(at(name)), { format: 'pytorch' });
    }
    for (const [name, saved] of Object.entries(READINGS)) {
      await exportModel(saved, undefined, new FolderStore(at(name)), { format: 'pytorch' });
    }
    cases = (await readdir(GOLDEN)).filter((name) => /^(elastic|standard).*\.json$/.test(name)).sort();
    answers = await ask({
      code: at(NAMES[0]),
      models: NAMES.map((name) => ({ folder: at(name), values: inputsOf(name).map(plain) })),
      golden: cases.map((name) => join(GOLDEN, name)),
      padding: NAMES.filter(takesTexts).map(at),
      readings: [
        { folder: at('read nfc'), values: [DECOMPOSED, 'list \ud83d'] },
        { folder: at('read as it comes'), values: [DECOMPOSED, { text: 'a' }] },
        {
          folder: at('read html and fields'),
          values: [
            '<p>',
            { subject: 'the patch', body: null },
            { subject: 'the', body: 'patch' },
            { body: 'a' },
          ],
        },
        {
          folder: at('read mono'),
          values: [
            [
              [1, 2],
              [3, 5],
            ],
            [1.5, 4],
            [],
          ],
        },
      ],
    });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(NAMES)('%s predicts the same', async (name) => {
    const ours = await ourScores(at(name), inputsOf(name));
    const theirs = answers.scores[NAMES.indexOf(name)];
    // A model that says the same of everything would show nothing.
    expect(new Set(ours.map(([first]) => first.toFixed(3))).size).toBeGreaterThan(2);
    ours.forEach((scores, i) => {
      scores.forEach((score, c) => {
        expect(Math.abs(score - theirs[i][c]), `input ${i}`).toBeLessThan(TOLERANCE);
      });
    });
  });

  it.each(NAMES.filter(takesTexts))('%s answers a row of padding as an empty text', (name) => {
    const [among, alone, empty] = answers.padding[NAMES.filter(takesTexts).indexOf(name)];
    for (const row of [among, alone]) {
      row.forEach((score, c) => {
        expect(score).toBeCloseTo(empty[c], 5);
      });
    }
  });

  it('reads texts and signals as training did, and says what it leaves to others', () => {
    const { encoder } = MODELS['elastic-fourier'];
    const idsOf = (text: string): number[] => [...encoder.encode(text, 24).ids];
    const [nfc, plain, fields, mono] = answers.readings;
    expect(nfc).toEqual({ ids: [idsOf(DECOMPOSED.normalize('NFC')), idsOf('list \ufffd')], warnings: [] });
    expect(plain.ids[0]).toEqual(idsOf(DECOMPOSED));
    expect(plain.ids[1]).toMatch(/this model reads the fields \[\] of a text/);
    expect(fields.ids.slice(0, 3)).toEqual(['<p>', 'the patch', 'the\npatch'].map(idsOf));
    expect(fields.ids[3]).toMatch(/\['subject', 'body'\] of a text; \['subject'\] are missing/);
    expect(fields.warnings).toHaveLength(1);
    expect(fields.warnings[0]).toMatch(/HTML stripped, which modeling_eft\.py does not do/);
    expect(mono.ids[0]).toEqual(mono.ids[1]);
    expect(mono.ids[2]).toMatch(/a signal needs one step at least/);
    expect(mono.warnings.map((text) => /resampled to 8000|missing values/.exec(text)?.[0])).toEqual([
      'resampled to 8000',
      'missing values',
    ]);
  });

  it('gradients are those of the golden cases', () => {
    expect(cases.length).toBeGreaterThanOrEqual(10);
    cases.forEach((name, i) => {
      expect(answers.golden[i], name).toBeLessThan(1e-7);
    });
  });

  it('trains further on two processes, and comes back', async () => {
    const data = Array.from({ length: 64 }, (_, i) => ({
      text: i % 2 ? 'win a free cruise' : 'the patch of the list',
      label: i % 2 ? 'a' : 'b',
    }));
    await writeFile(at('train.jsonl'), data.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const from = at('elastic, two paths');
    const args = [
      join(from, 'modeling_eft.py'),
      'train',
      from,
      '--data',
      at('train.jsonl'),
      '--out',
      at('further'),
    ];
    args.push('--epochs', '6', '--batch', '4', '--learning-rate', '0.02', '--validation', at('train.jsonl'));
    // As torchrun sets it: that of PyTorch 1.13 does not run under Python 3.11.
    const meeting = { MASTER_ADDR: '127.0.0.1', MASTER_PORT: String(await freePort()), WORLD_SIZE: '2' };
    const [first, second] = await Promise.all(
      ['0', '1'].map((rank) => run(args, { ...meeting, RANK: rank, LOCAL_RANK: rank, OMP_NUM_THREADS: '1' })),
    );
    expect(first).toMatch(/epoch 6: training loss \d+\.\d+, validation accuracy 1\.0000/);
    expect(second).toBe('');
    const { code, stderr } = await eft('import', at('further'), '--out', at('back'));
    expect(stderr).toContain(`written: ${at('back')}`);
    expect(code).toBe(0);
    const [further, back] = [await ourScores(at('further'), TEXTS), await ourScores(at('back'), TEXTS)];
    const { scores } = await ask({
      code: at('further'),
      models: ['further', 'back'].map((name) => ({ folder: at(name), values: TEXTS })),
      golden: [],
    });
    TEXTS.forEach((text, i) => {
      further[i].forEach((score, c) => {
        expect(Math.abs(score - scores[0][i][c]), text).toBeLessThan(TOLERANCE);
        expect(Math.abs(back[i][c] - scores[1][i][c]), text).toBeLessThan(TOLERANCE);
        // The linear path's table is in bytes again.
        expect(Math.abs(back[i][c] - score), text).toBeLessThan(0.02);
      });
    });
    const sizes = await Promise.all(
      [from, at('further'), at('back')].map(
        async (name) => (await readFile(join(name, 'model.safetensors'))).length,
      ),
    );
    expect(sizes[1]).toBeGreaterThan(sizes[0]);
    expect(sizes[2]).toBeLessThan(1.05 * sizes[0]);
  });
});
