/** The server's description for programs: OpenAPI 3.1, from the schemas that check its requests. */
import * as z from 'zod';
import {
  errorAnswerSchema,
  healthAnswerSchema,
  predictAnswerSchema,
  predictRequestSchema,
} from './schemas.js';

const json = (schema: z.ZodType): object => {
  const { $schema: _, ...content } = z.toJSONSchema(schema, { io: 'input' });
  return { 'application/json': { schema: content } };
};

const ERRORS: Readonly<Record<number, string>> = {
  400: 'The body is no JSON, or broke off.',
  401: 'The token is missing or wrong.',
  413: 'The body or the number of texts is over the limit.',
  415: 'The body is not of type application/json.',
  422: 'The JSON is not of the shape asked for.',
  429: 'Too many texts wait already; Retry-After says when to try again.',
  503: 'The answer took too long, or the server is ending.',
};

export function openApi(version: string, secured: boolean): object {
  const refused = (codes: readonly number[]): object =>
    Object.fromEntries(
      codes.map((code) => [code, { description: ERRORS[code], content: json(errorAnswerSchema) }]),
    );
  return {
    openapi: '3.1.0',
    info: { title: 'elastic-fourier', version, description: 'Labels for texts.' },
    components: secured ? { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } } : {},
    paths: {
      '/predict': {
        post: {
          summary: 'Label texts',
          operationId: 'predict',
          ...(secured ? { security: [{ token: [] }] } : {}),
          requestBody: { required: true, content: json(predictRequestSchema) },
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
