/** Node's side of the platform contract. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { availableParallelism, freemem } from 'node:os';
import type { Platform } from '../contract.js';
import { FolderStore } from './folder.js';

export const platform: Platform = {
  name: 'node',
  folder: (path) => new FolderStore(path),
  sha256(...parts) {
    const hash = createHash('sha256');
    for (const part of parts) hash.update(part);
    return hash.digest('hex');
  },
  unicodeVersion: () => `${process.versions.unicode}, ICU ${process.versions.icu}`,
  availableThreads: availableParallelism,
  async availableMemory() {
    // Linux counts the page cache as used in freemem; MemAvailable is what a new process can get.
    const info = await readFile('/proc/meminfo', 'utf8').catch(() => '');
    const kilobytes = /^MemAvailable:\s+(\d+) kB/m.exec(info)?.[1];
    return kilobytes === undefined ? freemem() : Number(kilobytes) * 1024;
  },
  peakMemory: () => process.resourceUsage().maxRSS * 1024,
};
