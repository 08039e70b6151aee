/** `eft serve` as its users run it: over sockets, with clients that break off, and ended while requests are under way. */
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { load, train } from '#eft/node.js';
import { eft, type Running, signalGroup, start } from '../cli/run.js';

let folder: string;
let run: string;
const texts = Array.from({ length: 60 }, (_, i) => `${i % 3 ? 'win free money' : 'review the patch'} ${i}`);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eft-serve-'));
  run = join(folder, 'run');
  const data = texts.map((text, i) => ({ text, label: i % 3 ? 'spam' : 'ham' }));
  const classifier = await train({ data, model: 'bag', sequenceLength: 16, epochs: 2, seed: 1 });
  await classifier.save(run);
  await classifier.dispose();
});
afterAll(() => rm(folder, { recursive: true }));

interface Served extends Running {
  readonly url: string;
}

const serve = (...args: string[]): Promise<Served> => serveRun(run, ...args);

async function serveRun(path: string, ...args: string[]): Promise<Served> {
  const running = start(['serve', path, '--port', '0', ...args]);
  const url = await new Promise<string>((resolve, reject) => {
    let said = '';
    running.child.stdout!.on('data', (part: string) => {
      said += part;
      const found = /^listening on (http:\/\/127\.0\.0\.1:\d+)\n/.exec(said);
      if (found !== null) resolve(found[1]);
    });
    void running.end.then(({ stderr }) => reject(new Error(`ended: ${stderr}`)));
  });
  return { ...running, url };
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** One request over an agent that keeps connections open, as clients under load do. */
function ask(url: string, inputs: unknown, agent?: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const asked = request(`${url}/predict`, { method: 'POST', agent, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        body += part;
      });
      response.on('end', () => resolve({ status: response.statusCode!, body }));
      response.on('error', reject);
    });
    asked.on('error', reject);
    asked.end(JSON.stringify({ inputs }));
  });
}

describe('a server', () => {
  let served: Served;
  beforeAll(async () => {
    served = await serve('--max-body', '10');
  });
  afterAll(async () => {
    signalGroup(served, 'SIGKILL');
    await served.end;
  });

  it('gives the answers of the library', async () => {
    const classifier = await load(run);
    const expected = await classifier.predict(texts);
    await classifier.dispose();
    const { status, body } = await ask(served.url, texts);
    expect(status).toBe(200);
    expect(JSON.parse(body)).toEqual(expected);
  });

  it('lives through clients that break off, lie about lengths, or speak no HTTP', async () => {
    const { hostname, port } = new URL(served.url);
    const head = 'POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
    const requests = [
      'nonsense\r\n\r\n',
      `${head}Content-Length: 500\r\n\r\n{"inputs": `,
      `${head}Transfer-Encoding: chunked\r\n\r\nffff\r\n{"inputs": `,
      `${head}Content-Length: 99999999\r\n\r\n${'x'.repeat(50_000)}`,
      `${head}Content-Length: -1\r\n\r\n`,
      '',
    ];
    for (const text of requests) {
      await new Promise<void>((resolve) => {
        const socket = connect(Number(port), hostname, () => {
          socket.write(text);
          setTimeout(() => socket.destroy(), 50);
        });
        socket.on('error', () => {});
        socket.on('close', () => resolve());
      });
    }
    expect((await ask(served.url, 'x'.repeat(20_000))).status).toBe(413);
    expect((await ask(served.url, 'win')).status).toBe(200);
    const metrics = await (await fetch(`${served.url}/metrics`)).text();
    expect(metrics).not.toContain('status="500"');
    expect(metrics).toContain('eft_waiting_texts 0');
  });
});

it.each([
  ['SIGTERM', 0],
  ['SIGINT', 130],
] as const)('%s loses no request that it took', async (signal, code) => {
  const served = await serve();
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const answers: Answer[] = [];
  const refused: string[] = [];
  let asking = true;
  const client = async (): Promise<void> => {
    while (asking) {
      try {
        answers.push(await ask(served.url, texts, agent));
      } catch (error) {
        refused.push((error as NodeJS.ErrnoException).code!);
        return;
      }
    }
  };
  const clients = Array.from({ length: 8 }, client);
  while (answers.length < 40) await new Promise((resolve) => setTimeout(resolve, 5));
  process.kill(served.child.pid!, signal);
  const outcome = await served.end;
  asking = false;
  await Promise.all(clients);
  agent.destroy();
  expect(outcome.code).toBe(code);
  // New connections are refused; none was cut off.
  expect([...new Set(refused)]).toEqual(refused.length === 0 ? [] : ['ECONNREFUSED']);
  expect(answers.every(({ status }) => status === 200)).toBe(true);
});

it('listens for other machines only with a token, or when told that this is meant', async () => {
  const refused = await eft('serve', run, '--host', '0.0.0.0', '--port', '0');
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('--token');
});

