/** A command whose help lists options under headings: the common ones, or all of them. */
import { Command, type Help, Option } from 'commander';
import { OPTION_GROUPS, type OptionGroup, shownDefault, splitDefault } from '../options.js';

/** An option with what help and suggestions want to know of it. */
export class CliOption extends Option {
  group: OptionGroup = 'Advanced';
  /** Whether only the full help lists it. */
  rare = false;
  /** What only the full help says. */
  more: string | undefined;
  /** Flags under which people may look for it, without hyphens. */
  alias: readonly string[] = [];
}

export class CliCommand extends Command {
  #group: OptionGroup = 'Advanced';

  override createOption(flags: string, description?: string): CliOption {
    return new CliOption(flags, description);
  }

  /** The heading of the options that are added from here on. */
  under(group: OptionGroup): this {
    this.#group = group;
    return this;
  }

  override addOption(option: Option): this {
    if (option instanceof CliOption && option.group === 'Advanced') option.group = this.#group;
    return super.addOption(option);
  }

  /** The option that was added last is one that only the full help lists. */
  rare(): this {
    this.#last.rare = true;
    return this;
  }

  /** People may look for the option that was added last under these flags. */
  alsoCalled(...flags: readonly string[]): this {
    this.#last.alias = flags;
    return this;
  }

  /** The option that was added last says more in the full help. */
  more(text: string): this {
    this.#last.more = text;
    return this;
  }

  get #last(): CliOption {
    return this.cliOptions.at(-1)!;
  }

  /** Its options, those of help and version left out. */
  get cliOptions(): CliOption[] {
    return this.options.filter((option) => option instanceof CliOption);
  }
}

/** "(default: 10,000)"; '' where there is none, or the text says it. */
function defaultOf({ defaultValue, defaultValueDescription }: CliOption, all: boolean): string {
  const value =
    defaultValueDescription ?? (Array.isArray(defaultValue) ? defaultValue.join(', ') : defaultValue);
  if (value === undefined || value === false || value === '') return '';
  const text = shownDefault(value);
  // Values by model take a line of their own.
  return ` (default: ${!all && text.includes(': ') ? 'by model' : text})`;
}

/** Choices that its text does not name. */
function choicesOf({ argChoices = [], description, more = '' }: CliOption): string {
  return argChoices.every((choice) => `${description} ${more}`.includes(choice))
    ? ''
    : `; one of ${argChoices.join(', ')}`;
}

/** What help says of an option. */
export function describeOption(option: CliOption, all: boolean): string {
  const { description, more } = option;
  const { text, said } = splitDefault(description);
  const longer = all ? `${more === undefined ? '' : `; ${more}`}${choicesOf(option)}` : '';
  return `${text}${longer}${said || defaultOf(option, all)}`;
}

/** The options by their headings, in the order of these; empty ones left out. */
export function groupsOf(
  command: CliCommand,
  all: boolean,
): { readonly group: OptionGroup; readonly options: readonly CliOption[] }[] {
  const shown = command.cliOptions.filter(({ hidden, rare }) => !hidden && (all || !rare));
  return OPTION_GROUPS.map((group) => ({
    group,
    options: shown.filter((option) => option.group === group),
  })).filter(({ options }) => options.length > 0);
}

/** @param all whether to list also what is rare */
export function helpText(command: CliCommand, helper: Help, all: boolean): string {
  const width = Math.min(helper.helpWidth ?? 80, 100);
  const groups = groupsOf(command, all);
  const left = command.cliOptions.filter(({ hidden }) => !hidden).length;
  const more = left - groups.reduce((sum, { options }) => sum + options.length, 0);
  const args = helper.visibleArguments(command);
  const terms = [
    ...args.map((argument) => helper.argumentTerm(argument)),
    ...groups.flatMap(({ options }) => options.map(({ flags }) => flags)),
  ];
  const pad = Math.max(...terms.map(({ length }) => length), 0);
  const line = (term: string, text: string): string => helper.formatItem(term, pad, text, helper);
  return [
    `Usage: ${helper.commandUsage(command)}`,
    '',
    helper.boxWrap(command.description(), width),
    ...(args.length === 0 ? [] : ['']),
    ...args.map((argument) => line(helper.argumentTerm(argument), argument.description)),
    ...groups.flatMap(({ group, options }) => [
      ...(all ? [''] : []),
      ...(all || group !== groups[0].group ? [] : ['']),
      `${group}:`,
      ...options.map((option) => line(option.flags, describeOption(option, all))),
    ]),
    ...(more > 0 ? ['', `${more} more options: eft ${command.name()} --help all`] : []),
    '',
  ].join('\n');
}
