/** The house's rules about which file may know which, where the linter cannot hold them. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', 'src');

/** Every relative import, re-export and dynamic import of a file, those of types alone too, as paths within src. */
function importsOf(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(file, 'utf8'), true, true);
  return importedFiles
    .map(({ fileName }) => fileName)
    .filter((name) => name.startsWith('.'))
    .map((name) => relative(root, resolve(dirname(file), name.replace(/\.js$/, '.ts'))));
}

const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
const graph = new Map(files.map((name) => [name, importsOf(join(root, name))]));

/** The first circle found from `start` on, as a path that ends where it began. */
function circleFrom(start: string, imports: (file: string) => readonly string[]): string[] | undefined {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): string[] | undefined => {
    const place = path.indexOf(file);
    if (place >= 0) return [...path.slice(place), file];
    if (done.has(file)) return undefined;
    path.push(file);
    for (const next of imports(file)) {
      const circle = visit(next);
      if (circle !== undefined) return circle;
    }
    path.pop();
    done.add(file);
    return undefined;
  };
  return visit(start);
}

describe('imports', () => {
  it('are found: those of values, of types, re-exported and dynamic ones', () => {
    expect(graph.get(join('program', 'program.ts'))).toEqual(
      expect.arrayContaining([join('program', 'tensor.ts'), join('program', 'operations', 'index.ts')]),
    );
    const missing = [...graph].flatMap(([file, imports]) =>
      imports.filter((name) => !graph.has(name)).map((name) => `${file} -> ${name}`),
    );
    expect(missing).toEqual([]);
  });

  it('circles would be found', () => {
    const circular: Record<string, string[]> = { a: ['b', 'c'], b: [], c: ['d'], d: ['c'] };
    expect(circleFrom('a', (file) => circular[file])).toEqual(['c', 'd', 'c']);
  });

  it('go round in no circle, not even one of types', () => {
    for (const file of files) {
      expect(circleFrom(file, (name) => graph.get(name) ?? [])?.join(' -> ')).toBeUndefined();
    }
  });
});
