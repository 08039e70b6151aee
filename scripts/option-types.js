/**
 * Writes the options of trainings and readers as interfaces, so that an editor shows what each is, its range and its
 * default: src/learning/trainingOptions.ts and src/readers/readOptions.ts, from the schemas in dist/. To be run after a
 * build; with --check it writes nothing and fails where a file is not what the schemas say. `npm run check` does.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { settingDefaults, shapeDefaults, trainRequestSchema } from '../dist/learning/options.js';
import { defaultOf, fullHelp, helpOf, innerSchema, metaOf } from '../dist/options.js';
import { readerOptionsSchema } from '../dist/readers/options.js';

const WIDTH = 110;

const FILES = [
  {
    path: 'src/learning/trainingOptions.ts',
    name: 'TrainingOptions',
    about:
      'Settings of a model and of its training. A model refuses those that it has not; where one is not given, its default holds, which may be that of its family.',
    shape: trainRequestSchema.shape,
    defaults: { ...settingDefaults, ...shapeDefaults },
  },
  {
    path: 'src/readers/readOptions.ts',
    name: 'ReadOptions',
    about: 'How data are read: fields, formats and limits.',
    shape: readerOptionsSchema.shape,
    defaults: {},
  },
];

/** What zod keeps of a schema. @returns {any} */
const definitionOf = (schema) => innerSchema(schema)._zod.def;

/** What a caller may write, as TypeScript. */
function typeOf(schema) {
  const def = definitionOf(schema);
  switch (def.type) {
    case 'enum':
      return Object.values(def.entries)
        .map((value) => `'${value}'`)
        .join(' | ');
    case 'pipe':
      return typeOf(def.in);
    case 'number':
    case 'string':
    case 'boolean':
      return def.type;
    default:
      throw new Error(`no TypeScript is known for a schema of type ${def.type}`);
  }
}

/** "whole number, 1 to 100", "number, above 0, at most 10"; '' of what is no number. */
function rangeOf(schema) {
  const def = definitionOf(schema);
  if (def.type !== 'number') return '';
  const checks = [def, ...(def.checks ?? []).map((check) => check._zod.def)];
  const whole = checks.some(({ check }) => check === 'number_format');
  const limit = (name) => checks.findLast(({ check }) => check === name);
  const [low, high] = [limit('greater_than'), limit('less_than')];
  const least = low && (low.inclusive || whole ? low.value + (low.inclusive ? 0 : 1) : undefined);
  const most = high?.inclusive && high.value < Number.MAX_SAFE_INTEGER ? high.value : undefined;
  const parts = [whole ? 'whole number' : 'number'];
  if (least !== undefined && most !== undefined) parts.push(`${least} to ${most}`);
  else {
    if (low) parts.push(least === undefined ? `above ${low.value}` : `at least ${least}`);
    if (most !== undefined) parts.push(`at most ${most}`);
    else if (high && !high.inclusive) parts.push(`below ${high.value}`);
  }
  return parts.join(', ');
}

/** Names of models and the like keep their small letter. */
const sentence = (text, names = []) => {
  const begins = names.some((name) => text.startsWith(name)) ? text[0] : text[0].toUpperCase();
  return `${begins}${text.slice(1)}${/[.…]$/.test(text) ? '' : '.'}`;
};

/** Paragraphs: what it is, its range, its default. @returns {string[]} */
function docOf(key, schema, defaults) {
  const own = helpOf(schema);
  const text =
    own === undefined ? /** @type {string | undefined} */ (metaOf(schema)?.description) : fullHelp(own);
  if (text === undefined) throw new Error(`${key} has no help`);
  const [, help, said] = /^(.*?)(?: \(default: ([^()]*(?:\([^()]*\)[^()]*)*)\))?$/.exec(text) ?? [];
  const { type: kind, entries = {} } = definitionOf(schema);
  const value = said ?? defaults[key] ?? defaultOf(schema) ?? (kind === 'boolean' ? false : 'none');
  const range = rangeOf(schema);
  return [
    sentence(help, Object.keys(entries)),
    ...(range === '' ? [] : [sentence(range)]),
    `Default: ${value}.`,
  ];
}

function wrapped(text, indent) {
  const lines = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent.length + line.length + word.length + 1 > WIDTH) {
      lines.push(line);
      line = '';
    }
    line += line === '' ? word : ` ${word}`;
  }
  return [...lines, line].map((one) => `${indent}${one}`);
}

/** As the formatter would have it. */
function fieldOf(key, type) {
  const line = `  readonly ${key}?: ${type} | undefined;`;
  if (line.length <= WIDTH) return [line];
  const parts = `${type} | undefined;`.split(' | ');
  return [`  readonly ${key}?:`, ...parts.map((part) => `    | ${part}`)];
}

function interfaceOf({ name, about, shape, defaults }) {
  const fields = Object.entries(shape).flatMap(([key, schema]) => {
    const [help, ...facts] = docOf(key, schema, defaults);
    return [
      '  /**',
      ...wrapped(help, '   * '),
      '   *',
      ...wrapped(facts.join(' '), '   * '),
      '   */',
      ...fieldOf(key, typeOf(schema)),
    ];
  });
  return [
    '// Written by scripts/option-types.js from the schemas: change those, build, and run it again.',
    '/**',
    ...wrapped(about, ' * '),
    ' */',
    `export interface ${name} {`,
    ...fields,
    '}',
    '',
  ].join('\n');
}

const check = process.argv.includes('--check');
for (const file of FILES) {
  const path = fileURLToPath(new URL(`../${file.path}`, import.meta.url));
  const text = interfaceOf(file);
  if (!check) await writeFile(path, text);
  else if (text !== (await readFile(path, 'utf8').catch(() => ''))) {
    process.stderr.write(
      `${file.path} is not what the schemas say: npm run build && node scripts/option-types.js\n`,
    );
    process.exitCode = 1;
  }
}
