/** Writes the card of what a model is trained on. */
import { platform } from '#platform';
import type { Example } from '../data/dataset.js';
import { contentHash } from '../data/split.js';
import type { DataCard } from '../formats/dataCard.js';

export function dataCard(
  examples: readonly Example[],
  classes: readonly string[],
  more: Pick<DataCard, 'leftOut' | 'from' | 'sharedWithValidation'>,
): DataCard {
  const counts = new Map(classes.map((name) => [name, 0]));
  const groups = new Set<string>();
  let [earliest, latest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { label, group, time } of examples) {
    counts.set(label, (counts.get(label) ?? 0) + 1);
    if (group !== undefined) groups.add(group);
    if (time === undefined) continue;
    earliest = Math.min(earliest, time);
    latest = Math.max(latest, time);
  }
  const lines = examples.map(({ input, label }) => `${contentHash(input)} ${label}\n`).sort();
  return {
    examples: examples.length,
    classes: Object.fromEntries(counts),
    ...(groups.size > 0 ? { groups: groups.size } : {}),
    ...(earliest <= latest ? { times: [earliest, latest] } : {}),
    hash: platform.sha256(...lines).slice(0, 32),
    ...more,
  };
}
