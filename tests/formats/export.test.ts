/** A model exported in the hub's layout: opened again from a folder and from an address, with a card that tells its worth. */

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Classifier, load, pipeline, train } from '#eft/node.js';
import { eft } from '../cli/run.js';

let folder: string;
let server: Server;
let address: string;
let classifier: Classifier;
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eft-export-'));
  const data = Array.from({ length: 200 }, (_, i) => ({
    text: `${i % 3 ? 'win free money' : 'review the patch'} ${i}`,
    label: i % 3 ? 'spam' : 'ham',
  }));
  classifier = await train({ data, model: 'bag', sequenceLength: 16, epochs: 2, seed: 1 });
  await classifier.export(at('hub'), { format: 'hub', version: '1.2.3' });
  server = createServer(async ({ url }, response) => {
    try {
      response.end(await readFile(join(folder, decodeURI(url!))));
    } catch {
      response.statusCode = url!.includes('broken') ? 500 : 404;
      response.end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.close();
  await classifier.dispose();
  await rm(folder, { recursive: true });
});

it('holds what the hub expects', async () => {
  expect((await readdir(at('hub'))).sort()).toEqual([
    'README.md',
    'config.json',
    'encoder.json',
    'model.safetensors',
    'tokenizer.json',
    'tokenizer_config.json',
  ]);
  const card = await readFile(at('hub/README.md'), 'utf8');
  expect(card).toMatch(/^---\nlibrary_name: elastic-fourier\npipeline_tag: text-classification\n/);
  const { accuracy } = classifier.history[classifier.epoch! - 1].validation;
  expect(card).toContain(`value: ${accuracy}\n`);
  expect(card).toMatch(/held-out texts .* \(95% interval \d+\.\d\d% to 100\.00%, Wilson; one seed\)/);
  expect(card).toContain('elastic-fourier 1.2.3');
});

it.each(['a folder', 'an address', 'an address with a slash'])('opens from %s', async (kind) => {
  const place = { 'a folder': at('hub'), 'an address': `${address}/hub` }[kind] ?? `${address}/hub/`;
  const again = await load(place);
  const texts = ['win free money', 'review the patch'];
  expect(await again.predict(texts)).toEqual(await classifier.predict(texts));
  await again.dispose();
});

it('says what is wrong with an address', async () => {
  await expect(load(`${address}/none`)).rejects.toThrow('/none is not a run folder: it has no config.json');
  await expect(load(`${address}/broken`)).rejects.toMatchObject({
    code: 'network',
    message: `${address}/broken/config.json cannot be fetched: the server answers 500`,
  });
  await expect(classifier.save(`${address}/hub`)).rejects.toThrow('nothing can be written to an address');
});

it('the command line writes the same, with the accuracy that the run recorded', async () => {
  await classifier.save(at('run'));
  const { code, stderr } = await eft('export', at('run'), '--format', 'hub', '--out', at('from-run'));
  expect(stderr).toContain('README.md there says how to use it');
  expect(code).toBe(0);
  const weights = await Promise.all(
    ['hub', 'from-run'].map((name) => readFile(at(`${name}/model.safetensors`))),
  );
  expect(weights[0].equals(weights[1])).toBe(true);
});

it('with ONNX it is the same and a graph', async () => {
  const { code } = await eft('export', at('hub'), '--format', 'onnx', '--out', at('onnx'));
  expect(code).toBe(0);
  expect(await readdir(at('onnx/onnx'))).toEqual(['model.onnx']);
  expect(await readFile(at('onnx/README.md'), 'utf8')).toContain('onnx/model.onnx');
  const again = await load(at('onnx'));
  expect(await again.predict('win free money')).toEqual(await classifier.predict('win free money'));
  await again.dispose();
});

it('a pipeline answers in the shapes of transformers.js', async () => {
  const classify = await pipeline('text-classification', at('hub'));
  const [spam, ham] = await classifier.predict('win free money');
  expect(await classify('win free money')).toEqual([spam]);
  expect(await classify('win free money', { top_k: null })).toEqual([spam, ham]);
  expect(await classify(['win free money', 'win free money'])).toEqual([spam, spam]);
  expect(await classify(['win free money'], { top_k: 2 })).toEqual([[spam, ham]]);
  await classify.dispose();
  await expect(pipeline('translation' as 'text-classification', at('hub'))).rejects.toThrow('translation');
});
