/** What a run says of its doubt: in config.json what was asked and settled, in left-out.json what settled it. */
import * as z from 'zod/mini';
import type { Doubt, DoubtOptions } from '../evaluation/doubt.js';
import type { LeftOut } from '../evaluation/leftOut.js';
import { inGroup, option } from '../options.js';

const share = z.number().check(z.gte(0), z.lte(1));
const between = z.number().check(z.gt(0), z.lt(1));

/** Options of trainings, and of whatever opens a trained model. */
export const doubtOptions = inGroup('Labels', {
  unsure: option(z.optional(share), {
    argument: '<score>',
    help: 'mark answers with a lower score as unsure',
    more: 'they then carry "unsure": true; 0: none',
    alias: ['threshold', 'reject', 'abstain', 'min-confidence'],
  }),
  maxError: option(z.optional(between), {
    argument: '<share>',
    help: 'mark so many as unsure that at most this share of the others is wrong',
    more: 'with 95% confidence; the threshold is settled on examples that training left out',
    common: true,
    alias: ['error-rate', 'risk', 'max-risk'],
  }),
  minCoverage: option(z.optional(between), {
    argument: '<share>',
    help: 'mark no more as unsure than leaves this share of answers, with 95% confidence',
    alias: ['coverage'],
  }),
  sets: option(z.optional(between), {
    argument: '<share>',
    help: 'also a set of classes that holds the right one with this probability',
    more: 'conformal prediction; the answers carry "set", which may be empty',
    alias: ['conformal', 'prediction-sets'],
  }),
} as const);

/** An option of whatever opens a trained model. */
export const unknownOption = inGroup('Labels', {
  unknown: option(z.optional(z.boolean()), {
    help: 'say of each input how unlike the training inputs it is: "unknown", 0 to 1',
    more: '0.99 is exceeded by one in a hundred inputs like those of the training; a text of words that the model does not know has 1',
    alias: ['novelty', 'ood', 'out-of-distribution', 'outlier'],
  }),
} as const);

export const doubtOptionsSchema: z.ZodMiniType<DoubtOptions> = z.strictObject(doubtOptions);

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
