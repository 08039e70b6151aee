/** Documents: links and anchors lead somewhere, README's also in the packed package; every error code has its entry. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { globSync } from 'tinyglobby';
import { describe, expect, test } from 'vitest';

const DOCUMENTS = globSync(['*.md', 'docs/*.md']);

/** Without code, where brackets are no links. */
const prose = (text: string): string =>
  text
    .replace(/^```[\s\S]*?^```/gm, '')
    .replace(/^ {4}.*$/gm, '')
    .replace(/`[^`\n]*`/g, '');

interface Link {
  readonly path: string;
  readonly anchor: string | undefined;
}

/** Links to files here, relative to the repository. */
function linksOf(document: string): Link[] {
  return [...prose(readFileSync(document, 'utf8')).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path, anchor] = target.split('#');
      return { path: path === '' ? document : normalize(join(dirname(document), path)), anchor };
    });
}

/** Anchors of headings, as GitHub makes them. */
const anchorsOf = (document: string): string[] =>
  [
    ...readFileSync(document, 'utf8')
      .replace(/^```[\s\S]*?^```/gm, '')
      .matchAll(/^#+ +(.*)$/gm),
  ].map(([, title]) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );

describe.each(DOCUMENTS)('%s', (document) => {
  test('links to files and headings that there are', () => {
    const broken = linksOf(document).filter(
      ({ path, anchor }) =>
        !existsSync(path) ||
        (anchor !== undefined && path.endsWith('.md') && !anchorsOf(path).includes(anchor)),
    );
    expect(broken).toEqual([]);
  });
});

test('README has 600 to 900 words', () => {
  const words = readFileSync('README.md', 'utf8').split(/\s+/).length;
  expect(words).toBeGreaterThan(600);
  expect(words).toBeLessThan(900);
});

test('links of README lead to files of the package', () => {
  const [{ files }] = JSON.parse(
    execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { encoding: 'utf8' }),
  ) as [{ files: { path: string }[] }];
  const packed = new Set(files.map(({ path }) => path));
  const links = linksOf('README.md');
  expect(links.length).toBeGreaterThan(10);
  expect(links.filter(({ path }) => !packed.has(path))).toEqual([]);
});

describe('docs/troubleshooting.md', () => {
  const text = readFileSync('docs/troubleshooting.md', 'utf8');

  test('has every code of the errors', () => {
    const source = readFileSync('src/errors.ts', 'utf8');
    const types = [...source.matchAll(/type (?:Input|Failure)Code = ([^;]+);/g)].flatMap(([, union]) =>
      [...union.matchAll(/'([a-z]+)'/g)].map(([, code]) => code),
    );
    const codes = [...types, ...[...source.matchAll(/readonly code = '([a-z]+)'/g)].map(([, code]) => code)];
    expect(codes.length).toBeGreaterThan(9);
    const rows = [...text.matchAll(/^\| `([a-z]+)` \|/gm)].map(([, code]) => code);
    expect(rows.sort()).toEqual(codes.sort());
  });

  test('has every code of the answers of eft serve', () => {
    const sources = globSync('src/server/*.ts').map((file) => readFileSync(file, 'utf8'));
    const codes = sources.flatMap((source) =>
      [...source.matchAll(/(?:RequestError\(\s*\d{3},\s*|errorAnswer\()'([a-z-]+)'/g)].map(
        ([, code]) => code,
      ),
    );
    expect(codes.length).toBeGreaterThan(10);
    expect([...new Set(codes)].filter((code) => !text.includes(`\`${code}\``))).toEqual([]);
  });
});
