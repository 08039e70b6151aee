/** Bad input, as a user gives it: a message that names the place, exit code 2, no stack trace, nothing written. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readTensors, writeTensors } from '../tensor-files.js';
import { mailsCsv, SMALL } from './data.js';
import { eftIn, type Outcome } from './run.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eft-errors-'));
  const write = (name: string, content: string | Uint8Array) => writeFile(join(folder, name), content);
  await write('mails.csv', mailsCsv(60));
  await write('empty.csv', '');
  await write('header.csv', 'text,label\n');
  await write('unlabelled.csv', 'text,label\na cruise,spam\na patch,\n');
  await write('unlabelled.jsonl', '{"text":"a","label":"x"}\n{"text":"b"}\n');
  await write('broken.jsonl', '{"text":"a","label":"x"}\n{"text":\n');
  await write('short.csv', 'text,label\na,x\nb\n');
  await write(
    'latin.csv',
    Buffer.concat([Buffer.from('text,label\ncaf'), Buffer.of(0xe9), Buffer.from(',x\n')]),
  );
  const packed = gzipSync(mailsCsv(60));
  await write('cut.csv.gz', packed.subarray(0, packed.length - 20));
  await write('one-class.csv', 'text,label\na,x\nb,x\nc,x\n');
  await write('columns.csv', 'first,second\na,x\n');
  await mkdir(join(folder, 'loose'));
  await write('loose/a.txt', 'a');
  const { code } = await eft([
    'train',
    '--data',
    'mails.csv',
    '--model',
    'elastic-fourier',
    '--epochs',
    '1',
    '--out',
    'run',
    ...SMALL,
  ]);
  expect(code).toBe(0);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs in the folder of the test. */
const eft = (args: readonly string[]): Promise<Outcome> => eftIn(folder, args);

function expectRefused({ code, stdout, stderr }: Outcome, message: string | RegExp, wanted = 2): void {
  if (typeof message === 'string') expect(stderr).toContain(message);
  else expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/^\s+at |internal error|\.js:\d/m);
  expect(stdout).toBe('');
  expect(code).toBe(wanted);
}

describe('fields of a model', () => {
  const rows = (names: readonly string[]): string =>
    `${names.join(',')}\n${Array.from({ length: 40 }, (_, i) =>
      names
        .map((name) =>
          name === 'label' ? ['ham', 'spam'][i % 2] : `${name} ${['patch', 'cruise'][i % 2]} ${i}`,
        )
        .join(','),
    ).join('\n')}\n`;
  beforeAll(async () => {
    await writeFile(join(folder, 'two.csv'), rows(['subject', 'body', 'label']));
    await writeFile(join(folder, 'one.csv'), rows(['subject', 'label']));
    const fields = ['--text-field', 'subject,body', '--label-field', 'label'];
    const args = [
      'train',
      '--data',
      'two.csv',
      '--model',
      'linear',
      '--epochs',
      '1',
      '--out',
      'two',
      ...fields,
    ];
    expect((await eft(args)).code).toBe(0);
  });

  test.each(['predict', 'evaluate'])('are named by eft %s where a file lacks one', async (command) => {
    expectRefused(
      await eft([command, 'two', '--data', 'one.csv']),
      "one.csv:2: no field 'body' for the text; there are 'subject', 'label'",
    );
  });

  test('are told on standard error', async () => {
    const { code, stderr } = await eft(['predict', 'two', '--data', 'two.csv', '--output', 'labels']);
    expect(stderr).toContain("two.csv: CSV, text 'subject,body'\n");
    expect(code).toBe(0);
    const evaluated = await eft(['evaluate', 'two', '--data', 'two.csv']);
    expect(evaluated.stderr).toContain("two.csv: CSV, text 'subject,body', label 'label' (guessed)\n");
  });
});

