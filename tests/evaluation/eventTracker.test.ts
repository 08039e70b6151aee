/** From scores to events, row by row. */
import { describe, expect, test } from 'vitest';
import { EventTracker } from '#eft/evaluation/eventTracker.js';
import { RandomStream } from '#eft/random.js';

const decision = (changes: object = {}, smoothing = 1) => {
  const one = { threshold: 0.6, low: 0.3, least: 0, gap: 0, ...changes };
  return { smoothing, classes: [one, one] };
};

/** Scores of one class behind the background, at 10 rows a second. */
function found(scores: readonly number[], ...how: Parameters<typeof decision>) {
  const tracker = new EventTracker(decision(...how), 10);
  const rows = Float64Array.from(scores.flatMap((score) => [0, score]));
  return [...tracker.push(rows), ...tracker.finish()].map(({ from, to }) => [from, to]);
}

describe('the event tracker', () => {
  test('an event is as long as scores are not low, and needs a high one', () => {
    expect(found([0, 0.4, 0.7, 0.4, 0.1, 0.4, 0.5, 0])).toEqual([[1, 4]]);
    expect(found([0.9, 0.9])).toEqual([[0, 2]]);
  });

  test('short ones are left out, gaps are closed', () => {
    expect(found([0, 0.9, 0, 0, 0.9, 0.9, 0.9], { least: 0.2 })).toEqual([[4, 7]]);
    expect(found([0, 0.9, 0, 0.9, 0, 0, 0.9], { gap: 0.1 })).toEqual([
      [1, 4],
      [6, 7],
    ]);
  });

  test('the median of the rows around takes single ones away', () => {
    expect(found([0, 0.9, 0, 0, 0.9, 0.9, 0.9, 0, 0.9], {}, 3)).toEqual([[4, 8]]);
  });

  test('the same in one piece, row by row, and from a state kept in between', () => {
    const random = new RandomStream(1, 'test');
    const scores = Float64Array.from({ length: 600 }, () => random.next());
    const rule = decision({ least: 0.2, gap: 0.2 }, 5);
    const whole = new EventTracker(rule, 10);
    const expected = [...whole.push(scores), ...whole.finish()];
    let tracker = new EventTracker(rule, 10);
    const events = [];
    for (let at = 0; at < scores.length; at += 2) {
      events.push(...tracker.push(scores.slice(at, at + 2)));
      if (at % 30 === 0) tracker = new EventTracker(rule, 10, JSON.parse(JSON.stringify(tracker.state)));
      expect(events.every(({ from }) => from <= at)).toBe(true);
    }
    events.push(...tracker.finish());
    expect(expected.length).toBeGreaterThan(3);
    expect(events).toEqual(expected);
  });

  test('no event begins before what is settled', () => {
    const random = new RandomStream(2, 'test');
    const tracker = new EventTracker(decision({ gap: 0.2 }, 3), 10);
    let settled = 0;
    for (let row = 0; row < 500; row++) {
      for (const { from } of tracker.push(Float64Array.of(0, random.next())))
        expect(from).toBeGreaterThanOrEqual(settled);
      settled = tracker.settled;
    }
    expect(settled).toBeGreaterThan(450);
  });
});
