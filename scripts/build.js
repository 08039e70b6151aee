/**
 * Builds dist/: the kernels (AssemblyScript, six builds, and one of the encoders' kernels; where a source of theirs is
 * new), their signatures, and the library (tsc). `npm run build`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeKernelSignatures } from './kernel-signatures.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);
const output = join(root, 'dist', 'engine', 'wasm', 'kernels');
mkdirSync(output, { recursive: true });

/** The encoders' kernels, a module of its own. */
const convolutions = join(root, 'dist', 'input', 'convolutions', 'convolutions.wasm');
mkdirSync(dirname(convolutions), { recursive: true });

/** Shared memory is for worker threads, unshared for pages without SharedArrayBuffer. */
const kernelBuilds = ['simd', 'relaxed-simd', 'simd-256'].flatMap((tier) =>
  ['shared', 'unshared'].map((memory) => ({ tier, memory, file: join(output, `${tier}-${memory}.wasm`) })),
);

/** Whether a build of the kernels is younger than all that it is made from: it need not be made again. */
function areFresh() {
  const files = [...kernelBuilds.map(({ file }) => file), convolutions];
  if (!files.every(existsSync)) return false;
  const sources = readdirSync(join(root, 'kernels')).map((name) => join('kernels', name));
  const times = [...sources, 'scripts/build.js', 'package-lock.json'].map(
    (path) => statSync(join(root, path)).mtimeMs,
  );
  return Math.max(...times) < Math.min(...files.map((file) => statSync(file).mtimeMs));
}

/** @returns {Promise<void>} */
function run(script, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...args], { cwd: root, stdio: 'inherit' });
    child.on('error', reject);
    child.on('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`${script} ended with exit code ${code}`)),
    );
  });
}

const asc = join(dirname(require.resolve('assemblyscript/package.json')), 'bin', 'asc.js');

function flagsOf(source, file) {
  const flags = [source, '--config', 'none', '--outFile', file, '-O3', '--noAssert', '--runtime', 'stub'];
  return [...flags, '--importMemory', '--initialMemory', '1', '--maximumMemory', '65536', '--enable', 'simd'];
}

function buildKernels({ tier, memory, file }) {
  const flags = flagsOf('kernels/index.ts', file);
  if (tier !== 'simd') flags.push('--enable', 'relaxed-simd');
  flags.push('--use', `REGISTER_BITS=${tier === 'simd-256' ? 256 : 128}`);
  if (memory === 'shared') flags.push('--enable', 'threads', '--sharedMemory');
  return run(asc, flags);
}

const onlyTypes = process.argv.includes('--types-only');
const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
/** A module that was renamed or deleted must not stay importable, or be packed: everything but the kernels is made anew. */
function clearModules(folder = join(root, 'dist')) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (path === output || path === convolutions) continue;
    if ([output, convolutions].some((kept) => kept.startsWith(path + sep))) clearModules(path);
    else rmSync(path, { recursive: true, force: true });
  }
}

async function buildLibrary() {
  if (!onlyTypes) clearModules();
  if (!onlyTypes) await writeKernelSignatures();
  await run(tsc, ['-p', '.']);
}

/** One build for all: it fuses nothing, so that features are the same on every machine. */
const buildConvolutions = () => run(asc, flagsOf('kernels/convolutions.ts', convolutions));

const withKernels = !onlyTypes && !areFresh();
await Promise.all([
  buildLibrary(),
  ...(withKernels ? [...kernelBuilds.map(buildKernels), buildConvolutions()] : []),
]);

/** For pages to name; a source without its history has none. */
function leaveCommit() {
  const file = join(root, 'dist', 'commit');
  const { status, stdout } = spawnSync('git', ['rev-parse', '--short=8', 'HEAD'], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status === 0) writeFileSync(file, stdout.trim());
  else rmSync(file, { force: true });
}

leaveCommit();
const cli = join(root, 'dist', 'cli', 'main.js');
chmodSync(cli, 0o755);
if (!onlyTypes) {
  await run(join(root, 'scripts', 'embed.js'), []);
  await run(join(root, 'scripts', 'man.js'), []);
  for (const { tier, memory, file } of kernelBuilds) {
    process.stdout.write(`kernels ${tier} ${memory}: ${(statSync(file).size / 1024).toFixed(1)} KiB\n`);
  }
}
