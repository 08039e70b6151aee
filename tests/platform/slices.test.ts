/** Work in slices: callers take turns, others have the thread in between. */
import { expect, test } from 'vitest';
import { inSlices, inTurn } from '#eft/platform/slices.js';

/** Holds the thread. */
function hold(milliseconds: number): void {
  const start = performance.now();
  while (performance.now() - start < milliseconds);
}

test('what a caller wants is done in order, and one caller after another', async () => {
  const done: string[] = [];
  const [first, second] = [{}, {}];
  const pieces = [
    ...[1, 2, 3].map((i) => ({ caller: first, name: `first ${i}` })),
    ...[1, 2].map((i) => ({ caller: second, name: `second ${i}` })),
  ];
  // So that none of them is done at once.
  await inTurn({}, () => hold(30));
  await Promise.all(pieces.map(({ caller, name }) => inTurn(caller, () => done.push(name))));
  expect(done).toEqual(['first 1', 'second 1', 'first 2', 'second 2', 'first 3']);
});

test('gives what the work gives, and throws what it throws', async () => {
  expect(await inTurn({}, () => 7)).toBe(7);
  await expect(
    inTurn({}, () => {
      throw new Error('broken');
    }),
  ).rejects.toThrow('broken');
});

test('short work that comes later ends before long work, and timers run in between', async () => {
  const done: string[] = [];
  const slow = function* (slices: number): Generator<undefined> {
    for (let i = 0; i < slices; i++) {
      hold(12);
      yield;
    }
  };
  const long = inSlices({}, slow(10)).then(() => done.push('long'));
  const short = inSlices({}, slow(1)).then(() => done.push('short'));
  const timer = new Promise<void>((resolve) => setTimeout(resolve, 0)).then(() => done.push('timer'));
  await Promise.all([long, short, timer]);
  expect(done.at(-1)).toBe('long');
});

test('ends with its signal', async () => {
  const controller = new AbortController();
  const endless = function* (): Generator<undefined> {
    for (;;) yield;
  };
  const work = inSlices({}, endless(), controller.signal);
  const reason = new Error('nobody waits');
  controller.abort(reason);
  await expect(work).rejects.toBe(reason);
});
