/** Measures of events, against cases worked by hand. */
import { describe, expect, test } from 'vitest';
import { evaluateEvents, matchEvents } from '#eft/evaluation/events.js';

const event = (onset: number, offset: number, label = 'a') => ({ onset, offset, label });

describe('events', () => {
  test('match within the collar, each once', () => {
    const truth = [event(1, 2), event(1.3, 2.3)];
    // The first found one is near both, the second near the first alone: both are matched all the same.
    expect(matchEvents(truth, [event(1.15, 2), event(0.9, 2)])).toHaveLength(2);
    expect(matchEvents(truth, [event(1.15, 2)])).toHaveLength(1);
    expect(matchEvents([event(1, 2)], [event(1.2, 2)])).toHaveLength(1);
    expect(matchEvents([event(1, 2)], [event(1.21, 2)])).toHaveLength(0);
    expect(matchEvents([event(1, 2)], [event(1, 2, 'b')])).toHaveLength(0);
  });

  test('offsets count within 200 ms or a fifth of the length', () => {
    const long = [event(0, 5)];
    expect(matchEvents(long, [event(0, 5.9)], { offsetShare: 0.2 })).toHaveLength(1);
    expect(matchEvents(long, [event(0, 6.1)], { offsetShare: 0.2 })).toHaveLength(0);
    expect(matchEvents([event(0, 0.5)], [event(0, 0.69)], { offsetShare: 0.2 })).toHaveLength(1);
  });

  test('segments: F1 and error rate as sed_eval counts them', () => {
    // Seconds 0 … 5. Truth: a in 0, 1; b in 1, 4. Found: a in 1, 2; b in 3; c in 4.
    const truth = [event(0, 2, 'a'), event(1.5, 1.7, 'b'), event(4, 5, 'b')];
    const found = [event(1, 3, 'a'), event(3.2, 3.4, 'b'), event(4.1, 4.9, 'c')];
    const result = evaluateEvents([{ truth, found, duration: 5 }]);
    // Right: a in 1. Missed: a 0, b 1, b 4. Too many: a 2, b 3, c 4.
    expect(result.segmentF1).toBeCloseTo(2 / (2 + 3 + 3), 12);
    // Second 4 has b for c: a substitution. Missed besides: 0 and 1. Too many besides: 2 and 3. Active: 4.
    expect(result).toMatchObject({ substitutions: 1, deletions: 2, insertions: 2 });
    expect(result.errorRate).toBeCloseTo(5 / 4, 12);
  });

  test('events: F1 over all, and of each class', () => {
    const truth = [event(1, 2, 'a'), event(5, 6, 'a'), event(3, 4, 'b')];
    const found = [event(1.1, 2, 'a'), event(7, 8, 'a'), event(3, 4, 'b'), event(9, 9.5, 'b')];
    const result = evaluateEvents([{ truth, found, duration: 3600 }], ['c']);
    expect(result.eventF1).toBeCloseTo(4 / 7, 12);
    expect(result.falseAlarmsAnHour).toBeCloseTo(2, 12);
    const [c, a, b] = result.perClass;
    expect(c).toMatchObject({ label: 'c', events: 0, eventF1: 0 });
    expect(a).toMatchObject({ label: 'a', events: 2, precision: 0.5, recall: 0.5 });
    expect(b.eventF1).toBeCloseTo(2 / 3, 12);
  });

  test('nothing true: what is found is an insertion', () => {
    expect(evaluateEvents([{ truth: [], found: [event(0, 1)], duration: 10 }])).toMatchObject({
      errorRate: 1,
      eventF1: 0,
    });
    expect(evaluateEvents([{ truth: [], found: [], duration: 10 }])).toMatchObject({
      errorRate: 0,
      eventF1: 0,
    });
  });
});