describe('usage', () => {
  test.each<[string, string]>([
    ['', 'eft compare --data mails.csv --out runs/first'],
    ['trian', "eft: there is no command 'trian'; did you mean 'train'?; commands are compare, check, train"],
    ['toString', "eft: there is no command 'toString'"],
    ['--nope', "eft: unknown option '--nope'"],
    ['params --lengths 0', "argument '0' is invalid. It must be a whole number from 2"],
    ['params --lengths 1', "argument '1' is invalid. It must be a whole number from 2"],
    ['params --lengths 256,many', "argument '256,many' is invalid. It must be a whole number from 2"],
    ['params --lengths 256,256', "'256' is given twice"],
    ['params --models transformer', 'Models are elastic-fourier, standard, bag'],
    ['params --classes 1', 'It must be a whole number from 2'],
    ['params --channels 30 --models standard', 'channels must be a multiple of heads'],
    ['train --data mails.csv --out new --epoch 3', "unknown option '--epoch'; did you mean --epochs?"],
    [
      'train --data mails.csv --out new --model bags',
      "argument 'bags' is invalid. Allowed choices are elastic-fourier, standard, bag",
    ],
    ['train --data mails.csv --out new --seq-len 0', "'--seq-len <n>' argument '0' is invalid"],
    ['train --data mails.csv --out new --seq-len abc', "'--seq-len <n>' argument 'abc' is invalid"],
    ['train --data mails.csv --out new --seq-len 1', "'--seq-len <n>' argument '1' is invalid"],
    ['train --data mails.csv --out new --epochs 1.5', "'--epochs <e>' argument '1.5' is invalid"],
    ['train --data mails.csv --out new --learning-rate 0', 'It must be a number above 0 up to 10'],
    ['compare --out new --learning-rate bag=0', 'It must be a number above 0 up to 10'],
    ['compare --out new --learning-rate bag=0.1,bag=0.2', "'bag' is given twice"],
    ['compare --out new --learning-rate bags=0.1', 'Models are elastic-fourier, standard, bag'],
    ['compare --out new --match speed', 'Costs are parameters, flops, seconds'],
    ['compare --out new --match flops --models bag,standard', '--match needs two models that can be scaled'],
    ['train --data mails.csv --out new --threads 9', 'It must be a whole number from 1 to 8'],
    ['train --data mails.csv --out new --tokenizer letters', 'Allowed choices are words, bytes'],
    ['train --data mails.csv', "required option '--out <folder>' not specified"],
    ['train --out new', "required option '--data <path...>' not specified"],
    ['predict', "missing required argument 'run'"],
    ['predict run text --data mails.csv', 'eft: give a text or --data, not both'],
  ])('eft %s', async (line, message) => {
    expectRefused(await eft(line.split(' ').filter(Boolean)), message);
    expect(await readdir(folder)).not.toContain('new');
  });
});

describe('data', () => {
  test.each<[string, string | RegExp]>([
    ['none.csv', 'eft: none.csv: no such file or folder'],
    ['spam', "built-in datasets: 'spam-assassin'"],
    ['empty.csv', 'eft: empty.csv is empty'],
    ['header.csv', 'eft: header.csv holds no examples'],
    ['unlabelled.csv', 'eft: unlabelled.csv:3: this row has no label'],
    ['unlabelled.jsonl', 'eft: unlabelled.jsonl:2: this row has no label'],
    ['broken.jsonl', 'eft: broken.jsonl:2: not JSON'],
    ['short.csv', 'eft: short.csv:3: this row does not have as many columns'],
    ['cut.csv.gz', 'eft: cut.csv.gz: the gzip data ends too early: the file is truncated'],
    [
      'one-class.csv',
      "eft: one-class.csv: only the label 'x' in 3 examples; a classifier needs at least two",
    ],
    ['columns.csv', /eft: columns\.csv:2: which field is the text\? There are 'first', 'second'/],
    ['loose', /eft: loose.a\.txt: a file outside any class/],
  ])('eft train --data %s', async (data, message) => {
    expectRefused(await eft(['train', '--data', data, '--out', 'new', ...SMALL]), message);
    expect(await readdir(folder)).not.toContain('new');
  });

  test('an encoding that the data are not in', async () => {
    const told = ['--data', 'latin.csv', '--encoding', 'utf-8', '--out', 'new'];
    expectRefused(await eft(['train', ...told, ...SMALL]), 'eft: latin.csv:2: ');
  });

  test('a text of no known word is labelled, with a warning', async () => {
    const { code, stdout, stderr } = await eft(['predict', 'run', 'Żółć']);
    expect(code).toBe(0);
    expect(stderr).toContain('warning: the argument: the model knows no word of this text');
    expect(['ham', 'spam']).toContain((JSON.parse(stdout) as { label: string }).label);
  });
});

