#!/usr/bin/env node
/** The command line: one file a command, loaded when it is called; errors as one message, exit codes as commands.ts lists them. */
import { Command, CommanderError } from 'commander';
import { FailureError, InputError, InterruptedError } from '../errors.js';
import { suggestion } from '../options.js';
import { withoutSecrets } from '../platform/address.js';
import { enableFastVectors } from '../platform/node/fastVectors.js';
import { limitOf } from '../platform/node/faults.js';
import { endOnInterrupt, survivesClosedLogs } from '../platform/node/signals.js';
import { type CliCommand, helpText } from './command.js';
import { COMMAND_NAMES, COMMANDS, isCommand } from './commands.js';
import { usageMessage } from './mistakes.js';
import { programVersion } from './origin.js';
import { tell } from './output.js';

const summaries = (): string => {
  const pad = Math.max(...COMMAND_NAMES.map(({ length }) => length));
  return COMMAND_NAMES.map((name) => `  ${name.padEnd(pad)}  ${COMMANDS[name].summary}`).join('\n');
};

const ABOUT = 'Train, compare and ship classifiers of long texts, sounds and series, on plain CPUs.';

const overview = (): string => `Usage: eft <command> [options]

${ABOUT}

Commands:
${summaries()}

  eft <command> --help        the common options of a command
  eft <command> --help all    all of them
  eft --version

Examples:
  eft compare --data mails.csv --out runs/first
  eft train --data mails.csv --out runs/mails
  eft predict runs/mails "Win a free cruise now!"
`;

/** What to do next, for who typed the name alone. */
const FIRST_STEPS = `${ABOUT}

Which model suits your data? A file with a column of texts and one of labels is enough:
  eft compare --data mails.csv --out runs/first

Train the recommended one, and use it:
  eft train --data mails.csv --out runs/mails
  eft predict runs/mails "Win a free cruise now!"

No data at hand? These sensor readings are generated:
  eft compare --data pump --limit 400 --out runs/pump

'eft --help' lists all commands.
`;

/** Usage errors are told like all others, below. */
const OUTPUT = { outputError: (): void => {} };

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

/** `eft help train all` is `eft train --help all`. */
function withHelpFlag([first, ...rest]: readonly string[]): readonly string[] {
  if (first !== 'help') return first === undefined ? [] : [first, ...rest];
  const [name, ...more] = rest;
  return name === undefined ? ['--help'] : [name, '--help', ...more];
}

const isHelp = (word: string | undefined): boolean => word === '-h' || word === '--help';

async function run(): Promise<number> {
  const [name, ...args] = withHelpFlag(process.argv.slice(2));
  const program = new Command('eft')
    .version(programVersion())
    .helpCommand(false)
    .exitOverride()
    .configureOutput(OUTPUT)
    .configureHelp({ formatHelp: overview });
  let command: CliCommand | undefined;
  try {
    if (name === undefined) {
      process.stderr.write(FIRST_STEPS);
      return 2;
    }
    // Only the command that is called is loaded; help needs none.
    if (isCommand(name)) {
      const all = args.some((word, i) => isHelp(word) && args[i + 1] === 'all');
      command = (await COMMANDS[name].load()).command();
      command
        .exitOverride()
        .configureOutput(OUTPUT)
        .configureHelp({
          formatHelp: (shown, helper) => helpText(shown as CliCommand, helper, all),
        });
      program.addCommand(command);
    } else if (!name.startsWith('-')) {
      const near = suggestion(name, COMMAND_NAMES);
      throw new InputError(`there is no command '${name}'${near}; commands are ${COMMAND_NAMES.join(', ')}`);
    }
    await program.parseAsync([name, ...args], { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0;
      tell(`eft: ${usageMessage(error, command, args)}`);
      return 2;
    }
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
