/** What a run says of its doubt: in config.json what was asked and settled, in left-out.json what settled it. */
import * as z from 'zod/mini';
import type { Doubt, DoubtOptions } from '../evaluation/doubt.js';
import type { LeftOut } from '../evaluation/leftOut.js';

const share = z.number().check(z.gte(0), z.lte(1));
const between = z.number().check(z.gt(0), z.lt(1));

/** What may be asked of answers; with help it is in `learning/doubtOptions.ts`. */
export const doubtShape = {
  unsure: z.optional(share),
  maxError: z.optional(between),
  minCoverage: z.optional(between),
  sets: z.optional(between),
} as const;

export const doubtOptionsSchema: z.ZodMiniType<DoubtOptions> = z.strictObject(doubtShape);

const whole = z.int().check(z.nonnegative());

export const doubtSchema: z.ZodMiniType<Doubt> = z.object({
  asked: doubtOptionsSchema,
  unsure: z.optional(
    z.object({
      below: z.nullable(z.number()),
      examples: z.optional(whole),
      answered: z.optional(whole),
      wrong: z.optional(whole),
      lowestError: z.optional(z.number()),
    }),
  ),
  sets: z.optional(z.object({ least: z.number(), examples: whole, right: whole })),
});

const FORMAT = 'elastic-fourier/left-out';

const leftOutSchema = z
  .object({
    format: z.literal(FORMAT),
    confidence: z.array(share),
    right: z.array(z.boolean()),
    own: z.array(share),
    evidence: z.array(z.number().check(z.nonnegative())),
  })
  .check(
    z.refine(
      ({ confidence, ...others }) =>
        [others.right, others.own, others.evidence].every(({ length }) => length === confidence.length),
      {
        error: 'its lists differ in length',
      },
    ),
  );

export const leftOutJson = (leftOut: LeftOut): string =>
  `${JSON.stringify({ format: FORMAT, ...leftOut })}\n`;

/** Undefined for what is not of this format. */
export function parseLeftOut(json: unknown): LeftOut | undefined {
  const parsed = leftOutSchema.safeParse(json);
  if (!parsed.success) return undefined;
  const { format: _, ...leftOut } = parsed.data;
  return leftOut;
}
