/** Every code of an error that the documentation names is really thrown; by code and message it comes back from elsewhere. */
import { writeFile } from 'node:fs/promises';
import { Hono } from 'hono';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createWasmEngine } from '#eft/engine/wasm/engine.js';
import { codeOf, type ErrorCode, errorOf, FailureError, InputError, InterruptedError } from '#eft/errors.js';
import { processes } from '#eft/jobs/processes/processes.js';
import { parseAddress } from '#eft/jobs/queue/address.js';
import { connect } from '#eft/jobs/queue/connection.js';
import { configureModel } from '#eft/model/configuration.js';
import { lowerInference } from '#eft/model/lowering.js';
import { load, train } from '#eft/node.js';
import { platform as browser } from '#eft/platform/browser/platform.js';
import { listen } from '#eft/server/listen.js';
import { temporaryFolder } from './temporary-folder.js';

const folder = temporaryFolder();
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const examples = Array.from({ length: 40 }, (_, i) => ({
  input: i % 2 === 0 ? `win free money ${i}` : `review the patch ${i}`,
  label: i % 2 === 0 ? 'spam' : 'ham',
}));
const small = { model: 'bag', sequenceLength: 8, epochs: 1, threads: 1 } as const;
/** The decay multiplies each weight by 1 − 10 · 1 a step. */
const wild = {
  model: 'elastic-fourier',
  blocks: 8,
  channels: 8,
  hidden: 8,
  epochs: 30,
  learningRate: 10,
  clipNorm: 0,
  weightDecay: 1,
  warmupShare: 0,
} as const;
const aborted = AbortSignal.abort();

type Kind = abstract new (...values: never[]) => Error;

const CASES: [ErrorCode, Kind, () => Promise<unknown> | unknown][] = [
  ['input', InputError, () => load(folder.at('none'))],
  ['unsupported', InputError, () => browser.folder('runs/a')],
  [
    'disposed',
    InputError,
    async () => {
      const classifier = await train({ ...small, data: examples });
      await classifier.dispose();
      await classifier.predict('a');
    },
  ],
  ['diverged', FailureError, () => train({ ...small, ...wild, data: examples })],
  [
    'memory',
    FailureError,
    async () => {
      vi.spyOn(WebAssembly, 'Memory').mockImplementation(function refuse() {
        throw new RangeError('WebAssembly.Memory(): could not allocate memory');
      });
      const engine = await createWasmEngine({ threads: 1 });
      const model = configureModel({ model: 'bag', sequenceLength: 8, vocabulary: 9, classes: 2 });
      await engine.createInference(lowerInference(model), { maxBatch: 1 });
    },
  ],
  [
    'write',
    FailureError,
    async () => {
      await writeFile(folder.at('file'), '');
      const classifier = await train({ ...small, data: examples });
      try {
        await classifier.save(folder.at('file/run'));
      } finally {
        await classifier.dispose();
      }
    },
  ],
  // Nobody listens there.
  ['network', FailureError, () => load('http://127.0.0.1:1/model')],
  [
    'process',
    FailureError,
    () => {
      // A process that Node does not even start.
      vi.stubEnv('NODE_OPTIONS', '--no-such-option');
      const configuration = configureModel({ model: 'bag', sequenceLength: 8 });
      const request = { configuration, mode: 'inference', batch: 1, threads: 1, seconds: 0, profile: false };
      return processes.run('cell', 'a cell', request as Parameters<typeof processes.run<'cell'>>[2]);
    },
  ],
  ['queue', FailureError, () => connect(parseAddress('redis://127.0.0.1:1', {}))],
  // No address of this machine.
  ['failure', FailureError, () => listen(new Hono(), { host: '192.0.2.1', port: 0, timeout: 1 })],
  ['interrupted', InterruptedError, () => train({ ...small, data: examples, signal: aborted })],
];
test.each(CASES)('%s', async (code, kind, act) => {
  const error = await (async () => act())().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(kind);
  expect(error).toMatchObject({ code, message: expect.stringMatching(/\w/) });
});

describe('from another process', () => {
  const kinds: [ErrorCode, Kind][] = [
    ...(['input', 'disposed', 'unsupported'] as const).map((code): [ErrorCode, Kind] => [code, InputError]),
    ...(['diverged', 'memory', 'write', 'network', 'process', 'queue', 'failure'] as const).map(
      (code): [ErrorCode, Kind] => [code, FailureError],
    ),
    ['interrupted', InterruptedError],
  ];
  test.each(kinds)('%s', (code, kind) => {
    const error = errorOf(code, 'why');
    expect(error).toBeInstanceOf(kind);
    expect(error.message).toBe('why');
    expect(codeOf(error)).toBe(code);
  });

  test('an error that is none of ours is a failure', () => {
    expect(codeOf(new TypeError('x'))).toBe('failure');
    expect(codeOf('x')).toBe('failure');
  });
});
