/** `eft params`: parameters by model and length. */
import { Command } from 'commander';
import { configureModel, type ModelName } from '../model/configuration.js';
import { countParameters } from '../model/parameters.js';
import { renderTable } from '../report/terminal.js';
import {
  addShapeOptions,
  listOf,
  modelName,
  type ShapeOptions,
  sequenceLength,
  shapeOf,
  whole,
} from './arguments.js';
import { colorOf, writeOut } from './output.js';

interface Options extends ShapeOptions {
  readonly models: ModelName[];
  readonly lengths: number[];
  readonly classes: number;
  readonly json?: boolean;
}

export function command(): Command {
  const params = new Command('params')
    .description('Count the parameters of models, and how much they grow when the length doubles.')
    .option('--models <names>', 'models, with commas', listOf(modelName), ['elastic-fourier', 'standard'])
    .option('--lengths <n,…>', 'sequence lengths', listOf(sequenceLength), [256, 512, 1024])
    .option('--classes <c>', 'number of classes', whole(2, 1_000_000), 2)
    .option('--json', 'an array of {model, sequenceLength, parameters, growth}');
  return addShapeOptions(params)
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
                ...shapeOf(options, model),
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