describe('run folders', () => {
  /** A copy of the run with one of its files changed. */
  async function damaged(name: string, change: (path: string) => Promise<unknown>): Promise<string> {
    const copy = join(folder, `damaged-${name}`);
    await mkdir(copy);
    for (const file of await readdir(join(folder, 'run'))) {
      await writeFile(join(copy, file), await readFile(join(folder, 'run', file)));
    }
    await change(copy);
    return `damaged-${name}`;
  }

  const weights = (copy: string): string => join(copy, 'model.safetensors');
  test.each<[string, (copy: string) => Promise<unknown>, string | RegExp]>([
    [
      'header',
      (copy) => writeFile(weights(copy), Buffer.alloc(64, 1)),
      'model.safetensors is not a sound safetensors file',
    ],
    [
      'cut',
      async (copy) => writeFile(weights(copy), (await readFile(weights(copy))).subarray(0, 4000)),
      'model.safetensors is not a sound safetensors file',
    ],
    [
      'nan',
      async (copy) => {
        const { tensors, metadata } = await readTensors(weights(copy));
        tensors.get('head.weight')!.data[3] = Number.NaN;
        await writeTensors(weights(copy), { tensors, metadata });
      },
      "model.safetensors: the tensor 'head.weight' holds NaN at position 3",
    ],
    [
      'missing',
      async (copy) => {
        const { tensors, metadata } = await readTensors(weights(copy));
        const left = new Map([...tensors].filter(([name]) => name !== 'head.bias'));
        await writeTensors(weights(copy), { tensors: left, metadata });
      },
      "model.safetensors: the tensor 'head.bias' is missing",
    ],
    [
      'shape',
      async (copy) => {
        const { tensors, metadata } = await readTensors(weights(copy));
        const { shape, data } = tensors.get('head.weight')!;
        const turned = { shape: [...shape].reverse(), data };
        await writeTensors(weights(copy), {
          tensors: new Map([...tensors, ['head.weight', turned]]),
          metadata,
        });
      },
      "model.safetensors: the tensor 'head.weight' has shape [8, 2], the model needs [2, 8]",
    ],
    [
      'foreign',
      (copy) =>
        writeTensors(weights(copy), {
          tensors: new Map([['layer.weight', { shape: [2], data: Float32Array.of(1, 2) }]]),
          metadata: {},
        }),
      /model\.safetensors: the tensor '[\w.]+' is missing/,
    ],
    [
      'version',
      async (copy) => {
        const text = await readFile(join(copy, 'config.json'), 'utf8');
        await writeFile(join(copy, 'config.json'), text.replace('"version": 2', '"version": 3'));
      },
      'config.json is of version 3, this program reads versions 1 and 2',
    ],
  ])('damaged: %s', async (name, change, message) => {
    const copy = await damaged(name, change);
    expectRefused(await eft(['predict', copy, 'a text']), message);
    expectRefused(await eft(['evaluate', copy, '--data', 'mails.csv']), message);
  });

  test('none', async () => {
    expectRefused(await eft(['predict', 'nowhere', 'a']), 'eft: nowhere: no such folder');
    expectRefused(await eft(['predict', 'loose', 'a']), 'eft: loose is not a run folder');
  });

  test('one that is there already is not written over', async () => {
    const before = await readFile(join(folder, 'run', 'model.safetensors'));
    const ended = await eft([
      'train',
      '--data',
      'mails.csv',
      '--model',
      'elastic-fourier',
      '--out',
      'run',
      ...SMALL,
    ]);
    expectRefused(ended, 'eft: run already holds a run: continue it with --resume, or choose another folder');
    expect(await readFile(join(folder, 'run', 'model.safetensors'))).toEqual(before);
  });
});

