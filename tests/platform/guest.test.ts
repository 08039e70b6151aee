/** The library is a guest: importing it and training with it changes nothing of its host's process. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);

/** The smallest module that needs relaxed SIMD: in Node 20 valid only behind a flag of V8. */
const PROBE = `WebAssembly.validate(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 8, 1, 96, 3, 123, 123, 123, 1, 123,
  3, 2, 1, 0, 10, 13, 1, 11, 0, 32, 0, 32, 1, 32, 2, 253, 133, 2, 11))`;

/** What can be seen of a process from within, before and after; told on the only line of output. */
const hostScript = (before: string): string => `
const look = () => ({
  relaxed: ${PROBE},
  listeners: Object.fromEntries(process.eventNames().map((name) => [String(name), process.listenerCount(name)])),
  // zod keeps its configuration there, whoever imports it.
  globals: Object.getOwnPropertyNames(globalThis).filter((name) => !name.startsWith('__zod_')).sort(),
  environment: { ...process.env },
  options: process.execArgv,
  exitCode: process.exitCode,
  umask: process.umask(),
  title: process.title,
});
// Globals that Node itself makes on first use.
void [fetch, Response, crypto].length;
const before = look();
const { enableFastVectors, train } = await import('#eft/node.js');
${before}
const data = ['good fine great', 'bad poor awful'].flatMap((text, label) =>
  Array.from({ length: 30 }, (_, i) => ({ text: text + ' ' + i, label: String(label) })));
const classifier = await train({
  data, model: 'elastic-fourier', sequenceLength: 16, vocabulary: 50, channels: 8, hidden: 8, blocks: 1, epochs: 1, threads: 2,
});
await classifier.predict('good');
await classifier.dispose();
process.stdout.write(JSON.stringify({ before, after: look() }));
`;

const host = (before = '') =>
  run(process.execPath, ['--input-type=module', '-e', hostScript(before)], {
    cwd: new URL('../..', import.meta.url),
  });

describe('a process that trains with the library', () => {
  it('keeps its flags, handlers, globals and output, and ends by itself', async () => {
    const { stdout, stderr } = await host();
    expect(stderr).toBe('');
    // Nothing but the one line.
    const { before, after } = JSON.parse(stdout);
    expect(after).toEqual(before);
    if (process.version.startsWith('v20.')) expect(after.relaxed).toBe(false);
  });

  it('gets the fast vectors when it asks for them', async () => {
    const { stdout, stderr } = await host('enableFastVectors();');
    expect(stderr).toBe('');
    const { after } = JSON.parse(stdout);
    expect(after.relaxed).toBe(true);
  });
});
