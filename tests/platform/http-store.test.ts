/** What is read from an address: within limits of time and size, and without showing what only its host may know. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { FailureError, InputError } from '#eft/errors.js';
import { HttpStore } from '#eft/platform/httpStore.js';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(answer: RequestListener): Promise<string> {
  server = createServer(answer);
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const faultOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => value,
    (error: unknown) => error,
  );

test('reads a file, knows one that is missing', async () => {
  const host = await serve(({ url }, response) => {
    response.statusCode = url === '/model/a' ? 200 : 404;
    response.end('content');
  });
  const store = new HttpStore(`http://${host}/model`);
  expect(new TextDecoder().decode(await store.read('a'))).toBe('content');
  expect(await store.read('b')).toBeUndefined();
  expect(await store.has('a')).toBe(true);
  expect(await store.has('b')).toBe(false);
});

test('a host that says nothing, or stops in the midst, is given up', async () => {
  const host = await serve(({ url }, response) => {
    if (url === '/half') response.write('half');
  });
  const store = new HttpStore(`http://${host}`, { timeout: 0.2 });
  for (const name of ['none', 'half']) {
    const error = await faultOf(store.read(name));
    expect(error).toBeInstanceOf(FailureError);
    expect(error).toMatchObject({
      code: 'network',
      message: `http://${host}/${name} cannot be fetched: nothing came for 0.2 s`,
    });
  }
});

test('a file that comes byte by byte without end is given up', async () => {
  const host = await serve((_, response) => {
    const drip = setInterval(() => response.write('x'), 20);
    response.on('close', () => clearInterval(drip));
  });
  const error = await faultOf(new HttpStore(`http://${host}`, { timeout: 0.2 }).read('a'));
  expect(error).toMatchObject({ code: 'network', message: expect.stringMatching(/after 4 s$|nothing came/) });
});

test('no more is read than may be, stated, unstated or packed', async () => {
  const packed = gzipSync(new Uint8Array(50_000_000));
  let sent = 0;
  const host = await serve(({ url }, response) => {
    if (url === '/stated') {
      response.setHeader('content-length', 2e9);
      response.write('x');
    } else if (url === '/packed') {
      response.setHeader('content-encoding', 'gzip');
      response.end(packed);
    } else {
      const more = (): void => {
        sent += 65536;
        if (!response.destroyed && sent < 1e9) response.write(new Uint8Array(65536), more);
      };
      more();
    }
  });
  for (const limits of [{ maxBytes: 1e6 }, {}]) {
    const store = new HttpStore(`http://${host}`, limits);
    for (const name of ['stated', 'packed', 'endless']) {
      const error = await faultOf(store.read(name, limits.maxBytes === undefined ? 1e6 : undefined));
      expect(error).toBeInstanceOf(InputError);
      expect((error as Error).message).toBe(
        `http://${host}/${name} is larger than the 1.0 MB that such a file can have: it is damaged, or not such a file`,
      );
    }
  }
  expect(sent).toBeLessThan(1e9);
});

test('user, password and tokens are sent, and stand in no message', async () => {
  const seen: unknown[] = [];
  const host = await serve(({ url, headers }, response) => {
    seen.push([url, headers.authorization]);
    response.statusCode = 500;
    response.end();
  });
  const store = new HttpStore(`http://me:se%40cret@${host}/model?token=secret`);
  const basic = `Basic ${Buffer.from('me:se@cret').toString('base64')}`;
  const faults = [store.read('a'), store.has('a'), store.write(), store.lock()];
  for (const error of await Promise.all(faults.map(faultOf))) {
    expect(error).toBeInstanceOf(Error);
    expect((error as Error).message).not.toMatch(/secret|se%40cret|me:/);
  }
  expect(seen).toEqual([
    ['/model/a?token=secret', basic],
    ['/model/a?token=secret', basic],
  ]);
  expect(store.path).toBe(`http://${host}/model?…`);
  expect(store.pathOf('a')).toBe(`http://${host}/model/a?…`);
  // Nobody listens there.
  const gone = await faultOf(new HttpStore('http://me:secret@127.0.0.1:1/?token=secret').read('a'));
  expect(gone).toMatchObject({ code: 'network' });
  expect((gone as Error).message).not.toContain('secret');
});

test('addresses and limits that are none', () => {
  expect(() => new HttpStore('http://')).toThrow(InputError);
  for (const timeout of [0, -1, Number.NaN]) {
    expect(() => new HttpStore('http://a', { timeout })).toThrow(/timeout must be a number above 0/);
  }
  expect(() => new HttpStore('http://a', { maxBytes: 0 })).toThrow(/maxBytes must be a number above 0/);
});
