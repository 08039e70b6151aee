/** Mails that are compared on, and a small comparison of them. */
import { join } from 'node:path';
import type { ComparisonPlan } from '#eft/comparison/plan.js';

/** Texts whose words tell the class. */
export const csv = (count: number, word = 'n'): string =>
  `text,label\n${Array.from({ length: count }, (_, i) => (i % 2 ? `win a cruise ${word}${i},spam` : `review the patch ${word}${i},ham`)).join('\n')}\n`;

export const options = {
  tokenizer: 'words',
  long: 'head',
  vocabulary: 100,
  epochs: 1,
  batchSize: 16,
  channels: 8,
  hidden: 16,
  blocks: 1,
} as const;
/** A comparison on `mails.csv` of a folder, into another of its folders. */
export const planIn = (root: string, folder: string, more: Partial<ComparisonPlan> = {}): ComparisonPlan => ({
  folder: join(root, folder),
  command: 'eft compare',
  data: { source: join(root, 'mails.csv'), read: {}, split: [0.8, 0.1, 0.1] },
  models: ['bag'],
  lengths: [8],
  seeds: 1,
  options,
  learningRate: 0.01,
  tune: false,
  threads: 1,
  pairings: [],
  pairingScale: 'width',
  profile: false,
  ...more,
});
