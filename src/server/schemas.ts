/** What goes over the wire, in the shape of Hugging Face's inference API for text classification. */
import * as z from 'zod';
import type { Accepted } from './accepted.js';

export const topKSchema = z
  .int()
  .min(1)
  .optional()
  .describe('How many of the most probable classes; default: all.');

export const parametersSchema = z.object({ top_k: topKSchema }).optional();

/** What the model takes as JSON. */
export function predictRequestSchema(accepted: Accepted): z.ZodType {
  const [input, described] = inputSchema(accepted);
  const inputs = z.union([input, z.array(input).min(1)]).describe(described);
  return z.object({ inputs, parameters: parametersSchema }).describe('What to label.');
}

function inputSchema({ kind, channels = 1, rate, fields }: Accepted): [schema: z.ZodType, described: string] {
  if (kind === 'signal') {
    const numbers = z.array(z.number().nullable()).min(1).describe('Steps of one channel.');
    const steps = z
      .array(z.array(z.number().nullable()).min(1))
      .min(1)
      .describe('Steps, each the numbers of its channels.');
    const object = z.object({
      values: z.union([numbers, steps]),
      channels: z.int().min(1).optional().describe('Numbers a step, where the values are not in rows.'),
      rate: z.number().positive().optional().describe('Steps a second.'),
    });
    const speed = rate === undefined ? '' : ` at ${rate} steps a second`;
    const described = `One signal, or several; the model takes ${channels} ${channels === 1 ? 'channel' : 'channels'}${speed}.`;
    return [z.union([channels === 1 ? numbers : steps, object]), described];
  }
  if (fields === undefined) return [z.string(), 'One text, or several.'];
  const record = z
    .object(Object.fromEntries(fields.map((field) => [field, z.string().nullable()])))
    .describe('The fields that the model reads together.');
  return [z.union([z.string(), record]), 'One text, or several; as one string, or in its fields.'];
}

export const predictAnswerSchema = z
  .array(
    z.array(
      z.object({
        label: z.string(),
        score: z.number().min(0).max(1),
        unsure: z.literal(true).optional().describe("At the first: below the model's threshold."),
        set: z.array(z.string()).optional().describe('At the first: classes among which the right one is.'),
        unknown: z
          .number()
          .min(0)
          .max(1)
          .optional()
          .describe('At the first: how unlike the training inputs.'),
        chosen: z
          .boolean()
          .optional()
          .describe('Of a model of any number of labels: whether it is answered.'),
      }),
    ),
  )
  .describe('For each input, in order, its classes, the most probable first.');

export const errorAnswerSchema = z
  .object({
    error: z.string().describe('What was wrong and what to do, for people.'),
    code: z.string().describe('The kind of error, for programs.'),
  })
  .describe('Why there is no answer.');

export const healthAnswerSchema = z
  .object({
    status: z.enum(['ok', 'ending']),
    model: z.string(),
    classes: z.array(z.string()),
    input: z
      .object({
        kind: z.enum(['text', 'bytes', 'signal']),
        fields: z.array(z.string()).optional().describe('Of texts: those that are read together.'),
        channels: z.int().min(1).optional().describe('Of signals: numbers a step.'),
        rate: z.number().positive().optional().describe('Of signals: steps a second.'),
      })
      .describe('What the model takes.'),
  })
  .describe('Whether the server takes requests, and what it serves.');

export type ErrorAnswer = z.infer<typeof errorAnswerSchema>;
export type HealthAnswer = z.infer<typeof healthAnswerSchema>;
