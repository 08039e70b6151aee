/** The submitter's end of the queue, on a queue that is only pretended. */
import { describe, expect, test } from 'vitest';
import { InterruptedError } from '#eft/errors.js';
import type { QueueConnection } from '#eft/jobs/queue/connection.js';
import { jobId, type WireJob } from '#eft/jobs/queue/contract.js';
import { readOutcome, readOutcomeFiles } from '#eft/jobs/queue/outcomes.js';
import { MOST_TRIES, Submission } from '#eft/jobs/queue/submission.js';

const job = { kind: 'trial', version: '1', options: {}, data: { content: 'built-in', source: 'x' } };
const wire = job as unknown as WireJob;

/** A queue in memory; `outcome`: the packed bytes that Redis has of the job. */
function pretend(outcome: () => Uint8Array | null = () => null) {
  const listeners = new Map<string, (event: { jobId: string }) => void>();
  const queue = { state: 'waiting', added: 0, removed: 0, release: (): void => {} };
  let removing = Promise.resolve();
  class Queue {
    on(): void {}
    async add(): Promise<void> {
      queue.added++;
    }
    async remove(): Promise<number> {
      queue.removed++;
      await removing;
      return 1;
    }
    async getJobState(): Promise<string> {
      return queue.state;
    }
    async close(): Promise<void> {}
  }
  class QueueEvents {
    on(event: string, listener: (event: { jobId: string }) => void): void {
      listeners.set(event, listener);
    }
    async close(): Promise<void> {}
  }
  const redis = { status: 'ready', hgetBuffer: async () => outcome() };
  const connection = {
    bullmq: { Queue, QueueEvents },
    redis,
    gone: new AbortController().signal,
    orGone: <T>(promise: Promise<T>): Promise<T> => promise,
  } as unknown as QueueConnection;
  const hold = (): (() => void) => {
    let release = (): void => {};
    removing = new Promise((resolve) => {
      release = resolve;
    });
    return release;
  };
  const say = (event: string): void => listeners.get(event)?.({ jobId: jobId(wire) });
  return { submission: new Submission(connection), queue, redis, hold, say };
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

describe('a submission', () => {
  test('that is looked at and then stopped takes nothing from who waits for the same job since', async () => {
    const { submission, hold, queue, say } = pretend(() => Uint8Array.of(1));
    const controller = new AbortController();
    const first = submission.outcomeOf(wire, 'one', () => {}, controller.signal).catch((error) => error);
    await turn();
    // Stopped: the job is being removed. Meanwhile the queue says that it is removed, and the wait ends.
    const release = hold();
    controller.abort();
    say('removed');
    await turn();
    const second = submission.outcomeOf(wire, 'two', () => {}, undefined).catch((error) => error);
    await turn();
    release();
    await turn();
    queue.state = 'completed';
    say('completed');
    await turn();
    // Both have ended: the second was heard, though its outcome is damaged each time.
    const ended = await Promise.race([second, new Promise((resolve) => setTimeout(resolve, 2000, 'waits'))]);
    expect(ended).toBeInstanceOf(Error);
    expect(await first).toBeInstanceOf(InterruptedError);
    await submission.close();
  });

  test('whose outcome is damaged is forgotten and done again, and ends with a message', async () => {
    const { submission, queue } = pretend(() => new TextEncoder().encode('no gzip'));
    queue.state = 'completed';
    const fault = await submission.outcomeOf(wire, 'one', () => {}, undefined).catch((error) => error);
    const error = fault as Error & { code: string };
    expect(error.message).toBe('one: it was finished, but its outcome is gone or damaged each time');
    expect(error.code).toBe('queue');
    expect(queue.removed).toBe(MOST_TRIES);
    expect(queue.added).toBe(MOST_TRIES);
    await submission.close();
  });

  test('damaged bytes in Redis are no outcome and no files', async () => {
    const { redis, submission } = pretend(() => Uint8Array.of(31, 139, 8, 0, 1, 2, 3));
    const client = redis as unknown as Parameters<typeof readOutcome>[0];
    expect(await readOutcome(client, 'id')).toBeUndefined();
    expect(await readOutcomeFiles(client, 'id', ['config.json'])).toBeUndefined();
    await submission.close();
  });
});
