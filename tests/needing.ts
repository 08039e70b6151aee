/**
 * Tests that need a program which not every machine has: skipped where it is missing, with the reason in their name,
 * which the last line of a run counts (`skipped-reporter.ts`). EFT_REQUIRE=chromium,redis,torch makes a missing one a
 * failure.
 */
import { describe, test } from 'vitest';
import { findChromium, findOpenssl, findRedis, findTorch } from '../scripts/tools.js';

export interface Tool {
  /** What is missing, and how to get it. */
  readonly needs: string;
  /** Its command; undefined where it is missing. */
  readonly command: string | undefined;
}

/** As EFT_REQUIRE names them. */
const TOOLS = {
  chromium: {
    needs: 'Chromium or Chrome (apt-get install chromium, or CHROMIUM=its path)',
    find: findChromium,
  },
  redis: { needs: 'redis-server (apt-get install redis-server)', find: findRedis },
  torch: {
    needs: 'PyTorch (apt-get install python3-torch, or PYTHON=a Python that has it)',
    find: findTorch,
  },
  openssl: { needs: 'openssl (apt-get install openssl)', find: findOpenssl },
  linux: { needs: 'Linux', find: () => (process.platform === 'linux' ? 'linux' : undefined) },
} as const;

type ToolName = keyof typeof TOOLS;

const required = (process.env.EFT_REQUIRE ?? '').split(',').filter((name) => name !== '');
for (const name of required) {
  if (!(name in TOOLS)) {
    throw new Error(`EFT_REQUIRE: there is no tool "${name}"; known are ${Object.keys(TOOLS).join(', ')}`);
  }
}

/** Looks for a tool. Throws where it is missing and EFT_REQUIRE names it. */
export function lookFor(name: ToolName): Tool {
  const { needs, find } = TOOLS[name];
  const command = find();
  if (command === undefined && required.includes(name)) {
    throw new Error(`EFT_REQUIRE names ${name}, and there is none: these tests need ${needs}`);
  }
  return { needs, command };
}

const marked = (title: string, { needs }: Tool): string => `${title} (needs ${needs})`;

/** `describe` where the tool is there; otherwise the tests are skipped. */
export function describeWith(tool: Tool, title: string, body: () => void): void {
  if (tool.command === undefined) describe.skip(marked(title, tool), body);
  else describe(title, body);
}

/** `test` where the tool is there; otherwise it is skipped. */
export function testWith(tool: Tool, title: string, body: () => unknown): void {
  if (tool.command === undefined) test.skip(marked(title, tool), async () => void (await body()));
  else test(title, async () => void (await body()));
}
