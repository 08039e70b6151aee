/** Models that find events: learned from recordings with times and from clips, and asked in every way there is. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWasmEngine } from '#eft/engine/wasm/engine.js';
import { evaluateEvents } from '#eft/evaluation/events.js';
import { RunFolder } from '#eft/formats/runFolder.js';
import { Classifier } from '#eft/inference/classifier.js';
import { resample } from '#eft/input/resample.js';
import type { MarkedRecording } from '#eft/learning/detection/recordings.js';
import { type DetectorTraining, trainDetector } from '#eft/learning/detection/trainDetector.js';
import { MemoryStore } from '#eft/platform/store.js';
import { RandomStream } from '#eft/random.js';

const RATE = 4000;
const LABELS = ['high', 'low'];
const PITCHES = [0, 1400, 500];

/** Tones of two pitches in noise. */
function recording(number: number, seconds: number): MarkedRecording {
  const random = new RandomStream(5, 'test', number);
  const values = Float32Array.from({ length: seconds * RATE }, () => 0.02 * random.nextNormal());
  const events = [];
  for (let at = 0.4 + random.next(); at + 0.5 < seconds; at += 0.8 + random.next()) {
    const own = 1 + random.nextInteger(2);
    const [from, to] = [Math.round(at * RATE), Math.round((at + 0.3 + 0.15 * random.next()) * RATE)];
    for (let t = from; t < to; t++) values[t] += 0.3 * Math.sin((2 * Math.PI * PITCHES[own] * t) / RATE);
    events.push({ class: own, from, to });
  }
  return { name: `r${number}`, values, events };
}

const SMALL = { channels: 16, blocks: 1, epochs: 1, batchSize: 2, learningRate: 0.02 };
const data = {
  name: 'tones',
  labels: LABELS,
  rate: RATE,
  recordings: [recording(1, 30), recording(2, 30)],
  clips: [],
};

async function trained(threads: number, changes: object = {}): Promise<DetectorTraining> {
  const engine = await createWasmEngine({ threads });
  try {
    return await trainDetector(engine, { ...data, ...changes }, SMALL);
  } finally {
    await engine.dispose();
  }
}

describe('a model of events', () => {
  let training: DetectorTraining;
  let classifier: Classifier;
  const { values, events } = recording(9, 40);

  beforeAll(async () => {
    training = await trained(2);
    const store = new MemoryStore('run');
    await new RunFolder(store).save(training.model.config, training.model, { epoch: 1 });
    classifier = await Classifier.load(store, { threads: 1 });
  });
  afterAll(() => classifier.dispose());

  test('finds the events of another recording', async () => {
    const found = await classifier.detect(values);
    const truth = events.map((event) => ({
      onset: event.from / RATE,
      offset: event.to / RATE,
      label: LABELS[event.class - 1],
    }));
    const { eventF1, eventOffsetF1 } = evaluateEvents([{ truth, found, duration: 40 }]);
    expect(eventF1).toBeGreaterThan(0.9);
    expect(eventOffsetF1).toBeGreaterThan(0.9);
    expect(found.every(({ onset, offset }) => onset < offset && offset <= 40)).toBe(true);
  });

  test('finds the same whole, in blocks and in chunks of any size', async () => {
    const expected = await classifier.detect(values);
    const listened = async (sizes: readonly number[]) => {
      const chunks = function* () {
        for (let at = 0, i = 0; at < values.length; at += sizes[i++ % sizes.length]) {
          yield values.slice(at, at + sizes[i % sizes.length]);
        }
      };
      const found = [];
      for await (const event of classifier.listen(chunks())) found.push(event);
      return found.sort((a, b) => a.onset - b.onset || a.offset - b.offset);
    };
    const once = await listened([values.length]);
    // Blocks of another size round otherwise: the scores may differ in their last place.
    const times = (all: typeof expected) => all.map(({ onset, offset, label }) => ({ onset, offset, label }));
    expect(times(once)).toEqual(times(expected));
    expect(await listened([997])).toEqual(once);
    expect(await listened([17, 8000, 1, 333])).toEqual(once);
  });

  test('tells an event when it is over, within the delay that it states', async () => {
    const delay = await classifier.listeningDelay();
    let heard = 0;
    const chunks = function* () {
      for (let at = 0; at < values.length; at += 400) {
        heard = (at + 400) / RATE;
        yield values.subarray(at, at + 400);
      }
    };
    const late = [];
    for await (const { offset } of classifier.listen(chunks())) late.push(heard - offset);
    expect(late.length).toBeGreaterThan(10);
    expect(Math.max(...late)).toBeLessThanOrEqual(delay + 0.1);
  });

  test('brings other rates to its own, and mixes channels', async () => {
    const truth = await classifier.detect(values);
    const twice = resample({ channels: 1, rate: RATE, values }, 2 * RATE).values;
    const both = Float32Array.from({ length: 2 * twice.length }, (_, i) => twice[i >> 1]);
    const found = await classifier.detect({ channels: 2, rate: 2 * RATE, values: both });
    // The highest tenth of the spectrum is lost on the way.
    expect(evaluateEvents([{ truth, found, duration: 40 }]).eventF1).toBeGreaterThan(0.85);
  });

  test('answers when, not what', async () => {
    await expect(classifier.predict({ values })).rejects.toThrow(/detect\(\) or listen\(\)/);
  });

  test('has the same bits on any number of threads', async () => {
    const alone = await trained(1);
    expect(alone.model.parameters).toEqual(training.model.parameters);
    expect(alone.model.config.events).toEqual(training.model.config.events);
  });

  test('is learned from clips as well', async () => {
    const clips = data.recordings.flatMap(({ values: whole, events: own }) =>
      own.map((event) => ({ class: event.class, values: whole.slice(event.from, event.to) })),
    );
    const { validation } = await trained(2, { recordings: [], clips });
    expect(validation.eventF1).toBeGreaterThan(0.6);
  });
});