describe('folders that cannot be written', () => {
  test('a file is in the way', async () => {
    const ended = await eft([
      'train',
      '--data',
      'mails.csv',
      '--model',
      'elastic-fourier',
      '--out',
      'mails.csv/run',
      ...SMALL,
    ]);
    expectRefused(ended, 'eft: cannot write mails.csv/run: a part of the path is a file', 1);
  });

  test.each([
    ['mails.csv', /eft: cannot write .*mails\.csv/],
    ['mails.csv/bench', /eft: cannot write mails\.csv.bench: a part of the path is a file/],
    ...(process.platform === 'linux' ? ([['/proc/eft', /eft: cannot write \/proc\/eft/]] as const) : []),
  ] as const)('eft bench --out %s measures nothing', async (out, message) => {
    const ended = await eft(['bench', '--out', out, '--lengths', '16', '--seconds', '0.01', '--json']);
    expectRefused(ended, message, 1);
    expect(ended.stderr).not.toContain('measuring');
  });

  test('eft bench makes no folder for a model that cannot be', async () => {
    const ended = await eft(['bench', '--models', 'standard', '--channels', '30', '--out', 'new']);
    expectRefused(ended, 'channels must be a multiple of heads');
    expect(await readdir(folder)).not.toContain('new');
  });

  test.runIf(process.platform === 'linux')('a system folder', async () => {
    const ended = await eft([
      'train',
      '--data',
      'mails.csv',
      '--model',
      'elastic-fourier',
      '--out',
      '/proc/eft',
      ...SMALL,
    ]);
    expectRefused(ended, 'eft: cannot write /proc/eft', 1);
  });

  test.runIf(process.platform === 'linux')(
    'no room for the weights: no half file, and it can go on',
    async () => {
      const { execFile } = await import('node:child_process');
      const main = new URL('../../dist/cli/main.js', import.meta.url).pathname;
      // No file over 4 KiB, as on a disk that is full.
      const script = `ulimit -f 8; exec "${process.execPath}" "${main}" "$@"`;
      const args = [
        'train',
        '--data',
        'mails.csv',
        '--model',
        'elastic-fourier',
        '--epochs',
        '1',
        '--out',
        'cramped',
        ...SMALL,
      ];
      const ended = await new Promise<Outcome>((resolve) => {
        execFile('sh', ['-c', script, 'sh', ...args], { cwd: folder }, (error, stdout, stderr) =>
          resolve({
            code: error === null ? 0 : (error.code as unknown as number),
            signal: null,
            stdout,
            stderr,
          }),
        );
      });
      expectRefused(ended, /^eft: cannot write cramped.model\.safetensors: the file is larger than/m, 1);
      expect((await readdir(join(folder, 'cramped'))).sort()).toEqual([
        'encoder.json',
        'tokenizer.json',
        'tokenizer_config.json',
      ]);
      expect((await eft(args)).code).toBe(0);
    },
  );

  test.runIf(process.platform === 'linux')('standard output is full', async () => {
    const { execFile } = await import('node:child_process');
    const main = new URL('../../dist/cli/main.js', import.meta.url).pathname;
    const command = `"${process.execPath}" "${main}" params --json > /dev/full`;
    const ended = await new Promise<{ failed: boolean; stderr: string }>((resolve) => {
      execFile('sh', ['-c', command], (error, _, stderr) => resolve({ failed: error !== null, stderr }));
    });
    expect(ended).toEqual({
      failed: true,
      stderr: expect.stringMatching(/^eft: cannot write the output: ENOSPC/),
    });
  });
});

test('a training that diverges stops with the step and advice; what its last good epoch saved stays', async () => {
  // The decay multiplies each weight by 1 − 2.2 · 1 a step.
  const args = '--epochs 200 --learning-rate 2.2 --clip-norm 0 --warmup 0 --weight-decay 1'.split(' ');
  const model = ['--seq-len', '8', '--blocks', '8', '--vocabulary', '100', '--threads', '1'];
  const ended = await eft(['train', '--data', 'mails.csv', '--out', 'wild', ...model, ...args]);
  expect(ended.code).toBe(1);
  const [, epoch] =
    /eft: training diverged at step \d+: .* The checkpoint of epoch (\d+) is kept\. Try a lower learning rate/.exec(
      ended.stderr,
    ) ?? [];
  expect(Number(epoch)).toBeGreaterThan(0);
  const prediction = await eft(['predict', 'wild', 'win a free cruise']);
  expect(prediction.code).toBe(0);
  expect(JSON.parse(prediction.stdout)).toHaveProperty('label');
});
