/** What both side-by-side scripts share: options, taking turns, and printing. */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { median } from 'simple-statistics';
import { takeTurn } from '../turn.js';

/** @param defaults of --batch and --rounds, as strings */
export function readOptions({ batch, rounds }) {
  const { values } = parseArgs({
    options: {
      models: { type: 'string', default: 'elastic-fourier,standard' },
      lengths: { type: 'string', default: '512' },
      batch: { type: 'string', default: batch },
      threads: { type: 'string', default: '1' },
      rounds: { type: 'string', default: rounds },
      json: { type: 'boolean', default: false },
    },
  });
  return {
    models: values.models.split(','),
    lengths: values.lengths.split(',').map(Number),
    batch: Number(values.batch),
    threads: Number(values.threads),
    rounds: Number(values.rounds),
    json: values.json,
  };
}

/** Version of a package in this folder's node_modules. */
export function installedVersion(name) {
  const file = new URL(`./node_modules/${name}/package.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')).version;
}

/**
 * Compares each model and length: the first two runs of both must agree, then both are timed in turns.
 *
 * @param open (model, n) → { ours, theirs: functions that run once and give a result; difference(a, b); close() }
 * @param peer the other side's name
 * @param what is compared of the first runs
 * @param machine further facts for the last line
 */
export async function compare({ open, options, peer, what, tolerance, machine }) {
  const { models, lengths, batch, threads, rounds, json } = options;
  const print = (line) => process.stdout.write(`${line}\n`);
  const rows = [];
  for (const model of models) {
    for (const n of lengths) {
      const { ours, theirs, difference, close } = await open(model, n);
      const gap = Math.max(
        difference(await ours(), await theirs()),
        difference(await ours(), await theirs()),
      );
      if (!(gap < tolerance)) {
        process.stderr.write(`${model} n ${n}: ${what} differ by ${gap}, more than ${tolerance}\n`);
        process.exit(1);
      }
      /** @type {[number[], number[]]} */
      const [a, b] = [[], []];
      for (let round = 0; round < rounds; round++) {
        a.push(await takeTurn(ours));
        b.push(await takeTurn(theirs));
      }
      await close();
      const row = { model, sequenceLength: n, oursMs: median(a), peerMs: median(b), difference: gap };
      rows.push({ ...row, ratio: row.peerMs / row.oursMs });
      if (!json) print(describe(rows.at(-1), peer, what));
    }
  }
  const facts = { node: process.version, ...machine, cpu: cpus()[0]?.model, threads, batch, rounds };
  print(JSON.stringify(json ? { machine: facts, rows } : facts));
}

const describe = ({ model, sequenceLength, oursMs, peerMs, ratio, difference }, peer, what) =>
  `${model.padEnd(16)} n ${String(sequenceLength).padStart(5)}  ours ${oursMs.toFixed(2)} ms  ` +
  `${peer} ${peerMs.toFixed(2)} ms a batch  ratio ${ratio.toFixed(2)}  (${what} differ by ${difference.toExponential(1)})`;
