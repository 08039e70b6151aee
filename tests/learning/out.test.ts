/** A training that keeps its run in a store: stopped, opened as it stands, gone on with, to the same bits. */
import { describe, expect, it } from 'vitest';
import { InterruptedError, load, MemoryStore, type StepEvent, split, train } from '#eft/browser.js';

const data = Array.from({ length: 120 }, (_, i) => ({
  text:
    i % 2 === 0 ? `win a free cruise number ${i} now` : `a patch for the list, revision ${i}, please review`,
  label: i % 2 === 0 ? 'spam' : 'ham',
}));
const settings = {
  data,
  model: 'elastic-fourier',
  sequenceLength: 16,
  channels: 16,
  hidden: 16,
  blocks: 1,
  epochs: 4,
  threads: 1,
} as const;

describe('train with out', () => {
  it('stops between two steps, can be opened meanwhile, and goes on to the same bits', async () => {
    const whole = await train(settings);
    const straight = new MemoryStore();
    await whole.save(straight);

    const out = new MemoryStore();
    const stopper = new AbortController();
    const onStep = ({ epoch, batch }: StepEvent): void => {
      if (epoch === 3 && batch === 1) stopper.abort();
    };
    await expect(train({ ...settings, out, signal: stopper.signal, onStep })).rejects.toThrow(
      InterruptedError,
    );
    const meanwhile = await load(out);
    expect([1, 2]).toContain(meanwhile.epoch);
    await expect(train({ ...settings, out })).rejects.toThrow('already holds a run');
    // With `auto` too, before any training from which a model is chosen.
    const { model: _, ...shared } = settings;
    await expect(train({ ...shared, model: 'auto', out })).rejects.toThrow('already holds a run');

    const steps: number[] = [];
    const resumed = await train({ ...settings, out, resume: true, onStep: ({ step }) => steps.push(step) });
    expect(steps[0]).toBeGreaterThan(1);
    expect(resumed.history).toHaveLength(4);
    const again = new MemoryStore();
    await resumed.save(again);
    expect(again.files.get('model.safetensors')).toEqual(straight.files.get('model.safetensors'));
    for (const classifier of [whole, meanwhile, resumed]) await classifier.dispose();
  });

  it('refuses to go on with other settings', async () => {
    const out = new MemoryStore();
    await (await train({ ...settings, epochs: 1, out })).dispose();
    await expect(train({ ...settings, epochs: 1, channels: 8, out, resume: true })).rejects.toThrow(
      'channels was 16, now 8',
    );
  });
});

describe('split', () => {
  it('divides by content: the same texts stand together, whatever else there is', () => {
    const twice = [...data, ...data];
    const [most, rest] = split(twice, [0.8, 0.2]);
    expect(most.length + rest.length).toBe(240);
    expect(rest.length).toBeGreaterThan(20);
    const texts = new Set(most.map(({ text }) => text));
    expect(rest.filter(({ text }) => texts.has(text))).toEqual([]);
    expect(split(data, [0.8, 0.2])[1]).toEqual(rest.slice(0, rest.length / 2));
  });
});
