#!/usr/bin/env node
/** The command line: one file a command, loaded when it is called; errors as one message, exit codes 0, 1, 2, 130. */
import { Command, CommanderError } from 'commander';
import { FailureError, InputError, InterruptedError } from '../errors.js';
import { withoutSecrets } from '../platform/address.js';
import { enableFastVectors } from '../platform/node/fastVectors.js';
import { limitOf } from '../platform/node/faults.js';
import { endOnInterrupt, survivesClosedLogs } from '../platform/node/signals.js';
import { programVersion } from './origin.js';
import { tell } from './output.js';

const COMMANDS = {
  params: () => import('./params.js'),
  train: () => import('./train.js'),
  evaluate: () => import('./evaluate.js'),
  predict: () => import('./predict.js'),
  compare: () => import('./compare.js'),
  report: () => import('./report.js'),
  bench: () => import('./bench.js'),
  serve: () => import('./serve.js'),
  export: () => import('./export.js'),
  import: () => import('./import.js'),
  resize: () => import('./resize.js'),
  worker: () => import('./worker.js'),
} as const;

const OVERVIEW = `
Commands:
  params     count the parameters of models
  train      train one model on your texts
  evaluate   score a trained model on labelled texts
  predict    label texts with a trained model
  compare    train several models and say which one to use
  report     build the page of one or several comparisons again
  bench      measure time and memory of training and inference
  serve      answer over HTTP
  export     write a model for other programs
  import     take back a model that was trained further elsewhere
  resize     make a model one for texts of another length
  worker     take trials and parts of a corpus from a queue

Examples:
  eft compare --data spam-assassin --lengths 256 --seeds 1 --epochs 2 --out runs/first
  eft train --data mails.csv --model elastic-fourier --seq-len 512 --epochs 5 --out runs/mails
  eft predict runs/mails "Win a free cruise now!"

'eft <command> --help' shows the options of a command.`;

const isCommand = (name: string): name is keyof typeof COMMANDS => Object.hasOwn(COMMANDS, name);

/** Usage errors look like all others. */
const OUTPUT = {
  outputError: (text: string, write: (text: string) => void): void => write(text.replace(/^error:/, 'eft:')),
};

function exitCode(error: unknown): number {
  if (error instanceof InputError) return 2;
  return error instanceof InterruptedError ? 130 : 1;
}

/** What a person needs to read of an error. */
function messageOf(error: unknown): string {
  if (process.env.EFT_DEBUG) return withoutSecrets((error as Error)?.stack ?? String(error));
  if (error instanceof InputError || error instanceof FailureError || error instanceof InterruptedError) {
    return withoutSecrets(error.message);
  }
  const message = withoutSecrets(error instanceof Error ? error.message : String(error));
  return limitOf(error) ?? `internal error: ${message}; please report it (EFT_DEBUG=1 shows where)`;
}

async function run(): Promise<number> {
  const name = process.argv[2];
  const program = new Command('eft')
    .description('Train, compare and ship attention-free classifiers for long sequences.')
    .version(programVersion())
    .usage('<command> [options]')
    .helpCommand(false)
    .addHelpText('after', OVERVIEW)
    .exitOverride()
    .configureOutput(OUTPUT);
  try {
    if (name === undefined) program.help({ error: true });
    // Only the command that is called is loaded; help needs none.
    if (isCommand(name)) {
      const command = (await COMMANDS[name]()).command();
      program.addCommand(command.exitOverride().configureOutput(OUTPUT));
    } else if (!name.startsWith('-')) {
      throw new InputError(`there is no command '${name}'; commands are ${Object.keys(COMMANDS).join(', ')}`);
    }
    await program.parseAsync();
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    tell(`eft: ${messageOf(error)}`);
    return exitCode(error);
  }
}

// A reader that closes the pipe early (`| head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  process.stderr.write(`eft: cannot write the output: ${error.message}\n`);
  process.exit(1);
});

survivesClosedLogs();
// This process is the command's own.
endOnInterrupt();
enableFastVectors();
process.exitCode = await run();
