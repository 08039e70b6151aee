/** What sessions owe beyond numbers: update apart from backward, no overlapping, profile, an end that is one. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AdamW, Engine, Session } from '#eft/engine/engine.js';
import { modelConfigurationSchema } from '#eft/model/configuration.js';
import { lowerInference, lowerTraining } from '#eft/model/lowering.js';
import { platform } from '#platform';
import {
  alone,
  bits,
  type EngineUnderTest,
  MAIN_ENGINES,
  REFERENCE,
  randomBatch,
  randomParameters,
} from './conformance-engines.js';

const ADAMW: AdamW = {
  learningRate: 3e-3,
  beta1: 0.9,
  beta2: 0.98,
  epsilon: 1e-8,
  weightDecay: 0.02,
  clipNorm: 0.5,
};
const configuration = modelConfigurationSchema.parse({
  model: 'elastic-fourier',
  sequenceLength: 40,
  channels: 16,
  hidden: 24,
  blocks: 2,
  vocabulary: 60,
  classes: 3,
  dropout: 0.2,
});
const program = lowerTraining(configuration);
const parameters = randomParameters(program.evaluation, 7);
const batch = randomBatch([40, 1, 20, 39, 2], 60, 3, 8);
const maxBatch = batch.labels.length;

async function open(engine: Engine, profile = false): Promise<Session> {
  const session = await engine.createTraining(program, { maxBatch, profile });
  for (const [name, values] of parameters) await session.setParameter(name, values);
  return session;
}

/** Parameters and moments, to the bit. */
async function stateOf(session: Session): Promise<string> {
  const told: string[] = [];
  for (const name of parameters.keys()) {
    told.push(bits(await session.parameter(name)));
    for (const which of ['m', 'v'] as const) told.push(bits(await session.moment(which, name)));
  }
  return told.join('\n');
}

