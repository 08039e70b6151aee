/** What every engine owes its callers: the suite that each engine's test calls with a factory. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AdamW, Batch, Engine, RealArray, Session } from '#eft/engine/engine.js';
import { type ModelOptions, modelConfigurationSchema } from '#eft/model/configuration.js';
import { encoderOptions, lowerInference, lowerTraining } from '#eft/model/lowering.js';
import type { TrainingProgram } from '#eft/program/program.js';
import { EXHAUSTIVE } from '../exhaustive.js';
import { demandClose, type Expectation, expectFloat32, type Tensors } from '../tolerance.js';
import {
  alone,
  bits,
  type EngineUnderTest,
  type Parameters,
  randomBatch,
  randomParameters,
  trainingSession,
} from './conformance-engines.js';

const KEY = { seed: 11, step: 2 };
const ADAMW: AdamW = {
  learningRate: 3e-3,
  beta1: 0.9,
  beta2: 0.98,
  epsilon: 1e-8,
  weightDecay: 0.02,
  clipNorm: 0.5,
};

/** Models that differ in what engines may treat apart: width of rows, factors of n, heads, dropout, length. */
const MODELS: Readonly<Record<string, ModelOptions>> = {
  'elastic-fourier, 32 channels, n 40': {
    model: 'elastic-fourier',
    sequenceLength: 40,
    blocks: 1,
    hidden: 48,
  },
  'elastic-fourier, 5 channels, n 37': {
    model: 'elastic-fourier',
    sequenceLength: 37,
    blocks: 2,
    channels: 5,
    hidden: 7,
  },
  'elastic-fourier with dropout and label smoothing': {
    model: 'elastic-fourier',
    sequenceLength: 12,
    blocks: 1,
    channels: 12,
    hidden: 24,
    dropout: 0.25,
    labelSmoothing: 0.1,
    classes: 4,
  },
  'standard, 32 channels, n 70': { model: 'standard', sequenceLength: 70, blocks: 1, hidden: 48 },
  'standard, 6 channels, 3 heads': {
    model: 'standard',
    sequenceLength: 13,
    blocks: 2,
    channels: 6,
    hidden: 10,
    heads: 3,
  },
  'standard with dropout': {
    model: 'standard',
    sequenceLength: 9,
    blocks: 1,
    channels: 16,
    hidden: 20,
    dropout: 0.25,
  },
  'elastic with word dropout': {
    model: 'elastic',
    sequenceLength: 45,
    blocks: 2,
    channels: 20,
    scales: 2,
    bank: 19,
    cosineModes: 2,
    dropout: 0.1,
    wordDropout: 0.25,
    classes: 3,
  },
  'elastic with long kernels in the bank alone': {
    model: 'elastic',
    sequenceLength: 50,
    bank: 40,
    classes: 4,
  },
  'elastic with short kernels alone': {
    model: 'elastic',
    sequenceLength: 30,
    blocks: 1,
    scales: 0,
    taps: 3,
    bank: 16,
  },
  'bag with n-grams': { model: 'bag', sequenceLength: 16, channels: 10, ngrams: 2, buckets: 30, classes: 7 },
};

/** Those of `npm test`: an odd width of each family. */
const MAIN_MODELS: readonly string[] = [
  'elastic-fourier with dropout and label smoothing',
  'standard, 6 channels, 3 heads',
  'elastic with word dropout',
  'bag with n-grams',
];

interface Case {
  readonly options: ModelOptions;
  readonly program: TrainingProgram;
  readonly parameters: Parameters;
  readonly batch: Batch;
}

function makeCase(options: ModelOptions): Case {
  const configuration = modelConfigurationSchema.parse({ vocabulary: 60, ...options });
  const program = lowerTraining(configuration);
  const n = program.evaluation.sequenceLength;
  const lengths = [n, 1, Math.ceil(n / 2), n - 1, 2];
  const { vocabulary, buckets = 0 } = encoderOptions(configuration);
  const ids = vocabulary! + buckets;
  return {
    options,
    program,
    parameters: randomParameters(program.evaluation, 7),
    batch: randomBatch(lengths, ids, configuration.classes, 8),
  };
}

const open = (engine: Engine, { program, parameters, batch }: Case): Promise<Session> =>
  trainingSession(engine, program, parameters, batch.labels.length);

/** Everything a session tells: logits, losses, gradients, then weights and moments after three steps. */
async function results(engine: Engine, test: Case): Promise<Tensors> {
  const session = await open(engine, test);
  const { batch, parameters } = test;
  const { logits, losses } = await session.forward(batch);
  const { loss, gradientNorm } = await session.backward(batch, KEY);
  const found = new Map<string, ArrayLike<number>>([
    ['logits', logits],
    ['losses', losses],
    ['loss', [loss]],
    ['gradient norm', [gradientNorm]],
  ]);
  for (const name of parameters.keys()) found.set(`gradient of ${name}`, await session.gradient(name));
  const steps: number[] = [];
  for (let step = 0; step < 3; step++) {
    const result = await session.step(batch, { seed: 11, step }, ADAMW);
    steps.push(result.loss, result.gradientNorm);
  }
  found.set('loss and gradient norm of steps', steps);
  for (const name of parameters.keys()) {
    found.set(`${name} after steps`, await session.parameter(name));
    for (const which of ['m', 'v'] as const)
      found.set(`${which} of ${name}`, await session.moment(which, name));
  }
  await session.dispose();
  return found;
}

