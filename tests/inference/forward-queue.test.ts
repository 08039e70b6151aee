/** The queue before a session: requests in turns, ended ones dropped, one bad sequence alone refused. */
import { expect, test } from 'vitest';
import type { Batch, Forward } from '#eft/engine/engine.js';
import { FORWARD_BATCH, ForwardQueue, type ForwardRequest } from '#eft/inference/forwardQueue.js';
import { ScriptedSession } from '../learning/scripted-session.js';

/** Answers [first id] for each sequence; refuses batches in which one begins with 13, and those without ids. */
class FirstIdSession extends ScriptedSession {
  readonly batches: number[][] = [];

  override async forward({ tokens, offsets, labels }: Batch): Promise<Forward> {
    const firsts = Array.from(labels, (_, i) => tokens[offsets[i]]);
    this.batches.push(firsts);
    if (firsts.includes(13)) throw new Error('13 is refused');
    return { logits: Float32Array.from(firsts), losses: new Float32Array(labels.length) };
  }
}

function setUp(): {
  session: FirstIdSession;
  ask: (id: number, request?: ForwardRequest) => Promise<number>;
} {
  const session = new FirstIdSession();
  const queue = new ForwardQueue(session, 1);
  const ask = async (id: number, request?: ForwardRequest): Promise<number> =>
    (await queue.forward({ ids: Int32Array.of(id) }, 0, request)).logits[0];
  return { session, ask };
}

const ids = (count: number, from = 100): number[] => Array.from({ length: count }, (_, i) => from + i);

test('a request of one sequence goes with the first batch, however many another one has', async () => {
  const { session, ask } = setUp();
  const long: ForwardRequest = {};
  const many = Promise.all(ids(5 * FORWARD_BATCH).map((id) => ask(id, long)));
  expect(await ask(7, {})).toBe(7);
  expect(session.batches[0]).toContain(7);
  expect(await many).toEqual(ids(5 * FORWARD_BATCH));
  expect(session.batches).toHaveLength(6);
});

test('three requests share each batch evenly, each in its own order', async () => {
  const { session, ask } = setUp();
  const answers = await Promise.all(
    [1000, 2000, 3000].map(async (from) => {
      const request: ForwardRequest = {};
      return Promise.all(ids(FORWARD_BATCH, from).map((id) => ask(id, request)));
    }),
  );
  expect(answers).toEqual([1000, 2000, 3000].map((from) => ids(FORWARD_BATCH, from)));
  for (const batch of session.batches.slice(0, 2)) {
    const counts = [1, 2, 3].map(
      (thousand) => batch.filter((id) => Math.floor(id / 1000) === thousand).length,
    );
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  }
});

test('what an ended request still waits for is dropped', async () => {
  const { session, ask } = setUp();
  const controller = new AbortController();
  const request = { signal: controller.signal };
  const many = Promise.allSettled(ids(3 * FORWARD_BATCH).map((id) => ask(id, request)));
  const other = ask(7, {});
  await other;
  const reason = new Error('the client is gone');
  controller.abort(reason);
  const outcomes = await many;
  const refused = outcomes.filter(({ status }) => status === 'rejected');
  expect(refused.length).toBeGreaterThan(FORWARD_BATCH);
  expect(refused.every((outcome) => (outcome as PromiseRejectedResult).reason === reason)).toBe(true);
  expect(session.batches.flat().length).toBeLessThan(3 * FORWARD_BATCH);
  await expect(ask(8, request)).rejects.toBe(reason);
  expect(await ask(9)).toBe(9);
});

test('a sequence that the session refuses fails alone', async () => {
  const { ask } = setUp();
  const outcomes = await Promise.allSettled([ask(1, {}), ask(13, {}), ask(2, {}), ask(3)]);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
  expect((outcomes[1] as PromiseRejectedResult).reason.message).toBe('13 is refused');
});
