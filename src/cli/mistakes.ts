/** What is said of a command line that cannot be understood: what was probably meant. */
import type { CommanderError } from 'commander';
import { nearest } from '../options.js';
import type { CliCommand, CliOption } from './command.js';

const wordsOf = (flag: string): string[] => flag.replace(/^-+/, '').toLowerCase().split('-');

/** Flags that were probably meant by one that there is not: by another name of it, by a slip, by a word in it. */
export function flagsLike(given: string, options: readonly CliOption[]): string[] {
  const name = given.replace(/^-+/, '').split('=')[0].toLowerCase();
  const open = options.filter(({ hidden, long }) => !hidden && long);
  const alias = open.filter((option) => option.alias.includes(name));
  if (alias.length > 0) return alias.map(({ long }) => long!);
  const names = open.map(({ long }) => long!.slice(2));
  const near = nearest(name, names);
  if (near !== undefined) return [`--${near}`];
  const slip = nearest(
    name,
    open.flatMap((option) => option.alias),
  );
  if (slip !== undefined) return flagsLike(slip, options);
  const asked = wordsOf(name).filter((word) => word.length > 2);
  const sharing = open.filter(({ long }) => asked.some((word) => wordsOf(long!).includes(word)));
  return sharing.slice(0, 3).map(({ long }) => long!);
}

const alternatives = (flags: readonly string[]): string =>
  flags.length < 2 ? flags.join('') : `${flags.slice(0, -1).join(', ')} or ${flags.at(-1)}`;

/** Behind a message of a flag that there is not. */
function unknownFlag(flag: string, command: CliCommand | undefined): string {
  const like = command === undefined ? [] : flagsLike(flag, command.cliOptions);
  const meant = like.length === 0 ? '' : `; did you mean ${alternatives(like)}?`;
  const where = command === undefined ? 'eft --help' : `eft ${command.name()} --help all`;
  return `unknown option '${flag}'${meant === '' ? `; '${where}' lists them all` : meant}`;
}

/** Of words that no option takes: they may be files. */
function loneWord(word: string, command: CliCommand): string {
  const data = command.cliOptions.some(({ long }) => long === '--data');
  return data
    ? `'${word}' belongs to no option: name data with --data ${word}`
    : `'${word}' is one argument too many: see 'eft ${command.name()} --help'`;
}

/** The message for a person. @param args behind the command's name */
export function usageMessage(
  { code, message }: Pick<CommanderError, 'code' | 'message'>,
  command: CliCommand | undefined,
  args: readonly string[],
): string {
  const plain = message.replace(/^error: /, '');
  if (command === undefined) {
    return code === 'commander.unknownOption'
      ? unknownFlag(/'(.*?)'/.exec(plain)?.[1] ?? '', undefined)
      : plain;
  }
  // A slip is told before what is missing because of it.
  const slips = [
    'commander.unknownOption',
    'commander.excessArguments',
    'commander.missingMandatoryOptionValue',
  ];
  if (slips.includes(code)) {
    const { operands, unknown } = command.parseOptions([...args]);
    const flag = unknown.find((word) => word.startsWith('-'));
    if (flag !== undefined) return unknownFlag(flag, command);
    const lone = operands[command.registeredArguments.length];
    if (lone !== undefined) return loneWord(lone, command);
  }
  return plain;
}