/** Expectations by model, made once: every engine asks for them. */
const expectations = new Map<string, Promise<Expectation>>();

function expectationOf(name: string, test: Case): Promise<Expectation> {
  const tokens = test.batch.tokens.length;
  const made =
    expectations.get(name) ?? expectFloat32(test.program.training, tokens, (e) => results(e, test));
  expectations.set(name, made);
  return made;
}

/** All parameters' bits. */
const parameterBits = async (session: Session, { parameters }: Case): Promise<string> =>
  (await Promise.all([...parameters.keys()].map(async (name) => bits(await session.parameter(name))))).join();

const gradientBits = async (session: Session, { parameters }: Case): Promise<string> =>
  (await Promise.all([...parameters.keys()].map(async (name) => bits(await session.gradient(name))))).join();

const rowOf = (values: RealArray, row: number, rows: number): RealArray =>
  values.slice((row * values.length) / rows, ((row + 1) * values.length) / rows);

export function describeEngine(underTest: EngineUnderTest): void {
  describe(underTest.name, () => {
    let engine: Awaited<ReturnType<EngineUnderTest['create']>>;
    beforeAll(async () => {
      engine = await underTest.create();
    });
    afterAll(() => engine.dispose());

    describe.each(Object.keys(MODELS).filter((name) => EXHAUSTIVE || MAIN_MODELS.includes(name)))(
      '%s',
      (name) => {
        const test = makeCase(MODELS[name]);

        it('forward, backward and AdamW agree with the reference', async () => {
          demandClose(
            `${underTest.name}, ${name}`,
            await results(engine, test),
            await expectationOf(name, test),
          );
        });

        it('a sequence has the same logits to the bit alone and in any batch', async () => {
          const session = await open(engine, test);
          const { batch } = test;
          const count = batch.labels.length;
          const together = await session.forward(batch);
          for (let b = 0; b < count; b++) {
            const single = await session.forward(alone(batch, b));
            expect(bits(single.logits)).toBe(bits(rowOf(together.logits, b, count)));
            expect(bits(single.losses)).toBe(bits(rowOf(together.losses, b, count)));
          }
          await session.dispose();
        });

        it('an inference session gives the logits of the training session', async () => {
          const configuration = modelConfigurationSchema.parse({ vocabulary: 60, ...test.options });
          const session = await engine.createInference(lowerInference(configuration), { maxBatch: 2 });
          for (const [parameter, values] of test.parameters) await session.setParameter(parameter, values);
          expect(session.training).toBe(false);
          expect(session.plannedBytes).toBeGreaterThan(0);
          const found = await session.forward(test.batch);
          const { values, allowances } = await expectationOf(name, test);
          const logits = new Map([['logits', values.get('logits')!]]);
          demandClose(`${underTest.name}, inference`, new Map([['logits', found.logits]]), {
            values: logits,
            allowances,
          });
          await session.dispose();
        });
      },
    );

    const small = makeCase(MODELS['elastic-fourier with dropout and label smoothing']);

    it('takes batches of any size forward, and as many as maxBatch in a step', async () => {
      const session = await trainingSession(engine, small.program, small.parameters, 3);
      const lengths = Array.from({ length: 11 }, (_, b) => 1 + (b % 12));
      const many = randomBatch(lengths, 60, 4, 1);
      const together = await session.forward(many);
      expect(together.losses.length).toBe(11);
      const last = await session.forward(alone(many, 10));
      expect(bits(last.logits)).toBe(bits(rowOf(together.logits, 10, 11)));
      await expect(session.step(many, KEY, ADAMW)).rejects.toThrow(RangeError);
      expect((await session.step(alone(many, 0), KEY, ADAMW)).loss).toBeGreaterThan(0);
      await session.dispose();
    });

    it('a second backward replaces the gradients of the first', async () => {
      const session = await open(engine, small);
      await session.backward(small.batch, KEY);
      const first = await gradientBits(session, small);
      await session.backward(alone(small.batch, 0), KEY);
      expect(await gradientBits(session, small)).not.toBe(first);
      await session.backward(small.batch, KEY);
      expect(await gradientBits(session, small)).toBe(first);
      await session.dispose();
    });

    it('draws dropout from seed and step, and only in training', async () => {
      const session = await open(engine, small);
      const lossFor = async (seed: number, step: number): Promise<number> =>
        (await session.backward(small.batch, { seed, step })).loss;
      const first = await lossFor(1, 1);
      expect(await lossFor(2, 1)).not.toBe(first);
      expect(await lossFor(1, 2)).not.toBe(first);
      expect(await lossFor(1, 1)).toBe(first);
      const forward = await session.forward(small.batch);
      expect(bits((await session.forward(small.batch)).logits)).toBe(bits(forward.logits));
      await session.dispose();
    });

    it('counts the sequences whose largest logit is the label', async () => {
      const test = makeCase(MODELS['standard, 6 channels, 3 heads']);
      const session = await open(engine, test);
      const { logits } = await session.forward(test.batch);
      const count = test.batch.labels.length;
      const largest = Array.from({ length: count }, (_, b) => {
        const row = rowOf(logits, b, count);
        return row.indexOf(Math.max(...row));
      });
      for (const right of [0, 2, count]) {
        const labels = Int32Array.from(largest, (label, b) => (b < right ? label : 1 - label));
        expect((await session.backward({ ...test.batch, labels }, KEY)).correct).toBe(right);
      }
      await session.dispose();
    });

    it('clips what AdamW sees, not the gradient that can be read', async () => {
      const session = await open(engine, small);
      const { gradientNorm } = await session.backward(small.batch, KEY);
      const gradients = await gradientBits(session, small);
      expect(gradientNorm).toBeGreaterThan(0.01);
      const optimizer = { ...ADAMW, clipNorm: 0.01 };
      expect((await session.step(small.batch, KEY, optimizer)).gradientNorm).toBe(gradientNorm);
      expect(await gradientBits(session, small)).toBe(gradients);
      await session.dispose();
    });

    it('keeps the padding row zero', async () => {
      const session = await open(engine, small);
      for (let step = 0; step < 2; step++) await session.step(small.batch, { seed: 1, step }, ADAMW);
      const row = (await session.parameter('embedding.token.weight')).slice(0, 12);
      expect([...row]).toEqual(new Array(12).fill(0));
      await session.dispose();
    });

    it.each([Number.NaN, Number.POSITIVE_INFINITY])(
      'leaves parameters alone when training diverges (%f)',
      async (bad) => {
        const session = await open(engine, small);
        await session.step(small.batch, { seed: 1, step: 0 }, ADAMW);
        const bias = await session.parameter('head.bias');
        await session.setParameter(
          'head.bias',
          bias.map((value, i) => (i === 0 ? bad : value)),
        );
        const before = await parameterBits(session, small);
        const moments = bits(await session.moment('m', 'head.weight'));
        const result = await session.step(small.batch, { seed: 1, step: 1 }, ADAMW);
        expect(Number.isFinite(result.loss) && Number.isFinite(result.gradientNorm)).toBe(false);
        expect(await parameterBits(session, small)).toBe(before);
        expect(bits(await session.moment('m', 'head.weight'))).toBe(moments);
        // And goes on as if nothing had been.
        await session.setParameter('head.bias', bias);
        expect(Number.isFinite((await session.step(small.batch, { seed: 1, step: 1 }, ADAMW)).loss)).toBe(
          true,
        );
        await session.dispose();
      },
    );

    it('a session continued from parameters and moments ends with the same bits', async () => {
      const step = (session: Session, index: number) =>
        session.step(small.batch, { seed: 3, step: index }, ADAMW);
      const whole = await open(engine, small);
      for (let index = 0; index < 4; index++) await step(whole, index);
      const first = await open(engine, small);
      for (let index = 0; index < 2; index++) await step(first, index);
      const second = await open(engine, small);
      for (const name of small.parameters.keys()) {
        await second.setParameter(name, await first.parameter(name));
        for (const which of ['m', 'v'] as const) {
          await second.setMoment(which, name, await first.moment(which, name));
        }
      }
      await first.dispose();
      for (let index = 2; index < 4; index++) await step(second, index);
      expect(await parameterBits(second, small)).toBe(await parameterBits(whole, small));
      await whole.dispose();
      await second.dispose();
    });

    it('hands out copies, and refuses unknown names and wrong lengths', async () => {
      const session = await open(engine, small);
      const copy = await session.parameter('head.bias');
      copy.fill(99);
      expect([...(await session.parameter('head.bias'))]).toEqual([
        ...(small.parameters.get('head.bias')! as Float32Array),
      ]);
      await expect(session.parameter('nobody')).rejects.toThrow(RangeError);
      await expect(session.setParameter('nobody', [1])).rejects.toThrow(RangeError);
      await expect(session.setParameter('head.bias', [1])).rejects.toThrow(RangeError);
      await expect(session.moment('m', 'nobody')).rejects.toThrow(RangeError);
      await expect(session.gradient('nobody')).rejects.toThrow(RangeError);
      await session.dispose();
    });

    it('leaves no parameter without use untrained', async () => {
      const session = await open(engine, small);
      await session.backward(small.batch, KEY);
      for (const name of small.parameters.keys()) {
        expect(
          (await session.gradient(name)).some((value) => value !== 0),
          name,
        ).toBe(true);
      }
      await session.dispose();
    });
  });
}
