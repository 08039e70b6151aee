/** The README.md of an exported model: what it is, what it was trained on, how well it does, how to use it. */

import type { LongMode } from '../input/long.js';
import { CARD_MARK } from './cardMark.js';
import { cardText } from './dataCard.js';
import type { SavedModel } from './runFolder.js';
import { trainCommand } from './trainCommand.js';

export interface CardFacts {
  /** On the run's own validation split. */
  readonly validation?:
    | {
        readonly accuracy: number;
        /** 95%. */
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

const percent = (share: number): string => `${(100 * share).toFixed(2)}%`;

/** What a model takes: the words for it. */
interface Kind {
  readonly one: string;
  readonly many: string;
  /** What lengths count. */
  readonly unit: string;
  /** Of the hub; undefined where it has none. */
  readonly task: string | undefined;
}

function kindOf({ encoder, config }: SavedModel): Kind {
  if (encoder.inputKind === 'signal') {
    const task = encoder.rate === undefined ? undefined : 'audio-classification';
    return { one: 'signal', many: 'signals', unit: 'steps', task };
  }
  const files = config.reading.wholeFiles === true;
  const unit = encoder.inputKind === 'bytes' || encoder.kind === 'bytes' ? 'bytes' : 'tokens';
  return files
    ? { one: 'file', many: 'files', unit, task: undefined }
    : { one: 'text', many: 'texts', unit, task: 'text-classification' };
}

export function modelCard(saved: SavedModel, facts: CardFacts): string {
  const { config, epoch, encoder } = saved;
  const { model, classes, training, data } = config;
  const { validation, version } = facts;
  const kind = kindOf(saved);
  const name = String(data.name ?? 'unnamed data');
  const result =
    validation === undefined
      ? 'Its accuracy is not recorded.'
      : `${percent(validation.accuracy)} of ${validation.examples} held-out ${kind.many} of the same data are labelled ${model.multiLabel ? 'exactly ' : ''}right (95% interval ${percent(validation.interval[0])} to ${percent(validation.interval[1])}, Wilson; one seed). The best epoch was chosen on these ${kind.many}, so expect a little less on others.`;
  const tags = ['elastic-fourier', ...(kind.task === undefined ? [] : [kind.task])];
  return `---
library_name: elastic-fourier
${kind.task === undefined ? '' : `pipeline_tag: ${kind.task}\n`}tags:
${tags.map((tag) => `- ${tag}\n`).join('')}${resultsOf(name, kind, validation)}---
${CARD_MARK}

# ${model.model} for ${classes.length} ${model.multiLabel ? 'labels' : 'classes'}

Labels ${kind.many} as ${model.multiLabel ? 'any of ' : ''}${classes.map(code).join(', ')}. A model of the family \`${model.model}\`, trained by elastic-fourier${version === undefined ? '' : ` ${version}`}.

## How well
${result}

## From what
| | |
|---|---|
| data | ${cell(name)}, ${String(data.examples ?? 'an unknown number of')} ${kind.many} to learn from |
| seed | ${String(training.seed ?? 'not recorded')} |
| epoch | ${epoch ?? 'not recorded'} of ${String(training.epochs ?? '?')} |
| reads | ${lengthsOf(saved, kind)} |
${rowsOf(saved, kind)}
${
  data.card === undefined
    ? ''
    : `\n${cardText(data.card)
        .map((line) => `- ${cell(line)}`)
        .join('\n')}\n`
}
${data.trainedElsewhere === true ? 'Its weights were then trained further by another program. What came before is trained by' : 'Trained again by'}

    ${trainCommand(saved)} --out RUN
${
  data.resized === undefined
    ? ''
    : `
and then brought to ${model.sequenceLength} ${kind.unit} by \`eft resize\`.
`
}
## How to use it
${usageOf(saved, kind)}
${facts.onnx ? `\n\`onnx/model.onnx\` takes ${encoder.inputKind === 'signal' ? 'rows of numbers' : 'token ids'} and lengths and gives logits, in any ONNX runtime.${leftToCaller(saved)}\n` : ''}${
  facts.pytorch
    ? `\n\`python modeling_eft.py --help\` says how the model predicts and trains further in PyTorch, which is all that it needs.${leftToPython(saved)}\n`
    : ''
}
## Files
| file | holds |
|---|---|
| \`config.json\` | the model's shape, its labels, settings and data |
| \`model.safetensors\` | weights |
| \`encoder.json\` | from a ${kind.one} to ${encoder.inputKind === 'signal' ? 'rows of numbers' : 'token ids'}, as elastic-fourier reads it |
${
  encoder.toTokenizerJson?.() === undefined
    ? `\nThere is no \`tokenizer.json\`: that format cannot say what this model's encoder does (${encoder.kind}).\n`
    : `| \`tokenizer.json\` | the same ids from Hugging Face's tokenizers; an empty text has none there and one here |\n${leftToCaller(saved) && `\n\`tokenizer.json\` takes texts that are prepared.${leftToCaller(saved)}\n`}`
}`;
}

/** How much of an input is read. */
function lengthsOf({ config, linear }: SavedModel, { one, unit }: Kind): string {
  const { long } = config.reading;
  const own = `${partOf(long, config.model.sequenceLength, unit)} of a ${one}`;
  if (linear === undefined || linear.model.sequenceLength === config.model.sequenceLength) return own;
  return `${own}; its linear path ${partOf(long, linear.model.sequenceLength, unit)}`;
}

