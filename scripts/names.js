/**
 * One name, one thing: no two files of src/ may export declarations of the same name, re-exports aside.
 *
 *   node scripts/names.js     fails on such a name, and reports names of files that occur often
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/**
 * Names that files share by contract: parts of one thing in several registries, commands, implementations of the
 * platform, and entries of the package, which wrap what they export.
 * @param {string} name
 * @param {string} path
 */
const isShared = (name, path) =>
  (name === 'command' && path.startsWith('src/cli/')) ||
  ((name === 'platform' || name === 'disk') && /^src\/(platform|readers)\//.test(path)) ||
  (/^src\/(program|engine\/reference|engine\/wasm)\/operations\/[^/]+\.ts$/.test(path) &&
    /^[a-z]/.test(name)) ||
  /^src\/(browser|engine|index|node)\.ts$/.test(path);

/** Files of one name that are reported. */
const OFTEN = 5;

/** @typedef {{ readonly name: string, readonly text: string }} SourceFile a path with slashes from the root */

/**
 * Names that a file declares and exports; a type and a value of one name count once.
 * @param {SourceFile} file
 * @returns {string[]}
 */
export function exportedNames({ name, text }) {
  const source = ts.createSourceFile(name, text, ts.ScriptTarget.Latest);
  const names = source.statements.flatMap((statement) => {
    const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined;
    if (!modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return [];
    if (ts.isVariableStatement(statement)) {
      return statement.declarationList.declarations.flatMap(({ name: declared }) =>
        ts.isIdentifier(declared) ? [declared.text] : [],
      );
    }
    const { name: declared } = /** @type {{ name?: ts.Identifier }} */ (statement);
    return declared === undefined ? [] : [declared.text];
  });
  return [...new Set(names)];
}

/**
 * @param {readonly SourceFile[]} files
 * @returns {string[]} one line a name that several files export
 */
export function nameFaults(files) {
  /** @type {Map<string, string[]>} */
  const places = new Map();
  for (const file of files) {
    for (const name of exportedNames(file)) {
      if (isShared(name, file.name)) continue;
      places.set(name, [...(places.get(name) ?? []), file.name]);
    }
  }
  return [...places]
    .filter(([, where]) => where.length > 1)
    .map(([name, where]) => `${name} is exported by ${where.join(' and ')}: give each a name of its own`);
}

/**
 * @param {readonly SourceFile[]} files
 * @returns {string[]} one line a name that many files have
 */
function frequentFileNames(files) {
  const counts = new Map();
  for (const { name } of files) {
    const base = posix.basename(name);
    counts.set(base, (counts.get(base) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count >= OFTEN)
    .map(([name, count]) => `${count} files are named ${name}`);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /(?<!\.d)\.ts$/.test(name))
    .map((name) => posix.join('src', name))
    .map((name) => ({ name, text: readFileSync(join(root, name), 'utf8') }));
  const faults = nameFaults(files);
  for (const line of [...frequentFileNames(files), ...faults]) process.stderr.write(`${line}\n`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}
