/** `eft params`: parameters by model and length. */
import { Command } from 'commander';
import { shapeDefaults } from '../learning/options.js';
import { configureModel, type ModelName } from '../model/configuration.js';
import { PAPER_MODELS } from '../model/families/index.js';
import { modelOptions } from '../model/options.js';
import { countParameters } from '../model/parameters.js';
import { renderTable } from '../report/terminal.js';
import { listOf, modelName, sequenceLength, whole } from './arguments.js';
import { addOptions, givenOptions } from './options.js';
import { colorOf, writeOut } from './output.js';

interface Options extends Record<string, unknown> {
  readonly models: ModelName[];
  readonly lengths: number[];
  readonly classes: number;
  readonly json?: boolean;
}

const { sequenceLength: _, ...shape } = modelOptions;

export function command(): Command {
  const params = new Command('params')
    .description('Count the parameters of models, and how much they grow when the length doubles.')
    .option('--models <names>', 'models, with commas', listOf(modelName), PAPER_MODELS)
    .option('--lengths <n,…>', 'sequence lengths', listOf(sequenceLength), [256, 512, 1024])
    .option('--classes <c>', 'number of classes', whole(2, 1_000_000), 2)
    .option('--json', 'an array of {model, sequenceLength, parameters, growth}');
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
          growth === null ? '–' : `+${(100 * growth).toFixed(1)} %`,
        ]);
        writeOut(
          `${renderTable(['model', 'tokens', 'parameters', 'growth over half'], cells, { color: colorOf(process.stdout) })}\n`,
        );
      }
    });
}