describe.each([REFERENCE, ...MAIN_ENGINES])('$name', (underTest: EngineUnderTest) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await underTest.create();
  });
  afterAll(() => engine.dispose());

  it('backward and update end with the bits of step', async () => {
    const [fused, apart] = [await open(engine), await open(engine)];
    for (let step = 0; step < 3; step++) {
      const key = { seed: 4, step };
      const together = await fused.step(batch, key, ADAMW);
      expect(await apart.backward(batch, key)).toEqual(together);
      await apart.update(ADAMW, key);
    }
    expect(await stateOf(apart)).toBe(await stateOf(fused));
    // The packed weights too are those of the update.
    const [left, right] = [await fused.forward(batch), await apart.forward(batch)];
    expect(bits(right.logits)).toBe(bits(left.logits));
    await Promise.all([fused.dispose(), apart.dispose()]);
  });

  it('update uses the gradient of the last backward, whatever was read, set or run forward since', async () => {
    const [plain, busy] = [await open(engine), await open(engine)];
    const key = { seed: 4, step: 0 };
    for (const session of [plain, busy]) await session.backward(batch, key);
    const bias = await busy.parameter('head.bias');
    await busy.setParameter(
      'head.bias',
      bias.map((value) => value + 1),
    );
    await busy.forward(batch);
    await busy.forward(alone(batch, 0));
    await busy.setParameter('head.bias', bias);
    for (const session of [plain, busy]) await session.update(ADAMW, key);
    expect(await stateOf(busy)).toBe(await stateOf(plain));
    await Promise.all([plain.dispose(), busy.dispose()]);
  });

  it('update leaves all as it is after a backward that diverged', async () => {
    const session = await open(engine);
    const bias = await session.parameter('head.bias');
    await session.setParameter(
      'head.bias',
      bias.map(() => Number.NaN),
    );
    expect((await session.backward(batch, { seed: 1, step: 0 })).gradientNorm).toBeNaN();
    const before = await stateOf(session);
    await session.update(ADAMW, { seed: 1, step: 0 });
    expect(await stateOf(session)).toBe(before);
    await session.dispose();
  });

  it('update without a backward of its own is refused', async () => {
    const session = await open(engine);
    const key = { seed: 1, step: 0 };
    await expect(session.update(ADAMW, key)).rejects.toThrow('needs a backward');
    await session.backward(batch, key);
    await session.update(ADAMW, key);
    await expect(session.update(ADAMW, key)).rejects.toThrow('needs a backward');
    await session.step(batch, key, ADAMW);
    await expect(session.update(ADAMW, key)).rejects.toThrow('needs a backward');
    await session.dispose();
  });

  it('an inference session has no part of training', async () => {
    const session = await engine.createInference(lowerInference(configuration), { maxBatch });
    const key = { seed: 1, step: 0 };
    await expect(session.backward(batch, key)).rejects.toThrow(TypeError);
    await expect(session.update(ADAMW, key)).rejects.toThrow(TypeError);
    await expect(session.step(batch, key, ADAMW)).rejects.toThrow(TypeError);
    await session.dispose();
  });

  it('profile tells the time of every kind of operation, again and again', async () => {
    const session = await open(engine, true);
    await session.step(batch, { seed: 1, step: 0 }, ADAMW);
    const first = await session.profile();
    const kinds = new Set(program.training.operations.map(({ kind }) => kind));
    expect(new Set(first.keys())).toEqual(kinds);
    await session.step(batch, { seed: 1, step: 1 }, ADAMW);
    const sum = (times: Iterable<number>): number => [...times].reduce((a, b) => a + b, 0);
    const second = await session.profile();
    expect(sum(second.values())).toBeGreaterThan(sum(first.values()));
    await session.dispose();
    const plain = await open(engine);
    await expect(plain.profile()).rejects.toThrow('without profile');
    await plain.dispose();
  });

  it('a session that was disposed of refuses everything, and may be disposed of again', async () => {
    const session = await open(engine);
    await session.dispose();
    await session.dispose();
    await expect(session.parameter('head.bias')).rejects.toThrow('disposed of');
    await expect(session.setParameter('head.bias', [0, 0, 0])).rejects.toThrow('disposed of');
    await expect(session.forward(batch)).rejects.toThrow('disposed of');
    await expect(session.step(batch, { seed: 1, step: 0 }, ADAMW)).rejects.toThrow('disposed of');
  });

  it('the engine disposes of the sessions that are open, and works on', async () => {
    const own = await underTest.create();
    const [closed, left] = [await open(own), await open(own)];
    await closed.dispose();
    await own.dispose();
    await expect(left.forward(batch)).rejects.toThrow('disposed of');
    const next = await open(own);
    expect((await next.forward(batch)).losses.length).toBe(maxBatch);
    await own.dispose();
  });
});

/** Without workers a command ends before its caller goes on: nothing can come between. */
const threaded = platform.sharesMemory() ? MAIN_ENGINES.filter(({ name }) => name.includes('thread')) : [];

describe.each(threaded)('$name', (underTest: EngineUnderTest) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await underTest.create();
  });
  afterAll(() => engine.dispose());

  it('a call that overlaps a command is refused, and does not disturb it', async () => {
    const session = await open(engine);
    const expected = await session.forward(batch);
    const running = session.forward(batch);
    const other = randomBatch([40, 40, 40, 40, 40], 60, 3, 9);
    const busy = 'while forward is running; await one call before the next';
    // All asked for before the forward can end.
    const refused = {
      forward: session.forward(other),
      step: session.step(other, { seed: 1, step: 0 }, ADAMW),
      parameter: session.parameter('head.bias'),
      setParameter: session.setParameter('head.bias', [9, 9, 9]),
    };
    const answers = await Promise.allSettled(Object.values(refused));
    expect(answers.map((answer) => answer.status === 'rejected' && answer.reason.message)).toEqual(
      Object.keys(refused).map((call) => `internal: ${call} ${busy}`),
    );
    expect(bits((await running).logits)).toBe(bits(expected.logits));
    expect(bits((await session.forward(batch)).logits)).toBe(bits(expected.logits));
    await session.dispose();
  });

  it('a command that is running when the session is disposed of rejects', async () => {
    const session = await open(engine);
    const running = session.step(batch, { seed: 1, step: 0 }, ADAMW);
    const end = session.dispose();
    await expect(running).rejects.toThrow('disposed of during step');
    await end;
  });
});
