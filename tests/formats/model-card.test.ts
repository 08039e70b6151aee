/** The card of an exported model: its command trains the same model again, and whatever labels hold, it stays a card. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InputError } from '#eft/errors.js';
import { exportModel } from '#eft/formats/exportModel.js';
import { modelCard } from '#eft/formats/modelCard.js';
import { RunFolder, type SavedModel } from '#eft/formats/runFolder.js';
import { trainCommand } from '#eft/formats/trainCommand.js';
import { learnEncoder } from '#eft/input/index.js';
import { configureModel, type ModelOptions } from '#eft/model/configuration.js';
import { initialise } from '#eft/model/parameters.js';
import { configureTraining } from '#eft/model/trainingSettings.js';
import { load } from '#eft/node.js';
import { MemoryStore } from '#eft/platform/store.js';
import { mailsCsv } from '../cli/data.js';
import { start } from '../cli/run.js';

let folder: string;
const at = (name: string): string => join(folder, name);
const eft = (...args: readonly string[]) => start(args, undefined, folder).end;

/** Series of two kinds, as JSON lines. */
const series = Array.from({ length: 60 }, (_, i) =>
  JSON.stringify({
    values: Array.from({ length: 40 }, (_, t) => Math.sin(t / (i % 2 ? 2 : 5) + i)),
    label: i % 2 ? 'fast' : 'slow',
  }),
);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eft-card-'));
  const odd = mailsCsv(120).replace('text,label', 'the text,kind').replaceAll(',', ';');
  await writeFile(at('mails.csv'), mailsCsv(120));
  await writeFile(at("odd 'mails'.csv"), odd);
  await writeFile(at('series.jsonl'), `${series.join('\n')}\n`);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The command in a card, as a shell splits it (the quotes here are single ones alone). */
const wordsOf = (command: string): string[] =>
  [...command.matchAll(/(?:'[^']*'|\\'|[^\s'\\])+/g)].map(([word]) =>
    word.replace(/'([^']*)'|\\(')/g, (_, quoted: string | undefined, quote: string) => quoted ?? quote),
  );

const commandIn = (card: string): string[] => wordsOf(/^ {4}eft (train .* --out RUN)$/m.exec(card)![1]);

const SMALL = ['--threads', '1', '--epochs', '2'];

describe('the command of the card trains the same model', () => {
  test.each([
    [
      'bag',
      [
        ...['--data', 'mails.csv', '--model', 'bag', '--seq-len', '12', '--channels', '6', '--buckets', '50'],
        ...[
          '--ngrams',
          '2',
          '--vocabulary',
          '80',
          '--dropout',
          '0.1',
          '--learning-rate',
          '0.02',
          '--seed',
          '3',
        ],
        ...['--weight-decay', '0', '--batch-size', '8', '--class-weights', 'balanced', '--clip-norm', '0.5'],
        ...[
          '--warmup',
          '0',
          '--patience',
          '5',
          '--label-smoothing',
          '0.1',
          '--long',
          'tail',
          '--html',
          'keep',
        ],
      ],
    ],
    [
      'fields, a delimiter and a quote',
      [
        ...['--data', "odd 'mails'.csv", '--delimiter', 'semicolon', '--text-field', 'the text'],
        ...['--label-field', 'kind', '--limit', '100', '--model', 'linear', '--weighting', 'tf-idf'],
        ...['--max-features', '60', '--ngrams', '3', '--select', 'loss'],
      ],
    ],
    [
      'bytes, elastic',
      [
        ...['--data', 'mails.csv', '--validation', 'mails.csv', '--tokenizer', 'bytes', '--model', 'elastic'],
        ...['--deep-only', '--seq-len', '24', '--channels', '8', '--blocks', '1', '--word-dropout', '0.3'],
        ...['--cosine-modes', '2', '--select', 'macro-f1'],
      ],
    ],
    [
      'signals',
      [
        ...[
          '--data',
          'series.jsonl',
          '--input',
          'signal',
          '--model',
          'elastic',
          '--channels',
          '8',
          '--blocks',
          '1',
        ],
        ...['--patch', '2', '--window', '6', '--time-shift', '0.2', '--mixup', '0.1'],
      ],
    ],
  ])(
    '%s',
    async (name, options) => {
      const run = `run ${name}`;
      const trained = await eft('train', ...options, ...SMALL, '--out', run);
      expect(trained.stderr).toContain('saved in');
      const classifier = await load(at(run), { threads: 1 });
      await classifier.export(at(`hub ${name}`), { format: 'hub' });
      await classifier.dispose();
      const command = commandIn(await readFile(at(`hub ${name}/README.md`), 'utf8'));
      const again = await eft(...command.slice(0, -1), `again ${name}`, '--threads', '1');
      expect(again.stderr).toContain('saved in');
      const files = ['model.safetensors', 'encoder.json'];
      const [a, b] = await Promise.all(
        [run, `again ${name}`].map((path) =>
          Promise.all(files.map((file) => readFile(at(join(path, file))))),
        ),
      );
      expect(b.map((bytes, i) => bytes.equals(a[i]))).toEqual([true, true]);
      const [first, second] = await Promise.all(
        [run, `again ${name}`].map(async (path) =>
          JSON.parse(await readFile(at(join(path, 'config.json')), 'utf8')),
        ),
      );
      expect(second.training).toEqual(first.training);
      expect(second.model).toEqual(first.model);
      expect(second.reading).toEqual(first.reading);
    },
    240_000,
  );
});

