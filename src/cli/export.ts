/** `eft export`: a trained model in formats of others. */
import { EXPORT_FORMATS, type ExportFormat } from '../formats/exportModel.js';
import { Classifier } from '../inference/classifier.js';
import { folderPath } from './arguments.js';
import { CliCommand, CliOption } from './command.js';
import { programVersion } from './origin.js';
import { tell } from './output.js';
import { requireOutputsApart, runFilesIn } from './outputs.js';
import { warnOf } from './predict.js';

interface Options {
  readonly format: ExportFormat;
  readonly out: string;
}

export function command(): CliCommand {
  return new CliCommand('export')
    .description('Write a trained model for other programs, with a model card.')
    .argument('<run>', 'run folder')
    .under('Output')
    .addOption(
      new CliOption('--format <format>', 'hub, onnx or pytorch')
        .choices(EXPORT_FORMATS)
        .makeOptionMandatory(),
    )
    .more("hub is the layout of Hugging Face's hub; onnx adds onnx/model.onnx to it, pytorch modeling_eft.py")
    .alsoCalled('to', 'type')
    .requiredOption('--out <folder>', 'folder to write: new, or one of an earlier export', folderPath)
    .addHelpText(
      'after',
      `
Examples:
  eft export runs/spam --format hub --out spam-model
  eft export runs/spam --format onnx --out spam-model
  eft export runs/spam --format pytorch --out spam-torch   # eft import takes it back
  eft predict spam-model "Win a free cruise now!"
  eft predict https://models.example/spam-model "Win a free cruise now!"`,
    )
    .action(run);
}

async function run(path: string, { format, out }: Options): Promise<void> {
  await requireOutputsApart(runFilesIn(out), { runs: [path] });
  const classifier = await Classifier.load(path, { threads: 1 });
  try {
    warnOf(path, classifier);
    await classifier.export(out, { format, version: programVersion() });
  } finally {
    await classifier.dispose();
  }
  tell(`written: ${out}; README.md there says how to use it`);
}
