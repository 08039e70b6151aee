/**
 * Few labelled texts: `eft train` without settings beside three pipelines of scikit-learn, on sets that you bring.
 *
 *     node bench/few-examples/run.js FOLDER [--models linear,elastic] [--python python3] [--keep results.json] [--only PART]
 *       [--without 'words, LogisticRegression']
 *
 * FOLDER holds NAME-train.jsonl and NAME-test.jsonl, `{"text": …, "label": …}` a line. Prints one table in Markdown:
 * accuracy on the test file, what cross-validation had promised, calibration error, seconds. What FILE of --keep holds is not
 * measured again.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    models: { type: 'string', default: 'linear' },
    python: { type: 'string', default: 'python3' },
    keep: { type: 'string' },
    without: { type: 'string', multiple: true, default: [] },
    only: { type: 'string', default: '' },
  },
});
const [folder] = positionals;
const EFT = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const PIPELINES = fileURLToPath(new URL('./pipelines.py', import.meta.url));
const PIPELINE_NAMES = ['words, LinearSVC', 'words, LogisticRegression', 'characters, LinearSVC'];
const run = promisify(execFile);
const options = { maxBuffer: 2 ** 28 };

async function pipelines(train, test) {
  const { stdout } = await run(values.python, [PIPELINES, train, test, ...values.without], options);
  return JSON.parse(stdout);
}

/** Processor time is not known of a child here: seconds are those of the clock, start and reading included. */
async function eft(model, train, test) {
  const place = await mkdtemp(join(tmpdir(), 'few-'));
  try {
    const out = join(place, 'run');
    const began = performance.now();
    const trained = await run(
      process.execPath,
      [EFT, 'train', '--data', train, '--model', model, '--out', out, '--json'],
      options,
    );
    const seconds = (performance.now() - began) / 1000;
    const evaluated = await run(process.execPath, [EFT, 'evaluate', out, '--data', test, '--json'], options);
    const { chosen, crossValidated } = JSON.parse(trained.stdout);
    const { accuracy, macroF1, calibration } = JSON.parse(evaluated.stdout);
    const { size } = await stat(join(out, 'model.safetensors'));
    return { accuracy, macroF1, calibrationError: calibration?.error, seconds, chosen, crossValidated, size };
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

const kept =
  values.keep === undefined ? {} : JSON.parse(await readFile(values.keep, 'utf8').catch(() => '{}'));
const names = (await readdir(folder))
  .filter((name) => name.endsWith('-train.jsonl') && name.includes(values.only))
  .map((name) => name.slice(0, -'-train.jsonl'.length))
  .sort();
const percent = (share) => (share === undefined ? '' : (100 * share).toFixed(1));
const models = values.models.split(',');
const lines = async (path) => (await readFile(path, 'utf8')).split('\n').filter(Boolean).length;

process.stdout.write(
  `| set | train / test | words SVC | words LogReg | characters SVC | ${models.map((model) => `${model} | cross-validated | chosen | ECE | s | MB`).join(' | ')} |\n`,
);
process.stdout.write(`|${'---|'.repeat(5 + 6 * models.length)}\n`);
const gains = models.map(() => []);
for (const name of names) {
  const [train, test] = ['train', 'test'].map((part) => join(folder, `${name}-${part}.jsonl`));
  kept[name] ??= {};
  const own = kept[name];
  own.pipelines ??= await pipelines(train, test);
  for (const model of models) own[model] ??= await eft(model, train, test);
  if (values.keep !== undefined) await writeFile(values.keep, `${JSON.stringify(kept, null, 1)}\n`);
  const shown = PIPELINE_NAMES.map((pipeline) => own.pipelines[pipeline]?.accuracy);
  const others = shown.filter((accuracy) => accuracy !== undefined);
  const cells = models.map((model, m) => {
    const { accuracy, crossValidated, chosen, calibrationError, seconds, size } = own[model];
    gains[m].push(accuracy - Math.max(...others));
    return `${percent(accuracy)} | ${percent(crossValidated?.accuracy)} | ${chosen} | ${percent(calibrationError)} | ${seconds.toFixed(1)} | ${(size / 1e6).toFixed(1)}`;
  });
  process.stdout.write(
    `| ${name} | ${await lines(train)} / ${await lines(test)} | ${shown.map(percent).join(' | ')} | ${cells.join(' | ')} |\n`,
  );
}
models.forEach((model, m) => {
  const mean = gains[m].reduce((sum, gain) => sum + gain, 0) / gains[m].length;
  process.stdout.write(
    `\n${model}: in the mean ${(100 * mean).toFixed(2)} points above the best of the three\n`,
  );
});
