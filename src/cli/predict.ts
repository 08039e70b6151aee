/** `eft predict`: labels texts with a trained model, one JSON line an input, in order. */
import { Command } from 'commander';
import { Classifier } from '../classifier/classifier.js';
import { threadOptions } from '../classifier/options.js';
import { InputError } from '../errors.js';
import { readTexts } from '../readers/read.js';
import { addFieldOptions, type FieldOptions, whole } from './arguments.js';
import { addOptions } from './options.js';
import { tell, writeOutGently } from './output.js';

interface Options extends FieldOptions {
  readonly data?: string;
  readonly threads?: number;
  readonly limit?: number;
  readonly topK?: number;
}

/** Says what should be known before the answers are trusted. */
export function warnOf(path: string, { epoch, warnings }: Classifier): void {
  if (epoch === 0)
    tell(`warning: ${path} has not finished an epoch yet: these are its untrained first weights`);
  for (const warning of warnings) tell(`warning: ${warning}`);
}

export function command(): Command {
  const predict = new Command('predict')
    .description(
      'Label texts: the argument, a file, or standard input (a text a line). JSON lines out, in order.',
    )
    .argument('<run>', 'run folder')
    .argument('[text]', 'one text')
    .option('--data <file>', 'texts, in any format that eft train reads; labels are not needed')
    .option('--top-k <k>', 'only the k most probable classes', whole(1))
    .option('--limit <k>', 'the first k texts only', whole(1));
  return addFieldOptions(addOptions(predict, threadOptions))
    .addHelpText(
      'after',
      `
Examples:
  eft predict runs/spam "Win a free cruise now!"
  eft predict runs/spam --data mails.csv --text-field body > labels.jsonl
  cat lines.txt | eft predict runs/spam`,
    )
    .action(run);
}

async function run(path: string, text: string | undefined, options: Options): Promise<void> {
  if (text !== undefined && options.data !== undefined) {
    throw new InputError('give a text or --data, not both');
  }
  const classifier = await Classifier.load(path, options);
  try {
    warnOf(path, classifier);
    if (text === undefined && options.data === undefined && process.stdin.isTTY) {
      tell('reading texts from the keyboard, one a line; Ctrl-D ends');
    }
    let unknown = 0;
    const texts = async function* (): AsyncGenerator<string> {
      const source =
        text === undefined
          ? readTexts(options.data ?? process.stdin, options)
          : [{ text, place: 'the argument' }];
      for await (const { text: one, place } of source) {
        if (classifier.knownShare(one) === 0 && unknown++ < 3) {
          tell(`warning: ${place}: the model knows no word of this text; its label says nothing`);
        }
        yield one;
      }
    };
    for await (const scores of classifier.predictStream(texts(), { topK: options.topK })) {
      const [{ label, score }] = scores;
      await writeOutGently(`${JSON.stringify({ label, score, scores })}\n`);
    }
    if (unknown > 3) tell(`warning: ${unknown} texts in all have no word that the model knows`);
  } finally {
    await classifier.dispose();
  }
}
