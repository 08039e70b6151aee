/**
 * The rooms of the house and what each may know: one table, from which everything about imports is checked.
 *
 *   node scripts/rooms.js     fails on an import that the table does not allow, a circle, or a DESIGN.md that says else
 *
 * A room is a folder of src/; the longest name that fits a path counts. The files directly under src/ are either shared
 * by all (SHARED) or entries of the package (ENTRIES).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/**
 * @typedef {object} Room
 * @property {readonly string[]} knows rooms that it may import
 * @property {readonly string[]} [packages] what it may import of the dependencies
 * @property {boolean} [node] whether it may import Node's modules; the core may not
 */

const CORE = [
  ...['program', 'engine', 'engine/wasm', 'model', 'input', 'data', 'evaluation', 'formats', 'platform'],
  ...['readers', 'inference', 'learning'],
];

/** @type {Readonly<Record<string, Room>>} */
export const ROOMS = {
  program: { knows: [] },
  engine: { knows: ['program'] },
  'engine/reference': { knows: ['program', 'engine'] },
  'engine/wasm': { knows: ['program', 'engine', 'platform'] },
  input: { knows: ['platform'], packages: ['zod', 'entities'] },
  model: { knows: ['program', 'input'], packages: ['zod'] },
  data: { knows: ['engine', 'input', 'platform'], packages: ['zod'] },
  readers: { knows: ['data', 'input'], packages: ['zod', 'hyparquet', 'hyparquet-compressors'] },
  'readers/disk': { knows: ['data', 'input', 'readers'], packages: ['tinyglobby'], node: true },
  evaluation: { knows: ['model'], packages: ['simple-statistics'] },
  formats: {
    knows: ['program', 'input', 'model', 'platform', 'evaluation'],
    packages: ['zod', 'onnx-buf', '@bufbuild/protobuf'],
  },
  inference: {
    knows: CORE.filter((name) => name !== 'inference' && name !== 'learning'),
    packages: ['zod'],
  },
  'inference/batch': {
    knows: [...CORE.filter((name) => name !== 'learning'), 'readers/disk', 'jobs', 'platform/node'],
    packages: ['zod', 'hyparquet-writer'],
    node: true,
  },
  learning: { knows: CORE.filter((name) => name !== 'learning'), packages: ['zod'] },
  check: { knows: CORE },
  comparison: {
    knows: [...CORE, 'jobs', 'benchmark', 'platform/node'],
    packages: ['simple-statistics', 'zod'],
    node: true,
  },
  benchmark: { knows: [...CORE, 'jobs'], packages: ['simple-statistics'], node: true },
  report: {
    knows: [
      'evaluation',
      'formats',
      'model',
      'input',
      'data',
      'inference',
      'check',
      'comparison',
      'benchmark',
      'platform/node',
    ],
    packages: ['@observablehq/plot', 'linkedom', 'asciichart', 'cli-table3', 'picocolors'],
    node: true,
  },
  jobs: { knows: [] },
  'jobs/processes': {
    knows: ['jobs', 'comparison', 'benchmark', 'inference/batch', 'platform/node'],
    node: true,
  },
  'jobs/queue': {
    knows: [
      ...[...CORE, 'readers/disk', 'inference/batch', 'comparison', 'benchmark', 'jobs'],
      ...['jobs/processes', 'platform/node'],
    ],
    packages: ['bullmq', 'ioredis', 'zod'],
    node: true,
  },
  platform: { knows: [] },
  'platform/node': { knows: ['engine/wasm', 'input', 'platform'], packages: ['zod'], node: true },
  'platform/browser': { knows: ['engine/wasm', 'input', 'platform'], packages: ['@noble/hashes'] },
  server: { knows: CORE, packages: ['hono', '@hono/node-server', 'zod'], node: true },
  cli: {
    knows: [
      ...[...CORE, 'readers/disk', 'inference/batch', 'check', 'comparison', 'benchmark', 'report', 'server'],
      ...['jobs', 'jobs/processes', 'jobs/queue', 'platform/node'],
    ],
    packages: ['commander', 'cli-progress', 'picocolors', 'zod'],
    node: true,
  },
};

