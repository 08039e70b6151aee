/** `--input bytes` on the command line: files of any kind by class, texts as bytes, prediction of files. */
import { expect, test } from 'vitest';
import { RandomStream } from '#eft/random.js';
import { temporaryFolder } from '../temporary-folder.js';
import { eft, start } from './run.js';

const { at, write } = temporaryFolder();

const SMALL = ['--model', 'elastic', '--epochs', '2', '--bank', '8', '--channels', '8', '--threads', '1'];

async function writeFiles(): Promise<void> {
  const random = new RandomStream(1, 'test');
  for (let i = 0; i < 60; i++) {
    const noise = Uint8Array.from({ length: 90 }, () => random.nextInteger(256));
    await write(`files/noise/${i}.bin`, noise);
    await write(`files/json/${i}.json`, JSON.stringify({ id: i, values: [i, 2 * i], name: 'of the thing' }));
  }
}

test('files by class: trained, evaluated, predicted one by one', async () => {
  await writeFiles();
  const run = at('run');
  const how = ['--data', at('files'), '--input', 'bytes', '--seq-len', '64', ...SMALL];
  const trained = await eft('train', ...how, '--out', run);
  expect(trained.stderr).toContain('files as bytes, ');
  expect(trained.stderr).toContain('64 bytes');
  expect(trained.code).toBe(0);
  // The run knows that its inputs are files.
  const evaluated = await eft('evaluate', run, '--data', at('files'), '--json');
  expect(JSON.parse(evaluated.stdout).accuracy).toBe(1);
  const predicted = await eft('predict', run, '--data', at('files/json'), '--output', 'labels');
  expect(predicted.stdout).toBe('json\n'.repeat(60));
  const piped = await start(['predict', run], '{"id":1,"values":[1,2],"name":"of the thing"}').end;
  expect(JSON.parse(piped.stdout)).toMatchObject({ place: 'standard input', label: 'json' });
  await write('files/json/empty.json', '');
  const refused = await eft('predict', run, '--data', at('files/json/empty.json'));
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  expect(refused.stderr).toMatch(/empty\.json.* is empty/);
  const untrained = await eft('train', ...how, '--out', at('other'));
  expect(untrained.code).toBe(2);
  expect(untrained.stderr).toMatch(/empty\.json.* is empty/);
  const words = await eft('train', ...how, '--tokenizer', 'words', '--out', at('other'));
  expect(words.stderr).toContain('--input bytes takes bytes as tokens: leave --tokenizer words out');
});

test('texts as bytes, evaluated at other lengths', async () => {
  const lines = Array.from({ length: 120 }, (_, i) =>
    JSON.stringify({ text: `<p>${i} a ${i % 2 === 0 ? 'good' : 'poor'} one</p>`, label: `c${i % 2}` }),
  );
  const data = await write('texts.jsonl', `${lines.join('\n')}\n`);
  const run = at('texts-run');
  const how = ['--data', data, '--input', 'bytes', '--seq-len', '40', ...SMALL];
  const trained = await eft('train', ...how, '--out', run);
  expect(trained.code).toBe(0);
  // Bytes are taken as they are: no guess at HTML.
  expect(trained.stderr).not.toContain('HTML');
  for (const length of ['40', '64']) {
    const evaluated = await eft('evaluate', run, '--data', data, '--seq-len', length, '--json');
    expect(JSON.parse(evaluated.stdout).accuracy).toBe(1);
  }
  const predicted = await eft('predict', run, 'a poor one');
  expect(JSON.parse(predicted.stdout).label).toBe('c1');
});
