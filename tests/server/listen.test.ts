/** Any time limit that the options allow is one that the server can have. */
import { Hono } from 'hono';
import { expect, it } from 'vitest';
import { listen } from '#eft/server/listen.js';
import { serverOptionsSchema } from '#eft/server/options.js';

it.each([0.000_001, 0.001, 0.0105, 1, 5, 9.9, 9.9999, 10, 30.0005, 3599.9999, 3600])(
  'a time limit of %d s',
  async (timeout) => {
    const options = serverOptionsSchema.parse({ timeout, port: 0 });
    const server = await listen(
      new Hono().get('/', (c) => c.text('here')),
      options,
    );
    expect(await (await fetch(server.url, { headers: { connection: 'close' } })).text()).toBe('here');
    await server.end(1);
  },
);
