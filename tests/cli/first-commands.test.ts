/** README's first screen: its commands, with less to do, in an empty folder; and what they answer. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EXHAUSTIVE } from '../exhaustive.js';
import { eftIn } from './run.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eft-first-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const readme = await readFile('README.md', 'utf8');
const commands = [...readme.matchAll(/^ {4}(?:npm ci && )?node dist\/cli\/main\.js (.*)$/gm)].map(
  ([, line]) => line,
);

/** What takes the time, unless all is to be run. */
const LESS = ['--limit', '80', '--epochs', '1', '--no-profile', '--threads', '1'];

test('there are two, of texts and of signals', () => {
  expect(commands).toHaveLength(2);
  expect(commands[0]).toContain('--data spam-assassin');
});

test.each(commands)('eft %s', async (line) => {
  const texts = line.includes('spam-assassin');
  const models = texts ? 'linear' : 'rocket';
  const args = [...line.split(' '), ...(EXHAUSTIVE ? [] : [...LESS, '--models', models])];
  const { code, stdout } = await eftIn(folder, args);
  expect(code).toBe(0);
  const [advice, data] = stdout.split('\n');
  expect(advice).toMatch(
    /^(Use \S+ at [\d,]+ (tokens|steps): .* It gets [\d.]+% of the \d+ test items right|Nothing is shown to beat )/,
  );
  expect(data).toMatch(
    /^Data: .*[\d,]+ of [\d,]+ examples are used, each class in turn; .* to learn from, .* to choose by, .* to test on\.$/,
  );
  expect(stdout).not.toMatch(/time by operation|│ no +│|\d %/);
});

test('every command of README and the documents has options that there are', async () => {
  const { COMMANDS, isCommand } = await import('#eft/cli/commands.js');
  // The log of research keeps commands as they were.
  const names = (await readdir('docs')).filter((name) => name.endsWith('.md') && name !== 'research.md');
  const documents = await Promise.all(names.map((name) => readFile(join('docs', name), 'utf8')));
  const lines = [readme, ...documents].flatMap((text) =>
    [...text.matchAll(/^ {4}(?:.*&& )?(?:node dist\/cli\/main\.js|eft) ([a-z]+ .*)$/gm)].map(
      ([, line]) => line,
    ),
  );
  expect(lines.length).toBeGreaterThan(30);
  for (const line of lines) {
    const [name, ...args] = line.split(/\s+#/)[0].match(/"[^"]*"|'[^']*'|\S+/g)!;
    if (!isCommand(name)) throw new Error(`no command ${name}: ${line}`);
    const command = (await COMMANDS[name].load()).command().exitOverride();
    const { unknown } = command.parseOptions(args.filter((word) => !/^[>|&]/.test(word)));
    expect(
      unknown.filter((word) => word.startsWith('-')),
      line,
    ).toEqual([]);
  }
});
