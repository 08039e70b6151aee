/** The README.md of an exported model: what it is, what it was trained on, how well it does, how to use it. */
import type { SavedModel } from './runFolder.js';

export interface CardFacts {
  /** On the run's own validation split. */
  readonly validation?:
    | {
        readonly accuracy: number;
        /** 95 %. */
        readonly interval: readonly [low: number, high: number];
        readonly examples: number;
      }
    | undefined;
  /** Of this program. */
  readonly version?: string | undefined;
  /** Files besides those of the hub's layout. */
  readonly onnx?: boolean | undefined;
  readonly pytorch?: boolean | undefined;
}

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

export function modelCard({ config, epoch, encoder }: SavedModel, facts: CardFacts): string {
  const { model, classes, training, data } = config;
  const { validation, version } = facts;
  const name = String(data.name ?? 'unnamed data');
  const result =
    validation === undefined
      ? 'Its accuracy is not recorded.'
      : `${percent(validation.accuracy)} of ${validation.examples} held-out texts of the same data are labelled right (95 % interval ${percent(validation.interval[0])} to ${percent(validation.interval[1])}, Wilson; one seed). The best epoch was chosen on these texts, so expect a little less on others.`;
  return `---
library_name: elastic-fourier
pipeline_tag: text-classification
tags:
- elastic-fourier
- text-classification
${resultsOf(name, validation)}---

# ${model.model} for ${classes.length} classes

Labels texts as ${classes.map((label) => `\`${label}\``).join(', ')}. A model of the family \`${model.model}\`, trained by elastic-fourier${version === undefined ? '' : ` ${version}`}.

## How well
${result}

## From what
| | |
|---|---|
| data | ${name}, ${String(data.examples ?? 'an unknown number of')} texts to learn from |
| seed | ${String(training.seed ?? 'not recorded')} |
| epoch | ${epoch ?? 'not recorded'} of ${String(training.epochs ?? '?')} |
| reads | the first ${model.sequenceLength} tokens of a text |
| tokens | ${encoder.kind}, ${encoder.vocabulary} ids${encoder.buckets > 0 ? `, and ${encoder.buckets} for hashed n-grams` : ''} |

${data.trainedElsewhere === true ? 'Its weights were then trained further by another program. What came before is trained by' : 'Trained again by'}

    ${commandOf(config)}

## How to use it
\`\`\`js
import { pipeline } from 'elastic-fourier';
const classify = await pipeline('text-classification', 'path or address of this folder');
await classify('a text'); // [{ label: '${classes[0]}', score: … }]
\`\`\`

    npx eft predict path/of/this/folder "a text"
${facts.onnx ? '\n`onnx/model.onnx` takes token ids and lengths and gives logits, in any ONNX runtime.\n' : ''}${
  facts.pytorch
    ? '\n`python modeling_eft.py --help` says how the model predicts and trains further in PyTorch, which is all that it needs.\n'
    : ''
}
## Files
| file | holds |
|---|---|
| \`config.json\` | the model's shape, its labels, settings and data |
| \`model.safetensors\` | weights |
| \`encoder.json\` | from a text to token ids, as elastic-fourier reads it |
${
  encoder.toTokenizerJson?.() === undefined
    ? `\nThere is no \`tokenizer.json\`: that format cannot say what this model's encoder does (${encoder.kind}).\n`
    : "| `tokenizer.json` | the same ids from Hugging Face's tokenizers; an empty text has none there and one here |\n"
}`;
}

/** Settings that are not the family's own defaults stand in config.json. */
function commandOf({ model, training, data }: SavedModel['config']): string {
  const { epochs, seed } = training;
  return `eft train --data ${String(data.name ?? 'DATA')} --model ${model.model} --seq-len ${model.sequenceLength} --epochs ${String(epochs)} --seed ${String(seed)}`;
}

/** What the hub shows beside the model. */
function resultsOf(name: string, validation: CardFacts['validation']): string {
  if (validation === undefined) return '';
  return `model-index:
- name: elastic-fourier
  results:
  - task:
      type: text-classification
    dataset:
      name: ${JSON.stringify(name)}
      type: ${JSON.stringify(name)}
      split: validation
    metrics:
    - type: accuracy
      value: ${validation.accuracy}
`;
}