const SIGNAL = { channels: 2, patch: 4, window: 8, filters: 0 };

/** @param more of the configuration */
function savedOf(options: ModelOptions, more: Partial<SavedModel['config']> = {}): SavedModel {
  const signals = options.signal !== undefined;
  const sound = { channels: 2, rate: 8000, values: Float32Array.from({ length: 80 }, (_, i) => i % 7) };
  const encoder = signals
    ? learnEncoder('signal', [sound], { patch: 4 })
    : learnEncoder('words', ['a text'], { vocabulary: 10 });
  const model = configureModel({
    classes: 2,
    vocabulary: encoder.vocabulary,
    sequenceLength: 40,
    ...options,
  });
  return {
    config: {
      model,
      classes: ['ham', 'spam'],
      training: configureTraining({}, { learningRate: 0.01 }),
      reading: { long: 'head' },
      data: { name: 'mails.csv', examples: 100 },
      ...more,
    },
    encoder,
    parameters: initialise(model, 1),
    epoch: 1,
  };
}

const BAG = { model: 'bag', channels: 4 } as const;

describe('what the card says', () => {
  test('of signals', () => {
    const card = modelCard(savedOf({ model: 'elastic', channels: 8, signal: SIGNAL }), {});
    expect(card).toContain('Labels signals as `ham`, `spam`.');
    expect(card).toContain('pipeline_tag: audio-classification\n');
    expect(card).toContain(
      'await classifier.predict({ values: new Float32Array(…), channels: 2, rate: 8000 })',
    );
    expect(card).toContain('eft predict path/of/this/folder --data new.wav');
    expect(card).toContain('| reads | the first 40 steps of a signal |');
    expect(card).not.toMatch(/\btexts?\b/);
  });

  test.each([
    ['head', 'the first 40 tokens of a text'],
    ['tail', 'the last 40 tokens of a text'],
    ['head-tail', 'the first 20 and the last 20 tokens of a text'],
    ['windows', 'all tokens, in windows of 40 whose scores are averaged, of a text'],
  ] as const)('of what is read: %s', (long, said) => {
    expect(modelCard(savedOf(BAG, { reading: { long } }), {})).toContain(`| reads | ${said} |`);
  });

  test('of what is done before, and who does not do it', () => {
    const reading = { long: 'head', html: 'strip', unicode: 'nfc', fields: ['subject', 'a|b'] };
    const saved = savedOf(BAG, { reading: reading as SavedModel['config']['reading'] });
    const card = modelCard(saved, { onnx: true, pytorch: true });
    expect(card).toContain(
      "| before | the fields `subject`, `a\\|b` are joined, a line each; HTML is stripped; Unicode's normal form C |",
    );
    expect(card).toMatch(
      /onnx\/model\.onnx.*Not done there, and to be done before: the fields .* HTML is stripped\./,
    );
    expect(card).toMatch(/modeling_eft\.py.*Not done there, and to be done before: HTML is stripped\.\n/);
    expect(card).toMatch(
      /`tokenizer\.json` takes texts that are prepared\. Not done there.*HTML is stripped\.\n/,
    );
    expect(trainCommand(saved)).toContain("--text-field 'subject,a|b' --html strip");
    expect(modelCard(savedOf(BAG), { onnx: true, pytorch: true })).not.toMatch(/Not done there|before \|/);
  });

  test('of labels and data of any characters', () => {
    const classes = ['a`b', '``', '| x |', 'line\nbreak', "it's", '<b>', '\ud83d', ' '];
    const saved = savedOf(
      { ...BAG, classes: classes.length },
      { classes, data: { name: 'odd | "name"\n---\n', examples: 3 } },
    );
    const validation = { accuracy: 0.5, interval: [0.2, 0.8] as const, examples: 6 };
    const card = modelCard(saved, { validation });
    expect(card).toContain(
      "as ``a`b``, ``` `` ```, `| x |`, `line\\nbreak`, `it's`, `<b>`, `\ufffd`, `   `. A model",
    );
    expect(card).toContain('| data | `odd \\| "name"\\n---\\n`, 3 texts to learn from |');
    expect(card.split('\n---\n')).toHaveLength(2);
    expect(card).toContain(`eft train --data $'odd | "name"\\u000a---\\u000a' --model bag`);
    expect(card).toContain('name: "odd | \\"name\\"\\n---\\n"\n');
    expect(card).toContain('// [{ label: "a`b", score: … }, …]');
    expect(card.isWellFormed()).toBe(true);
  });

  test('of a model that was resized', () => {
    const resized = { from: 'runs/a', sequenceLength: 20 };
    const saved = savedOf(
      { model: 'elastic-fourier', blocks: 1, channels: 4 },
      { data: { name: 'x', resized } },
    );
    expect(trainCommand(saved)).toContain('--seq-len 20 ');
    expect(modelCard(saved, {})).toContain('and then brought to 40 tokens by `eft resize`.');
    expect(modelCard(savedOf(BAG), {})).not.toContain('resize');
  });

  test('not where the data lay', () => {
    const source = { data: ['/home/somebody/mails.csv', 'C:\\data\\b.csv'], read: { labelField: 'kind' } };
    const command = trainCommand(savedOf(BAG, { data: { name: 'x', examples: 3, source } }));
    expect(command).toMatch(/^eft train --data mails\.csv b\.csv --model bag /);
    expect(command).toContain('--label-field kind');
  });
});

