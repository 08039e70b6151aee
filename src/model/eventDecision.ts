/** From scores a row to events: what training settles, and a run keeps. */
import * as z from 'zod/mini';

const score = z.number().check(z.gte(0), z.lte(1));
const seconds = z.number().check(z.nonnegative(), z.lte(3600));

export const eventDecisionSchema = z.strictObject({
  /** Rows over which the median is taken; odd. */
  smoothing: z.int().check(
    z.positive(),
    z.lte(999),
    z.refine((rows) => rows % 2 === 1, 'it must be odd'),
  ),
  /** By class; of the first, `background`, nothing is reported. */
  classes: z.array(
    z.strictObject({
      /** An event has a row of at least this score, */
      threshold: score,
      /** and reaches as far as scores are at least this. */
      low: score,
      /** Shorter ones do not count. */
      least: seconds,
      /** Events no further apart are one. */
      gap: seconds,
    }),
  ),
});
export type EventDecision = z.infer<typeof eventDecisionSchema>;
export type ClassDecision = EventDecision['classes'][number];

/** The first class of every model of events: nothing happens. */
export const BACKGROUND = 'background';
