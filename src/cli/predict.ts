/** `eft predict`: labels texts with a trained model, one JSON line an input, in order. */
import { Command } from 'commander';
import { PORTION, Predictor } from '../classifier/predict.js';
import { createWasmEngine } from '../engine/wasm/engine.js';
import { InputError } from '../errors.js';
import { RunFolder } from '../formats/runFolder.js';
import { lowerInference } from '../model/lowering.js';
import { readTexts } from '../readers/read.js';
import { addFieldOptions, type FieldOptions, threads, whole } from './arguments.js';
import { tell, writeOutGently } from './output.js';

interface Options extends FieldOptions {
  readonly data?: string;
  readonly threads?: number;
  readonly limit?: number;
}

export function warnIfUntrained(path: string, epoch: number | undefined): void {
  if (epoch === 0)
    tell(`warning: ${path} has not finished an epoch yet: these are its untrained first weights`);
}

export function command(): Command {
  const predict = new Command('predict')
    .description(
      'Label texts: the argument, a file, or standard input (a text a line). JSON lines out, in order.',
    )
    .argument('<run>', 'run folder')
    .argument('[text]', 'one text')
    .option('--data <file>', 'texts, in any format that eft train reads; labels are not needed')
    .option('--threads <t>', 'worker threads (default: one a core)', threads)
    .option('--limit <k>', 'the first k texts only', whole(1));
  return addFieldOptions(predict)
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
  const { config, tokenizer, parameters, epoch } = await new RunFolder(path).readModel();
  warnIfUntrained(path, epoch);
  if (text === undefined && options.data === undefined && process.stdin.isTTY) {
    tell('reading texts from the keyboard, one a line; Ctrl-D ends');
  }
  const engine = await createWasmEngine(options.threads === undefined ? {} : { threads: options.threads });
  try {
    const session = await engine.createInference(lowerInference(config.model), { maxBatch: PORTION });
    for (const [name, values] of parameters) await session.setParameter(name, values);
    const predictor = new Predictor(session, tokenizer, config.model, config.classes);
    let unknown = 0;
    const texts = async function* (): AsyncGenerator<string> {
      const source =
        text === undefined
          ? readTexts(options.data ?? process.stdin, options)
          : [{ text, place: 'the argument' }];
      for await (const { text: one, place } of source) {
        if (tokenizer.knownShare(one, config.model.sequenceLength) === 0 && unknown++ < 3) {
          tell(`warning: ${place}: the model knows no word of this text; its label says nothing`);
        }
        yield one;
      }
    };
    for await (const prediction of predictor.stream(texts()))
      await writeOutGently(`${JSON.stringify(prediction)}\n`);
    if (unknown > 3) tell(`warning: ${unknown} texts in all have no word that the model knows`);
  } finally {
    await engine.dispose();
  }
}
