/** The server's description for programs: OpenAPI 3.1, from the schemas that check its requests. */
import * as z from 'zod';
import { type Accepted, mediaTypesOf, NOUNS } from './accepted.js';
import {
  errorAnswerSchema,
  healthAnswerSchema,
  predictAnswerSchema,
  predictRequestSchema,
  topKSchema,
} from './schemas.js';

function schemaOf(schema: z.ZodType): object {
  const { $schema: _, ...content } = z.toJSONSchema(schema, { io: 'input' });
  return content;
}

const json = (schema: z.ZodType): object => ({ 'application/json': { schema: schemaOf(schema) } });

/** Bodies that are one input. */
const files = (accepted: Accepted): object =>
  Object.fromEntries(
    mediaTypesOf(accepted).map((type) => [type, { schema: { type: 'string', format: 'binary' } }]),
  );

const ERRORS: Readonly<Record<number, string>> = {
  400: 'The body is not JSON, not gzip although it says so, or broke off.',
  401: 'The token is missing or wrong.',
  413: 'The body, the number of inputs or that of their windows is over the limit.',
  415: 'The body is of a type or an encoding that is not accepted.',
  422: 'The inputs are not what the model takes.',
  429: 'Too many inputs wait already; Retry-After says when to try again.',
  503: 'The answer took too long, or the server is ending.',
};

/** Of bodies that have no place for it. */
const TOP_K = { name: 'top_k', in: 'query', schema: schemaOf(topKSchema) };

export function openApi(version: string, secured: boolean, accepted: Accepted): object {
  const [, noun] = NOUNS[accepted.kind];
  const media = files(accepted);
  const refused = (codes: readonly number[]): object =>
    Object.fromEntries(
      codes.map((code) => [code, { description: ERRORS[code], content: json(errorAnswerSchema) }]),
    );
  return {
    openapi: '3.1.0',
    info: { title: 'elastic-fourier', version, description: `Labels for ${noun}.` },
    components: secured ? { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } } : {},
    paths: {
      '/predict': {
        post: {
          summary: `Label ${noun}`,
          operationId: 'predict',
          ...(secured ? { security: [{ token: [] }] } : {}),
          ...(Object.keys(media).length === 0 ? {} : { parameters: [TOP_K] }),
          requestBody: { required: true, content: { ...json(predictRequestSchema(accepted)), ...media } },
          responses: {
            200: { description: 'The labels.', content: json(predictAnswerSchema) },
            ...refused([400, ...(secured ? [401] : []), 413, 415, 422, 429, 503]),
          },
        },
      },
      '/health': {
        get: {
          summary: 'Whether the server takes requests',
          operationId: 'health',
          responses: {
            200: { description: 'It does.', content: json(healthAnswerSchema) },
            503: { description: 'It is ending.', content: json(healthAnswerSchema) },
          },
        },
      },
      '/metrics': {
        get: {
          summary: 'Counters, for Prometheus',
          operationId: 'metrics',
          ...(secured ? { security: [{ token: [] }] } : {}),
          responses: {
            200: { description: 'Text exposition format 0.0.4.', content: { 'text/plain': {} } },
            ...refused(secured ? [401] : []),
          },
        },
      },
    },
  };
}
