/** Help in groups, what is said of typing mistakes, and what stands beside them: the man page's and the docs' tables. */
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { type CliCommand, groupsOf } from '#eft/cli/command.js';
import { COMMAND_NAMES, COMMANDS, EXIT_CODES } from '#eft/cli/commands.js';
import { OPTION_GROUPS } from '#eft/options.js';
import { eft } from './run.js';

const commands: readonly CliCommand[] = await Promise.all(
  COMMAND_NAMES.map(async (name) => (await COMMANDS[name].load()).command()),
);

describe('help', () => {
  test('of train lists the common options under headings, each in a line, and names the way to all', async () => {
    const { code, stdout } = await eft('train', '--help');
    expect(code).toBe(0);
    const lines = stdout.split('\n');
    const options = lines.filter((line) => line.startsWith('  --'));
    expect(options.length).toBeGreaterThanOrEqual(12);
    expect(options.length).toBeLessThanOrEqual(20);
    const example = lines.indexOf('Examples:');
    for (const line of lines.slice(0, example)) expect(line.length).toBeLessThanOrEqual(80);
    const headings = lines.filter((line) => /^[A-Z]\w+:$/.test(line)).map((line) => line.slice(0, -1));
    expect(headings).toEqual(['Data', 'Labels', 'Model', 'Training', 'Output', 'Examples']);
    expect(stdout).toMatch(/^\d+ more options: eft train --help all$/m);
  });

  test.each([
    ['train', '--help', 'all'],
    ['help', 'train', 'all'],
  ])('eft %s %s %s lists all of them', async (...args) => {
    const { code, stdout } = await eft(...args);
    expect(code).toBe(0);
    for (const flag of ['--label-field', '--long-kernel', '--max-fields', '--time-stretch', '--cache']) {
      expect(stdout).toContain(`  ${flag}`);
    }
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      '(default: elastic-fourier, standard, bag: 10,000; elastic: 12,000)',
    );
    expect(stdout).not.toMatch(/more options|default: \[|default: false|undefined/);
  });

  test.each(commands.map((command) => [command.name(), command] as const))(
    'each option of %s has a group, a text, and a place',
    (_, command) => {
      const all = groupsOf(command, true).flatMap(({ options }) => options);
      expect(all.length).toBe(command.cliOptions.filter(({ hidden }) => !hidden).length);
      for (const { group, description, flags } of all) {
        expect(OPTION_GROUPS).toContain(group);
        expect(description, flags).not.toBe('');
      }
      const short = groupsOf(command, false).flatMap(({ options }) => options);
      expect(short.length).toBeLessThanOrEqual(20);
      // What must be given is never left out.
      for (const { mandatory, rare, flags } of command.cliOptions)
        expect(mandatory && rare, flags).toBe(false);
    },
  );

  test('a flag is a switch in every command or in none', () => {
    const kinds = new Map<string, Set<boolean>>();
    for (const option of commands.flatMap(({ cliOptions }) => cliOptions)) {
      const seen = kinds.get(option.long!) ?? new Set();
      kinds.set(option.long!, seen.add(option.isBoolean()));
    }
    expect([...kinds].filter(([, seen]) => seen.size > 1)).toEqual([]);
  });

  test('without arguments the program says what to do next', async () => {
    const { code, stderr, stdout } = await eft();
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^ {2}eft compare --data \S+ --out \S+$/m);
    expect(stderr).toMatch(/^ {2}eft train --data \S+ --out \S+$/m);
  });
});

describe('mistakes', () => {
  test.each<[string, string]>([
    ['train --data m.csv --label y --out r', "unknown option '--label'; did you mean --label-field?"],
    ['train --data m.csv --lr 0.1 --out r', "unknown option '--lr'; did you mean --learning-rate?"],
    ['train --data m.csv --ouput r', "unknown option '--ouput'; did you mean --out?"],
    ['train m.csv', "'m.csv' belongs to no option: name data with --data m.csv"],
    ['train m.csv --out r', "'m.csv' belongs to no option: name data with --data m.csv"],
    ['train --data m.csv --out r --models elastic', 'did you mean --model?'],
    ['compare --data m.csv --out r --model elastic', 'did you mean --models?'],
    ['compare --data m.csv --out r --seq-len 64', 'did you mean --lengths?'],
    ['train --data m.csv --out r --time 3', 'did you mean --time-field?'],
    ['train --data m.csv --out r --zzz', "unknown option '--zzz'; 'eft train --help all' lists them all"],
    ['pedict run text', "there is no command 'pedict'; did you mean 'predict'?"],
    ['import a b --out r', "'b' is one argument too many: see 'eft import --help'"],
  ])('eft %s', async (line, message) => {
    const { code, stderr, stdout } = await eft(...line.split(' '));
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});

test('docs/cli.md has the exit codes of the program', async () => {
  const text = await readFile('docs/cli.md', 'utf8');
  const rows = [...text.matchAll(/^\| (\d+) \| (.*) \|$/gm)].map(([, code, meaning]) => [code, meaning]);
  expect(Object.fromEntries(rows)).toEqual(EXIT_CODES);
});

describe('docs/cli.md has the fields of the JSON', () => {
  async function fields(heading: string): Promise<string[]> {
    const text = await readFile('docs/cli.md', 'utf8');
    const section = text.split(`### \`${heading}\`\n`)[1].split('\n### ')[0];
    return [...section.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell]) =>
      [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name),
    );
  }
  test.each<[string, string]>([
    ['eft params --json', 'params --models bag --lengths 16 --json'],
    [
      'eft bench --json',
      'bench --models bag --lengths 16 --modes inference --seconds 0.001 --batch 2 --json',
    ],
  ])('%s', async (heading, line) => {
    const { stdout } = await eft(...line.split(' '));
    const [first] = JSON.parse(stdout) as Record<string, unknown>[];
    expect(Object.keys(first).sort()).toEqual((await fields(heading)).sort());
  });
});