/** Known to every room; they know nobody. */
const SHARED = ['errors', 'options', 'random'];

/** @type {Readonly<Record<string, Room>>} */
export const ENTRIES = {
  // Readers, comparisons and verdicts are loaded when they are asked for; tsconfig.core.json keeps them free of Node.
  index: { knows: [...CORE, 'check', 'comparison', 'jobs', 'report'] },
  node: { knows: [] },
  browser: { knows: [] },
  engine: { knows: [...CORE, 'engine/reference'] },
};

/**
 * Folders outside src/: the folders whose files they may import, and what they may import besides.
 * @type {Readonly<Record<string, { readonly folders: readonly string[], readonly packages: RegExp }>>}
 */
const OUTSIDE = {
  kernels: { folders: ['kernels'], packages: /^(?!)/ },
  // The public package alone.
  bench: { folders: ['bench'], packages: /^(?!#)/ },
  tests: { folders: ['tests', 'scripts'], packages: /^/ },
  // The public library alone, and what the page is drawn with.
  web: {
    folders: ['web'],
    packages:
      /^(elastic-fourier|preact|preact\/hooks|@preact\/signals|comlink|fflate|uplot|uplot\/.*\.css|vite|esbuild|node:.*|virtual:.*|\.\/.*\?.*)$/,
  },
};

/** @typedef {{ readonly name: string, readonly text: string }} SourceFile a path with slashes from the root */

/**
 * Every import, re-export and dynamic import of a file, those of types alone too.
 * @param {SourceFile} file
 */
function specifiersOf({ text }) {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
}

/** @param {string} specifier */
const isRelative = (specifier) => specifier.startsWith('.');

/**
 * The same, relative ones as paths from the root, `#platform` and `#disk` as their contracts.
 * @param {SourceFile} file
 */
function importsOf(file) {
  return specifiersOf(file).map((specifier) => {
    if (specifier === '#platform') return 'src/platform/contract.ts';
    if (specifier === '#disk') return 'src/readers/diskContract.ts';
    if (!isRelative(specifier)) return specifier;
    return posix.join(posix.dirname(file.name), specifier.replace(/\.js$/, '.ts'));
  });
}

/**
 * @param {string} name path from src/
 * @returns {string | undefined} a room, or undefined for a file directly under src/
 */
function roomOf(name) {
  return Object.keys(ROOMS)
    .filter((room) => name.startsWith(`${room}/`))
    .sort((a, b) => b.length - a.length)[0];
}

/** @param {string} name */
const packageOf = (name) => name.split('/', name.startsWith('@') ? 2 : 1).join('/');

/**
 * What is wrong with the imports of a file of src/.
 * @param {SourceFile} file
 * @returns {string[]}
 */
function sourceFaults(file) {
  const path = file.name.slice('src/'.length);
  const name = roomOf(path);
  const base = path.replace(/\.ts$/, '');
  const entry = ENTRIES[base];
  if (name === undefined && entry === undefined && !SHARED.includes(base)) {
    return [`${file.name}: is in no room of scripts/rooms.js`];
  }
  const room = name === undefined ? entry : ROOMS[name];
  const packages = room?.packages ?? (base === 'options' ? ['zod'] : []);
  return importsOf(file).flatMap((imported) => {
    if (imported.startsWith('node:')) {
      return room?.node ? [] : [`${file.name}: imports ${imported}, but the core knows nothing of Node`];
    }
    if (!imported.startsWith('src/')) {
      const wanted = packageOf(imported);
      return packages.includes(wanted) ? [] : [`${file.name}: imports the package ${wanted}`];
    }
    const target = imported.slice('src/'.length);
    const other = roomOf(target);
    if (other === undefined) {
      const known = SHARED.some((shared) => target === `${shared}.ts`) || (entry && target === 'index.ts');
      return known ? [] : [`${file.name}: imports ${imported}`];
    }
    if (other === name || room?.knows.includes(other)) return [];
    return [`${file.name}: imports ${imported}, but ${name ?? base} must not know ${other}`];
  });
}

/**
 * What is wrong with the imports of a file outside src/.
 * @param {SourceFile} file
 * @returns {string[]}
 */
function outsideFaults(file) {
  const rules = OUTSIDE[file.name.slice(0, file.name.indexOf('/'))];
  return specifiersOf(file)
    .filter((specifier) => {
      if (!isRelative(specifier)) return !rules.packages.test(specifier);
      const target = posix.join(posix.dirname(file.name), specifier);
      return !rules.folders.some((folder) => target.startsWith(`${folder}/`));
    })
    .map((specifier) => `${file.name}: imports ${specifier}`);
}

/**
 * The first circle found from `start` on, as a path that ends where it began.
 * @param {string} start
 * @param {(name: string) => readonly string[]} next
 * @returns {string[] | undefined}
 */
export function circleFrom(start, next) {
  const done = new Set();
  /** @type {string[]} */
  const path = [];
  /** @type {(name: string) => string[] | undefined} */
  const visit = (name) => {
    const place = path.indexOf(name);
    if (place >= 0) return [...path.slice(place), name];
    if (done.has(name)) return undefined;
    path.push(name);
    for (const other of next(name)) {
      const circle = visit(other);
      if (circle !== undefined) return circle;
    }
    path.pop();
    done.add(name);
    return undefined;
  };
  return visit(start);
}

/**
 * @param {readonly SourceFile[]} files
 * @returns {string[]} one line a fault
 */
export function importFaults(files) {
  const graph = new Map(files.map((file) => [file.name, importsOf(file)]));
  const circles = new Set();
  for (const { name } of files) {
    const circle = circleFrom(name, (file) => graph.get(file) ?? []);
    if (circle !== undefined) circles.add([...new Set(circle)].sort().join(' '));
  }
  const rooms = new Set(
    Object.keys(ROOMS).flatMap((room) => circleFrom(room, (name) => ROOMS[name].knows)?.join(' ') ?? []),
  );
  return [
    ...[...rooms].map((circle) => `scripts/rooms.js: these rooms know one another in a circle: ${circle}`),
    ...files.flatMap((file) => (file.name.startsWith('src/') ? sourceFaults(file) : outsideFaults(file))),
    ...[...circles].map((circle) => `these import one another in a circle: ${circle}`),
  ];
}

/**
 * Rows of DESIGN.md's tables that are missing or say else than ROOMS and package.json.
 * @param {string} design its text
 * @param {readonly string[]} [dependencies] those of package.json
 * @returns {string[]}
 */
export function designFaults(design, dependencies = []) {
  const rows = new Map(
    [...design.matchAll(/^\| `src\/([a-z/]+)\/` \|.*\| ([^|]*) \|$/gm)].map(([, name, knows]) => [
      name,
      knows,
    ]),
  );
  const expected = Object.keys(ROOMS).map((name) => [name, describe(name)]);
  return [
    ...expected
      .filter(([name, knows]) => rows.get(name) !== knows)
      .map(([name, knows]) => `DESIGN.md: the row of \`src/${name}/\` must end in | ${knows} |`),
    ...[...rows.keys()]
      .filter((name) => !(name in ROOMS))
      .map((name) => `DESIGN.md: there is no room ${name}`),
    ...dependencies
      .filter((name) => !design.includes(`| ${name} |`))
      .map((name) => `DESIGN.md: does not say why ${name} is a dependency`),
  ];
}

/**
 * What a room may know, as DESIGN.md says it.
 * @param {string} name
 */
function describe(name) {
  const { knows } = ROOMS[name];
  const wholeCore = CORE.every((room) => room === name || knows.includes(room));
  const names = wholeCore ? ['the core', ...knows.filter((room) => !CORE.includes(room))] : knows;
  return names.join(', ') || 'nobody';
}

/** @returns {SourceFile[]} */
function readTree() {
  return ['src', 'kernels', 'bench', 'tests', 'web'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /(?<!\.d)\.[jt]sx?$/.test(name) && !/(^|\/)node_modules\//.test(name))
      .map((name) => posix.join(folder, name))
      .map((name) => ({ name, text: readFileSync(join(root, name), 'utf8') })),
  );
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const design = readFileSync(join(root, 'DESIGN.md'), 'utf8');
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const faults = [...importFaults(readTree()), ...designFaults(design, Object.keys(dependencies))];
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}
