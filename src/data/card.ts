/** What a model was trained on, for whoever has only the model: counts, groups, times, and a hash of the examples. */
import { platform } from '#platform';
import type { Example } from './dataset.js';
import { contentHash } from './split.js';

export interface DataCard {
  readonly examples: number;
  /** Examples of each class, in order of the classes. */
  readonly classes: Readonly<Record<string, number>>;
  readonly groups?: number;
  /** Earliest and latest time, as the data say it. */
  readonly times?: readonly [number, number];
  /** Of all inputs and labels, whatever their order. */
  readonly hash: string;
  /** Rows that were left out, as they could not be read. */
  readonly leftOut: number;
  /** Of a model that learned on: the run before it, and what of its data this one has seen. */
  readonly from?: {
    readonly run: string;
    readonly kept: 'sums' | 'sample' | 'data';
    readonly examples: number;
  };
  /** Validation examples that training has too, whole or but for punctuation. */
  readonly sharedWithValidation?: number;
}

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
    ...(earliest <= latest ? { times: [earliest, latest] as const } : {}),
    hash: platform.sha256(...lines).slice(0, 32),
    ...more,
  };
}

/** Classes that a sentence names. */
const LISTED = 20;

/** The card in sentences of Markdown, for the hub's page of the model. */
export function cardText({
  examples,
  classes,
  groups,
  times,
  hash,
  leftOut,
  from,
  sharedWithValidation,
}: DataCard): string[] {
  const counts = Object.entries(classes).sort((a, b) => b[1] - a[1]);
  const listed = counts.slice(0, LISTED).map(([name, count]) => `${name} ${count}`);
  const more = counts.length > LISTED ? ` and ${counts.length - LISTED} more` : '';
  const moment = (time: number): string =>
    Math.abs(time) > 1e11 ? new Date(time).toISOString().slice(0, 10) : String(time);
  return [
    `${examples} training examples: ${listed.join(', ')}${more}.`,
    ...(groups === undefined ? [] : [`${groups} groups, none of them divided.`]),
    ...(times === undefined
      ? []
      : [`From ${moment(times[0])} to ${moment(times[1])}; judged on what came after.`]),
    ...(leftOut > 0 ? [`${leftOut} rows could not be read and were left out.`] : []),
    ...(from === undefined
      ? []
      : [
          `Learned on from another run, of which it has seen ${from.kept === 'sums' ? 'sums of words' : 'examples'} (${from.examples}).`,
        ]),
    ...(sharedWithValidation
      ? [`${sharedWithValidation} validation examples are training examples too.`]
      : []),
    `Hash of the examples: \`${hash}\`.`,
  ];
}
