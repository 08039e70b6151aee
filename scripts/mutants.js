/**
 * Breaks a copy of the built code in one line at a time, and demands that the tests beside it fail: whether they would
 * notice. Each break was one that no test had noticed. `node scripts/mutants.js`, after a build; a part of
 * `npm run test:exhaustive`.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** @type {readonly { what: string, file: string, from: RegExp, to: string, tests: string, named?: string }[]} */
const MUTANTS = [
  {
    what: 'scores are not divided by the temperature',
    file: 'inference/paths.js',
    from: /\) \/ this\.#temperature\)/,
    to: '))',
    tests: 'tests/inference/calibrated.test.ts',
  },
  {
    what: 'a few examples may make answers twenty times as sure',
    file: 'evaluation/calibration.js',
    from: /LEAST_SAFE_TEMPERATURE = 0\.5/,
    to: 'LEAST_SAFE_TEMPERATURE = 0.05',
    tests: 'tests/evaluation/calibration.test.ts',
  },
  {
    what: 'a split by class keeps none of a rare class',
    file: 'data/split.js',
    from: /Math\.max\(own\.length > 1 \? 1 : 0, (Math\.round\(share \* own\.length\))\)/,
    to: '$1',
    tests: 'tests/data/split.test.ts',
  },
  {
    what: 'the accuracy of the first epoch instead of the one asked for',
    file: 'formats/runFolder.js',
    from: /\(one\) => one\.epoch === epoch/,
    to: '() => true',
    tests: 'tests/formats/run-folder.test.ts',
  },
  {
    what: 'the loss of validation drawn as that of training',
    file: 'report/learningCharts.js',
    from: /loss: trainLoss/,
    to: 'loss: validation.loss',
    tests: 'tests/report/learningCharts.test.ts',
  },
  {
    what: 'bars of intervals from the mean to the upper end',
    file: 'report/accuracyCharts.js',
    from: /const low = \(\{ accuracyInterval \}\) => 100 \* accuracyInterval\[0\]/,
    to: 'const low = ({ accuracy }) => 100 * accuracy.mean',
    tests: 'tests/report/accuracyCharts.test.ts',
  },
  {
    what: 'trials of another machine get the machine of the new ones',
    file: 'comparison/runComparison.js',
    from: /\{ machine, \.\.\.trial \}/,
    to: '{ ...trial, machine }',
    tests: 'tests/comparison/run.test.ts',
    // The others of this file train for long.
    named: 'a finished comparison trains nothing again',
  },
  {
    what: 'a client that is gone counts as a failure of the server',
    file: 'server/app.js',
    from: /c\.req\.raw\.signal\.aborted/,
    to: 'false',
    tests: 'tests/server/app.test.ts',
  },
];

const root = fileURLToPath(new URL('..', import.meta.url));
const copy = mkdtempSync(join(tmpdir(), 'eft-mutants-'));
process.on('exit', () => rmSync(copy, { recursive: true, force: true }));
for (const name of ['dist', 'tests', 'scripts', 'src', 'package.json', 'vitest.config.ts', 'tsconfig.json']) {
  cpSync(join(root, name), join(copy, name), { recursive: true });
}
symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));

/**
 * @param {string} file of tests
 * @param {string} [named] those alone whose names hold this
 * @returns whether they pass, and whether there were any
 */
function pass(file, named) {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const env = { ...process.env, EFT_EXHAUSTIVE: '' };
  const { status, stdout } = spawnSync(
    process.execPath,
    [vitest, 'run', file, ...(named === undefined ? [] : ['-t', named])],
    {
      cwd: copy,
      env,
      encoding: 'utf8',
    },
  );
  // A run that tested nothing tells nothing.
  return { passed: status === 0, tested: /\d+ (passed|failed)/.test(stdout), stdout };
}

let caught = 0;
for (const { what, file, from, to, tests, named } of MUTANTS) {
  const path = join(copy, 'dist', file);
  const code = readFileSync(path, 'utf8');
  const places = code.match(new RegExp(from, 'g'))?.length ?? 0;
  let verdict = `stands at ${places} places of ${file}: mend scripts/mutants.js`;
  if (places === 1) {
    const sound = pass(tests, named);
    writeFileSync(path, code.replace(from, to));
    const broken = pass(tests, named);
    writeFileSync(path, code);
    if (!sound.passed) verdict = `${tests} fails on the code as it is\n${sound.stdout}`;
    else if (broken.passed || !broken.tested) verdict = `NOT CAUGHT by ${tests}`;
    else {
      caught++;
      verdict = `caught by ${tests}`;
    }
  }
  process.stdout.write(`${what}: ${verdict}\n`);
}
process.stdout.write(`${caught} of ${MUTANTS.length} caught\n`);
process.exitCode = caught === MUTANTS.length ? 0 : 1;