function partOf(long: LongMode, length: number, unit: string): string {
  switch (long) {
    case 'head':
      return `the first ${length} ${unit}`;
    case 'tail':
      return `the last ${length} ${unit}`;
    case 'head-tail':
      return `the first ${Math.ceil(length / 2)} and the last ${Math.floor(length / 2)} ${unit}`;
    case 'windows':
      return `all ${unit}, in windows of ${length} whose scores are averaged,`;
  }
}

/** What is done to an input before it is encoded, and how it is encoded. */
function rowsOf(saved: SavedModel, { one }: Kind): string {
  const { encoder } = saved;
  const before = preparationsOf(saved).map(({ said }) => said);
  const rows = before.length === 0 ? '' : `| before | ${before.join('; ')} |\n`;
  if (encoder.inputKind === 'signal') {
    const rate = encoder.rate === undefined ? '' : `, ${encoder.rate} a second`;
    return `${rows}| ${one} | ${encoder.channels ?? 1} numbers a step${rate} |\n`;
  }
  const hashed = encoder.buckets > 0 ? `, and ${encoder.buckets} for hashed n-grams` : '';
  return `${rows}| tokens | ${encoder.kind}, ${encoder.vocabulary} ids${hashed} |\n`;
}

interface Preparation {
  /** As a part of a table. */
  readonly said: string;
  /** Whether modeling_eft.py does it too. */
  readonly inPython: boolean;
  /** Whether tokenizer.json does it too. */
  readonly inTokenizer: boolean;
}

/** What elastic-fourier does to an input before it is encoded. */
function preparationsOf({ config }: SavedModel): Preparation[] {
  const { html, resample, ...more } = config.reading;
  const { unicode, fields, mono, missing } = more as Readonly<Record<string, unknown>>;
  const done: (Preparation | false)[] = [
    Array.isArray(fields) &&
      fields.length > 0 && {
        said: `the fields ${fields.map((field) => cell(String(field))).join(', ')} are joined, a line each`,
        inPython: true,
        inTokenizer: false,
      },
    html === 'strip' && { said: 'HTML is stripped', inPython: false, inTokenizer: false },
    unicode === 'nfc' && { said: "Unicode's normal form C", inPython: true, inTokenizer: true },
    mono === true && { said: 'channels are mixed to one', inPython: true, inTokenizer: false },
    resample !== undefined && {
      said: `resampled to ${resample} samples a second`,
      inPython: false,
      inTokenizer: false,
    },
    missing === 'interpolate' && {
      said: 'missing values are interpolated',
      inPython: false,
      inTokenizer: false,
    },
  ];
  return done.filter((one) => one !== false);
}

/** What neither a graph nor a tokenizer does: a sentence, or nothing. */
function leftToCaller(saved: SavedModel): string {
  return sentenceOf(preparationsOf(saved).filter(({ inTokenizer }) => !inTokenizer));
}

function leftToPython(saved: SavedModel): string {
  return sentenceOf(preparationsOf(saved).filter(({ inPython }) => !inPython));
}

const sentenceOf = (left: readonly Preparation[]): string =>
  left.length === 0
    ? ''
    : ` Not done there, and to be done before: ${left.map(({ said }) => said).join('; ')}.`;

function usageOf({ config, encoder }: SavedModel, { one }: Kind): string {
  const answer = `// [{ label: ${JSON.stringify(config.classes[0])}, score: … }, …]`;
  if (one === 'text') {
    return `\`\`\`js
import { pipeline } from 'elastic-fourier';
const classify = await pipeline('text-classification', 'path or address of this folder');
await classify('a text'); ${answer}
\`\`\`

    npx eft predict path/of/this/folder "a text"`;
  }
  const rate = encoder.rate === undefined ? '' : `, rate: ${encoder.rate}`;
  const input =
    one === 'file'
      ? "await readFile('new.bin')"
      : `{ values: new Float32Array(…), channels: ${encoder.channels ?? 1}${rate} }`;
  return `\`\`\`js
${one === 'file' ? "import { readFile } from 'node:fs/promises';\n" : ''}import { load } from 'elastic-fourier';
const classifier = await load('path or address of this folder');
await classifier.predict(${input}); ${answer}
\`\`\`

    npx eft predict path/of/this/folder --data ${one === 'file' ? 'FILES' : encoder.rate === undefined ? 'new.csv' : 'new.wav'}`;
}

/** As code in a line: whatever a label holds, it ends nothing and begins nothing. */
function code(text: string): string {
  const plain = visible(text);
  const longest = Math.max(0, ...(plain.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  const padding = /^[`\s]|[`\s]$/.test(plain) || plain === '' ? ' ' : '';
  return `${fence}${padding}${plain}${padding}${fence}`;
}

/** The same in a table. */
const cell = (text: string): string => code(text).replaceAll('|', '\\|');

/** Line breaks and other controls as escapes; halves of surrogate pairs, which no file has, replaced. */
function visible(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\p{Cc}\u2028\u2029]/gu, (character) => JSON.stringify(character).slice(1, -1));
}

/** What the hub shows beside the model. */
function resultsOf(
  name: string,
  { task = 'classification' }: Kind,
  validation: CardFacts['validation'],
): string {
  if (validation === undefined) return '';
  return `model-index:
- name: elastic-fourier
  results:
  - task:
      type: ${task}
    dataset:
      name: ${JSON.stringify(name.toWellFormed())}
      type: ${JSON.stringify(name.toWellFormed())}
      split: validation
    metrics:
    - type: accuracy
      value: ${validation.accuracy}
`;
}