describe('an export writes over what is its own alone', () => {
  const exported = async (store: MemoryStore, format: 'hub' | 'onnx' | 'pytorch' = 'hub') =>
    exportModel(savedOf(BAG), undefined, store, { format });
  const textOf = async (store: MemoryStore, name: string) => new TextDecoder().decode(await store.read(name));

  test.each(['hub', 'onnx', 'pytorch'] as const)('%s twice', async (format) => {
    const store = new MemoryStore('out');
    await exported(store, format);
    await exported(store, format);
    expect(await store.has('README.md')).toBe(true);
  });

  test('and over cards of older versions', async () => {
    const store = new MemoryStore('out');
    await exported(store);
    const card = (await textOf(store, 'README.md')).replace(/<!--.*-->\n/, '');
    await store.write('README.md', card);
    await exported(store);
    expect(await textOf(store, 'README.md')).toContain('<!--');
  });

  test.each([
    ['README.md', '# My project\n'],
    ['README.md', '---\nlibrary_name: elastic-fourier\n---\n# Mine\n'],
    ['config.json', '{"model_type": "bert"}'],
    ['config.json', 'no JSON'],
    ['config.json', 'null'],
    ['encoder.json', '{}'],
    ['model.safetensors', 'weights'],
    ['tokenizer.json', '{}'],
    ['tokenizer_config.json', '{}'],
    ['modeling_eft.py', 'print()'],
    ['onnx/model.onnx', 'graph'],
  ])('%s with %j is left', async (name, text) => {
    const store = new MemoryStore('out');
    await store.write(name, text);
    const refused = exported(store);
    await expect(refused).rejects.toThrow(InputError);
    await expect(refused).rejects.toThrow(`out holds ${name} that is not of an export by this program`);
    expect([...store.files.keys()]).toEqual([name]);
    expect(await textOf(store, name)).toBe(text);
  });

  test('a training is left', async () => {
    const store = new MemoryStore('out');
    const { config, ...model } = savedOf(BAG);
    await new RunFolder(store).begin(config, model);
    await store.write('checkpoint.safetensors', 'state');
    await expect(exported(store)).rejects.toThrow('out holds a training, which an export would write over');
  });
});
