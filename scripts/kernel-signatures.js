/**
 * Writes src/engine/wasm/kernels.generated.ts: the TypeScript signatures of what the compiled kernels export.
 * `--check`: writes nothing and fails if the file is not what the kernels say.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const file = join(root, 'src', 'engine', 'wasm', 'kernels.generated.ts');

/** Line width of biome.json. */
const WIDTH = 110;

/** The declarations that the compiler writes beside a module. */
async function declarations() {
  const files = new Map();
  // Signatures are the same in every build; this one is the quickest to make.
  const flags = ['kernels/index.ts', '--config', 'none', '--baseDir', root, '--outFile', 'kernels.wasm'];
  flags.push('--runtime', 'stub', '--importMemory', '--enable', 'simd', '--use', 'REGISTER_BITS=128');
  const { error, stderr } = await asc.main([...flags, '--bindings', 'raw'], {
    writeFile: (name, contents) => {
      files.set(name, contents);
    },
  });
  if (error !== null) throw new Error(`${stderr}\n${error.message}`);
  return files.get('kernels.d.ts');
}

/** Every exported function: the module it comes from, its name, and its parameters and result in WebAssembly's types. */
function signaturesOf(text) {
  const functions = text.matchAll(/\/\*\*\n((?: {3}\* .*\n)+) {3}\*\/\n {2}export function (\w+)\(/g);
  return Array.from(functions, ([, comment, name]) => ({
    module: /kernels\/(\w+)\//.exec(comment)?.[1] ?? '',
    name,
    parameters: Array.from(comment.matchAll(/@param (\w+) `(\w+)`/g), ([, key, type]) => ({ key, type })),
    result: /@returns `(\w+)`/.exec(comment)?.[1] ?? 'void',
  })).sort((a, b) => (`${a.module} ${a.name}` < `${b.module} ${b.name}` ? -1 : 1));
}

function declare({ name, parameters, result }) {
  const all = parameters.map(({ key, type }) => `${key}: ${type}`);
  const line = `  ${name}(${all.join(', ')}): ${result};`;
  if (line.length <= WIDTH) return line;
  return [`  ${name}(`, ...all.map((parameter) => `    ${parameter},`), `  ): ${result};`].join('\n');
}

function render(signatures) {
  const types = new Set(
    signatures.flatMap(({ parameters, result }) => [...parameters.map((p) => p.type), result]),
  );
  types.delete('void');
  const modules = [...new Set(signatures.map(({ module }) => module))];
  return [
    '/** The kernels as they were compiled. Written by scripts/kernel-signatures.js; do not edit. */',
    '',
    ...[...types].sort().map((type) => `type ${type} = number;`),
    '',
    '/** Exports of kernels/*.ts. A usize is a byte offset into the memory; sizes count elements. */',
    'export interface Kernels {',
    ...modules.flatMap((module) => [
      `  // ${module}`,
      ...signatures.filter((signature) => signature.module === module).map(declare),
    ]),
    '}',
    '',
    '/** How many parameters each takes. */',
    'export const KERNEL_PARAMETERS: Readonly<Record<keyof Kernels, number>> = {',
    ...signatures.map(({ name, parameters }) => `  ${name}: ${parameters.length},`),
    '};',
    '',
  ].join('\n');
}

const written = () => (existsSync(file) ? readFileSync(file, 'utf8') : '');

/** Brings the file up to date. */
export async function writeKernelSignatures() {
  const text = render(signaturesOf(await declarations()));
  if (text !== written()) writeFileSync(file, text);
}

async function checkKernelSignatures() {
  if (render(signaturesOf(await declarations())) === written()) return;
  process.stderr.write(`${file} is not what the kernels say: run node scripts/kernel-signatures.js\n`);
  process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await (process.argv.includes('--check') ? checkKernelSignatures() : writeKernelSignatures());
}
