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
}, 60_000);
afterAll(() => rm(folder, { recursive: true }));

interface Served extends Running {
  readonly url: string;
}

async function serve(...args: string[]): Promise<Served> {
  const running = start(['serve', run, '--port', '0', ...args]);
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
  }, 30_000);
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
] as const)(
  '%s loses no request that it took',
  async (signal, code) => {
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
  },
  60_000,
);

it('listens for other machines only with a token, or when told that this is meant', async () => {
  const refused = await eft('serve', run, '--host', '0.0.0.0', '--port', '0');
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('--token');
});

it('says what to do when the port is taken', async () => {
  const served = await serve();
  const { port } = new URL(served.url);
  const second = await eft('serve', run, '--port', port);
  expect(second.code).toBe(1);
  expect(second.stderr).toContain(`port ${port} of 127.0.0.1 is taken`);
  signalGroup(served, 'SIGTERM');
  expect((await served.end).code).toBe(0);
}, 30_000);
