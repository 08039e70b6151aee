/** `eft params`: parameters by model and length. */
import { shapeDefaults } from '../learning/options.js';
import { configureModel, type ModelName } from '../model/configuration.js';
import { PAPER_MODELS } from '../model/families/index.js';
import { modelOptions } from '../model/options.js';
import { countParameters } from '../model/parameters.js';
import { growth as growthText } from '../report/format.js';
import { renderTable } from '../report/terminal.js';
import { listOf, modelName, sequenceLength, whole } from './arguments.js';
import { CliCommand } from './command.js';
import { addOptions, givenOptions } from './options.js';
import { colorOf, writeOut } from './output.js';

interface Options extends Record<string, unknown> {
  readonly models: ModelName[];
  readonly lengths: number[];
  readonly classes: number;
  readonly json?: boolean;
}

const { sequenceLength: _, ...shape } = modelOptions;

export function command(): CliCommand {
  const params = new CliCommand('params')
    .description('Count the parameters of models, and how much they grow when the length doubles.')
    .under('Model')
    .option('--models <names>', 'models to count, separated by commas', listOf(modelName), PAPER_MODELS)
    .alsoCalled('model')
    .option(
      '--lengths <n,…>',
      'sequence lengths, separated by commas',
      listOf(sequenceLength),
      [256, 512, 1024],
    )
    .alsoCalled('seq-len', 'length')
    .option('--classes <c>', 'number of classes', whole(2, 1_000_000), 2)
    .under('Output')
    .option('--json', 'print an array of {model, sequenceLength, parameters, growth}');
  return addOptions(params, shape, shapeDefaults)
    .addHelpText(
      'after',
      `
Examples:
  eft params
  eft params --models elastic-fourier,standard --lengths 256,512,1024 --json`,
    )
    .action((options: Options) => {
      const rows = options.models.flatMap((model) =>
        options.lengths.map((length) => {
          const count = (n: number): number =>
            countParameters(
              configureModel({
                ...givenOptions(options, shape),
                model,
                sequenceLength: n,
                classes: options.classes,
              }),
            );
          const parameters = count(length);
          const half = Math.floor(length / 2);
          return {
            model,
            sequenceLength: length,
            parameters,
            growth: half < 2 ? null : parameters / count(half) - 1,
          };
        }),
      );
      if (options.json) writeOut(`${JSON.stringify(rows, null, 2)}\n`);
      else {
        const cells = rows.map(({ model, sequenceLength: n, parameters, growth }) => [
          model,
          n.toLocaleString('en'),
          parameters.toLocaleString('en'),
          growth === null ? '–' : growthText(growth),
        ]);
        writeOut(
          `${renderTable(['model', 'tokens', 'parameters', 'growth over half'], cells, { color: colorOf(process.stdout) })}\n`,
        );
      }
    });
}
