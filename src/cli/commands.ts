/** The commands: what each is for, and where it lives; one is loaded when it is called. */
import type { CliCommand } from './command.js';

interface Entry {
  /** A line of `eft --help`. */
  readonly summary: string;
  readonly load: () => Promise<{ command(): CliCommand }>;
}

/** In the order in which people meet them. */
export const COMMANDS = {
  compare: {
    summary: 'train several models on your data and say which one to use',
    load: () => import('./compare.js'),
  },
  check: {
    summary: 'find wrong labels, duplicates, give-aways and other faults of data',
    load: () => import('./check.js'),
  },
  train: { summary: 'train one model', load: () => import('./train.js') },
  predict: {
    summary: 'label texts, files or signals with a trained model',
    load: () => import('./predict.js'),
  },
  evaluate: { summary: 'score a trained model on labelled data', load: () => import('./evaluate.js') },
  suggest: { summary: 'say which examples to label next', load: () => import('./suggest.js') },
  serve: { summary: 'answer over HTTP', load: () => import('./serve.js') },
  export: { summary: 'write a model for other programs', load: () => import('./export.js') },
  import: {
    summary: 'take back a model that another program trained further',
    load: () => import('./import.js'),
  },
  resize: { summary: 'turn a model into one for longer or shorter texts', load: () => import('./resize.js') },
  report: {
    summary: 'build the page of one or several comparisons again',
    load: () => import('./report.js'),
  },
  params: { summary: 'count the parameters of models', load: () => import('./params.js') },
  bench: { summary: 'measure time and memory of training and inference', load: () => import('./bench.js') },
  worker: { summary: 'run trials and parts of a corpus from a queue', load: () => import('./worker.js') },
} as const satisfies Readonly<Record<string, Entry>>;

/** What the program ends with; docs/cli.md and the man page have the same. */
export const EXIT_CODES: Readonly<Record<number, string>> = {
  0: 'success',
  1: 'failure: the training diverged, the disk is full, the queue is gone, or an internal error',
  2: 'wrong input: options, files or data that cannot be used; the message says where and what to do',
  130: 'interrupted (Ctrl-C or SIGTERM); what was finished is kept',
};

export type CommandName = keyof typeof COMMANDS;

export const COMMAND_NAMES = Object.keys(COMMANDS) as CommandName[];

export const isCommand = (name: string): name is CommandName => Object.hasOwn(COMMANDS, name);
