/**
 * Checks kernels/ as far as TypeScript's tools go: types with AssemblyScript's own declarations, lint rules, and
 * that the signatures written from the kernels are current. The decorators of constants and functions are no TypeScript:
 * the linter gets copies in which they are comments. It does not format; the kernels are laid out by hand.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);

/** Rules that mean nothing here: constants are written out in full, and imports vanish when AssemblyScript compiles. */
const SKIPPED = [
  'correctness/noPrecisionLoss',
  'suspicious/noApproximativeNumericConstant',
  'style/useImportType',
];

function run(script, args) {
  const { status } = spawnSync(process.execPath, [script, ...args], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}

function lint() {
  const folder = mkdtempSync(join(tmpdir(), 'eft-kernels-'));
  try {
    for (const name of readdirSync(join(root, 'kernels')).filter((file) => file.endsWith('.ts'))) {
      const text = readFileSync(join(root, 'kernels', name), 'utf8');
      writeFileSync(join(folder, name), text.replace(/^( *)@(?=inline$)/gm, '$1// @'));
    }
    const biome = join(dirname(require.resolve('@biomejs/biome/package.json')), 'bin', 'biome');
    const skipped = SKIPPED.map((rule) => `--skip=${rule}`);
    run(biome, [
      'lint',
      `--config-path=${join(root, 'biome.json')}`,
      '--error-on-warnings',
      ...skipped,
      folder,
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

run(join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc'), ['-p', 'kernels']);
lint();
run(join(root, 'scripts', 'kernel-signatures.js'), ['--check']);
