/** A redis-server of a test's own, where there is one in the path. */
import { execFileSync } from 'node:child_process';
import { startRedis as start } from '../../scripts/queue/redis.js';

function isInstalled(): boolean {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** False where there is no redis-server in the path: tests that need one are then skipped. */
export const hasRedis = isInstalled();
export const NEEDS_REDIS = hasRedis ? '' : ' (skipped: there is no redis-server)';

export type TestRedis = Awaited<ReturnType<typeof start>>;

/** Nothing that it has answered is lost with it. @param more settings, e.g. ['--requirepass', 'secret'] */
export const startRedis = (more: readonly string[] = []): Promise<TestRedis> =>
  start(['--appendfsync', 'always', ...more]);
