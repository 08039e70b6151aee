/** `eft resize`: a trained model for texts of another length. */
import { InputError } from '../errors.js';
import { RunFolder } from '../formats/runFolder.js';
import { resizeModel } from '../model/resize.js';
import { FolderStore } from '../platform/node/folder.js';
import { count } from '../report/format.js';
import { folderPath, sequenceLength } from './arguments.js';
import { CliCommand } from './command.js';
import { tell } from './output.js';

interface Options {
  readonly seqLen: number;
  readonly out: string;
}

export function command(): CliCommand {
  return new CliCommand('resize')
    .description(
      'Turn a trained model into one for longer or shorter texts. Filters are converted exactly; nothing is trained.',
    )
    .argument('<run>', 'run folder')
    .under('Model')
    .requiredOption('--seq-len <n>', 'new sequence length, in tokens', sequenceLength)
    .under('Output')
    .requiredOption('--out <folder>', 'run folder to write', folderPath)
    .addHelpText(
      'after',
      `
Example:
  eft resize runs/mails --seq-len 1024 --out runs/mails-1024`,
    )
    .action(run);
}

async function run(path: string, { seqLen, out }: Options): Promise<void> {
  const { config, epoch, ...trained } = await new RunFolder(new FolderStore(path)).readModel();
  const resized = resizeModel(config.model, trained.parameters, seqLen);
  const folder = new RunFolder(new FolderStore(out));
  if (await folder.hasRun()) throw new InputError(`${out} already holds a run: choose another folder`);
  const data = { ...config.data, resized: { from: path, sequenceLength: config.model.sequenceLength } };
  const model = { ...trained, parameters: resized.parameters };
  await folder.save({ ...config, data, model: resized.model }, model, { epoch });
  tell(
    `${config.model.model} of ${count(config.model.sequenceLength)} tokens, now of ${count(seqLen)}, in ${out}; not trained at that length`,
  );
}
