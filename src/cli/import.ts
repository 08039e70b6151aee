/** `eft import`: a model that was exported and trained further elsewhere comes back. */
import { importModel } from '../formats/importModel.js';
import { folderPath } from './arguments.js';
import { CliCommand } from './command.js';
import { tell } from './output.js';
import { requireOutputsApart, runFilesIn } from './outputs.js';

interface Options {
  readonly out: string;
}

export function command(): CliCommand {
  return new CliCommand('import')
    .description(
      'Import a model that was exported and then trained further by another program, such as PyTorch.',
    )
    .argument('<folder>', 'folder with config.json, encoder.json and model.safetensors')
    .under('Output')
    .requiredOption('--out <folder>', 'run folder to write', folderPath)
    .addHelpText(
      'after',
      `
Examples:
  eft export runs/mails --format pytorch --out mails-torch
  torchrun --nproc_per_node 2 mails-torch/modeling_eft.py train mails-torch --data more.jsonl --out further
  eft import further --out runs/mails-further
  eft evaluate runs/mails-further --data test.jsonl`,
    )
    .action(run);
}

async function run(path: string, { out }: Options): Promise<void> {
  await requireOutputsApart(runFilesIn(out), { runs: [path] });
  const { model } = await importModel(path, out);
  tell(`written: ${out}, a model of the family ${model}; its accuracy is not known yet: run eft evaluate`);
}
