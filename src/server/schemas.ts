/** What goes over the wire, in the shape of Hugging Face's inference API for text classification. */
import * as z from 'zod';

export const predictRequestSchema = z
  .object({
    inputs: z.union([z.string(), z.array(z.string()).min(1)]).describe('One text, or several.'),
    parameters: z
      .object({
        top_k: z.int().min(1).optional().describe('How many of the most probable classes; default: all.'),
      })
      .optional(),
  })
  .describe('Texts to label.');

export const predictAnswerSchema = z
  .array(z.array(z.object({ label: z.string(), score: z.number().min(0).max(1) })))
  .describe('For each text, in order, its classes, the most probable first.');

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
  })
  .describe('Whether the server takes requests, and what it serves.');

export type ErrorAnswer = z.infer<typeof errorAnswerSchema>;
export type HealthAnswer = z.infer<typeof healthAnswerSchema>;
