/** What a model was trained on, for whoever has only the model: counts, groups, times, and a hash of the examples. */
import * as z from 'zod/mini';

const count = z.int().check(z.nonnegative());

export const dataCardSchema = z.object({
  examples: count,
  /** Examples of each class, in order of the classes. */
  classes: z.record(z.string(), count),
  groups: z.optional(count),
  /** Earliest and latest time, as the data say it. */
  times: z.optional(z.tuple([z.number(), z.number()])),
  /** Of all inputs and labels, whatever their order. */
  hash: z.string(),
  /** Rows that were left out, as they could not be read. */
  leftOut: count,
  /** Of a model that learned on: the run before it, and what of its data this one has seen. */
  from: z.optional(z.object({ run: z.string(), kept: z.enum(['sums', 'sample', 'data']), examples: count })),
  /** Validation examples that training has too, whole or but for punctuation. */
  sharedWithValidation: z.optional(count),
});
export type DataCard = z.infer<typeof dataCardSchema>;

/** Classes that a sentence names. */
const LISTED = 20;

/** The card in sentences of Markdown. */
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
