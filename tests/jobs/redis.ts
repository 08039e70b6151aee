/** A redis-server of a test's own, where there is one in the path. */
import { startRedis as start } from '../../scripts/queue/redis.js';
import { lookFor } from '../needing.js';

/** Tests that need it are skipped where it is missing. */
export const REDIS = lookFor('redis');

export type TestRedis = Awaited<ReturnType<typeof start>>;

/** Nothing that it has answered is lost with it. @param more settings, e.g. ['--requirepass', 'secret'] */
export const startRedis = (more: readonly string[] = []): Promise<TestRedis> =>
  start(['--appendfsync', 'always', ...more]);