it('a token of the environment that cannot be used is refused in a sentence', async () => {
  const before = process.env.EFT_TOKEN;
  process.env.EFT_TOKEN = '';
  try {
    const { code, stderr } = await eft('serve', run, '--port', '0');
    expect(code).toBe(2);
    expect(stderr).toBe('eft: EFT_TOKEN: a token must not be empty\n');
  } finally {
    if (before === undefined) delete process.env.EFT_TOKEN;
    else process.env.EFT_TOKEN = before;
  }
});

it('answers by the names that it is given', async () => {
  const served = await serve('--timeout', '5', '--allow-host', 'API.example', 'other.example');
  const { hostname, port } = new URL(served.url);
  const statusFor = (host: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const options = { hostname, port, path: '/health', headers: { host } };
      request(options, (response) => resolve(response.resume().statusCode!))
        .on('error', reject)
        .end();
    });
  expect(await statusFor('api.example')).toBe(200);
  expect(await statusFor('other.example:443')).toBe(200);
  expect(await statusFor(`localhost:${port}`)).toBe(200);
  expect(await statusFor('third.example')).toBe(403);
  signalGroup(served, 'SIGTERM');
  expect((await served.end).code).toBe(0);
}, 30_000);

describe('a model of signals', () => {
  it('is served, and says what is wrong with what it is given', async () => {
    const signals = Array.from({ length: 40 }, (_, i) => ({
      input: {
        channels: 1,
        values: Float32Array.from({ length: 32 }, (__, t) => Math.sin(i + t * (1 + (i % 2)))),
      },
      label: i % 2 === 0 ? 'slow' : 'fast',
    }));
    const classifier = await train({ data: signals, model: 'elastic-fourier', epochs: 1, seed: 1 });
    const path = join(folder, 'signals');
    await classifier.save(path);
    const expected = await classifier.predict(signals[0].input);
    await classifier.dispose();
    const served = await serveRun(path);
    const values = [...signals[0].input.values];
    const good = await ask(served.url, { values });
    expect(good.status).toBe(200);
    expect(JSON.parse(good.body)).toEqual([expected]);
    const health = await (await fetch(`${served.url}/health`)).json();
    expect(health).toMatchObject({ input: { kind: 'signal', channels: 1 } });
    // Requests that overlap: each gets what it deserves.
    const answers = await Promise.all(
      [
        values,
        'a text',
        [],
        values,
        { values: [values, values] },
        [null],
        { values: [1, 2], channels: 2 },
        values,
      ].map((inputs) => ask(served.url, inputs)),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 422, 422, 200, 422, 422, 422, 200]);
    const metrics = await (await fetch(`${served.url}/metrics`)).text();
    expect(metrics).not.toContain('status="500"');
    signalGroup(served, 'SIGTERM');
    expect((await served.end).code).toBe(0);
  });
});

describe('a long text', () => {
  const long = '我们今天去北京的大学图书馆看书然后回家吃饭'.repeat(15_000);

  it('holds up neither /health nor a short text, and ends with its time', async () => {
    const data = texts.map((text, i) => ({ text: `${text} 我们今天去`, label: i % 3 ? 'spam' : 'ham' }));
    const classifier = await train({ data, model: 'bag', sequenceLength: 16, epochs: 1, long: 'windows' });
    const path = join(folder, 'windows');
    await classifier.save(path);
    await classifier.dispose();
    const served = await serveRun(path, '--max-queue', '1000000', '--timeout', '120');
    const done: string[] = [];
    const answer = ask(served.url, long).then((result) => {
      done.push('long');
      return result;
    });
    // Until it is there.
    while (!(await (await fetch(`${served.url}/metrics`)).text()).includes('eft_waiting_texts 1')) {
      if (done.length > 0) break;
    }
    await fetch(`${served.url}/health`);
    done.push('health');
    expect((await ask(served.url, 'win')).status).toBe(200);
    done.push('short');
    expect((await answer).status).toBe(200);
    expect(done).toEqual(['health', 'short', 'long']);
    signalGroup(served, 'SIGTERM');
    expect((await served.end).code).toBe(0);
    const brief = await serveRun(path, '--max-queue', '1000000', '--timeout', '0.05');
    expect((await ask(brief.url, long)).status).toBe(503);
    // Its windows wait no longer.
    let metrics = '';
    while (!metrics.includes('eft_waiting_texts 0')) {
      metrics = await (await fetch(`${brief.url}/metrics`)).text();
    }
    signalGroup(brief, 'SIGTERM');
    expect((await brief.end).code).toBe(0);
  }, 120_000);
});

it('says what to do when the port is taken', async () => {
  const served = await serve();
  const { port } = new URL(served.url);
  const second = await eft('serve', run, '--port', port);
  expect(second.code).toBe(1);
  expect(second.stderr).toContain(`port ${port} of 127.0.0.1 is taken`);
  signalGroup(served, 'SIGTERM');
  expect((await served.end).code).toBe(0);
});
