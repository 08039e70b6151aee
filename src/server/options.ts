/** What a server may be asked to be; `eft serve` takes its options from here. */
import * as z from 'zod';
import { inGroup, option } from '../options.js';

/** What a header carries as it is: characters from ! to ~, and spaces between them. */
const tokenSchema = z
  .string()
  .min(1, 'a token must not be empty')
  .regex(
    /^[!-~]+( +[!-~]+)*$/,
    'no HTTP header carries this token: use printable ASCII characters, without spaces at its ends',
  );

/** As URLs have it; undefined for what is no host. */
const hostnameOf = (name: string): string | undefined =>
  URL.canParse(`http://${name}/`) ? new URL(`http://${name}/`).hostname : undefined;

/** A host's name or address, as the header Host has it, but without a port. */
const hostNameSchema = z
  .string()
  .refine((name) => hostnameOf(name) === name.toLowerCase(), {
    error: ({ input }) => `'${input}' is not a host name: give it without scheme and port, as api.example`,
  })
  .toLowerCase();

const serverOptions = inGroup('Service', {
  host: option(z.string().min(1).default('127.0.0.1'), {
    argument: '<address>',
    help: 'address to listen on',
    more: 'one that other machines reach needs a token',
    common: true,
    alias: ['bind', 'address', 'listen'],
  }),
  port: option(z.int().min(0).max(65_535).default(8080), {
    argument: '<n>',
    help: 'port to listen on; 0: any that is free',
    common: true,
  }),
  token: option(tokenSchema.optional(), {
    argument: '<secret>',
    help: 'secret that requests must carry; or set EFT_TOKEN',
    more: 'as "Authorization: Bearer <secret>"; EFT_TOKEN in the environment is not seen in the list of processes',
    common: true,
    alias: ['api-key', 'key', 'auth'],
  }),
  allowHost: z.array(hostNameSchema).default([]),
  insecure: option(z.boolean().default(false), {
    help: 'serve other machines without a token all the same',
  }),
  maxBody: option(z.int().min(1).max(1_000_000).default(1000), {
    argument: '<kB>',
    help: 'largest body of a request',
  }),
  maxItems: option(z.int().min(1).max(100_000).default(256), {
    argument: '<n>',
    help: 'most inputs in a request',
  }),
  maxQueue: option(z.int().min(1).max(1_000_000).default(4096), {
    argument: '<n>',
    help: 'most inputs that wait for an answer, of all requests; each window of a long one counts; beyond, requests are refused (429)',
  }),
  timeout: option(z.number().positive().max(3600).default(30), {
    argument: '<seconds>',
    help: 'longest time that a request may take',
    common: true,
  }),
});

export const serverOptionsSchema = z.strictObject(serverOptions);

/** With everything settled. */
export type ServerOptions = z.infer<typeof serverOptionsSchema>;
