/** Writes the man page, dist/eft.1, from the options that help is made from. To be run after a build. */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describeOption, groupsOf } from '../dist/cli/command.js';
import { COMMAND_NAMES, COMMANDS, EXIT_CODES } from '../dist/cli/commands.js';

/** Backslashes, hyphens and what begins a line as a request would. @param {string} text */
const plain = (text) =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/gm, '\\&$1');

const item = (term, text) => `.TP\n.B ${plain(term)}\n${plain(text)}`;

async function sectionOf(name) {
  const command = (await COMMANDS[name].load()).command();
  const options = groupsOf(command, true).flatMap(({ group, options: own }) => [
    `.SS ${group}`,
    ...own.map((option) => item(option.flags, describeOption(option, true))),
  ]);
  return [
    `.SH EFT ${name.toUpperCase()}`,
    plain(command.description()),
    '.PP',
    `.B eft ${name}`,
    plain(command.usage()),
    ...command.registeredArguments.map((argument) => item(argument.name(), argument.description)),
    ...options,
  ].join('\n');
}

const sections = await Promise.all(COMMAND_NAMES.map(sectionOf));
const page = `.TH EFT 1
.SH NAME
eft \\- train, compare and ship classifiers of long texts, sounds and series
.SH SYNOPSIS
.B eft
<command> [options]
.SH COMMANDS
${COMMAND_NAMES.map((name) => item(name, COMMANDS[name].summary)).join('\n')}
${sections.join('\n')}
.SH EXIT STATUS
${Object.entries(EXIT_CODES)
  .map(([code, meaning]) => item(code, meaning))
  .join('\n')}
`;
await writeFile(fileURLToPath(new URL('../dist/eft.1', import.meta.url)), page);
