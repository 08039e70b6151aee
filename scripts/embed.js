/**
 * Writes into dist/ what bundlers cannot be trusted to carry: the kernels, the workers and the PyTorch form of
 * models, as strings in modules. vite 8 emits what `new URL('…', import.meta.url)` names, esbuild 0.28 does not, and vite's development
 * server breaks such URLs in dependencies. Called by scripts/build.js.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateRawSync } from 'node:zlib';
import { build } from 'esbuild';

const dist = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist');
const folder = join(dist, 'engine', 'wasm', 'kernels');

/** The one byte in which the builds for shared and unshared memory differ. */
function memoryFlagAt(tier, shared, unshared) {
  const places = [...shared.keys()].filter((i) => shared[i] !== unshared[i]);
  const [place] = places;
  if (
    shared.length !== unshared.length ||
    places.length !== 1 ||
    shared[place] !== 3 ||
    unshared[place] !== 1
  ) {
    throw new Error(
      `${tier}: the builds for shared and unshared memory differ in more than the memory's flag`,
    );
  }
  return place;
}

async function embedKernels(tier) {
  const [shared, unshared] = await Promise.all(
    ['shared', 'unshared'].map((memory) => readFile(join(folder, `${tier}-${memory}.wasm`))),
  );
  const kernels = {
    deflated: deflateRawSync(shared, { level: 9 }).toString('base64'),
    memoryFlagAt: memoryFlagAt(tier, shared, unshared),
  };
  await writeFile(join(folder, `${tier}.js`), `export const kernels = ${JSON.stringify(kernels)};\n`);
}

async function embedConvolutions() {
  const folder = join(dist, 'input', 'convolutions');
  const module = (await readFile(join(folder, 'convolutions.wasm'))).toString('base64');
  await writeFile(join(folder, 'module.js'), `export const module = ${JSON.stringify(module)};\n`);
}

/** @param {'browser' | 'node'} platform @param {'worker' | 'convolutionWorker'} name */
async function embedWorker(platform, name) {
  const { outputFiles } = await build({
    entryPoints: [join(dist, 'platform', platform, `${name}.js`)],
    bundle: true,
    minify: true,
    platform,
    format: platform === 'node' ? 'cjs' : 'iife',
    target: 'es2022',
    write: false,
  });
  const source = JSON.stringify(outputFiles[0].text);
  await writeFile(join(dist, 'platform', platform, `${name}Source.js`), `export const source = ${source};\n`);
}

async function embedPytorch() {
  const source = await readFile(join(dist, '..', 'src', 'formats', 'pytorch', 'modeling_eft.py'), 'utf8');
  const folder = join(dist, 'formats', 'pytorch');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'source.js'), `export const source = ${JSON.stringify(source)};\n`);
}

// The workers' strings are made from it.
await embedConvolutions();
await Promise.all([
  ...['simd', 'relaxed-simd', 'simd-256'].map(embedKernels),
  embedWorker('browser', 'worker'),
  embedWorker('browser', 'convolutionWorker'),
  embedWorker('node', 'worker'),
  embedWorker('node', 'convolutionWorker'),
  embedPytorch(),
]);
